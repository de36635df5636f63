"""Reading CMRC 2018's own layout: Chinese paragraphs with questions and answers as text.

A list of ``{"context_id", "context_text", "title", "qas": [{"query_id", "query_text", "answers": [text]}]}``
(https://github.com/ymcui/cmrc2018, CC BY-SA 4.0). Its answers have no offsets: each is taken where it first
stands in the context. The SQuAD-style files of the same data set are read as any SQuAD file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from robust.squad.clusters import paragraph_name
from robust.squad.records import Answer, Question
from robust.squad.validate import Identities, Place, check_text, fetch, kind, optional, short


def is_cmrc(document: object) -> bool:
    """Return whether the JSON document looks like CMRC 2018's own layout."""
    return (
        isinstance(document, list)
        and bool(document)
        and all(isinstance(item, dict) and "context_text" in item for item in document)
    )


def parse(document: Sequence[object], file: str) -> Iterator[Question]:
    """Yield the questions of the document; UserError at the first fault, with its place.

    Entries of one ``context_id`` are an article, or of one title where they have none; each context in it is
    a paragraph of its own.
    """
    ids = Identities()
    paragraphs: dict[str, dict[str, str]] = {}
    for number, item in enumerate(document, 1):
        place = Place(file, f"entry {number}")
        context = check_text(fetch(item, "context_text", str, place), "'context_text'", place)
        assert isinstance(item, dict)
        title = optional(item, "title", str, place) or f"untitled {number}"
        article = optional(item, "context_id", str, place) or title
        for name, value in (("title", title), ("context_id", article)):
            check_text(value, repr(name), place)
        known = paragraphs.setdefault(article, {})
        paragraph_id = known.setdefault(context, paragraph_name(article, len(known) + 1))
        for one in fetch(item, "qas", list, place):
            question_id = check_text(fetch(one, "query_id", str, place), "'query_id'", place)
            here = replace(place, question=f"question {short(question_id)}")
            ids.add(question_id, here)
            text = check_text(fetch(one, "query_text", str, here), "'query_text'", here)
            golds = tuple(_answer(gold, context, here) for gold in fetch(one, "answers", list, here))
            yield Question(question_id, text, context, golds, title, bool(golds), paragraph_id, article)


def _answer(gold: object, context: str, place: Place) -> Answer:
    if not isinstance(gold, str) or not gold:
        raise place.fault(f"an answer is {kind(gold)} {short(gold)}, expected text of the context")
    start = context.find(gold)
    if start < 0:
        raise place.fault(
            f"answer {short(gold)}: the context does not hold it; expected words of the context"
        )
    return Answer(gold, start)
