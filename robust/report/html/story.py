"""What a run says in words: the fall with its interval, and every reason to think less of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from robust.evaluation.paired import FIGURES, by_question, drop_by_question, select
from robust.evaluation.scores import CLEAN
from robust.evaluation.sets import MAIN
from robust.report.html.questions import Shown
from robust.report.html.tables import interval, number, turned
from robust.report.numbers import drop_interval, over_seeds
from robust.stats.clustered import ClusteredMean, clustered_mean

if TYPE_CHECKING:
    import pandas as pd

# the figure the headline is of, the first that a run has: what is counted, and of which questions
_FIGURES = (
    ("HasAns_span_exact", "right spans", "of answerable questions, abstaining switched off"),
    ("HasAns_exact", "right answers", "of answerable questions"),
    ("exact", "right answers", "of all questions"),
)
# points that exact match must stand above always abstaining, to be worth a word
_HARDLY = 5.0
_LEVELS = " over articles and seeds"
_ARMS = {
    "non-synonym": "an unrelated word in the same place",
    "random-sense": "a synonym of a sense drawn at random",
    "first-sense": "a synonym of the word's first sense",
}


@dataclass(frozen=True, slots=True)
class Story:
    """One reader on one set: the sentence to quote, what follows it, and warnings of what is doubtful.

    ``kept`` says, beside the headline, what the threshold does to answerable questions.
    """

    model: str
    set: str
    sentence: str
    more: tuple[str, ...]
    warnings: tuple[str, ...]
    kept: tuple[str, ...] = ()


def story(model: str, name: str, summary: Mapping[str, Any], rows: pd.DataFrame, changed: str) -> Story:
    """Return what one reader's figures on one set say; ``changed`` is a clause: "when ... is replaced"."""
    key, counted, of = next(found for found in _FIGURES if found[0] in summary["drop"])
    drop, bounds = summary["drop"][key], drop_interval(summary, key)
    before, after = (number(summary[part][key]) for part in ("original", "perturbed"))
    verb = "loses" if drop > 0 else "gains" if drop < 0 else "neither gains nor loses"
    size = f"{number(abs(drop))} points of its {counted}" if drop else f"{counted}"
    ends = turned(bounds, 1 if drop >= 0 else -1)
    sure = f" (95 % interval {interval(ends, '.1f')}{_LEVELS if 'seeds' in summary else ''})" if ends else ""
    seeds = over_seeds(summary)
    sentence = f"{model} {verb} {size}{sure} {changed}: {before} % before, {after} % after, {of}{seeds}."
    warnings = []
    if bounds and bounds[0] <= 0 <= bounds[1]:
        warnings.append(_unclear(summary, key, "the interval includes 0"))
    elif not bounds and summary["articles"] < 2:
        warnings.append(
            "There are too few articles for an interval: nothing can be said of how sure this is."
        )
    elif not bounds and not drop:
        warnings.append(_unclear(summary, key, "it is the same in every article"))
    elif not bounds:
        warnings.append("All articles change by the same, so that no interval says how sure this is.")
    more = []
    if key != "exact":
        whole = drop_interval(summary, "exact")
        told = f" (95 % interval {interval(whole)})" if whole else ""
        # where answers are final no threshold was given, and there are no spans
        given = "At the threshold it was given, exact" if key == "HasAns_span_exact" else "Exact"
        more.append(
            f"{given} match over all questions goes from "
            f"{number(summary['original']['exact'])} % to {number(summary['perturbed']['exact'])} %, drop "
            f"{number(summary['drop']['exact'], '+.1f')} points{told}."
        )
    said, doubts = _controls(rows, key, fell=bool(bounds and bounds[0] > 0))
    more += said
    warnings += doubts
    if (hardly := _hardly(rows, summary, key)) is not None:
        warnings.append(hardly)
    return Story(model, name, sentence, tuple(more), tuple(warnings), tuple(_kept(summary, key)))


