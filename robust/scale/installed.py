"""What a machine has installed, so far as results depend on it: nodes must agree with the command's own."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib import metadata, resources
from pathlib import Path

from robust.attack.base import canonical_json
from robust.files import sha256_file

# Other versions of these, other logits or token ids.
_PACKAGES = ("torch", "transformers", "tokenizers", "numpy")


@cache
def installed() -> dict[str, str]:
    """Return name -> version of what results depend on; of this package a SHA-256 over all its files."""
    found = {"python": "{}.{}".format(*sys.version_info), "robust": _package_sha256()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def differences(here: dict[str, str], there: dict[str, str]) -> str:
    """Return what differs, as in "torch 2.11.0, here 2.13.0"; empty where nothing does."""
    told = []
    for name, mine in here.items():
        other = there.get(name, "none")
        if mine != other and name == "robust":
            told.append(f"other files of robust ({other[:8]}, here {mine[:8]})")
        elif mine != other:
            told.append(f"{name} {other}, here {mine}")
    return "; ".join(told)


def _package_sha256() -> str:
    root = Path(str(resources.files("robust")))
    files = sorted(
        file for file in root.rglob("*") if file.is_file() and "__pycache__" not in file.parts
    )  # _datasets is the wheel's own, and holds no code
    sums = [
        [file.relative_to(root).as_posix(), sha256_file(file)]
        for file in files
        if file.relative_to(root).parts[0] not in ("_datasets", "_validity")
    ]
    return hashlib.sha256(canonical_json(sums).encode()).hexdigest()
