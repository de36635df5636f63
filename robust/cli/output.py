"""Where output goes: tables to stdout, everything else to stderr, and JSON alone when asked for."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console

console = Console(stderr=True)
out = Console()


def emit_json(value: dict[str, Any]) -> None:
    """Write exactly one JSON object to stdout."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)  # whole first: half an object is none
    sys.stdout.write(text + "\n")
