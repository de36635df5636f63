"""The official SQuAD JSON layout, versions 1.1 and 2.0: articles, paragraphs, questions."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from robust.squad.clusters import ArticleNames, inherit, original_id, paragraph_name
from robust.squad.packed import Packed
from robust.squad.records import Answer, Question
from robust.squad.validate import Identities, Place, answer, answerable, check_text, fetch, optional, short

# how a file of ours begins, and the official ones too
OPENING = '{"version": "v2.0", "data": ['


def parse(document: Any, file: str) -> Sequence[Question]:
    """Return the questions of a parsed official document, in its order.

    Keys that the official files lack but ours may have: ``article`` (beside ``title``) and
    ``paragraph_id`` (beside ``context``) name the clusters outright. Raises UserError at the first fault.
    """
    return parse_articles(fetch(document, "data", list, Place(file)), file)


def parse_articles(articles: Iterable[Any], file: str, beside: Packed | None = None) -> Sequence[Question]:
    """Return the questions of the articles of an official document, which may come one at a time.

    What they have in common with ``beside`` is kept once for both.
    """
    names, ids = ArticleNames(), Identities()
    questions = Packed(beside=beside)
    fixed: set[str] = set()
    strays = False  # copies whose clusters the file does not state
    for number, entry in enumerate(articles, 1):
        place = Place(file, f"article {number}")
        title = check_text(fetch(entry, "title", str, place), "'title'", place)
        place = Place(file, f"article {number} {short(title)}")
        article = optional(entry, "article", str, place)
        if article is None:
            article = names.take(title)
        check_text(article, "'article'", place)
        for index, paragraph in enumerate(fetch(entry, "paragraphs", list, place), 1):
            here = replace(place, paragraph=f"paragraph {index}")
            context = check_text(fetch(paragraph, "context", str, here), "'context'", here)
            stated = optional(paragraph, "paragraph_id", str, here)
            paragraph_id = paragraph_name(article, index) if stated is None else stated
            check_text(paragraph_id, "'paragraph_id'", here)
            for position, item in enumerate(fetch(paragraph, "qas", list, here), 1):
                question_id, text, golds = _question(item, context, here, position, ids)
                questions.append(
                    Question(question_id, text, context, golds, title, bool(golds), paragraph_id, article)
                )
                if stated is None:
                    strays = strays or original_id(question_id) != question_id
                elif original_id(question_id) != question_id:
                    fixed.add(question_id)
    if not questions:
        raise Place(file).fault("holds no questions; expected data/paragraphs/qas with at least one")
    return inherit(questions, fixed) if strays else questions


def _question(
    item: Any, context: str, paragraph: Place, position: int, ids: Identities
) -> tuple[str, str, tuple[Answer, ...]]:
    """Return the id, the text and the answers of the entry at ``position`` (from 1) of a paragraph."""
    place = Place(paragraph.file, paragraph.article, paragraph.paragraph, f"question {position}")
    question_id = check_text(fetch(item, "id", str, place), "'id'", place)
    place = Place(
        paragraph.file, paragraph.article, paragraph.paragraph, f"question {position} ({short(question_id)})"
    )
    ids.add(question_id, place)
    text = check_text(fetch(item, "question", str, place), "'question'", place)
    golds = tuple(
        answer(fetch(gold, "text", str, place), fetch(gold, "answer_start", int, place), context, place)
        for gold in fetch(item, "answers", list, place)
    )
    answerable(optional(item, "is_impossible", bool, place), golds, place)
    return question_id, text, golds


def render(questions: Iterable[Question]) -> Iterator[str]:
    """Yield the questions as SQuAD 2.0 JSON text, an article at a time: the same text for the same questions.

    Articles, then paragraphs, stand in the order in which they are first met, so questions of one
    paragraph come together. Cluster names that a reader could not work out are written beside the title
    (``article``) and the context (``paragraph_id``); official readers pass over them.
    """
    kept = questions if isinstance(questions, Sequence) else Packed(questions)
    grouped: dict[tuple[str, str], array[int]] = {}
    for place, question in enumerate(kept):
        grouped.setdefault((question.article, question.title), array("L")).append(place)
    names = ArticleNames()
    yield OPENING
    for number, ((article, title), places) in enumerate(grouped.items()):
        entry: dict[str, Any] = {"title": title}
        # The reader gives out its own names only where the file states none: keep in step with it.
        if names.next(title) == article:
            names.take(title)
        else:
            entry["article"] = article
        entry["paragraphs"] = [*_paragraphs(article, (kept[place] for place in places))]
        yield ", " if number else ""
        yield json.dumps(entry, ensure_ascii=False, allow_nan=False)
    yield "]}\n"


def _paragraphs(article: str, questions: Iterable[Question]) -> Iterator[dict[str, Any]]:
    grouped: dict[tuple[str, str], list[Question]] = {}
    for question in questions:
        grouped.setdefault((question.paragraph_id, question.context), []).append(question)
    for index, ((paragraph_id, context), group) in enumerate(grouped.items(), 1):
        paragraph: dict[str, Any] = {"context": context}
        copies = any(original_id(question.id) != question.id for question in group)
        if copies or paragraph_id != paragraph_name(article, index):
            paragraph["paragraph_id"] = paragraph_id
        paragraph["qas"] = [_item(question) for question in group]
        yield paragraph


def _item(question: Question) -> dict[str, Any]:
    return {
        "question": question.text,
        "id": question.id,
        "answers": [{"text": gold.text, "answer_start": gold.start} for gold in question.answers],
        "is_impossible": not question.answerable,
    }
