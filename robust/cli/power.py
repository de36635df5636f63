"""``robust power``: how many questions a drop needs to be seen, and what so many questions can show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robust.errors import UserError

if TYPE_CHECKING:
    from robust.stats.plan import Study


def power(
    *,
    drop: Annotated[
        float | None, typer.Option("--drop", min=0.01, max=100, help="A drop to be seen, in points.")
    ] = None,
    questions: Annotated[
        int | None,
        typer.Option("--questions", "-n", min=1, help="So many questions. [default: those of --run]"),
    ] = None,
    discordance: Annotated[
        float | None,
        typer.Option(
            "--discordance",
            min=0.0001,
            max=1.0,
            help="Share of questions that turn, right to wrong or back (0.05 to 0.25 is usual).",
        ),
    ] = None,
    articles: Annotated[
        int | None, typer.Option("--articles", min=2, help="So many articles they come from.")
    ] = None,
    design_effect: Annotated[
        float | None,
        typer.Option(
            "--design-effect",
            min=0.1,
            help="How many times the variance grows as questions share articles. [default: of --run, or 1]",
        ),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option("--run", help="Take discordance, articles and how far they differ from a run folder."),
    ] = None,
    set_name: Annotated[
        str | None, typer.Option("--set", "-s", help="Which set, of a run of several.")
    ] = None,
    chance: Annotated[
        float, typer.Option("--power", min=0.06, max=0.999, help="The chance with which it shall be seen.")
    ] = 0.8,
    alpha: Annotated[
        float, typer.Option("--alpha", min=1e-6, max=0.5, help="The level of the two-sided test.")
    ] = 0.05,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Say how many questions show a drop of exact match, or the least drop that so many questions show.

    Before a run: with --drop, --questions or both, and --discordance. After one: with --run.
    """
    if run is None and set_name is not None:
        raise UserError("--set: names a set of a run; give --run RUN with it")
    if run is None and discordance is None:
        raise UserError(
            "expected --discordance, the share of questions that turn (such as 0.19), or --run RUN "
            "to take it from one"
        )
    if run is None and drop is None and questions is None:
        raise UserError("expected --drop POINTS, --questions N, or both; see: robust power --help")
    if chance <= alpha:
        raise UserError(
            f"--power {chance:g}: a test at --alpha {alpha:g} finds as often what is not there; expected "
            "more than that"
        )
    from robust.cli.output import emit_json
    from robust.stats.plan import Study, plan

    found: dict[str, Any] = {} if run is None else _of_run(run, set_name)
    questions = questions or found.get("questions")
    study = Study(
        discordance=found["discordance"] if discordance is None else discordance,
        articles=articles or found.get("articles"),
        effect=design_effect if found else design_effect or 1.0,
        correlation=found.get("correlation", 0.0),
        inequality=found.get("inequality", 1.0),
    )
    if study.discordance == 0:
        raise UserError(f"{run}: none of its questions turns, which foretells nothing; give --discordance")
    if drop is not None and drop / 100 > study.discordance:
        raise UserError(
            f"--drop {drop:g}: expected at most {100 * study.discordance:g}, the share of questions that "
            "turn in percent; raise --discordance or lower --drop"
        )
    report = {
        "run": None if run is None else str(run),
        "set": found.get("set"),
        "drop": drop,
        "questions": questions,
        "discordance": study.discordance,
        "articles": study.articles,
        "design_effect": study.effect if questions is None else study.effect_at(questions),
        "intraclass": None if study.effect is not None else study.correlation,
        "power": chance,
        "alpha": alpha,
        **plan(study, drop, questions, power=chance, alpha=alpha),
    }
    if json:
        emit_json(report)
    else:
        _print(report, study)


