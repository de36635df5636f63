"""The study's page says what its run folders say, to the digit."""

from __future__ import annotations

from pathlib import Path

import pytest

from robust.runs import read_scores
from robust.study.material import Material
from robust.study.page import put
from robust.study.recipe import read_recipe
from robust.study.steps import has_every_set, runs_folder
from robust.study.tables import study_tables

DOCS = Path(__file__).parents[2] / "docs"
KEPT = DOCS / "runs" / "study"


@pytest.mark.slow
def test_every_table_of_the_page_comes_from_the_runs_that_are_kept(tmp_path):
    recipe = read_recipe(DOCS / "study.toml")
    assert all(has_every_set(runs_folder(KEPT, name), recipe, name) for name in recipe.readers)
    scores = {name: read_scores(runs_folder(KEPT, name)) for name in recipe.readers}
    page = tmp_path / "study.md"
    page.write_text((DOCS / "study.md").read_text(encoding="utf-8"), encoding="utf-8")
    tables = study_tables(Material(recipe, scores))
    assert len(put(tables, page)) == len(tables)  # and none is left out
    assert page.read_text(encoding="utf-8") == (DOCS / "study.md").read_text(encoding="utf-8")
