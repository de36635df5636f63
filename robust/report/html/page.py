"""The report: runs in, one page of HTML out, with its plots beside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import TYPE_CHECKING, Any

from robust import __version__
from robust.breakdown.breakdown import breakdowns
from robust.errors import UserError
from robust.evaluation.compare import Comparison, compare
from robust.report.comparison import comparison_grids
from robust.report.html.breakdowns import Section, sections, table_of_grid
from robust.report.html.drawing import Drawing
from robust.report.html.open import MOST, too_large
from robust.report.html.plots import Plot, overview_plots, set_plots
from robust.report.html.questions import Shown, viewer_data
from robust.report.html.story import Story, change, story
from robust.report.html.tables import (
    Block,
    Line,
    Table,
    changed_table,
    control_table,
    interval,
    main_table,
    number,
    plain_table,
    wrong_spans,
)
from robust.report.html.terms import TERMS
from robust.report.side_by_side import who_falls_further
from robust.report.table import EXPECTED
from robust.review.form import csp_hash, json_block
from robust.runs import Run, is_kept

if TYPE_CHECKING:
    import pandas as pd

# of more readers than this there are too many pairs to say who falls further; the tables have them
_SAID = 3
_RULES = {
    "own": "the reader’s own",
    "cross-fit": "cross-fitted on clean questions of other articles",
    "fixed": "given",
}


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its page, its plots, and what it says in words."""

    html: str
    drawings: tuple[Drawing, ...]
    stories: tuple[Story, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Set:
    """What the page shows of one set."""

    anchor: str
    name: str
    about: str
    tables: tuple[Table, ...]
    controls: tuple[Table, ...]
    plots: tuple[Plot, ...]
    breakdowns: tuple[Section, ...]


def make_report(
    runs: Mapping[str, Run],
    sets: Mapping[str, Shown],
    *,
    title: str = "",
    command: str = "",
    notes: Sequence[str] = (),
) -> Report:
    """Return the report on ``runs``, by the name that each goes by on the page.

    ``sets`` are those whose files were found, by the name that the runs have for them; of others the page
    has figures and answers, but no texts. ``command`` is what made the report, ``notes`` are said on it.
    """
    rows = {model: run.by_set() for model, run in runs.items()}
    names = _in_order(runs)
    paired = [n for n in names if any(_is_paired(run, n) for run in runs.values())]
    told = [
        story(model, name, run.summary["sets"][name], rows[model][name], _changed(sets.get(name), run, name))
        for name in paired
        for model, run in runs.items()
        if _is_paired(run, name)
    ]
    broken = breakdowns(runs, {name: shown.path for name, shown in sets.items()})
    shown_sets = [_set(i, name, runs, rows, broken, sets.get(name)) for i, name in enumerate(names)]
    found, said = _comparison(runs, paired)
    every = [*notes, *said]
    large = [
        name for name in paired if any(too_large(r.summary["sets"].get(name, {})) for r in runs.values())
    ]
    if large:
        every.append(
            f"{_listed(large)}: more than {MOST:,} questions, too many to be shown one by one, so there are "
            "figures alone; robust eval --limit makes a run of a sample."
        )
    whole = {model: run for model, run in runs.items() if not is_kept(run.manifest)}
    if len(whole) < len(runs):
        kept = [model for model in runs if model not in whole]
        every.append(
            f"{_listed(kept)}: a kept copy of a run, without the texts of answers, so there are figures "
            "alone; the report on the whole run shows its questions one by one."
        )
    listed = [n for n in paired if n not in large and any(_is_paired(run, n) for run in whole.values())]
    missing = [name for name in listed if name not in sets]
    if missing:
        every.append(
            f"The files of {', '.join(missing)} were not found, so their questions are shown by id alone; "
            "robust report --set FOLDER says where a set is."
        )
    glance = overview_plots(runs, paired)
    viewer = None
    if listed:
        data = viewer_data(
            {
                model: run.scores[~run.scores["set"].isin(large)] if large else run.scores
                for model, run in whole.items()
            },
            sets,
            listed,
        )
        viewer = {"data": json_block(data), "about": _about_viewer(whole)}
    page = _render(
        title=title or f"{_listed(list(runs))} when questions are {_done(runs, paired)}",
        about=_about(runs, names),
        stories=[(name, [one for one in told if one.set == name]) for name in paired],
        notes=every,
        overview=_overview(runs, paired) if len(told) > 1 else None,
        overview_plots=glance,
        further={one: who_falls_further(found, one, "−") for one in paired}
        if found and len(runs) <= _SAID
        else {},
        comparison=_tables_of(found) if found else None,
        sets=shown_sets,
        viewer=viewer,
        contents=_contents(shown_sets, found is not None, bool(listed), len(told) > 1),
        commands=_commands(runs, {name: sets[name] for name in names if name in sets}, command),
        made=[_made(model, run, names) for model, run in runs.items()],
        terms=TERMS,
        made_by=f"Made by robust {__version__} from run folders alone. This page needs no network.",
    )
    drawings = [plot.drawing for plot in glance] + [p.drawing for one in shown_sets for p in one.plots]
    return Report(page, tuple(drawings), tuple(told), tuple(every))


def _render(**values: Any) -> str:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    files = resources.files("robust.report.html")
    template, style, script = (
        (files / name).read_text(encoding="utf-8") for name in ("report.html.j2", "style.css", "viewer.js")
    )
    environment = Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    if values["viewer"]:
        values["viewer"] = values["viewer"] | {"data": Markup(values["viewer"]["data"])}
    return (
        environment.from_string(template)
        .render(
            **values,
            style=Markup(style),
            script=Markup(script),
            style_hash=csp_hash(style),
            script_hash=csp_hash(script),
        )
        .lstrip()
    )


def _set(  # noqa: PLR0917 (they are named alike where it is called)
    place: int,
    name: str,
    runs: Mapping[str, Run],
    rows: Mapping[str, Mapping[str, pd.DataFrame]],
    broken: Mapping[str, pd.DataFrame],
    shown: Shown | None,
) -> _Set:
    tables, controls = [], []
    having = {model: run for model, run in runs.items() if name in run.summary["sets"]}
    for model, run in having.items():
        summary = run.summary["sets"][name]
        if "changed" in summary:
            tables.append(changed_table(_headed(model, summary), summary))
            continue
        if "original" not in summary:
            tables.append(plain_table(_headed(model, summary), summary))
            continue
        tables.append(main_table(_headed(model, summary), summary, wrong_spans(rows[model][name])))
        if summary.get("controls", {}).get("arms"):
            controls.append(control_table(model, summary["controls"]))
    of_set = {model: frame[frame["set"] == name] for model, frame in broken.items() if model in having}
    first = next(iter(having.values()))
    return _Set(
        f"set-{place}",
        name,
        _about_set(name, first, shown),
        tuple(tables),
        tuple(controls),
        set_plots(
            f"set-{place}",
            name,
            {m: run.summary["sets"][name] for m, run in having.items()},
            {m: rows[m][name] for m in having},
            of_set,
        ),
        sections(of_set),
    )


def _in_order(runs: Mapping[str, Run]) -> list[str]:
    """Return the sets as a reader wants them: plain data first, then as they were given to robust eval.

    The score rows stand in that order; a summary has its sets by name.
    """
    given = dict.fromkeys(str(name) for run in runs.values() for name in run.scores["set"].unique())
    had = dict.fromkeys(name for run in runs.values() for name in run.summary["sets"])
    plain = {
        name
        for name in had
        if not any(
            {"original", "changed"} & run.summary["sets"].get(name, {}).keys() for run in runs.values()
        )
    }
    return sorted((name for name in {**given, **had} if name in had), key=lambda name: name not in plain)


def _is_paired(run: Run, name: str) -> bool:
    return "original" in run.summary["sets"].get(name, {})


def _changed(shown: Shown | None, run: Run, name: str) -> str:
    return change(shown, (run.manifest.get("sets", {}).get(name) or {}).get("attack"))


def _done(runs: Mapping[str, Run], names: Sequence[str]) -> str:
    """Return what was done to the questions, for the title: of a set that no attack of ours made, no more."""
    sources = [run.manifest.get("sets", {}).get(name) or {} for run in runs.values() for name in names]
    return "put in other words" if names and all(s.get("attack") for s in sources if s) else "changed"


def _about(runs: Mapping[str, Run], names: Sequence[str]) -> str:
    readers = "1 reader" if len(runs) == 1 else f"{len(runs)} readers"
    asked = f"{readers} on {_listed(list(names))}"
    return f"{asked}: the same questions before and after, what the change cost, and how sure that is."


def _about_set(name: str, run: Run, shown: Shown | None) -> str:
    summary = run.summary["sets"][name]
    if "changed" in summary:
        return (
            f"{summary['questions']:,} questions in {summary['articles']:,} articles, which ask for "
            f"something else than they did. Right is {EXPECTED[summary['expected']]}; there is no drop. Of "
            "the questions that a reader got right when they were clean:"
        )
    if "original" not in summary:
        return f"{summary['total']:,} questions, as they are: a plain data file, nothing rewritten."
    about = f"{summary['questions']:,} questions in {summary['articles']:,} articles"
    if summary["variants"] != summary["questions"]:
        about += f", {summary['variants']:,} variants"
    if (coverage := summary.get("coverage")) is not None:
        share = f"{100 * coverage:.1f} % of"
        if summary["questions"] < coverage * summary["asked"] - 1:  # robust eval --limit; coverage is rounded
            about += f", a sample of those that could be rewritten: {share} {summary['asked']:,} (coverage)"
        else:
            about += f"; {share} the {summary['asked']:,} asked could be rewritten (coverage)"
    source = (run.manifest.get("sets") or {}).get(name) or {}
    if attack := source.get("attack"):
        about += f". Attack {attack}, seed {source.get('seed')}"
    return f"{about}."


def _headed(model: str, summary: Mapping[str, Any]) -> str:
    """Return what heads a reader's table: its name, and the rule that its threshold comes from."""
    rule = (summary.get("threshold") or {}).get("kind")
    return f"{model}; threshold: {_RULES.get(rule, rule)}" if rule else model


def _overview(runs: Mapping[str, Run], names: Sequence[str]) -> Table:
    columns = (
        "reader",
        "questions",
        "clean EM",
        "EM drop",
        "95 % by article",
        "best span, clean",
        "best span drop",
        "95 % by article",
    )
    blocks = []
    for name in names:
        lines = []
        for model, run in runs.items():
            if not _is_paired(run, name):
                continue
            s = run.summary["sets"][name]
            cells = [f"{s['questions']:,}"]
            for key in ("exact", "HasAns_span_exact"):
                cells += [
                    number(s["original"].get(key)),
                    number(s["drop"].get(key), "+.1f"),
                    interval(s["drop_interval"].get(key)),
                ]
            lines.append(Line(model, "", tuple(cells)))
        blocks.append(Block(name, tuple(lines)))
    return Table(
        "Exact match over all questions, and of best spans over answerable ones", columns, tuple(blocks)
    )


def _comparison(runs: Mapping[str, Run], names: Sequence[str]) -> tuple[Comparison | None, list[str]]:
    """Return the readers compared, set by set as the page has them; or, where they do not fit, why not."""
    shared = [n for n in names if sum(_is_paired(run, n) for run in runs.values()) > 1]
    if len(runs) < 2 or not shared:
        return None, []
    try:
        found = compare(list(runs.values()), sets=shared, controls=False, names=list(runs))
    except UserError as error:
        return None, [f"The readers are not compared: {error}"]
    place = found.rows["set"].map({name: i for i, name in enumerate(shared)})
    return replace(found, rows=found.rows.loc[place.sort_values(kind="stable").index]), []


def _tables_of(found: Comparison) -> dict[str, Any]:
    return {"tables": [table_of_grid(grid) for grid in comparison_grids(found)], "notes": found.notes}


def _about_viewer(runs: Mapping[str, Run]) -> str:
    about = (
        "Every changed question with what was answered before and after. Choose one to see its edits, gold "
        "answers and paragraph. Control arms are left out."
    )
    if any(run.scores["seed"].nunique() > 1 for run in runs.values()):
        about += " Of several seeds, the first is shown."
    return about


def _contents(sets: Sequence[_Set], compared: bool, viewer: bool, several: bool) -> list[tuple[str, str]]:
    return [
        ("short", "In short"),
        *([("glance", "At a glance")] if several else []),
        *([("compare", "Readers compared")] if compared else []),
        *((one.anchor, one.name) for one in sets),
        *([("questions", "Questions")] if viewer else []),
        ("made", "How this was made"),
        ("terms", "What the words mean"),
    ]


def _commands(runs: Mapping[str, Run], sets: Mapping[str, Shown], command: str) -> list[str]:
    built = [str(shown.manifest.get("command") or "") for shown in sets.values()]
    made = [str(run.manifest.get("command") or "") for run in runs.values()]
    return [line for line in dict.fromkeys([*built, *made, command]) if line]


def _made(model: str, run: Run, names: Sequence[str]) -> dict[str, Any]:
    m = run.manifest
    about = m.get("model") or {}
    lines = [
        (
            "model SHA-256",
            about.get("sha256") or ", ".join(str(s.get("sha256")) for s in about.get("seeds", [])),
        ),
        ("device", m.get("device")),
        ("git commit", m.get("git_commit")),
        ("seeds", json.dumps((m.get("seeds") or {}).get("model"))),
        ("versions", ", ".join(f"{name} {version}" for name, version in (m.get("versions") or {}).items())),
    ]
    of_set = m.get("sets") or {}
    for name in dict.fromkeys([*(name for name in names if name in of_set), *of_set]):
        for file, digest in ((of_set[name] or {}).get("sha256") or {}).items():
            lines.append((f"{name}, {file}", f"SHA-256 {digest}"))
    cells = tuple(Line(label, "", (str(value or "not noted"),)) for label, value in lines)
    return {
        "heading": model,
        "table": Table(f"Run of {model}", ("what", "value"), (Block("", cells),), words=True),
        "manifest": json.dumps(m, indent=1, ensure_ascii=False, sort_keys=True),
    }


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
