"""The ``robust`` command: registers the commands, and turns a user's mistake into one line and exit 2."""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer

from robust.cli.option_values import Command
from robust.cli.sections import Commands
from robust.errors import UserError
from robust.files import REFUSALS, refusal
from robust.inert import visible

# command -> (module, function, or typer application of sub-commands); the modules import nothing heavy at
# their top.
COMMANDS = {
    "demo": ("demo", "demo"),
    "build-qads": ("build_qads", "build_qads"),
    "build": ("build", "build"),
    "corpus": ("corpus", "app"),
    "attack": ("attack", "attack"),
    "transfer": ("transfer", "transfer"),
    "pretrain": ("pretrain", "pretrain"),
    "finetune": ("finetune", "finetune"),
    "convert": ("convert", "convert"),
    "eval": ("evaluate", "evaluate"),
    "checklist": ("checklist", "checklist"),
    "choice": ("choice", "app"),
    "power": ("power", "power"),
    "compare": ("compare", "compare"),
    "why": ("why", "why"),
    "study": ("study", "study"),
    "leaderboard": ("leaderboard", "leaderboard"),
    "probe": ("probe", "probe"),
    "wsd-eval": ("wsd_eval", "wsd_eval"),
    "validity": ("validity", "validity"),
    "report": ("report", "report"),
    "review": ("review", "app"),
    "doctor": ("doctor", "doctor"),
    "textattack": ("textattack", "textattack"),
    "list": ("list_", "list_things"),
}

# command -> lines to try, shown under its help; every one runs as it stands where its files are.
EXAMPLES = {
    "demo": ("robust demo",),
    "build-qads": (
        "robust build-qads --data squad2:dev --out qads",
        "robust build-qads --data my-questions.json --preset paper --limit 500 --out try",
        "robust build-qads --data squad2:dev --explain 56ddde6b9a695914005b9628",
    ),
    "build": (
        "robust build qads.v1 --data squad2:dev --setting edits=2 --out two-words",
        "robust build random-sense.v1 --data squad2:dev --out chance",
    ),
    "corpus": (
        "robust corpus tokenizer text.txt.xz --kind wordpiece --size 8192 --out my-tokenizer",
        "robust corpus pack text.txt.xz --tokenizer my-tokenizer --length 256 --out my-corpus",
        "robust corpus overlap text.txt.xz --with squad2:dev",
    ),
    "pretrain": (
        "robust pretrain electra-small --corpus my-text --tokens 500M --name my-electra",
        "robust pretrain bert-mini --corpus my-text --objective replaced-token --budget 2h --name pair",
    ),
    "finetune": (
        "robust finetune minilm --data squad2:train --out my-reader",
        "robust finetune electra-small --data squad2:train --budget 20m --out quick",
    ),
    "eval": (
        "robust eval --model electra-mini-squad2 --set qads",
        "robust eval --predictions answers.json --set qads --json",
        "robust eval --endpoint http://localhost:8000/answer --set qads --limit 500",
        "robust eval --reader my_model:answer --set qads",
    ),
    "attack": (
        "robust attack -m electra-mini-squad2 --attack qads.v1 --data squad2:dev --limit 500 --out attacked",
        "robust attack --model bert --attack qads.v1 --data squad2:dev --strategy beam --out beam",
    ),
    "transfer": ("robust transfer attacked-bert attacked-electra --model bert --model electra",),
    "checklist": (
        "robust checklist --model electra-mini-squad2",
        "robust checklist --model electra-mini-squad2 --capability negation --cases 50",
        "robust checklist --list",
        "robust checklist --export questions.json",
    ),
    "choice": (
        "robust choice negate warrants-demo --out negated",
        "robust choice eval negated --scorer cue",
        "robust choice eval negated --scorer fluency --masked-lm bert-base --out by-fluency",
        "robust choice eval negated --predictions choices.tsv",
        "robust choice cues warrants-demo",
    ),
    "power": (
        "robust power --drop 3 --discordance 0.19 --articles 35 --design-effect 2",
        "robust power --questions 3000 --discordance 0.1",
        "robust power --run my-run --drop 2",
    ),
    "compare": (
        "robust compare runs/bert runs/electra",
        "robust compare runs/bert runs/electra --set qads --figure exact --format markdown",
    ),
    "why": ("robust why runs/mine",),
    "study": (
        "robust study docs/study.toml --out study",
        "robust study docs/study.toml --out study --plan",
    ),
    "leaderboard": (
        "robust leaderboard board --add runs/bert --add runs/electra",
        "robust leaderboard board",
    ),
    "probe": (
        "robust probe bert-base",
        "robust probe my-electra/generator --task topic --shots 1 --calibrate",
    ),
    "convert": ("robust convert pickled-reader --out reader",),
    "validity": (
        "robust validity qads.v1 --swords swords-v1.1_dev.json.gz",
        "robust validity qads.v1 --data squad2:dev --judged docs/judged/safe.jsonl",
    ),
    "wsd-eval": ("robust wsd-eval --sense lesk senseval2.data.xml senseval2.gold.key.txt",),
    "review": (
        "robust review export qads --limit 100 --out review",
        "robust review import qads ratings.csv --out qads-accepted",
        "robust review draw qads.v1 --data squad2:dev --out to-judge",
        "robust review collect to-judge --rater-kind person --out judged",
        "robust review card qads-accepted",
    ),
    "report": ("robust report RUN --out report.html",),
    "textattack": (
        "robust textattack deepwordbug --model minilm-squad2 --data squad2:dev --limit 100 --out bugs",
    ),
    "doctor": ("robust doctor",),
    "list": ("robust list", "robust list models --json"),
}

