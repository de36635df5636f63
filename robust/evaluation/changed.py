"""Sets that ask for something else: does a reader notice, or does it keep its old answer?

Where an attack changes what is asked (its ``expected`` is abstain or other), a fall of the score is no
weakness, so there is no drop. What counts: of the questions that a reader got right when they were clean, on
what share does it **keep the old answer** (the undersensitivity rate of Welbl et al. 2020, arXiv 2003.04808;
lower is better), abstain, or answer something else? An answer is the old one where it matches a gold answer
of the clean question exactly, as the official metric has it.

``kept``, ``abstained`` and ``other`` use the reader's own decision, with its null threshold, and add up to
100; ``span_kept`` and ``span_other`` are of its best span, null switched off, among the questions whose best
span was right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from robust.evaluation.estimate import Clusters, Estimate, estimate
from robust.evaluation.over_seeds import mean_over_seeds, pair_seeds, spread_over_seeds
from robust.evaluation.scores import CLEAN, PERTURBED
from robust.evaluation.sets import MAIN
from robust.stats.share import share_interval

if TYPE_CHECKING:
    import pandas as pd

# share -> (the clean score that says who was right, the column of the share)
SHARES: dict[str, tuple[str, str]] = {
    "kept": ("em", "kept"),
    "abstained": ("em", "abstained"),
    "other": ("em", "other"),
    "span_kept": ("span_em", "span_kept"),
    "span_other": ("span_em", "span_other"),
}
# Shares of which a difference is tested. The others are what these leave: span_other is the rest of
# span_kept, and abstained and other share the rest of kept. Testing them too would make each weaker.
TESTED = ("kept", "span_kept")
# what the rows of a comparison call a share and a difference of shares
SHARE, SHARE_DIFFERENCE = "share", "difference of shares"


def changed_sets(rows: pd.DataFrame) -> dict[str, str]:
    """Return set -> what it expects (abstain or other), of the sets in score rows that change the meaning."""
    if "expected" not in rows:
        return {}
    own = rows[(rows["arm"] == MAIN) & rows["expected"].notna()]
    return {
        str(name): str(value) for name, value in own.groupby("set", sort=False)["expected"].first().items()
    }


def summarise_changed(rows: pd.DataFrame) -> dict[str, Any]:
    """Return the figures of one set that changes the meaning; the rows may be of several seeds of one model.

    ``expected``; ``questions``, ``variants`` and ``articles``; ``clean_exact`` (EM of the clean questions, in
    percent); ``right`` and ``span_right`` (how many the shares are over; of several seeds their mean);
    ``changed`` (share -> percent, the keys of ``SHARES``); ``changed_interval`` and
    ``changed_interval_paragraph`` (95 %, clustered by article and by paragraph). Shares of which there is no
    question are left out.
    """
    main = rows[rows["arm"] == MAIN]
    seeds = main["seed"].nunique()
    clean, perturbed = (main[main["condition"] == one] for one in (CLEAN, PERTURBED))
    one_seed = perturbed["seed"] == perturbed["seed"].iloc[0]
    summary: dict[str, Any] = {
        "expected": str(main["expected"].iloc[0]),
        "questions": int(clean["original_id"].nunique()),
        "variants": int(one_seed.sum()),
        "articles": int(clean["article"].nunique()),
        "clean_exact": 100 * float(clean["em"].astype(float).mean()),
        "right": 0,
        "span_right": 0,
        "changed": {},
        "changed_interval": {},
        "changed_interval_paragraph": {},
    }
    for share in SHARES:
        every = by_question(main, share)
        if not len(every):
            continue
        summary["span_right" if share.startswith("span") else "right"] = _count(len(every), seeds)
        found = _mean_of_seeds(every)
        points = 100 * found["value"].to_numpy(dtype=np.float64)
        summary["changed"][share] = float(points.mean())
        for key, cluster in (("", "article"), ("_paragraph", "paragraph_id")):
            bounds = share_interval(points / 100, found[cluster].tolist())
            summary[f"changed_interval{key}"][share] = None if bounds is None else [100 * b for b in bounds]
    return summary


def _count(found: int, seeds: int) -> int | float:
    mean = found / seeds
    return int(mean) if mean == int(mean) else mean


def by_question(rows: pd.DataFrame, share: str) -> pd.DataFrame:
    """Return one row a question (and seed) that was right when clean: the mean of a share over its variants.

    Columns: value (0 to 1), article, paragraph_id; indexed by seed and original id. ``rows`` are those of one
    model and set. Questions without an answer are none of it, nor those whose scores are not known.
    """
    right, column = SHARES[share]
    clean = rows[(rows["condition"] == CLEAN) & rows["answerable"].astype(bool)]
    clean = clean[clean[right].astype(float) == 1].set_index(["seed", "original_id"])
    perturbed = rows[rows["condition"] == PERTURBED]
    values = _values(perturbed, column).groupby([perturbed["seed"], perturbed["original_id"]]).mean()
    found = clean[["article", "paragraph_id"]].join(values.rename("value"), how="inner")
    return found[found["value"].notna()]


def _values(rows: pd.DataFrame, column: str) -> pd.Series[float]:
    """Return a share's column of the perturbed rows; what is neither kept nor abstained is another answer."""
    if column == "other":
        return 1 - rows["kept"].astype(float) - rows["abstained"].astype(float)
    if column == "span_other":
        return 1 - rows["span_kept"].astype(float)
    return rows[column].astype(float)


