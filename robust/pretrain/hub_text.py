"""Text in data sets on the Hugging Face hub, read as it comes: nothing is kept on disk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from robust.errors import UserError, first_line
from robust.squad.hub import reach

_NAME = re.compile(
    r"hf:(?P<name>\w[\w.-]*(?:/\w[\w.-]*)?)(?:/(?P<config>\w[\w.-]*))?(?:@(?P<revision>\w[\w./-]*))?"
    r"(?::(?P<split>\w[\w.-]*))?",
    re.ASCII,
)
_INSTEAD = "use files of text, or a folder that the library datasets saved"


def is_hub_name(path: Path) -> bool:
    """Say whether ``path`` is no path but the name of a data set on the hub."""
    return str(path).startswith("hf:") and not path.exists()


def rows(name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of ``hf:OWNER/NAME[/CONFIG][@REVISION][:SPLIT]`` in their order; the split is ``train``.

    Only data files are read, never code from the hub. Raises UserError where the name is malformed, the hub
    cannot be reached, or it has no such data set.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise UserError(f"{name}: not a hub name, expected hf:OWNER/NAME[/CONFIG][@REVISION][:SPLIT]")
    import datasets
    from huggingface_hub import constants

    if not constants.HF_HUB_OFFLINE:  # when set, its library says so itself
        reach(name, constants.ENDPOINT, _INSTEAD)
    try:
        yield from datasets.load_dataset(
            match["name"],
            match["config"],
            split=match["split"] or "train",
            revision=match["revision"],
            streaming=True,
        )
    except Exception as error:  # of many kinds: of the client, of the readers of each format
        raise UserError(f"{name}: cannot be had from the hub ({first_line(error)}); {_INSTEAD}") from error
