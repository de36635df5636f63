"""The tables of a study, one function each, from the runs' score rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import reduce
from typing import TYPE_CHECKING

from robust.errors import UserError
from robust.evaluation.scores import CLEAN, PERTURBED, arms_of
from robust.evaluation.sets import MAIN
from robust.report.grid import Grid
from robust.report.numbers import number
from robust.study.arms import arms_apart
from robust.study.by_seed import by_seed
from robust.study.cells import (
    ARMS,
    GAP_HEADS,
    StudyTable,
    adjusted_by_holm,
    clean_and_drop,
    contrast_table,
    gap_cells,
    heads,
    plain,
)
from robust.study.contrast import Compared, Contrast, between, of_both_right, share_lost, wrong_spans
from robust.study.judged import right_variants
from robust.study.lost_answers import lost_answers
from robust.study.material import Material
from robust.study.otherwise import asked_otherwise
from robust.study.outside import outside
from robust.study.scoring import Scored, ways

if TYPE_CHECKING:
    import pandas as pd

# below this F1 of the best spans of clean answerable questions, a reader decides nothing
LEAST_F1 = 40.0
DROP = "drop"
_SHARED = "Exact match of the best span on answerable questions that all of these sets rewrite."


def study_tables(material: Material) -> list[StudyTable]:
    """Return every table that the recipe's sets allow."""
    for name in material.recipe.primary:
        if material.compared(name).questions("HasAns").empty:
            raise UserError(f"primary: {name} has no answerable question that is rewritten; name another set")
    plain, paired, changed = material.kinds()
    found = [readers(material, plain[0])] if plain else []
    if plain and (seeds := by_seed(material, plain[0])) is not None:
        found.append(seeds)
    found += [fall(material, material.recipe.primary, "primary")]
    own_table = (*material.recipe.primary, *material.recipe.methods)
    rest = [name for name in paired if name not in own_table]
    if rest := [name for name in rest if len(material.compared(name).questions("HasAns"))]:
        found.append(fall(material, rest, "others"))
    found += [table for table in (lost(material), abstention(material), lost_answers(material)) if table]
    found.append(whole(material))
    of_sets = [make(material, name) for name in material.recipe.senses for make in (senses, arms_apart)]
    of_sets += [edits(material), methods(material)]
    found += [table for table in of_sets if table is not None]
    found += [scoring(material), collapse(material)]
    if changed:
        found.append(asked_otherwise(material, changed))
    if (beside := outside(material)) is not None:
        found.append(beside)
    return found


def readers(material: Material, name: str) -> StudyTable:
    """Return how good each reader is on a file of clean questions, and whether it decides anything."""
    cells, rows = [], []
    for reader, scores in material.scores.items():
        own = scores[scores["set"] == name]
        if own.empty:  # a reader outside the pair is asked what the recipe says
            continue
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
    adjusted = adjusted_by_holm({name: one.difference.p for name, one in drops.items()})
    cells, rows = [], []
    for name in names:
        drop, before = drops[name], clean[name]
        cells.append(
            (
                name,
                f"{drop.difference.questions:,}",
                *clean_and_drop(material, before, drop),
                *gap_cells(drop, adjusted[name]),
            )
        )
        rows.append(
            plain("set", name, drop, adjusted[name])
            | {"clean": {reader: one.value for reader, one in before.own.items()}}
        )
    title = "The drop of the outcome" if called == "primary" else "The drop on the other sets"
    head = ("set", "questions", *heads(material, "clean → drop"), *GAP_HEADS)
    note = "Exact match of the best span on answerable questions."
    return StudyTable(called, Grid(title, head, tuple(cells), note), tuple(rows))


def lost(material: Material) -> StudyTable | None:
    """Return the pair at equal clean scores: shares lost, and drops where both were right; None without."""
    found: dict[str, Contrast] = {}
    for name in material.recipe.primary:
        compared = material.compared(name)
        if (share := share_lost(compared)) is not None:
            found[f"{name}: share of the clean score lost, %"] = share
        if (both := of_both_right(compared)) is not None:
            found[f"{name}: drop where both were right"] = both
        if (luckless := of_both_right(compared, in_another_seed=True)) is not None:
            found[f"{name}: the same in another seed"] = luckless
    if not found:
        return None
    of = (
        "Best span of answerable questions; where both were right: seed by seed, seeds being paired. In "
        "another seed: questions that both had right in one seed, measured in each other one, so that luck "
        "of the choice does not count; its interval and p are over articles alone."
    )
    return contrast_table(material, "lost", "At equal clean scores", found, key="what", of=of)


