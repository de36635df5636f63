"""``robust eval`` as a user types it: output, exit codes, one line for every mistake."""

import json
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from robust.cli.main import main
from robust.runs import read_run
from robust.squad.io import write_squad
from robust.zoo.checkpoints import save_reader

tiny = runpy.run_path(str(Path(__file__).parent.parent / "tiny.py"))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("eval")
    reader = tiny["tiny_reader"]()
    save_reader(folder / "reader", reader.model, reader.tokenizer, reader.settings)
    questions = tiny["tiny_questions"]()
    write_squad(folder / "data.json", questions)
    variants = [tiny["tiny_variant"](q) for q in questions]
    write_squad(folder / "paired.json", [*questions, *variants])
    answers = {q.id: "oak" for q in [*questions, *variants]}
    (folder / "answers.json").write_text(json.dumps(answers))
    (folder / "nothing-in-it.json").write_text("\n")
    return folder


@pytest.fixture
def robust(place, monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.chdir(place)
        monkeypatch.setenv("ROBUST_HOME", str(place / "home"))
        monkeypatch.setenv("COLUMNS", "110")
        monkeypatch.setattr(sys, "argv", ["robust", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return SimpleNamespace(returncode=code, stdout=said.out, stderr=said.err)

    return run


def test_a_set_gives_a_table_and_a_run(robust, place):
    done = robust(
        "eval",
        "--model",
        "reader",
        "--set",
        "paired.json",
        "--out",
        "run",
        "--device",
        "cpu",
        "--threshold",
        "0",
    )
    assert done.returncode == 0, done.stderr
    for word in ("clean", "perturbed", "drop", "95 % interval", "HasAns abstained", "oracle threshold"):
        assert word in done.stdout
    assert {p.name for p in (place / "run").iterdir()} == {
        "manifest.json", "predictions.parquet", "scores.parquet", "summary.json",
    }  # fmt: skip
    assert json.loads((place / "run" / "manifest.json").read_text())["command"].startswith(
        "robust eval --model"
    )


def test_json_is_one_object_with_the_official_keys_and_nothing_else(robust):
    done = robust("eval", "--model", "reader", "--set", "data.json", "--device", "cpu", "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    for key in (
        "exact",
        "f1",
        "total",
        "HasAns_exact",
        "HasAns_f1",
        "HasAns_total",
        "NoAns_exact",
        "best_exact",
    ):
        assert isinstance(figures[key], int | float)
    assert figures["total"] == 12
    assert Path(figures["run"]).is_dir()


def test_outside_answers_need_no_model(robust):
    done = robust("eval", "--predictions", "answers.json", "--set", "paired.json", "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert set(figures) >= {"original", "perturbed", "drop"}
    for part in ("original", "perturbed", "drop"):
        assert {"exact", "f1", "total", "HasAns_exact", "NoAns_exact"} <= set(figures[part])
    table = robust("eval", "--predictions", "answers.json", "--set", "data.json")
    assert "HasAns EM" in table.stdout


def test_outside_answers_are_written_down_compared_and_ranked(robust, place):
    bare = robust("eval", "--predictions", "answers.json", "--set", "paired.json", "--json")
    both = ("--set", "paired.json", "--set", "data.json")
    done = robust("eval", "--predictions", "answers.json", *both, "--out", "outside")
    assert done.returncode == 0, done.stderr
    assert "answers from answers.json, taken as final" in done.stdout
    assert "run: outside" in done.stderr
    found = read_run(place / "outside")
    assert {k: Path(v["path"]).name for k, v in found.manifest["sets"].items()} == {
        "paired.json": "paired.json", "data.json": "data.json",
    }  # fmt: skip
    assert found.manifest["command"].startswith("robust eval --predictions answers.json --set paired.json")
    assert found.summary["sets"]["paired.json"]["drop"] == json.loads(bare.stdout)["drop"]
    other = dict.fromkeys(json.loads((place / "answers.json").read_text()), "")
    (place / "empty.json").write_text(json.dumps(other))
    for name in ("answers", "empty"):
        robust("eval", "--predictions", f"{name}.json", "--set", "paired.json", "--out", f"of-{name}")
    for command in (
        ("compare", "of-answers", "of-empty"),
        ("leaderboard", "board", "--add", "of-answers"),
        ("report", "of-answers", "--out", "page.html"),
        ("why", "of-answers"),
    ):
        done = robust(*command)
        assert done.returncode == 0, done.stderr


def test_a_run_of_another_reader_is_never_replaced(robust, place):
    small = ("--set", "paired.json", "--threshold", "0", "--device", "cpu")
    (place / "another.json").write_text((place / "answers.json").read_text())
    (place / "one.py").write_text("def answer(question, context):\n    return 'oak'\n")
    readers = {
        "reader": ("--model", "reader", *small),
        "answers.json": ("--predictions", "answers.json", *small[:2]),
        "another.json": ("--predictions", "another.json", *small[:2]),
        "one:answer": ("--reader", "one:answer", *small[:2]),
    }
    for name, words in readers.items():
        kept = f"kept-{name.replace(':', '-')}"
        assert robust("eval", *words, "--out", kept).returncode == 0
        before = {path.name: path.read_bytes() for path in (place / kept).iterdir()}
        for other in readers.keys() - {name}:
            done = robust("eval", *readers[other], "--out", kept)
            assert done.returncode == 2
            told = f"{kept}: holds a run of {name}; choose another --out, or remove it"
            assert done.stderr == f"robust: {told}\n"
        assert {path.name: path.read_bytes() for path in (place / kept).iterdir()} == before
        assert robust("eval", *words, "--set", "data.json", "--out", kept).returncode == 0
    (place / kept / "manifest.json").write_text("{")  # broken: worth nothing to anybody
    assert robust("eval", *readers["answers.json"], "--out", kept).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--model", "electra-lage", "--set", "data.json"), "did you mean electra-large"),
        (("--model", "", "--set", "data.json"), "--model '': found no name; expected a name, a folder or"),
        (("--model", "reader", "--set", "nothing.json"), "nothing.json"),
        (("--model", "reader"), "robust build-qads"),
        (("--model", "reader", "--set", "data.json", "--out", "reader"), "not a run"),
        (("--model", "reader", "--set", "data.json", "--threshold", "high"), "--threshold high"),
        # before a set is read or a model loaded, which takes seconds
        (
            ("--model", "reader", "--set", "nothing.json", "--threshold", "high"),
            "--threshold high: expected own",
        ),
        (("--model", "reader", "--set", "data.json", "--device", "toaster"), "no such device"),
        (("--model", "reader", "--set", "data.json", "--set", "data.json"), "two sets of this name"),
        (
            ("--set", "data.json"),
            "found nothing that answers; expected one of --model NAME, --predictions FILE",
        ),
        (
            ("--model", "reader", "--reader", "a:b"),
            "found --model and --reader; expected one of --model NAME",
        ),
        (("--model", "raeder", "--set", "data.json"), "no such model or folder; did you mean reader"),
        (("--predictions", "nothing-in-it.json"), "nothing-in-it.json: the file is empty; expected one JSON"),
        (("--predictions", "data.json"), "data.json: is a SQuAD data file"),
        (("--predictions", "none.json", "--set", "data.json"), "none.json: cannot read"),
        (("--predictions", "none.json", "--set", "nothing.json"), "none.json: cannot read"),
        (("--predictions", "answers.json", "--set", "data.json", "--threshold", "0"), "goes with --model"),
        (("--predictions", "answers.json", "--device", "cpu", "--out", "x"), "--device: goes with"),
        (("--predictions", "answers.json", "--set", "data.json", "--out", "reader"), "not a run"),
        (("--predictions", "answers.json", "--dtype", "float32"), "--dtype: goes with --model"),
        (("--predictions", "answers.json", "--batch-tokens", "9"), "--batch-tokens: goes with --model"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(robust, arguments, said):
    done = robust("eval", *arguments)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    line = done.stderr.strip()
    assert line.startswith("robust: ")
    assert "\n" not in line
    assert said in line


def test_json_that_cannot_be_written_whole_is_not_begun(capsys):
    from robust.cli.output import emit_json

    with pytest.raises(ValueError, match="JSON"):
        emit_json({"exact": 1.0, "f1": float("nan")})
    assert capsys.readouterr().out == ""


def test_a_threshold_that_does_worse_than_abstaining_always_is_told(monkeypatch, capsys):
    from robust.cli import evaluate

    monkeypatch.setattr("robust.report.table.set_table", lambda *_: "the table")
    clean = {"exact": 40.0, "total": 12, "NoAns_total": 6}
    summary = {"original": clean, "threshold": {"kind": "own", "by_fold": [1.0] * 5}}

    def said(**other: object) -> str:
        evaluate._print({"model": "mine", "sets": {"s": summary | other}})
        return capsys.readouterr().out

    assert "worse here than abstaining always (50.0)" in said()
    assert "--threshold cross-fit" in said()
    assert "worse" not in said(original=clean | {"exact": 50.0})
    assert "worse" not in said(threshold={"kind": "cross-fit", "by_fold": [1.0] * 5})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([-1e6] * 5, "abstaining always"),
        ([-1e6, 0.5, 1e6], "abstaining always to never abstaining"),
        ([0.5, 0.5], "0.50"),
        ([0.5, 0.25], "0.25 to 0.50"),
    ],
)
def test_thresholds_are_told_in_words_where_they_are_no_odds(values, said):
    from robust.cli.evaluate import _span

    assert _span(values) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "found a list, expected one JSON object"),
        ('"x"', "found 'x', expected one JSON object"),
        ('{"q1": "a", "q2": 3}', "'q2': found 3, expected the answer as text"),
        ('{"q1": "a", "q2": "b", "q1": ""}', "id 'q1' stands there twice"),
    ],
)
def test_answers_that_are_none_are_told_with_their_question(tmp_path, text, said):
    from robust.errors import UserError
    from robust.evaluation.answers import read_answers

    path = tmp_path / "answers.json"
    path.write_text(text)
    with pytest.raises(UserError, match=said):
        read_answers(path)
