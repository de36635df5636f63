"""What an attack does to real questions, counted: offsets, grammar, leaks, protected text, speed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from robust.attack.base import Attack
from robust.attack.constraints.amount import context_edit_rate, edit_rate
from robust.attack.constraints.edited import Edited
from robust.attack.constraints.grammar import new_errors
from robust.attack.constraints.leak import answer_leaks
from robust.attack.constraints.overlap import overlap_change
from robust.attack.constraints.protection import answers, names, numbers, quoted
from robust.attack.records import Variant
from robust.attack.rewritten import rewritten
from robust.attack.scene import Scene
from robust.attack.scorers import NO_SCORERS, Scorers
from robust.squad.records import Question
from robust.stats.wilson import wilson

# What must be 0, or is told as a share of the variants: name -> its measure of an edited question.
SHARES: dict[str, Callable[[Edited], float]] = {
    "new_grammar_errors": lambda edited: len(new_errors(edited)),
    "answer_leaks": answer_leaks,
    "answer_words_edited": answers,
    "quotations_edited": quoted,
    "names_edited": names,
    "numbers_edited": numbers,
}
_MEANS = {
    "edit_rate": edit_rate,
    "context_edit_rate": context_edit_rate,
    "overlap_change": overlap_change,
}


def measure(
    attack: Attack, questions: Sequence[Question], *, seed: int = 0, scorers: Scorers = NO_SCORERS
) -> dict[str, Any]:
    """Return the figures of ``attack`` over ``questions``, as JSON values.

    Each of ``SHARES`` is the number of variants that have any, their share and its Wilson 95 % interval;
    ``wrong_offsets`` counts variants in which an answer does not stand where its offset says. Names and
    numbers may be what an attack edits: whether they should be is the reader's to judge.
    ``questions_per_second`` is one process's with its tables loaded, by its processor time (by the clock
    where a model is asked).
    """
    load_tables(attack, questions, seed=seed, scorers=scorers)
    return figures(questions, [count(attack, question, seed=seed, scorers=scorers) for question in questions])


def load_tables(attack: Attack, questions: Sequence[Question], *, seed: int, scorers: Scorers) -> None:
    """Rewrite the first question, which opens all that rewriting needs: it is not to be timed."""
    for question in questions[:1]:
        attack.attempt_scene(Scene(question, attack.lexicon_path, scorers), seed)


def count(attack: Attack, question: Question, *, seed: int, scorers: Scorers = NO_SCORERS) -> dict[str, Any]:
    """Return what the attack does to one question, as JSON values: what ``figures`` adds up."""
    clock = time.perf_counter if scorers.sha256s() else time.process_time
    scene = Scene(question, attack.lexicon_path, scorers)
    begun = clock()
    attempt = attack.attempt_scene(scene, seed)
    seconds = clock() - begun
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    means: dict[str, list[float]] = {name: [] for name in _MEANS}
    counts["covered"] += bool(attempt.variants)
    counts["covered_answerable"] += bool(attempt.variants) and question.answerable
    for variant in attempt.variants:
        counts["variants"] += 1
        counts["wrong_offsets"] += not offsets_hold(question, variant)
        edited = Edited(scene, variant.edits)
        for name, found in SHARES.items():
            counts[name] += found(edited) > 0
        kinds.update({fault.kind for fault in new_errors(edited)})
        for name, mean in _MEANS.items():
            means[name].append(mean(edited))
    rejections = dict(attempt.rejections)
    return {"counts": counts, "kinds": kinds, "means": means, "rejections": rejections, "seconds": seconds}


def figures(questions: Sequence[Question], counted: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the figures of ``measure`` from what ``count`` says of each question, in the same order."""
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    rejections: Counter[str] = Counter()
    sums = dict.fromkeys(_MEANS, 0.0)
    for one in counted:
        counts.update(one["counts"])
        kinds.update(one["kinds"])
        rejections.update(one["rejections"])
        for name in sums:
            for value in one["means"][name]:
                sums[name] += value
    seconds = sum(one["seconds"] for one in counted)
    variants = counts["variants"]
    answerable = sum(question.answerable for question in questions)
    return {
        "questions": len(questions),
        "covered": counts["covered"],
        "coverage": counts["covered"] / len(questions) if questions else 0.0,
        "coverage_answerable": counts["covered_answerable"] / answerable if answerable else None,
        "variants": variants,
        "wrong_offsets": counts["wrong_offsets"],
        **{name: share(counts[name], variants) for name in SHARES},
        "grammar_errors_by_kind": dict(sorted(kinds.items())),
        **{f"mean_{name}": round(total / variants, 4) if variants else None for name, total in sums.items()},
        "questions_per_second": round(len(questions) / seconds, 1) if seconds else None,
        "rejections": dict(sorted(rejections.items(), key=lambda item: (-item[1], item[0]))[:12]),
    }


def share(found: int, n: int) -> dict[str, Any]:
    """Return a count, its share of ``n`` and Wilson's interval; None for shares of nothing."""
    return {
        "count": found,
        "share": round(found / n, 4) if n else None,
        "interval": [round(bound, 4) for bound in wilson(found, n)] if n else None,
    }


def offsets_hold(question: Question, variant: Variant) -> bool:
    """Tell whether every answer of the variant stands where its offset says, as the original's did."""
    moved = rewritten(question, variant)
    if variant.expected == "same" and [a.text for a in moved.answers] != [a.text for a in question.answers]:
        return False
    return all(moved.context[a.start : a.end] == a.text for a in moved.answers)


def examples(
    attack: Attack,
    questions: Sequence[Question],
    *,
    seed: int = 0,
    scorers: Scorers = NO_SCORERS,
    most: int = 3,
) -> list[dict[str, str]]:
    """Return ``most`` rewritings, each of another paragraph: texts before and after, and the answer.

    Of the paragraph only the sentences that the edits touch are told.
    """
    from robust.attack.constraints.grammar import surroundings

    found: dict[str, dict[str, str]] = {}
    for question in questions:
        if question.paragraph_id in found or not question.answerable:
            continue
        scene = Scene(question, attack.lexicon_path, scorers)
        for variant in attack.attempt_scene(scene, seed).variants[:1]:
            one = {
                "question": question.text,
                "rewritten": variant.question,
                "answer": question.answers[0].text,
            }
            if variant.context is not None:
                before, after = surroundings(question.context, variant.context)
                one |= {"context": before, "context_rewritten": after}
            found[question.paragraph_id] = one
        if len(found) == most:
            break
    return list(found.values())
