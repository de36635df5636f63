"""Whether other words in the same places cost more than the chosen ones, where they are other words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from robust.evaluation.compare import Answered
from robust.evaluation.estimate import Clusters, Estimate, Values, estimate
from robust.evaluation.paired import FIGURES, select
from robust.evaluation.scores import PERTURBED, arms_of
from robust.evaluation.sets import MAIN
from robust.report.grid import Grid
from robust.report.numbers import interval, number, signed
from robust.stats.seeds import spread_of
from robust.study.cells import ARMS, StudyTable
from robust.study.contrast import OUTCOME
from robust.study.material import Material

if TYPE_CHECKING:
    import pandas as pd

_HEADS = ("arm", "reader", "questions", "share", "set's drop → arm's", "more than the set", "seeds too")
_NOTE = (
    "Exact match of the best span on the answerable questions whose variant in the arm is not that of the "
    "set, and their share of all. Points, means over seeds. In brackets 95 % intervals, clustered by "
    "article; seeds too: with the spread over seeds added. Every reader that was asked the arm; no test."
)


def arms_apart(material: Material, name: str) -> StudyTable | None:
    """Return by how much each control arm of a set costs more than the set, on the variants that differ.

    Most control variants are the set's own: a word has few senses with a substitute. On these nothing can
    differ, and a mean over all questions hides what the others say. None where no variant differs.
    """
    every = arms_of(next(iter(material.pair.values())).query("set == @name"))
    arms = [arm for arm in every if arm not in (MAIN, "identity")]  # the latter has no words of its own
    cells: list[tuple[str, ...]] = []
    rows = []
    for arm in arms:
        material_of_arm = material.with_shared_seeds([(name, MAIN), (name, arm)])
        for reader, scores in material_of_arm.scores.items():
            own = {one: scores[(scores["set"] == name) & (scores["arm"] == one)] for one in (MAIN, arm)}
            if any(frame.empty for frame in own.values()):  # beside the pair: asked something else
                continue
            found = _apart(own[MAIN], own[arm])
            if found is None:
                continue
            share, drops, more = found
            label = material.label(reader)
            cells.append(
                (
                    ARMS.get(arm, arm),
                    label,
                    f"{more.questions:,}",
                    f"{number(share)} %",
                    f"{signed(drops[MAIN])} → {signed(drops[arm])}",
                    f"{signed(more.value)} {interval((more.low, more.high))}",
                    interval((more.low_seeds, more.high_seeds)),
                )
            )
            both = {"set": drops[MAIN], "arm": drops[arm]}
            rows.append({"arm": arm, "reader": reader, "share": share, "drops": both, "more": asdict(more)})
    if not cells:
        return None
    title = f"{name}: other words than the chosen ones"
    return StudyTable(f"arms-{name}", Grid(title, _HEADS, tuple(cells), _NOTE), tuple(rows))


def _apart(of_set: pd.DataFrame, of_arm: pd.DataFrame) -> tuple[float, Mapping[str, float], Estimate] | None:
    """Return the share of variants that differ, in percent, both drops on these, and by how much more."""
    arm = str(of_arm["arm"].iloc[0])
    column, half = FIGURES[OUTCOME]
    both = {MAIN: Answered.of(of_set), arm: Answered.of(of_arm)}
    index = select(both[MAIN].clean, half).index
    index = index.intersection(select(both[arm].clean, half).index)
    words = [_wordings(rows).reindex(index) for rows in (of_set, of_arm)]
    other = index[(words[0] != words[1]).to_numpy()]
    if other.empty:
        return None

    def more(one: Answered, beside: Answered) -> Values:
        return one.values("drop", column, other) - beside.values("drop", column, other)

    seeds = zip(both[arm].seeds, both[MAIN].seeds, strict=True)
    questions = both[MAIN].clean.loc[other]
    found = estimate(
        more(both[arm], both[MAIN]),
        Clusters.of(questions),
        test=False,
        spread=[spread_of([float(more(*pair).mean()) for pair in seeds])],
    )
    drops = {one: float(answered.values("drop", column, other).mean()) for one, answered in both.items()}
    return 100 * len(other) / len(index), drops, found


def _wordings(rows: pd.DataFrame) -> pd.Series[str]:
    """Return the keys of a question's variants, by original id; seeds are asked the same."""
    own = rows[(rows["condition"] == PERTURBED) & (rows["seed"] == rows["seed"].iloc[0])]
    found: pd.Series[str] = own.groupby("original_id")["key"].agg(lambda keys: " ".join(sorted(keys)))
    return found
