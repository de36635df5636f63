"""An evaluation on demand is made once for the same inputs; where it stands, torch is not imported."""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import threading

import pytest

from robust.errors import UserError
from robust.gate.check import measure
from robust.gate.evaluation import evaluate
from robust.gate.evidence import read_evidence
from robust.gate.inputs import input_key
from robust.gate.sharing import alone
from robust.gate.thresholds import make_threshold
from robust.reader.decode import Prediction
from robust.runs import read_run
from tests.made_run import EVEN, NONE, UNEVEN, answers, make_run, make_set


def _threshold(castles, **values):
    return make_threshold({"set": str(castles / "keys"), "max_drop": 5} | values, "test", castles)


def _answers(castles, path, fell):
    path.write_text(json.dumps(answers(castles / "keys", fell)))
    return str(path)


def test_final_answers_become_a_run_folder_once(castles, tmp_path):
    file = _answers(castles, tmp_path / "answers.json", EVEN)
    first = evaluate(_threshold(castles, predictions=file))
    assert first.made > 0
    assert read_evidence(first.run, None, "HasAns_exact").drop == pytest.approx(10)
    assert evaluate(_threshold(castles, predictions=file)) == type(first)(first.run)
    _answers(castles, tmp_path / "answers.json", NONE)
    changed = evaluate(_threshold(castles, predictions=file))
    assert changed.run != first.run
    assert read_evidence(changed.run, None, "HasAns_exact").drop == 0
    manifest = read_run(first.run).manifest
    assert manifest["command"].startswith("robust eval --predictions")


def test_a_limit_takes_a_stratified_sample(castles, tmp_path):
    file = _answers(castles, tmp_path / "answers.json", EVEN)
    run = evaluate(_threshold(castles, predictions=file, limit=60)).run
    scores = read_run(run).scores
    clean = scores[scores["condition"] == "clean"]
    assert len(clean) == 60
    assert (clean.groupby("article")["answerable"].sum() == 5).all()


def test_a_callable_is_asked_every_question_once(castles):
    seen = []

    def keeper(question, context):
        seen.append((question, context))
        return context.split()[0]

    memo = {}
    threshold = _threshold(castles, model=keeper)
    assert threshold.name == "keeper:keys:HasAns_exact"
    run = evaluate(threshold, asked=memo).run
    assert len(seen) == len(set(seen)) == 240
    assert evaluate(threshold, asked=memo).run == run
    assert len(seen) == 240
    assert read_evidence(run, None, "HasAns_exact").clean == pytest.approx(10)


def test_a_long_evaluation_says_a_line_a_minute(castles, monkeypatch):
    class Slow:
        name = "slow"

        def answer(self, questions):
            return [Prediction("", q.context.split()[0], 0.0) for q in questions]

    monkeypatch.setattr("robust.pace.monotonic", itertools.count(0, 61).__next__)
    said = []
    evaluate(_threshold(castles, model=Slow()), said.append)
    assert said[0] == "evaluating slow on keys"
    assert said[2:]
    for line in said[1:]:
        done, total = re.fullmatch(r"evaluating slow on keys \.\.\. (\d+) of (\d+)", line).groups()
        assert int(done) < int(total) == 240


def test_a_reader_of_ones_own_brings_null_odds(castles):
    class Sure:
        name = "sure"

        def answer(self, questions):
            return [Prediction("", q.context.split()[0], -5.0) for q in questions]

    run = evaluate(_threshold(castles, model=Sure())).run
    rows = read_run(run).scores
    assert (rows["null_odds"] == -5).all()
    assert read_run(run).manifest["model"]["name"] == "sure"


def test_a_callable_is_asked_again_for_another_null_threshold(castles):
    class Odd:
        name = "odd"

        def answer(self, questions):
            return [Prediction("", q.context.split()[0], 0.0) for q in questions]

    memo, odd = {}, Odd()
    figures = [
        read_evidence(
            evaluate(_threshold(castles, model=odd, null_threshold=at), asked=memo).run, None, "NoAns_exact"
        ).clean
        for at in ("-100", "100")
    ]
    assert figures == [100, 0]


def test_a_plain_data_file_is_refused_before_anything_is_loaded_or_asked(castles, monkeypatch):
    def never(*found):
        raise AssertionError("a model was loaded or asked")

    monkeypatch.setattr("robust.zoo.checkpoints.load_reader", never)
    for model in ("minilm-squad2", never):
        threshold = _threshold(castles, model=model, set=str(castles / "keys" / "original.json"))
        monkeypatch.setattr("robust.gate.evaluation.input_key", lambda *found: "0" * 64)
        with pytest.raises(UserError, match="a plain data file, nothing to compare with"):
            evaluate(threshold)


