"""Where output goes: tables to stdout, everything else to stderr, and JSON alone when asked for."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.segment import Segment

from robust.inert import json_safe, visible
from robust.pace import SILENCE, counting_lines

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

# Tables in a file or a pipe: wide enough that names and paths stay whole, for grep and for people.
_WIDTH_OFF_SCREEN = 160


def _width() -> int | None:
    """Return None, which is the terminal's own width, or ours where there is no terminal to ask."""
    return None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH_OFF_SCREEN


@dataclass(frozen=True, slots=True)
class _Inert:
    """Anything to be shown, without what its text would do to a terminal; styles and bars stay."""

    shown: ConsoleRenderable

    def __rich_console__(self, screen: Console, options: ConsoleOptions) -> RenderResult:
        for part in screen.render(self.shown, options):
            yield part if part.control else Segment(visible(part.text), part.style)


class _InertHook(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Inert(one) for one in renderables]


def _screen(screen: Console) -> Console:
    """Return the console, made to show names and questions of unknown origin as text and nothing else."""
    screen.push_render_hook(_InertHook())
    return screen


console = _screen(Console(stderr=True))
out = _screen(Console(width=_width()))


def emit_text(text: str) -> None:
    """Write text (markdown, CSV, LaTeX) to stdout as it is, but for what would steer a terminal."""
    sys.stdout.write(visible(text))


def emit_json(value: dict[str, Any]) -> None:
    """Write exactly one JSON object to stdout; as ASCII where stdout takes nothing else."""
    ascii_only = (sys.stdout.encoding or "utf-8").lower().replace("-", "") != "utf8"
    text = json.dumps(value, ensure_ascii=ascii_only, allow_nan=False)  # whole first: half an object is none
    sys.stdout.write(json_safe(text) + "\n")


@contextmanager
def counting_bar(what: str, total: int | None = None) -> Iterator[Callable[[int, int], None]]:
    """Yield what shows, on stderr, how many of how many are done: in a bar, or a line a minute off screen."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield counted(bar, bar.add_task(what, total=total), what)


def counted(
    bar: Progress, task: TaskID, what: str, *, silence: float = SILENCE
) -> Callable[[int, int], None]:
    """Return what counts on in a task of a bar; off screen it says a line each ``silence`` seconds."""

    def say(line: str) -> None:
        console.print(line, highlight=False, markup=False, soft_wrap=True)

    lines = counting_lines(what, say, silence)

    def count(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)
        if not console.is_terminal:
            lines(done, total)

    return count


@contextmanager
def uncollected() -> Iterator[None]:
    """Put off Python's search for cycles: among millions of questions and edits, of which none is in one."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
