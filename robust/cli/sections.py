"""The list of commands in ``robust --help``, by what a user wants to do."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

SECTIONS = {
    "Begin": ("demo", "doctor", "list"),
    "Make questions in other words": ("build-qads", "build", "attack", "textattack", "validity", "review"),
    "Measure a reader": ("eval", "transfer", "checklist"),
    "See what came out": ("report", "compare", "why", "power", "leaderboard"),
    "Train a reader": ("corpus", "pretrain", "finetune", "convert"),
    "Study": ("study", "probe", "choice", "wsd-eval"),
}


class Commands(TyperGroup):
    """The command line's own group: it lists its commands in sections, not in one long column."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a section after another, the columns of all aligned."""
        widest = max(map(len, self.commands))
        for heading, names in SECTIONS.items():
            rows = [(f"{name:<{widest}}", self.commands[name].get_short_help_str(1000)) for name in names]
            with formatter.section(heading):
                formatter.write_dl(rows)
