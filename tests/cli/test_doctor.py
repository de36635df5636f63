"""``robust doctor`` tells what is missing and how to mend it."""

import json
import sys

import pytest
import typer
from typer.testing import CliRunner

from robust.cli import doctor as module
from robust.cli.doctor import doctor


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("ROBUST_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ROBUST_DATA", raising=False)
    app = typer.Typer()
    app.command()(doctor)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_all_is_well_here_and_missing_things_name_their_remedy(run):
    done = run("--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["ok"]) == (0, True)
    found = {f["name"]: f for f in report["findings"]}
    for name in ("python", "torch", "transformers", "lexicon", "tagger", "attacks", "ROBUST_HOME"):
        assert found[name]["state"] == "ok", name
    assert found["squad2:dev"]["state"] == "missing"
    for finding in report["findings"]:
        assert finding["state"] == "ok" or not finding["essential"]


def test_what_is_essential_and_broken_makes_it_fail(run, monkeypatch):
    def broken():
        raise RuntimeError("no words")
        yield

    monkeypatch.setattr(module, "_words", broken)
    done = run("--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["ok"]) == (1, False)
    (finding,) = [f for f in report["findings"] if f["area"] == "words"]
    assert "no words" in finding["detail"]
    assert finding["fix"].startswith("pip install")
    assert "fix:" in run().stdout


def test_an_extra_that_is_missing_names_its_install_command(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    extras = [f for f in module._extras() if f.name == "ray"]
    assert extras[0].state == "missing"
    assert extras[0].fix == "pip install 'robust-qa[ray]'"


def test_a_home_that_cannot_be_written_is_broken(run, monkeypatch):
    monkeypatch.setattr(module.os, "access", lambda *a: False)
    done = run("--json")
    assert done.exit_code == 1
    (finding,) = [f for f in json.loads(done.stdout)["findings"] if f["name"] == "ROBUST_HOME"]
    assert finding["state"] == "broken"
    assert "ROBUST_HOME" in finding["fix"]
