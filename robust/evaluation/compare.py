"""Any number of runs side by side: who is right more often, who falls further, and how sure that is.

Everything is paired question by question. A difference of drops is the mean over questions of
(A clean - A perturbed) - (B clean - B perturbed): what both lose alike cancels before any error is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from robust.errors import UserError
from robust.evaluation.changed import changed_sets, compare_changed
from robust.evaluation.estimate import Clusters, Estimate, Values, estimate
from robust.evaluation.floor import FIGURES_RANKED, nothing_to_lose
from robust.evaluation.paired import COLUMNS as SCORES
from robust.evaluation.paired import FIGURES, ROWS, by_question, select
from robust.evaluation.same_questions import check_same, shared_arms, shared_sets
from robust.evaluation.scores import CLEAN, PERTURBED
from robust.evaluation.sets import MAIN
from robust.runs import Run
from robust.stats.mcnemar import mcnemar
from robust.stats.multiplicity import holm
from robust.stats.resampling import flips_can_show
from robust.stats.seeds import spread_of

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "robust-comparison/1"
DROP, CLEAN_DIFFERENCE, DROP_DIFFERENCE = "drop", "difference of clean", "difference of drops"
FIGURES_COMPARED = ("HasAns_span_exact", "HasAns_exact", "exact", "f1")
# the columns of a comparison's rows, in order
COLUMNS = (
    *("set", "arm", "figure", "kind", "model", "other"),
    *("value", "error", "low", "high", "low_bootstrap", "high_bootstrap"),
    *("low_paragraph", "high_paragraph", "low_seeds", "high_seeds"),
    *("p", "p_adjusted", "family", "mid_p", "b", "c"),
    *("questions", "clusters", "seeds", "minimum_detectable"),
)
# the columns of the score rows that drops and differences are taken from: texts are most of the rest
_OF_DROPS = (
    *("seed", "set", "arm", "condition", "key", "id", "original_id", "article", "paragraph_id", "answerable"),
    *SCORES,
)
# all that are read
NEEDED = frozenset({"model", "expected", "kept", "span_kept", *_OF_DROPS})
_OF_ESTIMATE = set(Estimate.__dataclass_fields__)
_NUMBERS = (*COLUMNS[6:18], "mid_p", "minimum_detectable")
# the control that changes nothing: its drop is nought by construction, which is no test
_UNCHANGED = "identity"
FLIPS, STUDENT = "sign flips", "Student's t"
_COUNTS = ("b", "c", "questions", "clusters", "seeds")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs compared: ``rows`` has one row for each thing said (columns: ``COLUMNS``; see docs/compare.md).

    Values are points (0 to 100). ``other`` is "" where one model is spoken of; a difference is ``model``
    minus ``other``. ``notes`` say what was not compared and why, and what drops say nothing. ``floors`` has
    (set, model) -> why, of those (``robust.evaluation.floor``). ``test`` is where p is from.
    """

    rows: pd.DataFrame
    models: tuple[str, ...]
    notes: tuple[str, ...]
    floors: Mapping[tuple[str, str], str] = field(default_factory=dict)
    test: str = FLIPS

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain values: schema, models, notes, test, floors, rows.

        None where nothing is said.
        """
        rows = self.rows.astype(object).where(self.rows.notna(), None)
        return {
            "schema": SCHEMA,
            "models": list(self.models),
            "notes": list(self.notes),
            "test": self.test,
            "floors": [{"set": s, "model": model, "why": why} for (s, model), why in self.floors.items()],
            "rows": rows.to_dict("records"),
        }


def compare(  # noqa: PLR0912 (checks of what was given)
    runs: Sequence[Run],
    *,
    sets: Sequence[str] | None = None,
    figures: Sequence[str] = FIGURES_COMPARED,
    seed: int = 0,
    controls: bool = True,
    names: Sequence[str] | None = None,
) -> Comparison:
    """Return the runs compared on every set that at least two of them have, each pair of models paired.

    ``sets`` names the sets (None: all shared ones), ``figures`` keys of ``FIGURES``; ``controls`` takes the
    control arms that all runs have as well. ``names`` are what models go by where runs are named alike;
    ``seed`` is of the randomisation behind p. A run alone has its own figures. Raises UserError where runs
    are not of the same questions, or share nothing.
    """
    import pandas as pd

    if not runs:
        raise UserError("no run to compare; expected one or more run folders")
    for figure in figures:
        if figure not in FIGURES:
            raise UserError(f"--figure {figure}: no such figure; one of {', '.join(FIGURES)}")
    called = list(names or _names(runs))
    if twice := [name for name in called if called.count(name) > 1]:
        raise UserError(f"{twice[0]}: two runs of this name; give every run a name of its own (names)")
    whole = dict(zip(called, (run.scores for run in runs), strict=True))
    # sets that ask for something else have no drop
    every = list(dict.fromkeys(name for frame in whole.values() for name in frame["set"].unique()))
    for name in sets or ():
        if name not in every:
            raise UserError(f"--set {name}: in none of the runs; they have {', '.join(every)}")
    changed = _changed(whole)
    frames = {model: _where(frame, ~frame["set"].isin(list(changed))) for model, frame in whole.items()}
    asked = None if sets is None else [name for name in sets if name not in changed]
    alone = bool(changed) and (asked == [] or not any(len(frame) for frame in frames.values()))
    kept, notes = ({}, []) if alone else shared_sets(frames, asked)
    rows: list[dict[str, Any]] = []
    floors: dict[tuple[str, str], str] = {}
    tests = len(set(figures)) * sum(max(len(m), len(m) * (len(m) - 1) // 2) for m in kept.values())
    flips = flips_can_show(tests)
    if not flips:
        notes.append(f"about {tests:,} tests of one kind: too many for sign flips, so p is Student's t's")
    for name, models in kept.items():
        of_set = {model: _where(frames[model], frames[model]["set"] == name) for model in models}
        arms, more = shared_arms(of_set, name)
        notes += more if controls else []
        for arm in arms if controls else [MAIN]:
            of_arm = {model: _where(frame, frame["arm"] == arm) for model, frame in of_set.items()}
            check_same(of_arm, name if arm == MAIN else f"{name}, control {arm}")
            answered = {model: Answered.of(frame) for model, frame in _numbered(of_arm)}
            if arm == MAIN:
                floors |= {(name, model): why for model, why in _floors(answered).items()}
            headline = arm == MAIN and flips
            for figure in dict.fromkeys(figures):
                found = list(_figure_rows(answered, figure, seed, flips=flips, headline=headline))
                if not found:
                    notes.append(f"{name}, {figure}: {_why_not(answered, figure)}")
                rows += [{"set": name, "arm": arm, "figure": figure} | row for row in found]
    for name in changed:
        if sets is None or name in sets:
            rows += _changed_rows(whole, name, seed, flips=flips)
    if not rows:
        raise UserError(f"nothing to compare: {'; '.join(dict.fromkeys(notes))}")
    frame = pd.DataFrame(_adjusted(rows)).reindex(columns=list(COLUMNS))
    frame = frame.astype(dict.fromkeys(_COUNTS, "Int64"))
    frame = frame.astype(dict.fromkeys(_NUMBERS, float))
    notes += [f"{s}: the drop of {model} says nothing: {why}" for (s, model), why in floors.items()]
    return Comparison(frame, tuple(frames), tuple(dict.fromkeys(notes)), floors, FLIPS if flips else STUDENT)


def _where(frame: pd.DataFrame, wanted: pd.Series[bool]) -> pd.DataFrame:
    """Return the rows that are wanted, with what drops are taken from; no copy where that is all there is."""
    if wanted.all():
        return frame
    return frame.loc[wanted, [column for column in frame.columns if column in _OF_DROPS]]


def _numbered(frames: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield models and rows with numbers for original ids, in the order of the ids: they take less memory.

    All rows are of the same questions (``check_same``).
    """
    import pandas as pd

    first = next(iter(frames.values()))["original_id"]
    numbers, names = pd.factorize(first, sort=True)
    for model, frame in frames.items():
        own = frame["original_id"]
        alike = len(own) == len(first) and bool((own.array == first.array).all())
        yield model, frame.assign(original_id=numbers if alike else pd.Index(names).get_indexer(own))


