"""A comparison as people read it: nothing left out, names shown as they are, LaTeX that compiles."""

from __future__ import annotations

import io
import json
import shutil
import subprocess

import pandas as pd
import pytest
from rich.console import Console

from robust.evaluation.compare import COLUMNS, compare
from robust.report.comparison import as_csv, as_json, as_latex, as_markdown, comparison_grids
from robust.report.grid import Grid, latex, markdown, terminal
from tests.evaluation.made_up import random_rows, run

ODD = "bert_base|50%&#{x}~^\\[red]<script>"


@pytest.fixture(scope="module")
def found():
    frames = (random_rows(1, 0.15, model=ODD), random_rows(2, 0.02, model="electra"))
    return compare([run(one) for one in frames], figures=["exact", "f1", "HasAns_abstained"])


def shown(renderable: object, width: int = 140) -> str:
    console = Console(width=width, file=io.StringIO())
    console.print(renderable)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_the_terminal_shows_every_model_and_every_pair(found):
    text = "\n".join(shown(terminal(grid), 200) for grid in comparison_grids(found))
    drop = found.rows[(found.rows["kind"] == "drop") & (found.rows["figure"] == "exact")].iloc[0]
    (line,) = [one for one in text.splitlines() if one.strip().startswith(ODD)][:1]
    assert f"{drop['value']:+.1f}" in line
    assert f"[{drop['low']:+.1f}, {drop['high']:+.1f}]" in line
    assert f"{ODD} - electra" in text
    assert "EM (120 questions, 6 articles)" in text
    assert "flipping whole articles' signs" in " ".join(text.split())
    assert "difference of drops: 3" in " ".join(text.split())


def test_a_reader_with_nothing_to_lose_is_marked_and_the_reason_stands_below(found):
    silent = random_rows(1, 0.15, model="silent").assign(em=0.0, span_em=0.0, abstained=True)
    both = compare([run(silent), run(random_rows(2, 0.02, model="electra"))], figures=["exact"])
    text = shown(terminal(comparison_grids(both)[0]), 200)
    assert "silent (!)" in text
    assert "electra (!)" not in text
    assert "nothing to lose: silent abstains on 100 % of answerable questions" in " ".join(text.split())
    assert "(!)" not in shown(terminal(comparison_grids(found)[0]), 200)


def test_more_abstaining_is_a_rise(found):
    grid = comparison_grids(found)[0]
    at = next(k for k, row in enumerate(grid.rows) if row[0].startswith("HasAns abstained, rise"))
    drop = found.rows[(found.rows["kind"] == "drop") & (found.rows["figure"] == "HasAns_abstained")].iloc[0]
    assert drop["value"] < 0
    assert grid.rows[at + 1][3] == f"{-drop['value']:+.1f}"
    assert grid.rows[at + 1][4] == f"[{-drop['high']:+.1f}, {-drop['low']:+.1f}]"


def test_markdown_keeps_its_columns_whatever_a_name_holds(found):
    text = as_markdown(found)
    table = [line for line in text.splitlines() if line.startswith("|")]
    bare = [line.replace("\\\\", "").replace("\\|", "") for line in table]
    assert {line.count("|") for line in bare[: len(comparison_grids(found)[0].rows) + 2]} == {12}
    assert "<script>" not in text.replace("\\<script", "")


def test_csv_loads_as_the_frame(found, tmp_path):
    (tmp_path / "c.csv").write_text(as_csv(found), encoding="utf-8")
    read = pd.read_csv(tmp_path / "c.csv")
    assert list(read.columns) == list(COLUMNS)
    assert read["value"].tolist() == pytest.approx(found.rows["value"].tolist())
    assert read["model"].tolist() == found.rows["model"].tolist()
    assert json.loads(as_json(found))["rows"][0]["figure"] == "exact"


def test_latex_escapes_what_would_be_commands(found):
    text = as_latex(found)
    assert r"bert\_base\textbar{}50\%\&\#\{x\}\textasciitilde{}\textasciicircum{}\textbackslash{}" in text
    assert text.count(r"\begin{tabular}") == text.count(r"\bottomrule") == 2
    rows = [line for line in text.splitlines() if line.endswith(r"\\") and "multicolumn" not in line]
    bare = [line.replace(r"\&", "").count("&") for line in rows]
    assert set(bare) == {10}


def test_latex_never_begins_a_row_with_a_bracket_and_minus_is_a_minus():
    text = latex(Grid("t", ("a", "b"), (("[x]", "[-1.0, +2.0]"), ("a-1", "-3.5"))))
    assert r"{[x]} & {[$-$1.0, +2.0]} \\" in text
    assert r"a-1 & $-$3.5 \\" in text


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs pdflatex")
def test_latex_compiles(found, tmp_path):
    (tmp_path / "c.tex").write_text(as_latex(found), encoding="utf-8")
    (tmp_path / "main.tex").write_text(
        r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{booktabs,graphicx}"
        r"\begin{document}\input{c.tex}\end{document}"
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "main.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout
    assert (tmp_path / "main.pdf").stat().st_size > 10_000


def test_a_row_of_one_cell_heads_those_below():
    grid = Grid("t", ("name", "x"), (("group",), ("one", "1")), "a note")
    assert "| **group** |  |" in markdown(grid)
    assert markdown(grid).rstrip().endswith("a note")
    assert "  one" in shown(terminal(grid))


def test_a_name_cannot_be_an_image_and_intervals_stay_readable():
    name = "![x](http://evil/p.png)"
    text = markdown(
        Grid(name, ("", name, "drop"), ((name, name, "+1.5 [+1.0, 2.0]"), ("b", "-", "[+1.0, 2.0]")))
    )
    assert "[x](" not in text and text.count(r"!\[x\](http") == 4
    assert "| +1.5 [+1.0, 2.0] |" in text and "| [+1.0, 2.0] |" in text
