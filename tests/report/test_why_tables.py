"""The tables of ``robust why``: what many differences are worth, and what the run could have shown."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from scipy import stats

from robust.breakdown.breakdown import COLUMNS
from robust.report.why import why_grids


def line(breakdown: str, level: str, figure: str, value: float, error: float | None, clusters: int = 11):
    reach = None if error is None else stats.t.ppf(0.975, clusters - 1) * error
    bounds = (None, None) if reach is None else (value - reach, value + reach)
    return ("safe", "main", breakdown, level, figure, value, *bounds, 50, clusters)


def tables(*rows: tuple[object, ...]):
    return why_grids(pd.DataFrame(rows, columns=list(COLUMNS)), "bert on safe")


def levels(*gaps: float):
    """Return a level for each difference from the rest, all with an error of 1 point."""
    for k, gap in enumerate(gaps):
        yield line("edits", str(k), "HasAns_span_exact", 5.0, 1.0)
        yield line("edits", str(k), "HasAns_span_exact_against_rest", gap, 1.0)


def test_differences_are_counted_with_and_without_correction_for_their_number():
    """t(10): 2.3 has p 0.044, below 0.05 but above 0.05 * 2 / 10; 6.0 has 0.0001."""
    (grid,) = tables(*levels(6.0, 2.3, *[0.1] * 8))
    assert "Of 10 differences from the rest 2 exclude 0; chance alone gives about 0." in grid.note
    assert "Corrected by Benjamini and Hochberg, 1 do at 5 %" in grid.note
    (alone,) = tables(*levels(2.3, 0.1))
    assert "Corrected by Benjamini and Hochberg, 0 do at 5 %" in alone.note


def test_the_heading_says_what_could_have_been_seen():
    flips = [
        line("flips", level, "HasAns_share", share, 1.0)
        for level, share in (("right -> right", 96.0), ("right -> abstained", 4.0))
    ]
    grid, *_ = tables(*flips, line("answerable", "HasAns", "exact", 4.0, 1.0))
    least = stats.t.ppf(0.975, 10) + stats.t.ppf(0.8, 10)
    (told,) = re.findall(r"bert on safe: answerable EM drop \+4\.0 .*least seen ([0-9.]+) ", grid.title)
    assert float(told) == pytest.approx(least, abs=0.05)
    unknown, *_ = tables(*flips, line("answerable", "HasAns", "exact", 0.0, None))
    assert unknown.title.startswith("bert on safe\n")