def test_a_run_of_another_build_of_the_set_is_refused_in_one_line(castles, tmp_path, own_home):
    folder = make_set(tmp_path / "mine")
    run = make_run(tmp_path / "run", folder, EVEN)
    threshold = make_threshold({"run": str(run), "set": str(folder), "max_drop": 5}, "test", tmp_path)
    assert measure(threshold, print)[0].set == "mine"
    shutil.rmtree(folder)
    assert measure(threshold, print)[0].set == "mine", "a set that is not here cannot be looked at"
    make_set(folder, verb="annihilates")
    with pytest.raises(UserError) as told:
        measure(threshold, print)
    assert str(told.value).startswith(f"{folder / 'perturbed.json'}: not the file that {run} was made on")
    assert "\n" not in str(told.value)
    make_set(own_home / "sets" / "mine", verb="frees")
    with pytest.raises(UserError, match="not the file that"):
        measure(make_threshold({"run": str(run), "set": "mine", "max_drop": 5}, "test", tmp_path), print)


def _model(folder):
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "robust.json").write_text('{"null_threshold": 1}')
    return folder


def test_what_an_evaluation_depends_on_names_its_folder(castles, tmp_path, monkeypatch):
    model = _model(tmp_path / "reader")
    key = input_key(_threshold(castles, model=str(model)), None)
    assert input_key(_threshold(castles, model=str(model), max_drop=1, figure="exact"), None) == key
    others = [
        input_key(_threshold(castles, model=str(model), **more), None)
        for more in ({"limit": 5}, {"null_threshold": "own"})
    ]
    (model / "robust.json").write_text('{"null_threshold": 2}')
    others.append(input_key(_threshold(castles, model=str(model)), None))
    (model / "model.safetensors").write_bytes(b"WEIGHTS")
    others.append(input_key(_threshold(castles, model=str(model)), None))
    monkeypatch.setattr("robust.gate.inputs.metadata.version", lambda package: "0")
    others.append(input_key(_threshold(castles, model=str(model)), None))
    assert len({key, *others}) == 6


def test_a_reader_whose_run_stands_needs_neither_torch_nor_pandas(castles, tmp_path, own_home):
    model = _model(tmp_path / "reader")
    threshold = _threshold(castles, model=str(model))
    key = input_key(threshold, None)
    run = make_run(own_home / "runs" / f"reader-gate-{key[:12]}", castles / "keys", UNEVEN)
    code = f"""
import sys
from pathlib import Path
from robust.gate.check import check
from robust.gate.thresholds import make_threshold
asked = {{"model": {str(model)!r}, "set": {str(castles / "keys")!r}, "max_drop": 18}}
found = check(make_threshold(asked, "x", Path()), baseline=Path("b"), undecided="fail")
heavy = {{"torch", "pandas", "scipy", "transformers"}}
print(found.ends, found.evidence.run, sorted(heavy & set(sys.modules)))
"""
    # away from the checkout: there the same package would be another one, of a git commit
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.stdout.strip() == f"passed {run} []", done.stderr


def test_a_reader_is_evaluated_as_robust_eval_does_and_only_once(tiny, castles, tmp_path):
    from robust.zoo.checkpoints import save_reader

    reader = tiny.tiny_reader()
    save_reader(tmp_path / "tiny", reader.model, reader.tokenizer, reader.settings)
    said = []
    threshold = _threshold(castles, model=str(tmp_path / "tiny"), limit=12)
    first = evaluate(threshold, said.append)
    assert said[0] == "evaluating tiny on keys"
    assert evaluate(threshold, said.append).run == first.run
    assert len(said) == 1
    manifest = read_run(first.run).manifest
    assert manifest["configuration"]["limit"] == 12
    assert "--no-controls" in manifest["command"]


def test_who_waits_says_so_and_takes_what_was_made(own_home):
    held, go, said = threading.Event(), threading.Event(), []

    def hold():
        with alone("a-lock", "x"):
            held.set()
            go.wait(600)

    def notice(line):
        said.append(line)
        go.set()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(600)
    with alone("a-lock", "it evaluates keeper on keys", notice) as waited:
        assert waited > 0
    thread.join()
    assert len(said) == 1
    assert said[0].startswith("waiting for another process: it evaluates keeper on keys")
    with alone("a-lock", "x") as waited:
        assert waited == 0


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"predictions": "nowhere.json"}, "nowhere.json: no such file"),
        ({"model": "minilm-squad3"}, "minilm-squad3: no such model"),
        ({"model": "./nowhere"}, "no such folder"),
        ({"run": "nowhere"}, "no run here"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(castles, values, message):
    threshold = _threshold(castles, **values)
    with pytest.raises(UserError, match=message):
        read_evidence(evaluate(threshold).run, None, "exact")


def test_a_run_without_the_set_or_figure_says_what_it_holds(castles):
    with pytest.raises(UserError, match="no set other in this run; it holds keys"):
        read_evidence(castles / "even", "other", "exact")
    with pytest.raises(UserError, match=r"no figure HasAns_f2; it has HasAns_abst.*, f1"):
        read_evidence(castles / "even", None, "HasAns_f2")


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_home_that_cannot_be_written_is_told(own_home):
    own_home.mkdir()
    own_home.chmod(0o500)
    with pytest.raises(UserError, match="cannot write"), alone("a", "x"):
        pass


def test_without_locks_nobody_waits(own_home):
    """Windows has no fcntl: the gate is imported there all the same."""
    code = (
        "import sys; sys.modules['fcntl'] = None\n"
        "from robust.gate.sharing import alone\n"
        "with alone('a', 'x') as first, alone('a', 'x') as second:\n"
        "    print(first, second)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0.0", "0.0"]
