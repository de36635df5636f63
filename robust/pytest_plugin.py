"""The gate in pytest: thresholds as test items, the ``robust`` marker, two fixtures; docs/gate.md tells how.

Nothing of ours is imported, and nothing is printed, until a test asks for it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from robust.gate.check import Examples, Outcome
    from robust.gate.evaluation import Asked
    from robust.gate.evidence import Evidence
    from robust.gate.thresholds import Settings, Threshold

OPTIONS = ("--robust", "--robust-update-baseline", "--robust-limit", "--robust-undecided")
_MARKER = (
    "robust(model=..., set=..., max_drop=..., figure=..., min_clean=...): evaluate a reader before the test, "
    "which fails where the reader's drop exceeds its budget; the fixture robust_result has the figures"
)
_SETTINGS = pytest.StashKey["Settings"]()
_OUTCOME = pytest.StashKey["Outcome"]()
_ASKED = pytest.StashKey["Asked"]()
_SESSION = pytest.StashKey[str]()
_SHOWN: pytest.StashKey[Examples] = pytest.StashKey()


class _VerdictError(Exception):
    """A threshold that did not pass; its message is all there is to show."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options."""
    group = parser.getgroup("robust", "robustness of reading-comprehension models")
    group.addoption(
        "--robust", action="store_true", help="test the thresholds in pyproject.toml or robust.toml, too"
    )
    group.addoption(
        "--robust-update-baseline",
        action="store_true",
        help="write the baseline that max_increase compares with, instead of comparing (turns on --robust)",
    )
    group.addoption(
        "--robust-limit",
        type=int,
        metavar="N",
        help="at most N questions of each set, stratified, for quick runs",
    )
    group.addoption(
        "--robust-undecided",
        choices=("fail", "pass", "skip"),
        help="what becomes of a drop whose interval holds its budget (default: fail, or what the file says)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; with --robust, add the file with the thresholds to what is collected."""
    config.addinivalue_line("markers", _MARKER)
    limit = config.getoption("robust_limit")
    if limit is not None and limit < 1:
        raise pytest.UsageError(f"--robust-limit {limit}: expected 1 or more questions")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Results(config), "robust-results")
    if not _wanted(config):
        return
    from robust.errors import UserError
    from robust.gate.thresholds import header

    try:
        file, thresholds = _settings(config).file, _settings(config).thresholds
    except UserError as error:
        raise pytest.UsageError(str(error)) from None
    if file is None or not thresholds:
        place = file or config.rootpath / "pyproject.toml"
        raise pytest.UsageError(
            f"--robust: no thresholds in {place}; write some under {header(place)}, see docs/gate.md"
        )
    if not any(_holds(argument, file, config) for argument in config.args):
        config.args.append(str(file))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Return a collector for the project's file with thresholds, where --robust was given."""
    if file_path.suffix != ".toml" or not _wanted(parent.config):
        return None
    if file_path != _settings(parent.config).file:
        return None
    return ThresholdFile.from_parent(parent, path=file_path)


class ThresholdFile(pytest.File):
    """pyproject.toml or robust.toml: a test for each of its thresholds."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item for each threshold, by its name."""
        for threshold in _settings(self.config).thresholds:
            yield ThresholdItem.from_parent(self, name=threshold.name, threshold=threshold)