def abstention(material: Material) -> StudyTable:
    """Return the drop of exact match on answerable questions, and how abstentions and wrong spans rise."""
    found: dict[str, Contrast] = {}
    for name in material.recipe.primary:
        compared = material.compared(name)
        found |= {
            f"{name}: drop of EM": compared.contrast(DROP, "HasAns_exact"),
            f"{name}: rise of abstention": compared.contrast(DROP, "HasAns_abstained", sign=-1.0),
            f"{name}: rise of wrong spans": wrong_spans(compared),
            f"{name}: drop of the outcome (abstention off)": compared.contrast(DROP),
        }
    of = "Answerable questions, thresholds kept from clean ones."
    return contrast_table(material, "abstention", "Abstained, or wrong", found, key="what", of=of)


def whole(material: Material) -> StudyTable:
    """Return the drops over all questions, with the threshold kept: what is mostly published."""
    found: dict[str, Contrast] = {}
    for name in material.recipe.primary:
        compared = material.compared(name)
        for figure, said in (("exact", "drop of EM"), ("f1", "drop of F1")):
            found[f"{name}: {said}"] = compared.contrast(DROP, figure)
    of = "All questions of the set, answerable or not, thresholds kept from clean ones."
    return contrast_table(material, "whole", "Over all questions", found, key="what", of=of)


def senses(material: Material, name: str) -> StudyTable | None:
    """Return a set beside its controls, where all arms rewrite the question; and what raters called right.

    None where no answerable question is in every arm.
    """
    arms = arms_of(next(iter(material.pair.values())).query("set == @name"))
    material = material.with_shared_seeds((name, arm) for arm in arms)
    every = {arm: material.compared(name, arm) for arm in arms}
    shared = reduce(lambda a, b: a.intersection(b), (one.questions() for one in every.values()))
    if shared.intersection(every[MAIN].questions("HasAns")).empty:
        return None
    found = {
        ARMS.get(arm, arm): one.contrast(DROP, within=shared, test=arm != "identity")
        for arm, one in every.items()
    }
    judged = material.recipe.sets[name].judged
    if judged:
        right = right_variants(judged)
        frames = {reader: _of_variants(rows, name, right) for reader, rows in material.pair.items()}
        if all(rows["answerable"].any() for rows in frames.values()):
            found["variants that raters called right"] = Compared.of(frames, name).contrast(DROP)
    of = "Exact match of the best span on answerable questions that every arm rewrites."
    title = f"{name} and its controls"
    return contrast_table(material, f"senses-{name}", title, found, key="arm", of=of, what="drop")


def _of_variants(rows: pd.DataFrame, name: str, variants: set[str]) -> pd.DataFrame:
    """Return a set's rows of these variants and of the questions that they are made from."""
    import pandas as pd

    own = rows[(rows["set"] == name) & (rows["arm"] == MAIN)]
    perturbed = own[(own["condition"] == PERTURBED) & own["id"].isin(variants)]
    clean = own[(own["condition"] == CLEAN) & own["original_id"].isin(perturbed["original_id"])]
    return pd.concat([clean, perturbed], ignore_index=True)


def edits(material: Material) -> StudyTable | None:
    """Return the drop with ever more edits, on the questions that all of these sets rewrite; None without."""
    every, shared, found = _on_shared(material, material.recipe.edits)
    if not found:
        return None
    first, last = material.recipe.edits[0], material.recipe.edits[-1]
    found[f"{last} less {first}"] = between(every[last], every[first], shared)
    return contrast_table(material, "edits", "More edits", found, key="set", of=_SHARED, what="drop")


def methods(material: Material) -> StudyTable | None:
    """Return the drop by how a word's sense was chosen, as ``edits`` does."""
    _, _, found = _on_shared(material, material.recipe.methods)
    if not found:
        return None
    title = "How senses are chosen"
    return contrast_table(material, "methods", title, found, key="set", of=_SHARED, what="drop")


def _on_shared(
    material: Material, names: Sequence[str]
) -> tuple[dict[str, Compared], pd.Index[str], dict[str, Contrast]]:
    """Return sets compared, the answerable questions that all of them rewrite, and each one's drop on these.

    No drops where there is no such question.
    """
    import pandas as pd

    material = material.with_shared_seeds((name, MAIN) for name in names)
    every = {name: material.compared(name) for name in names}
    answerable = [one.questions("HasAns") for one in every.values()]
    shared = reduce(lambda a, b: a.intersection(b), answerable) if answerable else pd.Index([], dtype=str)
    if shared.empty:
        return every, shared, {}
    return every, shared, {name: one.contrast(DROP, within=shared) for name, one in every.items()}


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
