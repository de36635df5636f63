"""The page of every attack is what the code generates now, and the examples on it are of this code."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOL = ROOT / "tools" / "attack_pages.py"
pytestmark = pytest.mark.skipif(not TOOL.is_file(), reason="not in a checkout")
PAGES: dict[str, Any] = runpy.run_path(str(TOOL)) if TOOL.is_file() else {}
FOLDER = ROOT / "docs" / "attacks"
NAMES = PAGES["ours"]() if PAGES else []


@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_an_attack_is_what_its_code_says(name: str) -> None:
    page = FOLDER / f"{name}.md"
    again = "run: python tools/attack_pages.py"
    assert page.is_file(), again
    assert page.read_text(encoding="utf-8") == PAGES["page"](name), again


def test_the_index_names_every_attack_and_no_page_is_left_of_another() -> None:
    index = (FOLDER / "index.md").read_text(encoding="utf-8")
    assert index == PAGES["index"](), "run: python tools/attack_pages.py"
    assert {page.stem for page in FOLDER.glob("*.md")} == {*NAMES, "index"}
    for name in NAMES:
        assert f"[{name}]({name}.md)" in index


def test_a_page_shows_figures_where_they_were_measured_and_says_how_where_not() -> None:
    share = {"count": 3, "share": 0.06, "interval": [0.02, 0.16]}
    judged = {"judged": 50, "rater_kind": ["model"], "valid": share, "changed": share, "bad_grammar": share}
    text = PAGES["validity"]("x.v1", {"expected": "same", "judged": judged})
    assert "| judged valid (of 50, by language models) | 3 | 6.0% | 2.0% to 16.0% |" in text
    assert "`robust validity x.v1 --data squad2:dev" in PAGES["validity"]("x.v1", None)
