"""A run's numbers, sent step by step to an experiment tracker: trackio or MLflow, where one is installed."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from typing import Any, Literal, get_args

from robust.errors import UserError, extra
from robust.pretrain.loop import Step

Tracker = Literal["", "trackio", "mlflow"]
PROJECT = "robust-pretrain"


def check_tracker(log_to: str) -> None:
    """Raise UserError for an unknown tracker and for one that is not installed."""
    if log_to not in get_args(Tracker):
        raise UserError(f"--log-to {log_to}: expected trackio or mlflow")
    if log_to:
        _library(log_to)


@contextmanager
def tracking(
    log_to: str, *, run: str, settings: Mapping[str, Any], every: int = 10
) -> Iterator[Callable[[Step], None]]:
    """Yield what every step is to be reported to; it sends each ``every``-th, under the name ``run``.

    Where they go is the tracker's business (its own settings, MLFLOW_TRACKING_URI ...). ``log_to`` "" sends
    nothing. The tracker's run is closed at the end, in MLflow as failed where an error ended it. Raises
    UserError for an unknown tracker and one that is not installed.
    """
    check_tracker(log_to)
    if not log_to:
        yield lambda step: None
        return
    library = _library(log_to)
    with redirect_stdout(sys.stderr):  # trackio greets there, and standard output is the command's
        send, close = (_trackio if log_to == "trackio" else _mlflow)(library, run, settings)

    def report(step: Step) -> None:
        if step.number % every == 0 or step.number == 1:
            send({name: float(value) for name, value in step.row().items() if name != "step"}, step.number)

    well = False
    try:
        yield report
        well = True
    finally:
        with redirect_stdout(sys.stderr):
            close(well)


Send = Callable[[dict[str, float], int], None]
Close = Callable[[bool], None]


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UserError(f"--log-to {name}: not installed; {extra(name)}; or leave --log-to out") from error


def _trackio(trackio: Any, run: str, settings: Mapping[str, Any]) -> tuple[Send, Close]:
    trackio.init(project=PROJECT, name=run, config=dict(settings))
    return lambda numbers, step: trackio.log(numbers, step=step), lambda well: trackio.finish()


def _mlflow(mlflow: Any, run: str, settings: Mapping[str, Any]) -> tuple[Send, Close]:
    mlflow.set_experiment(PROJECT)
    mlflow.start_run(run_name=run)
    mlflow.log_params(dict(settings))
    return (
        lambda numbers, step: mlflow.log_metrics(numbers, step=step),
        lambda well: mlflow.end_run("FINISHED" if well else "FAILED"),
    )
