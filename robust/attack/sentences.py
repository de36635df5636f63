"""Where the sentences of a paragraph start and end, and where between them a new one may be put."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from robust.attack.records import Edit
from robust.errors import UserError
from robust.squad.records import Question

Place = Literal["first", "last", "middle"]
PLACES: tuple[Place, ...] = ("first", "last", "middle")

# A mark that ends a sentence with what closes after it (a note, too), white space, a capital or digit; or a
# line break, but not the one inside a formula ("O" and "2" on two lines).
_END = re.compile(
    r"[.!?…]+[\"'”’)\]]*(?:\[(?:[^\]\s]{1,12}|[a-z]+ [a-z]+\??)\])*(\s+)(?=[\"'“‘(\[]*[A-Z0-9À-ÞА-Я])"
    r"|\s*\n\s*+(?![a-z0-9,.;:)+-])"
)
# What is said as one: a quotation, a bracket; a mark that is not closed soon opens none.
_WHOLE = re.compile(r"\"[^\"]{1,600}\"|“[^“”]{1,600}”|«[^«»]{1,600}»|\([^()]{1,300}\)")
# What a full stop does not end: initials, U.S., titles and other short forms that a capital may follow.
_SHORT = re.compile(
    r"(?:^|[\s(\[\"“'‘.-])(?:[A-Z]|(?:[A-Za-z]\.)+[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|Ste|Mt|Ft|Gen|Col|Lt|Capt|Sgt|"
    r"Sen|Rep|Gov|Pres|Rev|Hon|Jr|Sr|Bros|No|Nos|Vol|Fig|Art|Sec|pp|p|ca|c|cf|vs|v|approx|est|fl|b|d|r|e\.g|"
    r"i\.e|etc|Inc|Ltd|Co|Corp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec|op|al|trans|ed|eds)\Z"
)


class Sentence(NamedTuple):
    """``start:end`` of a sentence in its paragraph, white space around it left out."""

    start: int
    end: int


@lru_cache(maxsize=64)
def sentences(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of ``text`` in order; none where it is blank.

    A line break ends one unless a formula goes on after it, a full stop unless it belongs to a short form;
    where it could be both (*the U.S. Army*), it ends none. Nothing ends inside a quotation or a bracket.
    """
    found: list[Sentence] = []
    whole = [piece.span() for piece in _WHOLE.finditer(text)]
    start = 0
    for end in _END.finditer(text):
        at = end.start(1) if end[1] else end.start()
        if any(opened < at < closed for opened, closed in whole):
            continue
        # from one character before: an initial may open the sentence
        if end[1] and end[0].startswith(".") and _SHORT.search(text, max(0, start - 1), end.start()):
            continue
        _add(found, text, start, end.end())
        start = end.end()
    _add(found, text, start, len(text))
    return tuple(found)


def _add(found: list[Sentence], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    if piece.strip():
        begin = start + len(piece) - len(piece.lstrip())
        found.append(Sentence(begin, start + len(piece.rstrip())))


def check_place(who: str, place: str) -> None:
    """Raise UserError unless ``place`` is one where a sentence can be put."""
    if place not in PLACES:
        raise UserError(f"{who}: place {place!r}: expected one of {', '.join(PLACES)}")


def gaps(question: Question, place: Place) -> list[int]:
    """Return the offsets of the context at which a sentence may be put so that it stands at ``place``.

    "middle" is any boundary between two sentences. None lies in an answer (which may begin or end with the
    paragraph's white space); there may be none, and an empty paragraph has none.
    """
    found = sentences(question.context)
    if not found:
        return []
    offsets = {"first": [found[0].start], "last": [found[-1].end], "middle": [s.start for s in found[1:]]}
    return [at for at in offsets[place] if not any(a.start < at < a.end for a in question.answers)]


def insertion(question: Question, at: int, sentence: str, reason: str) -> tuple[Edit, ...]:
    """Return the edit that puts ``sentence`` at offset ``at``, one of ``gaps``, spaces as they must be."""
    last = not question.context[at:].strip()
    return (Edit("context", at, at, "", f" {sentence}" if last else f"{sentence} ", reason=reason),)
