"""The performance page says what was measured, and nothing by hand."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def performance() -> ModuleType:
    """Return benchmarks/performance.py, which is no package's."""
    spec = importlib.util.spec_from_file_location("performance", ROOT / "benchmarks" / "performance.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["performance"] = module  # its dataclasses look for it
    spec.loader.exec_module(module)
    return module


def test_the_page_and_its_plot_are_made_of_the_figures(performance: ModuleType) -> None:
    measured = json.loads((ROOT / "docs" / "performance.json").read_text(encoding="utf-8"))
    assert set(measured["headlines"]) == {headline.name for headline in performance.HEADLINES}
    assert (ROOT / "docs" / "performance.md").read_text(encoding="utf-8") == performance.page(measured)
    drawn = performance.plot(measured).standalone() + "\n"
    assert (ROOT / "docs" / "performance.svg").read_text(encoding="utf-8") == drawn


def test_ratios_are_of_medians_and_of_a_unit_and_goals_are_told_missed_or_met(
    performance: ModuleType,
) -> None:
    def side(units: int, cpu: list[float], agrees: str = "") -> dict[str, object]:
        return {"units": units, "cpu": cpu, "wall": cpu, "agrees": agrees, "versions": {"torch": "1"}}

    found = {
        "when": "1 May 2026",
        "rounds": 3,
        "sides": {"robust": side(10, [1.0, 2.0, 9.0]), "transformers": side(20, [12.0, 1.0, 99.0])},
        "failed": {"evaluate": "FileNotFoundError: <hub> | none"},
    }
    measured = {"machine": "a machine", "headlines": {"scoring": found}}
    told = performance.ratios(found, "robust", "transformers")
    assert told == pytest.approx({"cpu": 3.0, "wall": 3.0})
    text = performance.page(measured)
    assert "| transformers | 1.7 | 3.00 x | 3.00 x | 5 x: **missed** (3.00 x at best) |" in text
    assert "could not run: FileNotFoundError: &lt;hub> \\| none |" in text
    found["sides"]["robust"]["cpu"] = [1.0]  # type: ignore[index]
    assert "5 x: met" in performance.page(measured)
    assert performance.agreement("answers", {"a": "x", "b": "y"}, {"a": "x", "b": "z"}).startswith("50.0 %")
    assert performance.agreement("figures", [1, 2], [1, 3]) == "other figures: [1, 3]"
