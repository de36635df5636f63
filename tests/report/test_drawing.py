"""The plots: texts stay text, numbers land where they should, files are what they say."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from robust.breakdown.curves import BY_EDITS
from robust.report.html.drawing import STYLES, write_drawings
from robust.report.html.figures import NARROW, Bar, Series, curve, drops, matrix, ticks
from robust.report.html.plots import set_plots
from robust.report.numbers import as_share
from tests.report.runs_of_our_own import falls_for, questions, run_of
from tests.report.runs_of_our_own import shown as shown_set

BARS = [Bar("a <b> & set", "reader $x_1$", 0, 3.6, 1.7, 5.4), Bar("other", "reader", 1, -1.0, None, None)]

LONG = "drop in right best spans of answerable questions, points"


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [(0, 10, 2), (-1.2, 3.3, 1), (0, 0.7, 0.2), (0, 100, 20), (5, 5, None), (0, 0, None)],
)
def test_ticks_are_round_and_hold_the_range(low: float, high: float, step: float | None) -> None:
    found = ticks(low, high)
    assert found[0] <= low + 1e-9 and found[-1] >= high - 1e-9 and len(found) > 1
    if step:
        assert found[1] - found[0] == pytest.approx(step)


def test_a_plot_of_drops_says_every_number_and_marks_it_in_its_place() -> None:
    drawing = drops("d", "Drops", BARS, "drop, points")
    assert "reader $x_1$: +3.6 [+1.7, +5.4]" in drawing.about
    assert "other, reader: −1.0" in drawing.about
    first, second = (shape.points[0][0] for shape in drawing.shapes if shape.kind == "mark")
    zero = next(s.points[0][0] for s in drawing.shapes if s.style == "axis")
    assert second < zero < first
    assert (first - zero) / (zero - second) == pytest.approx(3.6)


def test_the_files_are_well_formed_and_escape_names(tmp_path: Path) -> None:
    made = [
        drops("d", "T <x>", BARS, "points"),
        curve(
            "c", "C", [Series("<i>", ((1, 50, 40, 60), (2, 45, None, None)))], "edits", "percent", whole=True
        ),
        matrix("m", "M", ("right", "wrong"), ((3, 1), (0, 4)), "after"),
    ]
    files = write_drawings(tmp_path, made)
    assert [file.name for file in files] == ["d.svg", "d.png", "c.svg", "c.png", "m.svg", "m.png"]
    for file in files[::2]:
        root = ElementTree.fromstring(file.read_text(encoding="utf-8"))
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert not [e for e in root.iter() if e.tag.endswith("}i") or e.tag.endswith("}b")]
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files[1::2])


def test_a_flip_matrix_shows_counts_and_shares_of_rows() -> None:
    told = [s.text for s in matrix("m", "M", ("right", "wrong"), ((3, 1), (0, 4)), "after").shapes]
    assert {"3", "75 %", "1", "25 %", "0", "0 %", "4", "100 %"} <= set(told)


def test_a_narrow_plot_says_the_same_within_its_width() -> None:
    series = [Series("clean", ((1, 50, 40, 60), (2, 45, None, None))), Series("perturbed", ((1, 9, 5, 20),))]
    for wide, narrow in (
        (drops("d", "D", BARS, LONG), drops("d", "D", BARS, LONG, width=NARROW)),
        (
            curve("c", "C", series, "edits", "percent"),
            curve("c", "C", series, "edits", "percent", width=NARROW),
        ),
        (
            matrix("m", "M", ("right", "wrong span", "abstained"), ((3, 1, 2),) * 3, "after"),
            matrix("m", "M", ("right", "wrong span", "abstained"), ((3, 1, 2),) * 3, "after", width=NARROW),
        ),
    ):
        assert narrow.width <= NARROW + 10 < wide.width
        assert narrow.about == wide.about
        for shape in narrow.shapes:
            assert all(0 <= x <= narrow.width and 0 <= y <= narrow.height for x, y in shape.points)
            # a letter of 12 pixels is at most some 6.4 wide, on the average
            reach = 6.4 * len(shape.text) if shape.kind == "text" else 0
            left = shape.points[0][0] - {"start": 0, "middle": reach / 2, "end": reach}[shape.anchor]
            assert left >= -6 and left + reach <= narrow.width + 6, shape


def test_every_style_of_a_plot_has_its_colours_in_the_page() -> None:
    sheet = (Path(__file__).parents[2] / "robust/report/html/style.css").read_text(encoding="utf-8")
    told = set(re.findall(r"\.plot \.([a-z0-9-]+)", sheet)) | {"text"}
    assert set(STYLES) <= told


def test_percentages_stay_between_0_and_100_and_readers_share_an_axis() -> None:
    rows = [
        {"arm": "main", "breakdown": BY_EDITS, "figure": f"HasAns_span_exact_{c}", "level": level}
        | {"value": value, "low": value - 9, "high": value + 9}
        for c, value in (("clean", 96.0), ("perturbed", 4.0))
        for level in ("1", "2")
    ]
    high = pd.DataFrame(rows)
    low = high.assign(value=5.0, low=-4.0, high=14.0)
    shown = set_plots("s", "s", {}, {}, {"a": high, "b": low})
    labels = [
        [s.text for s in plot.drawing.shapes if s.style == "soft" and s.anchor == "end"] for plot in shown
    ]
    assert labels == [["0", "20", "40", "60", "80", "100"]] * 2
    assert as_share((-4.0, 104.0)) == (0.0, 100.0) and as_share((20.0, 30.0)) == (20.0, 30.0)


@pytest.mark.parametrize("limit", [1e6, -1e6])
def test_a_threshold_beyond_all_odds_is_no_line(limit: float) -> None:
    run = run_of({"main": shown_set(questions())}, falls_for(0))
    scores = run.scores.assign(threshold=limit)
    plots = set_plots("s", "s", run.summary["sets"], {"a": scores}, {})
    (odds,) = (p for p in plots if "odds" in p.drawing.name)
    assert not any(s.style == "dash" for s in odds.drawing.shapes) and "dashed" not in odds.caption
    assert not any("000000" in s.text for s in odds.drawing.shapes)
