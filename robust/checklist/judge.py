"""Whether cases pass: right answers (MFT), the same ones (INV), right ones that follow the change (DIR)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from robust.checklist.records import Case, CaseOutcome, CaseQuestion
from robust.squad.metric import normaliser, score


def judge(
    cases: Sequence[Case], given: Mapping[str, str], spans: Mapping[str, str] | None = None
) -> list[CaseOutcome]:
    """Return the outcome of each case; ``given`` is question id -> answer, "" where the reader abstained.

    ``spans`` are the best spans, as if it never did; None where answers are final. Answers are compared as
    SQuAD's exact match does. To abstain from an answerable question fails, in INV too: who never answers
    is not invariant but silent.
    """
    return [_judge(case, given, spans) for case in cases]


def _judge(case: Case, given: Mapping[str, str], spans: Mapping[str, str] | None) -> CaseOutcome:
    answers = tuple(given[one.question.id] for one in case.asked)
    why, place = _verdict(case, answers)
    best = None if spans is None else tuple(spans[one.question.id] for one in case.asked)
    span_why = None
    if best is not None and all(one.question.answerable for one in case.asked):
        span_why = _verdict(case, best)[0]
    return CaseOutcome(case, answers, best, why, span_why, place)


def _verdict(case: Case, answers: Sequence[str]) -> tuple[str, int]:
    """Return why a case fails, "" where it passes, and which of its questions does."""
    for place, (asked, answer) in enumerate(zip(case.asked, answers, strict=True)):
        if asked.question.answerable and not answer.strip():
            return "abstained", place
    if case.kind == "INV":
        first = case.asked[0]
        for place, (asked, answer) in enumerate(zip(case.asked, answers, strict=True)):
            normal = normaliser(asked.question.text)
            if normal(answer) != normal(moved(answers[0], first, asked)):
                return "changed", place
        return "", 0
    for place, (asked, answer) in enumerate(zip(case.asked, answers, strict=True)):
        if not score([asked.question], {asked.question.id: answer}).em[0]:
            return ("wrong" if asked.question.answerable else "answered"), place
    return "", 0


def moved(answer: str, first: CaseQuestion, other: CaseQuestion) -> str:
    """Return the first answer as the changed slots would have it: who said Anna now says Mehmet."""
    turned = {
        word: other.slots[key]
        for key, word in first.slots.items()
        if other.slots.get(key, word) != word and word
    }
    if not turned:
        return answer
    pattern = "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in sorted(turned, key=len, reverse=True))
    return re.sub(pattern, lambda match: turned[match[0]], answer)
