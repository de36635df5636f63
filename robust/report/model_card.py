"""The counted part of a model card: what a reader is, was trained on, and how far it falls, as markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from robust.report.grid import Grid, escaped, markdown
from robust.report.html.story import Story
from robust.report.html.tables import changed_table, main_table, plain_table
from robust.runs import Run


def model_card(runs: Mapping[str, Run], stories: Sequence[Story]) -> str:
    """Return markdown: for each reader its provenance, its figures on every set, and what is doubtful.

    ``stories`` are what ``make_report`` says in words. Every figure is counted in the run or read in its
    manifest.
    """
    parts = []
    for model, run in runs.items():
        parts += [f"## {escaped(model)}\n", markdown(_made(model, run)), "### How far it falls\n"]
        for one in (s for s in stories if s.model == model):
            said = [one.sentence, *one.kept, *one.more, *(f"Caution: {warning}" for warning in one.warnings)]
            parts.append(f"**{escaped(one.set)}.** {escaped(' '.join(said))}\n")
        for name, summary in run.summary["sets"].items():
            paired = "original" in summary
            plain = changed_table if "changed" in summary else plain_table
            table = main_table(name, summary, None) if paired else plain(name, summary)
            rows: list[tuple[str, ...]] = []
            for block in table.blocks:
                rows.append((block.heading,))
                rows += [(line.label, *line.cells) for line in block.lines]
            parts.append(markdown(Grid(name, table.columns, tuple(rows))))
    return "\n".join([*parts, _LIMITS])


_LIMITS = """## What these figures do not say

Drops are of the questions that could be rewritten, in the articles that were asked; intervals are for
other articles of the same kind, not for other languages, domains or kinds of question. Substitutions are made
by a program: some change what is asked, and a reader is not wrong to answer those otherwise (compare the
control arms). The oracle threshold has seen the answers and is no result.
"""


def _made(model: str, run: Run) -> Grid:
    m = run.manifest
    about: Mapping[str, Any] = m.get("model") or {}
    several = about.get("seeds") or [about]
    settings: Mapping[str, Any] = several[0].get("settings") or {}
    training: Mapping[str, Any] = settings.get("training") or {}
    versions = m.get("versions") or {}
    rows = [
        ("weights, SHA-256", ", ".join(str(one.get("sha256") or "not noted") for one in several)),
        ("family", settings.get("family")),
        ("encoder", training.get("encoder")),
        ("trained on", training.get("data")),
        ("training questions", training.get("questions")),
        ("training steps", training.get("steps")),
        ("seeds", ", ".join(str(seed) for seed in _seeds(m))),
        ("window, stride", f"{settings.get('max_length')}, {settings.get('stride')}" if settings else None),
        ("threshold", (m.get("configuration") or {}).get("threshold")),
        ("evaluated by", m.get("command")),
        ("robust", f"{versions.get('robust')}, commit {m.get('git_commit') or 'unknown'}"),
    ]
    shown = tuple((name, str(value)) for name, value in rows if value not in (None, ""))
    return Grid(f"{model}: what it is", ("", "value"), shown)


def _seeds(manifest: Mapping[str, Any]) -> list[Any]:
    found = (manifest.get("seeds") or {}).get("model")
    return found if isinstance(found, list) else [] if found is None else [found]
