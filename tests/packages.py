"""The sdist or the wheel, built from a source folder with what is installed here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def build(kind: str, source: Path, into: Path) -> Path:
    """Return the file that ``python -m build --kind`` makes of ``source`` in the empty folder ``into``."""
    command = [
        sys.executable,
        "-m",
        "build",
        f"--{kind}",
        "--no-isolation",
        "--outdir",
        str(into),
        str(source),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = (path for path in into.iterdir() if path.suffix in (".gz", ".whl"))
    return found
