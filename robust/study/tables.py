"""The tables of a study, one function each: from the runs' score rows to cells and plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from robust.evaluation.changed import SHARE_DIFFERENCE, changed_sets, compare_changed
from robust.evaluation.scores import CLEAN, PERTURBED, arms_of
from robust.evaluation.sets import MAIN
from robust.report.grid import Grid
from robust.report.numbers import interval, number, signed
from robust.stats.multiplicity import holm
from robust.study.contrast import Compared, Contrast, contrast_of, of_both_right, share_lost, spread_of
from robust.study.judged import right_variants
from robust.study.scoring import Scored, ways

if TYPE_CHECKING:
    import pandas as pd

    from robust.study.recipe import Recipe

# below this F1 of the best spans of clean answerable questions, a reader decides nothing
LEAST_F1 = 40.0
DROP = "drop"
# how arms are called; MAIN is the set itself
ARMS = {
    MAIN: "QADS (the set)",
    "identity": "identity",
    "first-sense": "first sense",
    "random-sense": "random sense",
    "non-synonym": "no synonym, as frequent",
}
_NOTE = (
    "Points, means over seeds. In brackets 95 % intervals, clustered by article; seeds too: with the spread "
    "over seeds added. p: two-sided, by flipping whole articles' signs{holm}. Least seen: the true "
    "difference that such data would show with 80 % power."
)


@dataclass(frozen=True, slots=True)
class StudyTable:
    """A table under the name that a page asks for it by: as cells, and as plain values."""

    name: str
    grid: Grid
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Material:
    """What tables are made from: the recipe, and each reader's score rows of every set."""

    recipe: Recipe
    scores: Mapping[str, pd.DataFrame]

    @property
    def pair(self) -> dict[str, pd.DataFrame]:
        """The score rows of the two readers that are compared."""
        return {name: self.scores[name] for name in self.recipe.pair}

    def label(self, reader: str) -> str:
        """Return what the tables call a reader."""
        return self.recipe.readers[reader].label

    def compared(self, name: str, arm: str = MAIN) -> Compared:
        """Return the pair's answers to an arm of a set."""
        return Compared.of(self.pair, name, arm)

    def kinds(self) -> tuple[list[str], list[str], list[str]]:
        """Return the sets without rewritten questions, those with, and those that ask something else."""
        rows = self.scores[self.recipe.pair[0]]
        changed = changed_sets(rows)
        paired = set(rows.loc[rows["condition"] == PERTURBED, "set"].unique())
        names = list(self.recipe.sets)
        plain = [name for name in names if name not in paired]
        return (
            plain,
            [n for n in names if n in paired and n not in changed],
            [n for n in names if n in changed],
        )


def study_tables(material: Material) -> list[StudyTable]:
    """Return every table that the recipe's sets allow."""
    plain, paired, changed = material.kinds()
    found = [readers(material, plain[0])] if plain else []
    found += [fall(material, material.recipe.primary, "primary")]
    if rest := [name for name in paired if name not in material.recipe.primary]:
        found.append(fall(material, rest, "others"))
    found += [lost(material), abstention(material)]
    found += [senses(material, name) for name in material.recipe.senses]
    if material.recipe.edits:
        found.append(edits(material))
    found += [scoring(material), collapse(material)]
    if changed:
        found.append(asked_otherwise(material, changed))
    return found


def readers(material: Material, name: str) -> StudyTable:
    """Return how good each reader is on a file of clean questions, and whether it decides anything."""
    cells, rows = [], []
    for reader, scores in material.scores.items():
        own = scores[scores["set"] == name]
        answerable = own[own["answerable"].astype(bool)]
        by_seed = own.groupby("seed")["em"].mean() * 100
        f1 = 100 * float(answerable["span_f1"].mean())
        row = {
            "reader": reader,
            "seeds": int(own["seed"].nunique()),
            "exact": 100 * float(own["em"].mean()),
            "exact_sd": float(by_seed.std(ddof=1)) if len(by_seed) > 1 else None,
            "f1": 100 * float(own["f1"].mean()),
            "HasAns_span_exact": 100 * float(answerable["span_em"].mean()),
            "HasAns_span_f1": f1,
            "HasAns_abstained": 100 * float(answerable["abstained"].mean()),
            "always_abstains": 100 * (1 - len(answerable) / len(own)),
            "decides": f1 >= LEAST_F1,
        }
        rows.append(row)
        figures = ("exact", "exact_sd", "f1", "HasAns_span_exact", "HasAns_span_f1", "HasAns_abstained")
        cells.append(
            (
                material.label(reader),
                str(row["seeds"]),
                *(number(row[figure]) for figure in figures),  # type: ignore[arg-type]
                "yes" if row["decides"] else "no",
            )
        )
    head = (
        "reader",
        "seeds",
        "EM",
        "sd over seeds",
        "F1",
        "best span EM",
        "best span F1",
        "abstains",
        "decides",
    )
    line = rows[0]["always_abstains"]
    note = (
        f"{name}, percent; who always abstains has an EM and F1 of {line:.1f}. Best span and abstains: of "
        f"answerable questions. A reader whose best spans have an F1 under {LEAST_F1:.0f} decides nothing."
    )
    return StudyTable("readers", Grid("The readers", head, tuple(cells), note), tuple(rows))