def _changed(whole: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return set -> what it expects, of those that change the meaning; UserError where runs differ."""
    told = {model: changed_sets(frame) for model, frame in whole.items()}
    found = {name: (expected, model) for model, own in told.items() for name, expected in own.items()}
    for model, frame in whole.items():
        for name in found.keys() & set(frame["set"]):
            expected, first = found[name]
            if (own := told[model].get(name, "same")) != expected:
                raise UserError(
                    f"{model}, set {name}: expected answer {own}, but {expected} in {first}: two sets of one "
                    "name; evaluate both runs on the same set"
                )
    return {name: expected for name, (expected, _) in found.items()}


def _changed_rows(
    whole: Mapping[str, pd.DataFrame], name: str, seed: int, *, flips: bool
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a set that asks for something else, of the models that have it."""
    of_set = {model: frame[(frame["set"] == name) & (frame["arm"] == MAIN)] for model, frame in whole.items()}
    of_set = {model: frame for model, frame in of_set.items() if len(frame)}
    check_same(of_set, name)
    for row in compare_changed(of_set, seed=seed, flips=flips):
        yield {"set": name, "arm": MAIN} | row


@dataclass(frozen=True, slots=True)
class Answered:
    """One model's scores of one set and arm, question by question; ``perturbed`` None for a plain data file.

    ``numbers`` are its seeds; ``seeds`` holds the same of each seed alone where there are several;
    ``single`` says whether every question has one variant and one seed, so that right and wrong can be
    counted.
    """

    clean: pd.DataFrame
    perturbed: pd.DataFrame | None
    single: bool
    numbers: tuple[int, ...]
    seeds: tuple[Answered, ...] = ()

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Answered:
        """Return the score rows of one model, set and arm by question."""
        parts = {one: rows.loc[rows["condition"] == one, list(ROWS)] for one in (CLEAN, PERTURBED)}
        single = max(map(len, parts.values())) == parts[CLEAN]["original_id"].nunique()
        clean, perturbed = by_question(parts.pop(CLEAN)), None
        if len(parts[PERTURBED]):
            perturbed = by_question(parts.pop(PERTURBED))
            if not perturbed.index.equals(clean.index):
                perturbed = perturbed.loc[clean.index]
        numbers = rows["seed"].unique().tolist()
        seeds = [cls.of(rows[rows["seed"] == number]) for number in numbers] if len(numbers) > 1 else []
        return cls(clean, perturbed, single, tuple(numbers), tuple(seeds))

    def values(self, kind: str, column: str, index: pd.Index[str]) -> Values:
        """Return the clean or perturbed scores, or the drops, of the questions in ``index``, in points."""
        clean = 100 * self.clean[column].loc[index].to_numpy(dtype=np.float64)
        if kind == CLEAN:
            return clean
        if self.perturbed is None:
            raise ValueError("a plain data file has no perturbed questions")
        perturbed = 100 * self.perturbed[column].loc[index].to_numpy(dtype=np.float64)
        return perturbed if kind == PERTURBED else clean - perturbed

    def spread(self, values: Callable[[Answered], Values]) -> tuple[float, int]:
        """Return the spread over seeds (``spread_of``) of the mean of what ``values`` makes of answers."""
        return spread_of([float(values(seed).mean()) for seed in self.seeds])


def _names(runs: Sequence[Run]) -> list[str]:
    """Return what each run's model is called; a number behind it where two are called alike."""
    names = [str(run.scores["model"].iloc[0]) for run in runs]
    return [
        f"{name} ({names[: i + 1].count(name)})" if names.count(name) > 1 else name
        for i, name in enumerate(names)
    ]


def _floors(answered: Mapping[str, Answered]) -> dict[str, str]:
    """Return model -> why its drop on a set says nothing; of a plain file, which has no drops, none."""
    found = {}
    for model, one in answered.items():
        if one.perturbed is None:
            continue
        abstains = select(one.clean, "HasAns")["abstained"]
        for column, half in (FIGURES[figure] for figure in FIGURES_RANKED):
            scores = select(one.clean, half)[column]
            if len(scores) and not scores.isna().any():
                break
        rate = 100 * float(abstains.mean()) if len(abstains) else None
        if why := nothing_to_lose(rate, 100 * float(scores.mean())):
            found[model] = why
    return found


def _figure_rows(
    answered: Mapping[str, Answered], figure: str, seed: int, *, flips: bool, headline: bool
) -> Iterator[dict[str, Any]]:
    """Yield the rows of one figure on one arm; none where a run does not have it.

    ``flips``: p by sign flips, else by t; ``headline``: drops have the bootstrap-t as well.
    """
    column, half = FIGURES[figure]
    first = select(next(iter(answered.values())).clean, half)
    index = first.index
    if not len(first) or any(one.clean[column].loc[index].isna().any() for one in answered.values()):
        return
    clusters = Clusters.of(first)
    paired = all(one.perturbed is not None for one in answered.values())
    values = {
        (model, kind): one.values(kind, column, index)
        for model, one in answered.items()
        for kind in ((CLEAN, PERTURBED, DROP) if paired else (CLEAN,))
    }

    def row(said: str, kind: str, *models: str) -> dict[str, Any]:
        """Return one model's ``kind``, or the first's minus the second's."""
        told = values[models[0], kind] - (values[models[1], kind] if len(models) > 1 else 0.0)
        spread = [answered[model].spread(lambda one: one.values(kind, column, index)) for model in models]
        about = estimate(
            told,
            clusters,
            test=said not in (CLEAN, PERTURBED),
            flips=flips,
            resampled=headline and kind == DROP,
            spread=spread,
            seed=seed,
        )
        found = {key: getattr(about, key) for key in COLUMNS if key in _OF_ESTIMATE}
        names = {"kind": said, "model": models[0], "other": models[1] if len(models) > 1 else ""}
        return names | found | {"seeds": min(number for _, number in spread)}

    for model, one in answered.items():
        yield row(CLEAN, CLEAN, model)
        if paired:
            yield row(PERTURBED, PERTURBED, model)
            pair = values[model, CLEAN], values[model, PERTURBED]
            yield row(DROP, DROP, model) | (_turned(*pair) if one.single else {})
    for model, other in combinations(answered, 2):
        pair = values[model, CLEAN], values[other, CLEAN]
        single = not (answered[model].seeds or answered[other].seeds)
        yield row(CLEAN_DIFFERENCE, CLEAN, model, other) | (_turned(*pair) if single else {})
        if paired:
            yield row(DROP_DIFFERENCE, DROP, model, other)


def _why_not(answered: Mapping[str, Answered], figure: str) -> str:
    """Return why a figure is not compared: no question is of its half, or a model has no such scores."""
    column, half = FIGURES[figure]
    lacking = [model for model, one in answered.items() if select(one.clean, half)[column].isna().any()]
    if not lacking:
        return f"no {'answerable' if half == 'HasAns' else 'unanswerable'} questions, not compared"
    return f"not compared, as the answers of {', '.join(lacking)} are final, with no best span beside them"


def _turned(one: Values, other: Values) -> dict[str, Any]:
    """Return McNemar's counts and mid-p of two columns of right and wrong; nothing for F1."""
    if not all(np.isin(values, (0.0, 100.0)).all() for values in (one, other)):
        return {}
    found = mcnemar(int(np.sum(one > other)), int(np.sum(other > one)))
    return {"b": found.b, "c": found.c, "mid_p": found.mid_p}


def _adjusted(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with ``p_adjusted`` (Holm) and the family it was corrected in.

    A family is all that was asked in one way: every test of one kind, over sets, figures and models (or pairs
    of models); those of the control arms are a family of their own. The identity control is in none: nothing
    is asked of it, and its p of 1 would only be counted.
    """
    families: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        if row["p"] is not None and row["arm"] != _UNCHANGED:
            name = row["kind"] if row["arm"] == MAIN else f"{row['kind']}, controls"
            families.setdefault(name, []).append(place)
    found = [dict(row) for row in rows]
    for name, places in families.items():
        for place, p in zip(places, holm([rows[place]["p"] for place in places]), strict=True):
            found[place] |= {"p_adjusted": p, "family": f"{name}: {len(places)}"}
    return found
