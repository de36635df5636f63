"""What the viewer shows: every rewritten question with what each reader said before and after, in few bytes.

The page holds this as JSON, in columns: each string and each paragraph once, everything else as numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robust.attack.records import Edit
from robust.evaluation.scores import CLEAN, PERTURBED
from robust.evaluation.sets import MAIN, Arm
from robust.squad.records import Question

if TYPE_CHECKING:
    import pandas as pd

# what an answer was; of an unanswerable question, abstaining is right and every answer is wrong
RIGHT, WRONG, ABSTAINED = range(3)


@dataclass(frozen=True, slots=True)
class Shown:
    """A set as the viewer needs it: its questions, and the edits of each variant where they are noted."""

    arm: Arm
    path: Path | None = None
    manifest: Mapping[str, Any] = field(default_factory=dict)
    edits: Mapping[str, Sequence[Edit]] = field(default_factory=dict)


class _Strings:
    """Numbers for strings: each once, in the order in which they first come."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        return self.places.setdefault(text, len(self.places))


def states(rows: pd.DataFrame) -> list[int]:
    """Return RIGHT, WRONG (any answer to a question that has none, too) or ABSTAINED for each score row."""
    import numpy as np

    abstained = rows["abstained"].to_numpy(dtype=bool)
    right = rows["em"].to_numpy(dtype=np.float64) >= 1
    return [int(one) for one in np.where(right, RIGHT, np.where(abstained, ABSTAINED, WRONG))]


