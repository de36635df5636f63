"""Questions a second that a search attacks: `robust attack`'s default, TextAttack's by word importance.

The sides are `attack_search.py` and `attack_search_textattack.py`, which say what they have in common; the
whole of it, with every search, is in attack_search.txt. ``result``: how many were fooled, of how many.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from side import Clock, Side, run


def one(script: str, *options: str) -> Side:
    """Return the side that a script is."""

    def work(quick: bool, clock: Clock) -> tuple[int, Any]:
        path = Path(__file__).resolve().parents[1] / script
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "found.json"
            count = "10" if quick else "60"
            done = subprocess.run(
                [sys.executable, str(path), str(out), "--questions", count, *options],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                sys.exit(done.stderr)
            found = json.loads(out.read_text(encoding="utf-8"))
        row = found.get("rows", [found])[0]
        clock.wall, clock.cpu = row["wall_seconds"], row["cpu_seconds"]
        return row["attacked"], [row["succeeded"], row["attacked"]]

    return work


SIDES = {
    "robust": one("attack_search.py", "--only", "default"),
    "robust, bfloat16": one("attack_search.py", "--only", "bfloat16"),
    "TextAttack": one("attack_search_textattack.py"),
}

if __name__ == "__main__":
    run(SIDES)
