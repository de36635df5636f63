"""The measured validity of attacks as it ships: a JSON file an attack, by ``robust validity --out``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from robust.home import shipped_validity
from robust.json_text import read_json


def read_figures(attack: str, folder: Path | None = None) -> dict[str, Any] | None:
    """Return the figures of an attack from ``folder`` (None: what ships); None where there are none."""
    file = (folder or shipped_validity()) / f"{attack}.json"
    try:
        found = read_json(file)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def share_valid(figures: dict[str, Any] | None) -> str:
    """Return the share that raters judged valid and of how many, or "not judged"."""
    judged = (figures or {}).get("judged") or {}
    valid = judged.get("valid") or {}
    if valid.get("share") is None:
        return "not judged"
    return f"{valid['share']:.0%} of {judged['judged']} valid"