def fall(material: Material, names: Sequence[str], called: str) -> StudyTable:
    """Return the drop of the outcome on sets, of each of the pair and the difference; Holm over the sets."""
    compared = {name: material.compared(name) for name in names}
    drops = {name: one.contrast(DROP) for name, one in compared.items()}
    clean = {name: one.contrast(CLEAN, test=False) for name, one in compared.items()}
    adjusted = _holm({name: one.difference.p for name, one in drops.items()})
    cells, rows = [], []
    for name in names:
        drop, before = drops[name], clean[name]
        cells.append(
            (
                name,
                f"{drop.difference.questions:,}",
                *_both(material, before, drop),
                *_gap(drop, adjusted[name]),
            )
        )
        rows.append(_plain("set", name, drop, adjusted[name]) | {"clean": _values(before)})
    title = "The drop of the outcome" if called == "primary" else "The drop on the other sets"
    head = ("set", "questions", *_heads(material, "clean → drop"), *_GAP_HEADS)
    note = "Exact match of the best span on answerable questions. " + _NOTE.format(
        holm=", Holm over the sets"
    )
    return StudyTable(called, Grid(title, head, tuple(cells), note), tuple(rows))


def lost(material: Material) -> StudyTable:
    """Return the pair at equal clean scores: shares lost, and drops where both were right."""
    cells, rows = [], []
    for name in material.recipe.primary:
        compared = material.compared(name)
        found = {
            "share of the clean score lost, %": share_lost(compared),
            "drop where both were right": of_both_right(compared),
        }
        for what, one in found.items():
            if one is not None:
                cells.append(
                    (f"{name}: {what}", f"{one.difference.questions:,}", *_own(material, one), *_gap(one))
                )
                rows.append(_plain("what", f"{name}: {what}", one))
    head = ("", "questions", *_heads(material, ""), *_GAP_HEADS)
    note = "Best span of answerable questions; where both were right, seeds are paired. " + _NOTE.format(
        holm=""
    )
    return StudyTable("lost", Grid("At equal clean scores", head, tuple(cells), note), tuple(rows))


def abstention(material: Material) -> StudyTable:
    """Return what of the drop of exact match is abstention, and what wrong spans, on answerable questions."""
    cells, rows = [], []
    for name in material.recipe.primary:
        compared = material.compared(name)
        whole = compared.contrast(DROP, "HasAns_exact")
        rise = compared.contrast(DROP, "HasAns_abstained", sign=-1.0)
        parts = {
            "drop of EM": whole,
            "of it: abstains more often": rise,
            "of it: more wrong spans": _wrong(compared),
            "drop of the outcome (abstention off)": compared.contrast(DROP),
        }
        for what, one in parts.items():
            cells.append(
                (f"{name}: {what}", f"{one.difference.questions:,}", *_own(material, one), *_gap(one))
            )
            rows.append(_plain("what", f"{name}: {what}", one))
    head = ("", "questions", *_heads(material, ""), *_GAP_HEADS)
    note = "Answerable questions, thresholds kept from clean ones. " + _NOTE.format(holm="")
    return StudyTable("abstention", Grid("Abstained, or wrong", head, tuple(cells), note), tuple(rows))


def _wrong(compared: Compared) -> Contrast:
    """Return the rise of wrong spans: neither right nor abstained."""
    index = compared.questions("HasAns")
    values, spreads = {}, {}
    for name in compared.names:
        answered = compared.answered[name]
        # right, wrong and abstained are all there is: what right loses, the others gain
        values[name] = answered.values(DROP, "em", index) + answered.values(DROP, "abstained", index)
        each = [
            float((one.values(DROP, "em", index) + one.values(DROP, "abstained", index)).mean())
            for one in answered.seeds
        ]
        spreads[name] = spread_of(each)
    return contrast_of(values, spreads, compared.clusters(index))


