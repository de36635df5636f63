"""What ``robust doctor`` looks at: every check yields findings, and none changes anything on the machine."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

State = Literal["ok", "missing", "broken"]
DISTRIBUTION = "robust-qa"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; without ``essential`` it may be missing and all else still works.

    ``fix`` is the command or the step that mends it, empty where nothing needs to be mended.
    """

    area: str
    name: str
    state: State
    detail: str
    fix: str = ""
    essential: bool = False


def reinstall() -> str:
    """Return the command that installs this package again from where it came (PEP 610)."""
    again = "pip install --force-reinstall --no-deps"
    try:
        origin = json.loads(metadata.distribution(DISTRIBUTION).read_text("direct_url.json") or "{}")
    except (metadata.PackageNotFoundError, ValueError):
        origin = {}
    address = str(origin.get("url", ""))
    source = Path(address.removeprefix("file://"))
    if address.startswith("file://") and source.exists():
        editable = "-e " if origin.get("dir_info", {}).get("editable") else ""
        return f"{again} {editable}{shlex.quote(str(source))}"
    return f"{again} THE_WHEEL_OR_FOLDER_IT_CAME_FROM"