def change(shown: Shown | None, attack: str | None) -> str:
    """Return what was done to the questions as a clause, from what is known of a set."""
    if shown is None:
        return "on the changed questions"
    by_id = {q.id: q for q in shown.arm.original}
    pairs = [(by_id[shown.arm.variant_of[q.id]], q) for q in shown.arm.perturbed]
    if all(old.text == new.text for old, new in pairs) and any(o.context != n.context for o, n in pairs):
        grown = all(new.context.startswith(old.context[: len(old.context) // 2]) for old, new in pairs)
        longer = all(len(new.context) > len(old.context) for old, new in pairs)
        added = "a sentence is added to the paragraph" if grown and longer else "the paragraph is rewritten"
        return f"when {added}"
    by = " by a synonym" if (attack or "").startswith(("qads", "first-sense", "random-sense")) else ""
    sizes = [len(shown.edits.get(q.id, ())) for q in shown.arm.perturbed]
    if not sizes or not all(sizes):
        return "when the question is put in other words"
    mean = sum(sizes) / len(sizes)
    if mean == 1:
        return f"when one word of the question is replaced{by}"
    many = by.replace("a synonym", "synonyms")
    return f"when words of the question are replaced{many} ({mean:.1f} a question)"


def _kept(summary: Mapping[str, Any], told: str) -> list[str]:
    """Return what the threshold does to answerable questions: exact match, and how often it abstains.

    ``told`` is the figure that the headline is of.
    """
    said = []
    for key, what, sign in (
        ("HasAns_exact", "exact match of answerable questions goes from {} % to {} %, drop", 1),
        ("HasAns_abstained", "it abstains on {} % of answerable questions before and {} % after, rise", -1),
    ):
        if key in summary["drop"] and key != told:
            ends = [number(summary[part][key]) for part in ("original", "perturbed")]
            change = number(sign * summary["drop"][key], "+.1f")
            bounds = turned(drop_interval(summary, key), sign)
            sure = f" (95 % interval {interval(bounds)})" if bounds else ""
            line = f"{what.format(*ends)} {change} points{sure}."
            said.append(line[0].upper() + line[1:])
    return said


def _unclear(summary: Mapping[str, Any], key: str, why: str) -> str:
    """Return the caution on a figure that may not have moved, and ``why``; name what clearly moves."""
    told = "right spans" if key == "HasAns_span_exact" else "right answers"
    moves = {k: m for k in ("HasAns_exact", "HasAns_abstained") if (m := _clear(summary, k)) is not None}
    if key != "HasAns_span_exact" or not moves:
        return (
            f"{why[0].upper()}{why[1:]}: with these questions the change of its {told} cannot be told from "
            "no change at all."
        )
    parts = []
    if exact := moves.get("HasAns_exact"):
        falls = "falls" if exact[0] > 0 else "rises"
        parts.append(f"exact match of answerable questions {falls} by {_size(*exact)}")
    if held := moves.get("HasAns_abstained"):
        more = "less" if held[0] > 0 else "more"
        own = "" if exact else f", by {_size(*held)} of the answerable questions"
        parts.append(f"it abstains {more}{own}")
    joined = ": " if exact and held and (exact[0] > 0) != (held[0] > 0) else " and "
    return f"Its spans do not clearly change ({why}), but {joined.join(parts)}."


def _clear(summary: Mapping[str, Any], key: str) -> tuple[float, Sequence[float]] | None:
    """Return a figure's drop and its interval where that excludes 0."""
    bounds = drop_interval(summary, key)
    return None if not bounds or bounds[0] <= 0 <= bounds[1] else (summary["drop"][key], bounds)


def _size(drop: float, bounds: Sequence[float]) -> str:
    ends = turned(bounds, 1 if drop > 0 else -1)
    return f"{number(abs(drop))} points (95 % interval {interval(ends, '.1f')})"


def _controls(rows: pd.DataFrame, key: str, *, fell: bool) -> tuple[list[str], list[str]]:
    """Return what the control arms say, and what they cast doubt on; ``fell``: the set clearly costs."""
    column, half = FIGURES[key]
    arms = [arm for arm in ("identity", *_ARMS) if (rows["arm"] == arm).any()]
    drops = {arm: select(drop_by_question(rows, arm), half)[column] for arm in (MAIN, *arms)}
    said, doubts = [], []
    for arm in arms:
        shared = drops[MAIN].index.intersection(drops[arm].index)
        if not len(shared):
            continue
        if arm == "identity":
            if (moved := 100 * float(drops[arm].mean())) != 0:
                doubts.append(
                    f"The identity arm changes nothing, and yet shows {number(moved, '+.1f')} points: "
                    "something is wrong with this run."
                )
            continue
        own, other = (100 * drops[a].loc[shared] for a in (MAIN, arm))
        costs, beside = (number(float(one.mean()), "+.1f") for one in (other, own))
        gap = _mean(rows, other - own)
        if gap.error is None:
            continue
        low, high = (gap.mean, gap.mean) if gap.low is None or gap.high is None else (gap.low, gap.high)
        sure = f"95 % interval {interval((low, high))}" if low < high else "in every article"
        apart = f"difference {number(gap.mean, '+.1f')}, {sure}"
        what = f"{_ARMS[arm][0].upper()}{_ARMS[arm][1:]}"
        line = f"{what} costs it {costs} points, where the set itself costs {beside} ({apart})."
        if low > 0 or not fell:
            said.append(line)
        elif arm != "non-synonym":  # another sense is no reason to doubt that the reader fell
            said.append(f"{line} Which sense was taken makes no difference that shows.")
        elif high >= 0:
            doubts.append(
                f"{line} The two cannot be told apart: the fall may come from any change of those words, not "
                "from the synonym."
            )
        else:
            said.append(f"{line} It falls less for a word that has nothing to do with it.")
    return said, doubts


def _mean(rows: pd.DataFrame, values: pd.Series[float]) -> ClusteredMean:
    articles = rows.drop_duplicates("original_id").set_index("original_id")["article"]
    return clustered_mean(np.asarray(values, dtype=np.float64), articles.loc[values.index].tolist())


def _hardly(rows: pd.DataFrame, summary: Mapping[str, Any], told: str) -> str | None:
    """Return a warning where a reader that always abstains would score about as much.

    ``told`` is the figure that the headline is of.
    """
    clean = by_question(rows[(rows["arm"] == MAIN) & (rows["condition"] == CLEAN)])
    refused = ~clean["answerable"].to_numpy(dtype=bool)
    always, exact = 100 * float(refused.mean()), summary["original"]["exact"]
    if not refused.any() or exact - always > _HARDLY:
        return None
    by = {"HasAns_span_exact": "its spans", "HasAns_exact": "its answers to answerable questions"}
    judge = f"Judge it by {by[told]}, and not" if told in by else "Do not judge it"
    return (
        f"Always abstaining would score {number(always)} % exact match on these questions before any change; "
        f"the reader's {number(exact)} % is {'hardly above' if exact > always else 'not above'} that. "
        f"{judge} by how little its score over all questions falls."
    )