def pairs(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one seed's (clean, perturbed) rows of one set and arm, row beside row: a pair a variant."""
    import pandas as pd

    clean, after = rows[rows["condition"] == CLEAN], rows[rows["condition"] == PERTURBED]
    return clean.iloc[pd.Index(clean["original_id"]).get_indexer(after["original_id"])], after


def viewer_data(
    scores: Mapping[str, pd.DataFrame], sets: Mapping[str, Shown], order: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the viewer's data. ``scores`` are score rows by reader, ``sets`` what was found of their sets.

    ``order`` is the page's order of sets; those that it leaves out come last, as the rows have them. Of
    several seeds the first is shown. Sets that were not found have ids and answers only. Offsets are in
    UTF-16 units, as browsers count.
    """
    strings, paragraphs = _Strings(), _Strings()
    found = dict.fromkeys(n for frame in scores.values() for n in _paired(frame))
    names = list(dict.fromkeys([*(n for n in order if n in found), *found]))
    by_set = {name: _by_id(sets.get(name)) for name in names}
    questions: dict[tuple[str, str], int] = {}
    variants: dict[tuple[int, str], int] = {}
    question_rows: list[list[Any]] = []
    variant_rows: list[list[Any]] = []
    columns: dict[str, list[Any]] = {
        key: []
        for key in ("variant", "model", "before", "after", "said", "says", "span", "odds", "odds2", "limit")
    }
    limits: dict[float, int] = {}
    for model, (_, frame) in enumerate(scores.items()):
        own = frame[(frame["seed"] == frame["seed"].min()) & (frame["arm"] == MAIN)]
        of_set = {str(name): rows for name, rows in own.groupby("set", sort=False)}
        for s, name in enumerate(names):
            if name not in of_set:
                continue
            clean, after = pairs(of_set[name])
            originals, rewritten = by_set[name]
            shown = sets.get(name)
            for identifier, source, answerable in zip(
                after["id"].tolist(), after["original_id"].tolist(), clean["answerable"].tolist(), strict=True
            ):
                variant = variants.get((s, identifier))
                if variant is None:
                    old, new = originals.get(source), rewritten.get(identifier)
                    # the same id may stand in files whose questions differ
                    key = (source, "" if old is None else old.text + old.context)
                    place = questions.get(key)
                    if place is None:
                        place = questions[key] = len(question_rows)
                        question_rows.append(_question(source, old, bool(answerable), strings, paragraphs))
                    edits = () if shown is None else shown.edits.get(identifier, ())
                    variant = variants[s, identifier] = len(variant_rows)
                    variant_rows.append(
                        [
                            s,
                            place,
                            *(([], []) if old is None or new is None else _changes(old, new, edits, strings)),
                            identifier,
                        ]
                    )
                columns["variant"].append(variant)
            columns["model"] += [model] * len(after)
            columns["before"] += states(clean)
            columns["after"] += states(after)
            for column, part in (("said", clean), ("says", after)):
                columns[column] += [strings(text or "") for text in part["prediction"].tolist()]
            # the answer that was held back, where it abstained
            columns["span"] += [
                strings(span) if gone and span else -1
                for span, gone in zip(after["span_text"].tolist(), after["abstained"].tolist(), strict=True)
            ]
            for column, part in (("odds", clean), ("odds2", after)):
                columns[column] += [None if isnan(v) else round(v, 2) for v in part["null_odds"].tolist()]
            columns["limit"] += [
                -1 if isnan(v) else limits.setdefault(round(v, 2), len(limits))
                for v in after["threshold"].tolist()
            ]
    return {
        "models": list(scores),
        "sets": names,
        "found": [name in sets for name in names],
        "questions": _transposed(question_rows, 6),
        "variants": _transposed(variant_rows, 5),
        "rows": columns,
        "limits": list(limits),
        "strings": list(strings.places),
        "paragraphs": list(paragraphs.places),
    }


def _paired(frame: pd.DataFrame) -> list[str]:
    perturbed = frame[(frame["condition"] == PERTURBED) & (frame["arm"] == MAIN)]
    return [str(name) for name in perturbed["set"].unique()]


def _by_id(shown: Shown | None) -> tuple[dict[str, Question], dict[str, Question]]:
    if shown is None:
        return {}, {}
    return {q.id: q for q in shown.arm.original}, {q.id: q for q in shown.arm.perturbed}


def _question(
    identifier: str, question: Question | None, answerable: bool, strings: _Strings, paragraphs: _Strings
) -> list[Any]:
    """Return [id, text, paragraph, answerable, gold answers, their places in the paragraph]."""
    if question is None:
        return [identifier, -1, -1, int(answerable), [], []]
    units = _Units(question.context)
    golds = list(dict.fromkeys(answer.text for answer in question.answers))
    places = sorted({(units(a.start), units(a.end)) for a in question.answers})
    return [
        identifier,
        strings(question.text),
        paragraphs(question.context),
        int(answerable),
        [strings(text) for text in golds],
        [unit for place in places for unit in place],
    ]


def _changes(
    old: Question, new: Question, edits: Sequence[Edit], strings: _Strings
) -> tuple[list[Any], list[Any]]:
    """Return the edits that lead from ``old`` to ``new``: of the question, and of the paragraph.

    Each is [start, end, after, part of speech, sense, sense rank], the last three only where they are noted.
    """
    found = []
    for field_name, before, after in (
        ("question", old.text, new.text),
        ("context", old.context, new.context),
    ):
        own = sorted((e for e in edits if e.field == field_name), key=lambda e: e.start)
        units = _Units(before)
        if own and _made_by(before, own) == after:
            found.append(
                [
                    [units(e.start), units(e.end), strings(e.after), e.tag, strings(e.sense), e.sense_rank]
                    for e in own
                ]
            )
        elif before == after:
            found.append([])
        else:
            start, end, text = _difference(before, after)
            found.append([[units(start), units(end), strings(text)]])
    return found[0], found[1]


def _made_by(text: str, edits: Sequence[Edit]) -> str | None:
    from robust.attack.records import apply_edits

    try:
        return apply_edits(text, tuple(edits), edits[0].field)
    except ValueError:
        return None


def _difference(before: str, after: str) -> tuple[int, int, str]:
    """Return the one replacement of whole words that makes ``after`` of ``before``."""
    short = min(len(before), len(after))
    start = next((i for i in range(short) if before[i] != after[i]), short)
    while start and not (before[start - 1].isspace()):
        start -= 1
    rest = short - start
    end = next((i for i in range(rest) if before[-1 - i] != after[-1 - i]), rest)
    while end and not (before[len(before) - end].isspace()):
        end -= 1
    return start, len(before) - end, after[start : len(after) - end]


class _Units:
    """Offsets of a text in UTF-16 units from those in code points."""

    def __init__(self, text: str) -> None:
        plain = text.isascii() or max(text, default="") <= "\uffff"
        self.units = None if plain else [0, *accumulate(1 + (ord(c) > 0xFFFF) for c in text)]

    def __call__(self, offset: int) -> int:
        return offset if self.units is None else self.units[offset]


def _transposed(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    return [[row[i] for row in rows] for i in range(width)]
