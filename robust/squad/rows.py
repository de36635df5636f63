"""Questions one a row: JSONL, parquet and Hugging Face data sets, all with the hub's column names.

A row has ``id``, ``question``, ``context`` and ``answers``, this last either as the hub lays it out,
``{"text": [...], "answer_start": [...]}``, or as SQuAD does, ``[{"text": ..., "answer_start": ...}]``.
``title``, ``is_impossible``, ``article`` and ``paragraph_id`` may be absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from robust.squad.clusters import original_id, paragraph_name
from robust.squad.records import Question
from robust.squad.validate import (
    Identities,
    Place,
    answer,
    answerable,
    check_text,
    fetch,
    kind,
    optional,
    short,
)


def parse(rows: Iterable[tuple[Place, object]]) -> Iterator[Question]:
    """Yield the question of each row; a row comes with its place (``line 3`` as the article).

    Where a row names no article, its title does; where it has no title either, each context is an article
    of its own. Paragraphs are numbered in an article as their contexts are first met. A perturbed copy
    (see clusters) joins the clusters of its original where that stands earlier. Raises UserError at the
    first fault.
    """
    ids = Identities()
    paragraphs: dict[str, dict[str, str]] = {}
    clusters: dict[str, tuple[str, str]] = {}
    untitled: dict[str, str] = {}
    last = ("", "")
    for place, row in rows:
        question, article, paragraph_id = _question(row, place, ids)
        if article is None:
            article = question.title or untitled.setdefault(question.context, f"untitled {len(untitled) + 1}")
        if paragraph_id is None:
            original = clusters.get(original_id(question.id))
            if original is not None:
                article, paragraph_id = original
            else:
                known = paragraphs.setdefault(article, {})
                paragraph_id = known.setdefault(question.context, paragraph_name(article, len(known) + 1))
        if (article, paragraph_id) != last:  # kept once for all questions of a paragraph
            last = (article, paragraph_id)
        clusters[question.id] = last
        yield replace(question, article=last[0], paragraph_id=last[1])


def _question(row: object, place: Place, ids: Identities) -> tuple[Question, str | None, str | None]:
    """Return the row's question, still without clusters, and the article and paragraph id the row states."""
    question_id = check_text(fetch(row, "id", str, place), "'id'", place)
    assert isinstance(row, Mapping)
    title = optional(row, "title", str, place) or ""
    place = replace(
        place, paragraph=f"article {short(title)}" if title else "", question=f"question {short(question_id)}"
    )
    ids.add(question_id, place)
    text = check_text(fetch(row, "question", str, place), "'question'", place)
    context = check_text(fetch(row, "context", str, place), "'context'", place)
    golds = tuple(answer(gold, start, context, place) for gold, start in _golds(row, place))
    impossible = optional(row, "is_impossible", bool, place)
    paragraph_id = optional(row, "paragraph_id", str, place)
    article = optional(row, "article", str, place)
    for name, value in (("title", title), ("paragraph_id", paragraph_id), ("article", article)):
        check_text(value or "", repr(name), place)
    has_answer = answerable(impossible, golds, place)
    return Question(question_id, text, context, golds, title, has_answer, "", ""), article, paragraph_id


def _golds(row: Mapping[str, Any], place: Place) -> Iterator[tuple[object, object]]:
    golds = row.get("answers")
    if golds is None:
        fetch(row, "answers", list, place)
    if isinstance(golds, Mapping):
        texts, starts = (fetch(golds, key, list, place) for key in ("text", "answer_start"))
        if len(texts) != len(starts):
            raise place.fault(
                f"'answers' has {len(texts)} texts but {len(starts)} answer_starts; expected as many"
            )
        yield from zip(texts, starts, strict=True)
        return
    if not isinstance(golds, list):
        raise place.fault(
            f"'answers' is {kind(golds)}, expected a list or an object with 'text' and 'answer_start'"
        )
    for gold in golds:
        yield fetch(gold, "text", str, place), fetch(gold, "answer_start", int, place)


def row(question: Question) -> dict[str, Any]:
    """Return the question as a row, hub layout, with our cluster names; keys always in the same order."""
    return {
        "id": question.id,
        "title": question.title,
        "context": question.context,
        "question": question.text,
        "answers": {
            "text": [gold.text for gold in question.answers],
            "answer_start": [gold.start for gold in question.answers],
        },
        "is_impossible": not question.answerable,
        "article": question.article,
        "paragraph_id": question.paragraph_id,
    }
