"""Numbers go to the tracker that was asked for, and a missing one is said in one line."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from robust.errors import UserError
from robust.pretrain.loop import Step
from robust.pretrain.trackers import tracking


def steps(count: int) -> list[Step]:
    return [Step(n, 5.0 / n, {"accuracy": 0.1 * n}, n / count, 1e-3, 100.0) for n in range(1, count + 1)]


class Recorder(ModuleType):
    """A module whose every function notes its calls."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def note(*given: Any, **named: Any) -> None:
            print("how do you do")
            self.calls.append((name, given, named))

        return note


@pytest.fixture
def module(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder(request.param)
    monkeypatch.setitem(sys.modules, request.param, recorder)
    return recorder


@pytest.mark.parametrize("module", ["trackio"], indirect=True)
def test_trackio_gets_the_first_and_every_tenth_step(
    module: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    with tracking("trackio", run="small", settings={"lr": 0.1}) as report:
        for step in steps(25):
            report(step)
    names = [name for name, _, _ in module.calls]
    assert names == ["init", "log", "log", "log", "finish"]
    assert capsys.readouterr().out.count("how do you do") == 3  # what it says at start and end goes elsewhere
    assert module.calls[0][2] == {"project": "robust-pretrain", "name": "small", "config": {"lr": 0.1}}
    assert [named["step"] for _, _, named in module.calls[1:4]] == [1, 10, 20]
    sent = module.calls[2][1][0]
    assert {"loss": 0.5, "accuracy": 1.0, "rate": 1e-3, "tokens_per_second": 100.0}.items() <= sent.items()


@pytest.mark.parametrize("module", ["mlflow"], indirect=True)
def test_mlflow_is_told_how_the_run_ended(module: Recorder) -> None:
    with tracking("mlflow", run="small", settings={"lr": 0.1}, every=2) as report:
        for step in steps(3):
            report(step)
    names = [name for name, _, _ in module.calls]
    assert names == ["set_experiment", "start_run", "log_params", "log_metrics", "log_metrics", "end_run"]
    assert module.calls[-1][1] == ("FINISHED",)
    with pytest.raises(UserError), tracking("mlflow", run="small", settings={}):
        raise UserError("diverged")
    assert module.calls[-1][1] == ("FAILED",)


def test_a_tracker_that_is_not_installed_is_said_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trackio", None)
    with (
        pytest.raises(
            UserError,
            match=r"--log-to trackio: not installed; pip install -c constraints.txt '\.\[trackio\]'",
        ),
        tracking("trackio", run="small", settings={}),
    ):
        pass


def test_an_unknown_tracker_is_refused_and_none_takes_nothing() -> None:
    with (
        pytest.raises(UserError, match="--log-to wandb: expected trackio or mlflow"),
        tracking("wandb", run="small", settings={}),
    ):
        pass
    with tracking("", run="small", settings={}) as report:
        report(steps(1)[0])