def compare_changed(
    frames: Mapping[str, pd.DataFrame], *, seed: int = 0, flips: bool = True
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a comparison on one set that changes the meaning: each reader, and each pair.

    ``frames`` has the score rows of each reader. A pair is compared on the questions that both got right
    when clean, seed by seed, with a p for ``TESTED``; ``seed`` and ``flips`` are those of ``estimate``.
    """
    for share in SHARES:
        every = {model: by_question(rows, share) for model, rows in frames.items()}
        found = {model: _mean_of_seeds(own) for model, own in every.items()}
        seeds = {model: int(rows["seed"].nunique()) for model, rows in frames.items()}
        for model, own in found.items():
            if len(own):
                spread = [spread_over_seeds(100 * every[model]["value"])]
                about = _bounded(estimate(_points(own), _clusters(own), test=False, spread=spread), own)
                yield _row(share, SHARE, about, model, "", seeds[model])
        for model, other in combinations(every, 2):
            both = _of_both(every[model], every[other])
            if len(both):
                own = _mean_of_seeds(both)
                spread = [spread_over_seeds(100 * both["value"])]
                about = estimate(
                    _points(own),
                    _clusters(own),
                    test=share in TESTED,
                    flips=flips,
                    spread=spread,
                    seed=seed,
                )
                yield _row(share, SHARE_DIFFERENCE, about, model, other, spread[0][1])


def _bounded(about: Estimate, found: pd.DataFrame) -> Estimate:
    """Return what is said of a share with the intervals of one: within 0 and 100, and wider than nothing."""
    shares = found["value"].to_numpy(dtype=np.float64)
    low, high = _points_of(share_interval(shares, found["article"].tolist()))
    low_paragraph, high_paragraph = _points_of(share_interval(shares, found["paragraph_id"].tolist()))
    return replace(about, low=low, high=high, low_paragraph=low_paragraph, high_paragraph=high_paragraph)


def _points_of(bounds: list[float] | None) -> tuple[float, float] | tuple[None, None]:
    return (None, None) if bounds is None else (100 * bounds[0], 100 * bounds[1])


def _mean_of_seeds(found: pd.DataFrame) -> pd.DataFrame:
    """Return a row a question: its value in the mean over seeds (``mean_over_seeds``), and its clusters."""
    about = found.groupby("original_id", sort=True)[["article", "paragraph_id"]].first()
    return about.join(mean_over_seeds(found["value"]))


def _of_both(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the first's values less the second's where both were right, pair of seeds by pair of seeds."""
    import pandas as pd

    seeds = [found.index.get_level_values("seed").unique().tolist() for found in (first, second)]
    pairs = {}
    for number, (one, other) in enumerate(pair_seeds(*seeds)):
        own, beside = first.loc[one], second.loc[other]
        both = own.index.intersection(beside.index)
        pairs[number] = own.loc[both].assign(value=own["value"].loc[both] - beside["value"].loc[both])
    return pd.concat(pairs, names=["seed"]) if pairs else first.iloc[:0]


def _points(found: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    return 100 * found["value"].to_numpy(dtype=np.float64)


def _clusters(found: pd.DataFrame) -> Clusters:
    return Clusters.of(found)


def _row(share: str, kind: str, about: Estimate, model: str, other: str, seeds: int) -> dict[str, Any]:  # noqa: PLR0917
    values = {name: getattr(about, name) for name in Estimate.__dataclass_fields__}
    return {"figure": share, "kind": kind, "model": model, "other": other, "seeds": seeds, **values}