def senses(material: Material, name: str) -> StudyTable:
    """Return a set beside its controls, where all arms rewrite the question; and what raters called right."""
    arms = arms_of(next(iter(material.pair.values())).query("set == @name"))
    every = {arm: material.compared(name, arm) for arm in arms}
    shared = reduce(lambda a, b: a.intersection(b), (one.questions() for one in every.values()))
    found = {
        ARMS.get(arm, arm): one.contrast(DROP, within=shared, test=arm != "identity")
        for arm, one in every.items()
    }
    judged = material.recipe.sets[name].judged
    if judged is not None:
        right = right_variants(judged)
        frames = {reader: _of_variants(rows, name, right) for reader, rows in material.pair.items()}
        if all(len(rows) for rows in frames.values()):
            found["variants that raters called right"] = Compared.of(frames, name).contrast(DROP)
    cells = [
        (arm, f"{one.difference.questions:,}", *_own(material, one), *_gap(one)) for arm, one in found.items()
    ]
    rows = tuple(_plain("arm", arm, one) for arm, one in found.items())
    head = ("arm", "questions", *_heads(material, "drop"), *_GAP_HEADS)
    note = "Exact match of the best span on answerable questions that every arm rewrites. " + _NOTE.format(
        holm=""
    )
    return StudyTable(f"senses-{name}", Grid(f"{name} and its controls", head, tuple(cells), note), rows)


def _of_variants(rows: pd.DataFrame, name: str, variants: set[str]) -> pd.DataFrame:
    """Return a set's rows of these variants and of the questions that they are made from."""
    import pandas as pd

    own = rows[(rows["set"] == name) & (rows["arm"] == MAIN)]
    perturbed = own[(own["condition"] == PERTURBED) & own["id"].isin(variants)]
    clean = own[(own["condition"] == CLEAN) & own["original_id"].isin(perturbed["original_id"])]
    return pd.concat([clean, perturbed], ignore_index=True)


def edits(material: Material) -> StudyTable:
    """Return the drop with ever more edits, on the questions that all of these sets rewrite."""
    every = {name: material.compared(name) for name in material.recipe.edits}
    shared = reduce(lambda a, b: a.intersection(b), (one.questions() for one in every.values()))
    found = {name: one.contrast(DROP, within=shared) for name, one in every.items()}
    first, last = material.recipe.edits[0], material.recipe.edits[-1]
    found[f"{last} less {first}"] = _between(every[last], every[first], shared)
    cells = [
        (name, f"{one.difference.questions:,}", *_own(material, one), *_gap(one))
        for name, one in found.items()
    ]
    rows = tuple(_plain("set", name, one) for name, one in found.items())
    head = ("set", "questions", *_heads(material, "drop"), *_GAP_HEADS)
    note = (
        "Exact match of the best span on answerable questions that all of these sets rewrite. "
        + _NOTE.format(holm="")
    )
    return StudyTable("edits", Grid("More edits", head, tuple(cells), note), rows)


def _between(more: Compared, fewer: Compared, shared: pd.Index[str]) -> Contrast:
    """Return by how much the drop is larger on one set than on another, question by question."""
    index = more.questions("HasAns").intersection(shared)
    values, spreads = {}, {}
    for name in more.names:
        values[name] = more.values(name, DROP, "span_em", index) - fewer.values(name, DROP, "span_em", index)
        pairs = zip(more.answered[name].seeds, fewer.answered[name].seeds, strict=True)
        each = [
            float((a.values(DROP, "span_em", index) - b.values(DROP, "span_em", index)).mean())
            for a, b in pairs
        ]
        spreads[name] = spread_of(each)
    return contrast_of(values, spreads, more.clusters(index))


def scoring(material: Material) -> StudyTable:
    """Return the drop of exact match over all questions under different thresholds, chosen fairly or not."""
    return _by_way(material, "thresholds", "What the threshold decides", lambda way: not way.trick)


def collapse(material: Material) -> StudyTable:
    """Return the apparent drop under ways of scoring that can make a collapse by themselves."""
    return _by_way(material, "collapse", "What can look like a collapse", lambda way: way.trick or way.kept)


