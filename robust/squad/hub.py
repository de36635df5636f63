"""Data sets on the Hugging Face hub, by name: ``hf:rajpurkar/squad_v2[@revision][:split]``."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from robust.errors import UserError, first_line
from robust.squad.io import from_hf, write_parquet

if TYPE_CHECKING:
    import datasets

_NAME = re.compile(
    r"hf:(?P<name>\w[\w.-]*(?:/\w[\w.-]*)?)(?:@(?P<revision>\w[\w./-]*))?(?::(?P<split>\w[\w.-]*))?", re.ASCII
)
_TIMEOUT_SECONDS = 10
_INSTEAD = "use a local file or a catalogue name (`robust list datasets`)"
_DEFAULT_SPLIT = "validation"


def is_hub_name(name: str) -> bool:
    """Return whether ``name`` asks for a data set of the hub."""
    return name.startswith("hf:")


def resolve(name: str, cache: Path) -> Path:
    """Return a parquet file under ``cache`` with the questions of the hub's data set, fetching it once.

    The split is ``validation`` unless named. Only data files are read, never code from the hub. Raises
    UserError where the name is malformed, the hub cannot be reached, or it has no such data set or split.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise UserError(f"{name}: not a hub name, expected hf:OWNER/NAME[@REVISION][:SPLIT]")
    split, revision = match["split"] or _DEFAULT_SPLIT, match["revision"] or "main"
    folder = match["name"].replace("/", "--")
    target = cache / folder / revision.replace("/", "--") / f"{split}.parquet"
    if not target.exists():
        write_parquet(target, from_hf(_fetch(name, match["name"], split, match["revision"]), name))
    return target


def _fetch(name: str, hub_name: str, split: str, revision: str | None) -> datasets.Dataset:
    import datasets
    from huggingface_hub import constants

    if not constants.HF_HUB_OFFLINE:  # when set, the hub library's own cache answers
        reach(name, constants.ENDPOINT, _INSTEAD)
    try:
        return datasets.load_dataset(hub_name, split=split, revision=revision)
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        raise UserError(f"{name}: cannot be had from the hub ({first_line(error)}); {_INSTEAD}") from None


def reach(name: str, endpoint: str, instead: str) -> None:
    """Raise UserError where the hub cannot be reached: at once, where its library tries for half a minute.

    ``name`` is what is wanted of it, ``instead`` what else to do.
    """
    try:
        urllib.request.urlopen(
            urllib.request.Request(endpoint, method="HEAD"), timeout=_TIMEOUT_SECONDS
        ).close()
    except urllib.error.HTTPError:
        pass  # it answers
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise UserError(f"{name}: the hub ({endpoint}) cannot be reached ({reason}); {instead}") from None