# Commands that save what they have when they are stopped, by a scheduler or `timeout` too (SIGTERM). Others
# would hand the handler on to the processes that they fork.
_SAVING = {"pretrain"}
_TERMINATED = "SIGTERM"
_PACKAGE = Path(__file__).parents[1]
# The base of everything that typer says of wrong options; it lives in click or in typer, by version.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]


def _version(show: bool) -> None:
    if show:
        from robust import __version__

        typer.echo(f"robust {__version__}")
        raise typer.Exit


def create_app() -> typer.Typer:
    """Return the typer application with every command registered."""
    app = typer.Typer(
        name="robust",
        cls=Commands,
        help="How far does a reading-comprehension model fall when the question is asked in other words?",
        epilog="New here? robust demo shows it at work, robust doctor says what this machine has.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # plain help: half as long, it wraps anywhere, and "[default: x]" stays
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )

    @app.callback()
    def root(
        version: Annotated[
            bool,
            typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True),
        ] = False,
    ) -> None:
        """How far does a reading-comprehension model fall when the question is asked in other words?"""

    for command, (module, name) in COMMANDS.items():
        found = getattr(import_module(f"robust.cli.{module}"), name)
        if isinstance(found, typer.Typer):
            _add_group(app, command, found)
        else:
            run = _terminable(found) if command in _SAVING else found
            register = app.command(command, cls=Command, short_help=_summary(found), epilog=_epilog(command))
            register(_interruptible(run))
    return app


def _add_group(app: typer.Typer, command: str, group: typer.Typer) -> None:
    """Register a command that has sub-commands, told of in help as the others are."""
    group.rich_markup_mode = None
    for sub in group.registered_commands:
        if sub.callback is not None:
            sub.cls = Command
            sub.short_help = _summary(sub.callback)
            sub.epilog = _epilog(command, sub.name or sub.callback.__name__)
            sub.callback = _interruptible(sub.callback)
    about = str(group.info.help)
    app.add_typer(
        group, name=command, help=about, short_help=about, epilog=_epilog(command), no_args_is_help=True
    )


def _summary(command: Callable[..., None]) -> str:
    """Return the docstring's first sentence whole: cut off with dots, half of them would say nothing."""
    return " ".join((command.__doc__ or "").partition("\n\n")[0].split())