def _by_way(material: Material, called: str, title: str, wanted: Callable[[Scored], bool]) -> StudyTable:
    cells: list[tuple[str, ...]] = []
    rows = []
    for name in material.recipe.primary:
        by_reader = {
            reader: {
                way.said: way
                for way in ways(scores[(scores["set"] == name) & (scores["arm"] == MAIN)])
                if wanted(way)
            }
            for reader, scores in material.pair.items()
        }
        for said in next(iter(by_reader.values())):
            told = [by_reader[reader][said] for reader in material.pair]
            cells.append(
                (
                    f"{name}: {said}",
                    *(
                        f"{one.clean:.1f} → {one.perturbed:.1f} ({one.clean - one.perturbed:+.1f})"
                        for one in told
                    ),
                )
            )
            rows += [
                {"set": name, "reader": r, **asdict(one)} for r, one in zip(material.pair, told, strict=True)
            ]
    head = ("how it is scored", *(material.label(reader) for reader in material.pair))
    note = "Exact match over all questions of the set, clean → perturbed (drop), percent; means over seeds."
    return StudyTable(called, Grid(title, head, tuple(cells), note), tuple(rows))


def asked_otherwise(material: Material, names: Sequence[str]) -> StudyTable:
    """Return how often the old answer is kept where another is asked for, and the pair's difference."""
    cells, rows = [], []
    for name in names:
        frames = {r: s[(s["set"] == name) & (s["arm"] == MAIN)] for r, s in material.pair.items()}
        every = list(compare_changed(frames))
        for share, said in (("kept", "keeps its old answer"), ("span_kept", "best span: keeps it")):
            own = {
                row["model"]: row
                for row in every
                if row["figure"] == share and row["kind"] != SHARE_DIFFERENCE
            }
            gap = next((r for r in every if r["figure"] == share and r["kind"] == SHARE_DIFFERENCE), None)
            if gap is None or len(own) < len(frames):
                continue
            told = [
                f"{own[r]['value']:.1f} {interval((own[r]['low'], own[r]['high']), '.1f')}" for r in frames
            ]
            bounds = interval((gap["low"], gap["high"]))
            cells.append(
                (
                    f"{name}: {said}",
                    f"{gap['questions']:,}",
                    *told,
                    f"{signed(gap['value'])} {bounds}",
                    _p(gap["p"]),
                )
            )
            rows.append({"set": name, "figure": share, "own": own, "difference": gap})
    head = ("", "both right when clean", *(material.label(r) for r in material.pair), "difference", "p")
    note = (
        "Percent of the questions that were right when clean; lower is better. The difference is on those "
        "that both had right, and its p is of sign flips by article, not corrected."
    )
    return StudyTable(
        "changed", Grid("Where another answer is asked for", head, tuple(cells), note), tuple(rows)
    )


_GAP_HEADS = ("difference", "seeds too", "p", "least seen")


def _heads(material: Material, what: str) -> tuple[str, ...]:
    return tuple(f"{material.label(name)}{f': {what}' if what else ''}" for name in material.recipe.pair)


def _own(material: Material, found: Contrast) -> Iterator[str]:
    for name in material.recipe.pair:
        one = found.own[name]
        yield f"{signed(one.value)} {interval((one.low, one.high))}"


def _both(material: Material, before: Contrast, drop: Contrast) -> Iterator[str]:
    for name, told in zip(material.recipe.pair, _own(material, drop), strict=True):
        yield f"{number(before.own[name].value)} → {told}"


def _gap(found: Contrast, adjusted: float | None = None) -> tuple[str, ...]:
    gap = found.difference
    p = gap.p if adjusted is None else adjusted
    return (
        f"{signed(gap.value)} {interval((gap.low, gap.high))}",
        interval((gap.low_seeds, gap.high_seeds)),
        _p(p),
        number(gap.minimum_detectable),
    )


def _p(p: float | None) -> str:
    return "<0.001" if p is not None and p < 0.0005 else number(p, ".3f")


def _holm(p: Mapping[str, float | None]) -> dict[str, float | None]:
    tested = {name: value for name, value in p.items() if value is not None}
    adjusted = dict(zip(tested, holm(list(tested.values())), strict=True)) if tested else {}
    return {name: adjusted.get(name) for name in p}


def _values(found: Contrast) -> dict[str, float]:
    return {name: one.value for name, one in found.own.items()}


def _plain(key: str, name: str, found: Contrast, adjusted: float | None = None) -> dict[str, Any]:
    return {
        key: name,
        "own": {reader: asdict(one) for reader, one in found.own.items()},
        "difference": asdict(found.difference) | {"p_adjusted": adjusted},
    }
