"""Where things live outside the code: the user's data folder, and our cache and models.

The only module below the command line that reads the environment.
"""

from __future__ import annotations

import os
import tempfile
from importlib import resources
from pathlib import Path

from robust.errors import UserError


def data_home() -> Path | None:
    """Return the folder named by ``ROBUST_DATA``, where the user keeps data sets, or None."""
    value = os.environ.get("ROBUST_DATA")
    return _expanded("ROBUST_DATA", value) if value else None


def robust_home() -> Path:
    """Return ``ROBUST_HOME`` (default ``~/.cache/robust``): downloads, predictions, models made here.

    A user without a home folder, as containers have them, gets one under the system's temporary folder.
    """
    value = os.environ.get("ROBUST_HOME")
    if value:
        return _expanded("ROBUST_HOME", value)
    try:
        return Path.home() / ".cache" / "robust"
    except RuntimeError:  # no HOME, and no entry in the list of users
        return Path(tempfile.gettempdir()) / f"robust-{os.getuid()}"


def sets_home() -> Path:
    """Return the folder where sets that are called by a bare name stand: ``$ROBUST_HOME/sets``."""
    return robust_home() / "sets"


def shipped_datasets() -> Path:
    """Return the folder of the data sets' dataset.toml files and the small data we ship.

    In a wheel that is ``robust/_datasets``; in a checkout, ``datasets/`` beside the package.
    """
    package = Path(str(resources.files("robust")))
    installed = package / "_datasets"
    return installed if installed.is_dir() else package.parent / "datasets"


def shipped_validity() -> Path:
    """Return the folder of attacks' measured validity: ``robust/_validity`` or, as above, docs/validity/."""
    package = Path(str(resources.files("robust")))
    installed = package / "_validity"
    return installed if installed.is_dir() else package.parent / "docs" / "validity"


def _expanded(variable: str, value: str) -> Path:
    """Return the path with ``~`` replaced; raises UserError for the home of a user whom nobody knows."""
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise UserError(f"{variable}: {value}: no such home folder; write the whole path") from None
