"""The study's page says what its run folders say, to the digit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from robust.report.numbers import interval, number, signed
from robust.study.material import Material
from robust.study.page import HOW, put
from robust.study.recipe import read_recipe
from robust.study.steps import has_every_set, runs_folder
from robust.study.tables import study_tables

DOCS = Path(__file__).parents[2] / "docs"
KEPT = DOCS / "runs" / "study"


@pytest.mark.slow
@pytest.mark.parametrize("study", ["study", "study-small"])
def test_every_table_of_the_page_comes_from_the_runs_that_are_kept(study, tmp_path):
    recipe = read_recipe(DOCS / f"{study}.toml")
    kept = DOCS / "runs" / study
    assert all(has_every_set(runs_folder(kept, run.name), run) for run in recipe.runs)
    told = (DOCS / f"{study}.md").read_text(encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(told, encoding="utf-8")
    tables = study_tables(Material.read(recipe, kept))
    shown = set(put(tables, page))
    assert shown == {HOW, *(table.name for table in tables)} if study == "study" else {HOW, "primary"} < shown
    assert page.read_text(encoding="utf-8") == told


def test_the_table_that_the_readme_opens_with_is_that_of_the_study():
    readme = DOCS.parent / "README.md"
    if not readme.is_file():
        pytest.skip("installed without the README")
    told = json.loads((KEPT / "study.json").read_text(encoding="utf-8"))["tables"]["primary"]
    lines = readme.read_text(encoding="utf-8").splitlines()
    for row in told:
        cells = [f"{row['difference']['questions']:,} questions"]
        for reader in ("electra", "bert"):
            own = row["own"][reader]
            bounds = interval((own["low_seeds"], own["high_seeds"]), ".1f")
            cells += [number(row["clean"][reader]), f"{number(own['value'])} {bounds}"]
        gap = row["difference"]
        cells.append(f"{signed(gap['value'])} {interval((gap['low_seeds'], gap['high_seeds']))}")
        found = next(line for line in lines if line.startswith(f"| `{row['set']}`"))
        assert found.endswith(" | ".join(cells) + " |")


def test_what_the_shipped_twins_score_is_what_their_runs_say():
    scores = [
        json.loads((DOCS / "runs" / f"twin-{name}-dev" / "summary.json").read_text(encoding="utf-8"))
        for name in ("electra", "bert")
    ]
    spans, exact = (
        [number(held["sets"]["squad2:dev"][key]) for held in scores] for key in ("HasAns_span_exact", "exact")
    )
    told = " ".join((DOCS / "study.md").read_text(encoding="utf-8").split())
    assert f"spans are right on {spans[0]} and {spans[1]} %" in told
    assert f"with EM {exact[0]} and {exact[1]} (" in told
