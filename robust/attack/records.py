"""What an attack did: edits that can be undone, and the variants made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Field = Literal["question", "context", "claim"]
Expected = Literal["same", "abstain", "other"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement in a question, its context, or a claim (robust/choice).

    ``start`` and ``end`` (code points) delimit ``before`` in the ORIGINAL text; ``after`` stands in its
    place. ``lemma`` and ``tag`` say what word was replaced, each empty where it was no single word or nobody
    asked: ``tag`` is the word's part of speech as WordNet has it, one of n, v, a and r (noun, verb,
    adjective, adverb), and **not** the Penn Treebank tag that ``Token.tag`` is; ``coarse`` in
    robust/words/tokens.py makes the one of the other. ``sense`` says which synset was chosen
    (``"city.n.01"`` style key or empty), ``sense_rank`` its place in WordNet's order (from 1; 0 = none),
    ``score`` the disambiguator's score of that sense, ``margin`` its lead over the runner-up, and
    ``reason`` in a word or two why this edit was made.
    """

    field: Field
    start: int
    end: int
    before: str
    after: str
    lemma: str = ""
    tag: str = ""
    sense: str = ""
    sense_rank: int = 0
    score: float = 0.0
    margin: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """A question asked in other words. ``variant_id`` is ``<original_id>#<k>``, k from 1.

    ``expected`` says what a right answer to the variant is: the same as the original's, abstention, or
    another answer.
    """

    variant_id: str
    original_id: str
    question: str
    edits: tuple[Edit, ...]
    attack: str
    expected: Expected = "same"
    settings_hash: str = ""
    seed: int = 0
    context: str | None = field(default=None)


def number(variant: Variant) -> int:
    """Return the variant's number among those of its question, from 1: the k of ``<original_id>#<k>``."""
    return int(variant.variant_id.rpartition("#")[2])


def apply_edits(text: str, edits: tuple[Edit, ...], field: Field = "question") -> str:
    """Return ``text`` with the edits of ``field`` made; they must not overlap.

    Raises ValueError where an edit's ``before`` is not what stands in the text, or two edits overlap.
    """
    pieces: list[str] = []
    last = 0
    for edit in sorted((e for e in edits if e.field == field), key=lambda e: e.start):
        if edit.start < last:
            raise ValueError(f"edits overlap at {edit.start}")
        if text[edit.start : edit.end] != edit.before:
            found = text[edit.start : edit.end]
            raise ValueError(f"expected {edit.before!r} at {edit.start}, found {found!r}")
        pieces += [text[last : edit.start], edit.after]
        last = edit.end
    pieces.append(text[last:])
    return "".join(pieces)


def undo_edits(text: str, edits: tuple[Edit, ...], field: Field = "question") -> str:
    """Return the original text that ``apply_edits`` turned into ``text``.

    Raises ValueError where an edit's ``after`` is not found where it must stand.
    """
    pieces: list[str] = []
    last = shift = 0
    for edit in sorted((e for e in edits if e.field == field), key=lambda e: e.start):
        start = edit.start + shift
        end = start + len(edit.after)
        if start < last or text[start:end] != edit.after:
            raise ValueError(f"expected {edit.after!r} at {start}, found {text[start:end]!r}")
        pieces += [text[last:start], edit.before]
        last = end
        shift += len(edit.after) - len(edit.before)
    pieces.append(text[last:])
    return "".join(pieces)