def _epilog(*words: str) -> str:
    r"""Return a command's examples as they shall stand under its help (``\b``: not re-wrapped)."""
    begin = " ".join(["robust", *words])
    lines = [line for line in EXAMPLES.get(words[0], ()) if f"{line} ".startswith(f"{begin} ")]
    heading = ["\b", "Example:" if len(lines) == 1 else "Examples:"] if lines else []
    return "\n".join([*heading, *(f"  {line}" for line in lines)])


def _interruptible(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command, saying on Ctrl-C that it can go on: typer alone would exit without a word."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except KeyboardInterrupt as stop:
            print("robust: interrupted; run the same command again to continue", file=sys.stderr)
            raise typer.Exit(143 if stop.args == (_TERMINATED,) else 130) from None

    return wrapped


def _terminable(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command, to which SIGTERM is what Ctrl-C is."""

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt(_TERMINATED)

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        before = signal.signal(signal.SIGTERM, stop)
        try:
            command(*args, **kwargs)
        finally:
            signal.signal(signal.SIGTERM, before)

    return wrapped


def main() -> None:
    """Run the command line; exit 2 on a user's mistake, 130 on Ctrl-C, 143 on SIGTERM."""
    _prepare_streams()
    # torch's threads that wait for one another else turn in a loop meanwhile: on cores that others use, too,
    # a demo takes twice as long (218 s and 117 s; alone 62 and 63); read when torch is loaded
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        _check_encoding(sys.argv[1:])
        code = create_app()(prog_name="robust", standalone_mode=False)
    except UserError as error:
        _refuse(str(error))
    except UsageError as error:
        _refuse(_usage(error))
    except KeyboardInterrupt:  # before a command has begun, or after it is done
        print("robust: interrupted", file=sys.stderr)
        code = 130
    except ModuleNotFoundError as error:
        if (error.name or "robust").partition(".")[0] in {"robust", "attacks"}:
            raise
        _refuse(f"the Python package {error.name} is not installed; robust doctor says how to mend it")
    except Exception as error:
        refused = refusal(error)
        if isinstance(error, RuntimeError) and "home directory" in str(error):  # of Path.expanduser
            _refuse("no such home folder (~); write the whole path")
        if isinstance(error, FileNotFoundError) and str(error.filename).startswith(str(_PACKAGE)):
            _refuse(f"{error.filename}: missing from the installation; robust doctor says how to mend it")
        if refused is None or refused.errno not in REFUSALS:  # a bug
            raise
        place = f"{refused.filename}: " if refused.filename else ""
        _refuse(f"{place}{refused.strerror}; {REFUSALS[refused.errno]}")
    sys.exit(code if isinstance(code, int) else 0)


def _prepare_streams() -> None:
    """Let whatever is printed be printed: where output is ASCII or Latin-1, where it is closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 (to the end)
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _check_encoding(words: list[str]) -> None:
    """Raise UserError for a name that is not UTF-8: JSON and parquet could not note it down."""
    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError:
            raise UserError(
                f"{word!a}: not UTF-8; rename the file, or, where the name is fine, set a locale that "
                "knows it: export LC_ALL=C.UTF-8"
            ) from None


def _usage(error: Exception) -> str:
    """Return what was wrong with the options in one line, and where the right ones are told."""
    said = str(getattr(error, "format_message")())  # noqa: B009 (of a class that moves between packages)
    if said.lstrip().startswith("Usage:"):  # nothing was asked: the help is the answer
        print(visible(said), file=sys.stderr)
        sys.exit(2)
    context = getattr(error, "ctx", None)
    given = next((word for word in sys.argv[1:] if word in COMMANDS), None)
    path = context.command_path if context else f"robust {given}" if given else "robust"
    for technical, plain in (
        ("Value error, ", ""),
        ("Input should be", "should be"),
        (". Did you mean", "; did you mean"),
    ):
        said = said.replace(technical, plain)
    return f"{said[:1].lower()}{said[1:].rstrip('.?')}; see: {path} --help"


def _refuse(message: str) -> None:
    """Print the line and exit 2."""
    print(f"robust: {visible(' '.join(message.split()))}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
