"""Data sets on the Hugging Face hub, by name: ``hf:rajpurkar/squad_v2[@revision][:split]``."""

from __future__ import annotations

import re
from pathlib import Path

from robust.errors import UserError
from robust.squad.io import from_hf, write_parquet

_NAME = re.compile(
    r"hf:(?P<name>[\w.-]+(?:/[\w.-]+)?)(?:@(?P<revision>[\w./-]+))?(?::(?P<split>\w[\w.-]*))?", re.ASCII
)
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
        import datasets

        try:
            dataset = datasets.load_dataset(match["name"], split=split, revision=match["revision"])
        except datasets.exceptions.DatasetNotFoundError as error:
            raise UserError(f"{name}: {error}; check the name, or use a local file") from None
        except (OSError, ValueError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise UserError(
                f"{name}: cannot be had from the hub ({reason}); use a local file or a catalogue name "
                "(`robust list datasets`)"
            ) from None
        write_parquet(target, from_hf(dataset, name))
    return target