class ThresholdItem(pytest.Item):
    """A threshold as a test."""

    def __init__(self, *, threshold: Threshold, **given: Any) -> None:
        super().__init__(**given)
        self.threshold = threshold

    def runtest(self) -> None:
        """Check the threshold."""
        _end(_check(self, self.threshold))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return a verdict, or a user's mistake, in words; a bug keeps its traceback."""
        from robust.errors import UserError

        if isinstance(excinfo.value, (_VerdictError, UserError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the threshold stands, for headings."""
        return self.path, None, self.name


@pytest.fixture
def robust_evaluate(request: pytest.FixtureRequest) -> Callable[..., Evidence]:
    """Return a function that evaluates a reader: model (or run, predictions), set, figure, limit.

    It returns its figures: ``drop``, ``interval``, ``clean``, ``perturbed``, ``questions``, ``run``.
    """

    def evaluate(**asked: Any) -> Evidence:
        from robust.errors import UserError
        from robust.gate.check import measure

        try:
            threshold = _threshold(request.config, asked, "robust_evaluate", judged=False)
            return measure(threshold, _notice(request.config), _asked(request.config))[0]
        except UserError as error:
            told = str(error)
        pytest.fail(told, pytrace=False)  # here, where no exception is at hand to be shown with it

    return evaluate


@pytest.fixture
def robust_result(request: pytest.FixtureRequest) -> Evidence:
    """Return the figures of the reader that the test's ``robust`` marker names."""
    from robust.errors import UserError

    try:
        outcome = _check(request.node, _marked(request))
        request.node.stash[_OUTCOME] = outcome
        return outcome.evidence
    except UserError as error:
        told = str(error)
    pytest.fail(told, pytrace=False)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let a marked test have its reader evaluated, whether or not it asks for the result."""
    names = getattr(item, "fixturenames", None)
    if names is not None and "robust_result" not in names and item.get_closest_marker("robust") is not None:
        # a list of its own: pytest gives all parameters of a test the same one
        item.fixturenames = [*names, "robust_result"]  # type: ignore[attr-defined]  # seen above


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """End a marked test before its body where its verdict says so."""
    outcome = item.stash.get(_OUTCOME, None)
    if outcome is not None and outcome.ends == "failed":
        pytest.fail(outcome.message, pytrace=False)
    elif outcome is not None:
        _end(outcome)


@dataclass(frozen=True)
class _Crash:
    """What pytest lists of a failure, in place of where Python was."""

    path: str
    lineno: int
    message: str

    def __str__(self) -> str:
        return self.message


class _Told:
    """A verdict's message as a report holds it: all of it under FAILURES, its first line in lists.

    Of a bare string pytest lists all lines where the environment says CI, examples and all, a second time.
    """

    def __init__(self, text: str, report: pytest.TestReport) -> None:
        path, line, _ = report.location
        self.text = text
        self.reprcrash = _Crash(path, (line or 0) + 1, text.partition("\n")[0])

    def __str__(self) -> str:
        return self.text

    def toterminal(self, out: Any) -> None:
        """Write the message to pytest's terminal writer."""
        out.line(self.text)


class _Results:
    """What all tests, on all workers, said of their thresholds: for the summary, and the CI's page."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.found: dict[str, Mapping[str, Any]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a threshold's figures, once a test; have what failed listed by its verdict alone."""
        if report.when != "call" or "robust_verdict" not in (held := dict(report.user_properties)):
            return
        self.found[report.nodeid] = held
        # here, as a worker sends strings; a test that fails by itself begins otherwise
        if report.failed and (text := str(report.longrepr)).startswith(f"{held['robust_verdict']}: "):
            report.longrepr = _Told(text, report)  # type: ignore[assignment]  # it has what pytest asks for

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write a line a threshold, and a table to a CI's step summary."""
        idle = self._nothing_to_write()
        if not self.found and not idle:
            return
        from robust.gate.message import markdown, summary_line

        terminalreporter.section("robust")
        for held in self.found.values():
            terminalreporter.write_line(summary_line(held))
        if idle:
            terminalreporter.write_line(
                "--robust-update-baseline: no threshold has max_increase, so there is nothing to write"
            )
        if not self.found:
            return
        if page := os.environ.get("GITHUB_STEP_SUMMARY"):
            try:
                with Path(page).open("a", encoding="utf-8") as stream:
                    stream.write(markdown(list(self.found.values())))
            except OSError as error:
                terminalreporter.write_line(f"GITHUB_STEP_SUMMARY: {page}: cannot write ({error.strerror})")

    def _nothing_to_write(self) -> bool:
        """Say whether a baseline was asked for, and neither the file nor a marker has a use for one."""
        if not self.config.getoption("robust_update_baseline"):
            return False
        if any("robust_baseline_written" in held for held in self.found.values()):
            return False
        return all(one.max_increase is None for one in _settings(self.config).thresholds)


def _wanted(config: pytest.Config) -> bool:
    return bool(config.getoption("robust") or config.getoption("robust_update_baseline"))


def _settings(config: pytest.Config) -> Settings:
    """Return what the project's file says, read once; raises UserError where it is wrong."""
    if _SETTINGS not in config.stash:
        from robust.gate.thresholds import read_settings

        config.stash[_SETTINGS] = read_settings(config.rootpath)
    return config.stash[_SETTINGS]


def _marked(request: pytest.FixtureRequest) -> Threshold:
    """Return the threshold that a test's marker describes; raises UserError where it describes none."""
    from robust.errors import UserError

    marker = request.node.get_closest_marker("robust")
    if marker is None:
        raise UserError("robust_result: found no marker; add @pytest.mark.robust(model=..., set=...)")
    nodes = [node for node, _ in request.node.iter_markers_with_node("robust")]
    if len(here := [node for node in nodes if node is nodes[0]]) > 1:
        raise UserError(
            f"@pytest.mark.robust: found {len(here)} on {here[0].name}, of which one alone would be checked; "
            "expected one, write a test for each"
        )
    if marker.args:
        raise UserError(
            f"@pytest.mark.robust: found {marker.args[0]!r}, expected keywords: model=..., set=..."
        )
    asked = dict(marker.kwargs)
    if (fixture := asked.pop("fixture", None)) is not None:
        asked["model"] = request.getfixturevalue(fixture)
    return _threshold(request.config, asked, "@pytest.mark.robust")


def _asked(config: pytest.Config) -> Asked:
    return config.stash.setdefault(_ASKED, {})


def _session(config: pytest.Config) -> str:
    """Return the name of this run of pytest, the same on all its workers."""
    held = getattr(config, "workerinput", {}).get("testrunuid") or uuid4().hex
    return config.stash.setdefault(_SESSION, str(held))


def _threshold(
    config: pytest.Config, asked: Mapping[str, Any], place: str, *, judged: bool = True
) -> Threshold:
    from robust.gate.check import limited
    from robust.gate.thresholds import make_threshold

    threshold = make_threshold(asked, place, config.rootpath, judged=judged)
    return limited(threshold, config.getoption("robust_limit"))


def _check(item: pytest.Item, threshold: Threshold) -> Outcome:
    """Return how a threshold comes out, its figures noted on the item for JUnit and the summary."""
    from robust.gate.check import check, limited
    from robust.gate.message import properties

    config = item.config
    settings = _settings(config)
    outcome = check(
        limited(threshold, config.getoption("robust_limit")),
        baseline=settings.baseline,
        undecided=config.getoption("robust_undecided") or threshold.undecided or settings.undecided,
        update=config.getoption("robust_update_baseline"),
        session=_session(config),
        notice=_notice(config),
        asked=_asked(config),
        shown=config.stash.setdefault(_SHOWN, {}),
    )
    item.user_properties.extend(properties(outcome).items())
    return outcome


def _end(outcome: Outcome) -> None:
    if outcome.ends == "failed":
        raise _VerdictError(outcome.message)
    if outcome.ends == "skipped":
        pytest.skip(f"undecided: {outcome.verdict.words}")


def _notice(config: pytest.Config) -> Callable[[str], None]:
    """Return what says a line at once, past pytest's capture, on workers too: evaluations take minutes."""
    capture = config.pluginmanager.getplugin("capturemanager")

    def say(line: str) -> None:
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            print(f"\nrobust: {line}", file=sys.stderr, flush=True)

    return say


def _holds(argument: str, file: Path, config: pytest.Config) -> bool:
    """Say whether an argument of pytest's names the file, something in it, or a folder around it."""
    path = (config.invocation_params.dir / argument.partition("::")[0]).resolve()
    return path == file.resolve() or path in file.resolve().parents
