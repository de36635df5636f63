"""Data sets for the commands: found or fetched, with a progress bar on stderr while fetching."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from robust.cli.output import console

if TYPE_CHECKING:
    from robust.squad.download import Progress as OnProgress
    from robust.squad.records import Question


def resolve_data(name_or_path: str) -> Path:
    """Return the file that a path, catalogue name or hub name stands for, fetching it where need be."""
    from robust.squad.catalogue import resolve

    with _bar(name_or_path) as on_progress:
        return resolve(name_or_path, progress=on_progress)


def load_data(name_or_path: str) -> list[Question]:
    """Return the questions of a path, catalogue name or hub name, fetching the file where need be."""
    from robust.squad.io import read_questions

    return read_questions(resolve_data(name_or_path))


@contextmanager
def _bar(name: str) -> Iterator[OnProgress]:
    """Yield a callback that draws a bar from its first call on; no call, no bar."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=console)
    task = bar.add_task(f"fetching {name}", total=None)

    def on_progress(done: int, total: int | None) -> None:
        bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield on_progress
    finally:
        if bar.live.is_started:  # stopping a bar that never showed would print an empty line
            bar.stop()