def _of_run(path: Path, set_name: str | None) -> dict[str, Any]:
    """Return what a run says of comparisons like it; raises UserError where it has no such paired set."""
    import numpy as np

    from robust.evaluation.changed import changed_sets
    from robust.evaluation.compare import NEEDED
    from robust.evaluation.paired import drop_by_question
    from robust.evaluation.scores import PERTURBED
    from robust.runs import read_scores
    from robust.stats.power import design_effect, intraclass, typical_size

    scores = read_scores(path, NEEDED - {"key"})
    # where something else is asked than before, there is no drop
    changed = changed_sets(scores)
    if set_name in changed:
        raise UserError(
            f"{path}: {set_name} asks for something else than its clean questions, so it has no drop; name a "
            "set whose answers stay the same"
        )
    built = [str(name) for name in scores.loc[scores["condition"] == PERTURBED, "set"].unique()]
    paired = [name for name in built if name not in changed]
    if changed and not paired:
        raise UserError(
            f"{path}: {', '.join(changed)} asks for something else than its clean questions, so there is no "
            "drop; give the run of a set whose answers stay the same: robust eval --set qads"
        )
    if not paired:
        raise UserError(f"{path}: no built set in this run, so nothing is paired; run robust eval --set qads")
    if set_name is None and len(paired) > 1:
        raise UserError(f"{path}: several sets ({', '.join(paired)}); name one of them: --set {paired[0]}")
    name = set_name or paired[0]
    if name not in paired:
        raise UserError(f"{path}: no built set {name!r} in this run; expected --set {' or '.join(paired)}")
    drops = drop_by_question(scores[scores["set"] == name])
    values = drops["em"].to_numpy(dtype=np.float64)
    clusters = drops["article"].tolist()
    number, articles = len(values), len(set(clusters))
    if articles < 2:
        raise UserError(f"{path}: set {name} has one article, and two at least tell how articles differ")
    size = typical_size(clusters)
    return {
        "set": name,
        "questions": number,
        "articles": articles,
        # a question with several variants or seeds turns in part: it counts by its square, as variances do
        "discordance": float(np.mean(values**2)),
        "correlation": intraclass(design_effect(values, clusters), size),
        "inequality": size * articles / number,
    }


def _print(report: dict[str, Any], study: Study) -> None:
    from rich.markup import escape
    from rich.table import Table

    from robust.cli.output import out

    clustered = study.effect != 1 or study.articles is not None
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("", no_wrap=True)
    for heading in ("as if independent", *(["clustered by article"] if clustered else [])):
        table.add_column(heading, justify="right", no_wrap=True)

    def row(label: str, cells: dict[str, Any], show: Callable[[Any], str]) -> None:
        shown = ["none" if value is None else show(value) for value in cells.values()]
        table.add_row(label, *(shown if clustered else shown[:1]))

    drop, questions = report["drop"], report["questions"]
    if needed := report["needed"]:
        row(f"questions that show a drop of {drop:g} points", needed, "{:,}".format)
    if least := report["detectable"]:
        row(f"least drop that {questions:,} questions show, points", least, "{:.1f}".format)
    if chances := report["chance"]:
        row(f"chance that {questions:,} show a drop of {drop:g} points", chances, _percent)
    if report["run"]:
        out.print(escape(f"{report['run']}, set {report['set']}"), highlight=False)
    out.print(
        f"{100 * report['discordance']:.1f} % of questions turn, one way or the other. To show a drop is to "
        f"find it with chance\n{100 * report['power']:g} % by a two-sided test at the "
        f"{100 * report['alpha']:g} % level.",
        highlight=False,
    )
    out.print(table, highlight=False)
    for line in _notes(report, study, clustered):
        out.print(escape(line), highlight=False)


def _percent(share: float) -> str:
    """Return a share in percent; what is all but certain is not called certain."""
    return "> 99 %" if share > 0.99 else "< 1 %" if share < 0.01 else f"{100 * share:.0f} %"


def _notes(report: dict[str, Any], study: Study, clustered: bool) -> list[str]:
    if not clustered:
        return [
            "Questions of one article resemble one another: give --articles and --design-effect (1.4 to 3.9 "
            "on SQuAD 2.0), or --run RUN."
        ]
    said = []
    if report["design_effect"] is not None:
        said.append(f"design effect {report['design_effect']:.2f}")
    if report["intraclass"] is not None:
        said.append(f"two questions of an article correlate by {report['intraclass']:.4f}")
    if study.articles:
        said.append(f"{study.articles} articles, so t with {study.articles - 1} degrees of freedom")
    notes = [f"Clustered: {'; '.join(said)}."]
    if report["articles_needed"]:
        notes.append(
            f"No number of questions from {study.articles} articles shows it: it takes at least "
            f"{report['articles_needed']:,} articles."
        )
    return notes
