"""Where things live outside the code: the user's data folder, and our cache and models.

The only module below the command line that reads the environment.
"""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path


def data_home() -> Path | None:
    """Return the folder named by ``ROBUST_DATA``, where the user keeps data sets, or None."""
    value = os.environ.get("ROBUST_DATA")
    return Path(value).expanduser() if value else None


def robust_home() -> Path:
    """Return ``ROBUST_HOME`` (default ``~/.cache/robust``): downloads, predictions, models made here."""
    value = os.environ.get("ROBUST_HOME")
    return Path(value).expanduser() if value else Path.home() / ".cache" / "robust"


def shipped_datasets() -> Path:
    """Return the folder of the data sets' dataset.toml files and the small data we ship.

    In a wheel that is ``robust/_datasets``; in a checkout, ``datasets/`` beside the package.
    """
    package = Path(str(resources.files("robust")))
    installed = package / "_datasets"
    return installed if installed.is_dir() else package.parent / "datasets"
