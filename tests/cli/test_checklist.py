"""``robust checklist`` from the command line: readers of every kind, files, and what a mistake is told."""

from __future__ import annotations

import json
import sys

import pytest
from pyarrow import parquet

from robust.squad.io import read_questions

SUITE = """
[[test]]
name = "city"
type = "MFT"
about = "where somebody lives"
[[test.template]]
context = "{person} lives in {city}."
question = "Where does {person} live?"
answer = "{city}"

[[test]]
name = "nobody"
type = "MFT"
about = "somebody else"
[[test.template]]
context = "{person} lives in {city}."
question = "Where does {person2} live?"
answer = ""
"""
READERS = """
def last(question, context):
    return context.rstrip(".").split()[-1]

def unsure(question, context):
    return last(question, context), 5.0
"""


@pytest.fixture
def suite(tmp_path, monkeypatch):
    """Return a suite of two tests, in a folder with two readers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "readers_of_lasts.py").write_text(READERS, encoding="utf-8")
    path = tmp_path / "homes.toml"
    path.write_text(SUITE, encoding="utf-8")
    yield path
    sys.modules.pop("readers_of_lasts", None)


def test_the_shipped_suite_is_listed(command):
    code, out, _ = command("checklist", "--list")
    assert code == 0
    assert "negation\n" in out
    assert "control (control)" in out
    assert "not-in-context" in out


def test_a_reader_of_ones_own_is_tested_in_a_table_json_and_a_folder(command, suite, tmp_path, own_home):
    line = ["checklist", "--reader", "readers_of_lasts:last", "--suite", suite, "--cases", "5"]
    code, out, _ = command(*line)
    assert code == 0
    assert "city (MFT)" in out
    assert "expected  (abstain)" in out
    code, out, _ = command(*line, "--json", "--out", tmp_path / "result", "--failures", "2")
    found = json.loads(out)
    assert [row["failures"] for row in found["tests"]] == [0, 5]
    assert [row["why"] for row in found["failures"]] == ["answered"] * 2
    kept = json.loads((tmp_path / "result" / "checklist.json").read_text(encoding="utf-8"))
    assert kept["tests"] == found["tests"]
    assert kept["command"].startswith("robust checklist --reader")
    rows = parquet.read_table(tmp_path / "result" / "failures.parquet").to_pylist()
    assert len(rows) == 5
    assert rows[0]["expected"] == []
    assert json.loads(rows[0]["slots"])["city"] == rows[0]["given"]
    assert "| city (MFT) | 5 | 0.0 |" in (tmp_path / "result" / "checklist.md").read_text(encoding="utf-8")
    code, out, _ = command(*line, "--format", "markdown")
    assert out.startswith("### readers")


def test_null_odds_make_it_abstain_and_the_span_only_rate_stands_beside(command, suite, own_home):
    line = ["checklist", "--reader", "readers_of_lasts:unsure", "--suite", suite, "--cases", "5", "--json"]
    found = json.loads(command(*line)[1])
    city, nobody = found["tests"]
    assert (city["failures"], city["abstained"], city["span_rate"]) == (5, 5, 0)
    assert nobody["failures"] == 0
    assert found["threshold"] == 0
    assert found["failures"][0]["given"] == ""
    assert found["failures"][0]["span"] == found["failures"][0]["expected"][0]
    bold = json.loads(command(*line, "--threshold", "9")[1])
    assert [row["failures"] for row in bold["tests"]] == [0, 5]


def test_an_outside_system_answers_what_was_exported(command, suite, tmp_path):
    shared = ["--suite", suite, "--cases", "5", "--json"]
    code, out, _ = command("checklist", *shared, "--export", tmp_path / "questions.json")
    assert (code, json.loads(out)["questions"]) == (0, 10)
    questions = read_questions(tmp_path / "questions.json")
    answers = {q.id: q.answers[0].text if q.answers else "" for q in questions}
    (tmp_path / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
    found = json.loads(command("checklist", *shared, "--predictions", tmp_path / "answers.json")[1])
    assert [row["failures"] for row in found["tests"]] == [0, 0]
    assert found["threshold"] is None
    code, _, err = command("checklist", *shared, "--seed", "1", "--predictions", tmp_path / "answers.json")
    assert code == 2
    assert "of the 10 questions have no answer" in err
    assert "--export" in err


def test_a_loaded_reader_is_asked_with_its_own_threshold(command, suite, own_home):
    found = json.loads(
        command(
            "checklist", "--model", "electra-tiny-squad2", "--suite", suite, "--test", "city", "--cases", "2",
            "--json", "--device", "cpu",
        )[1]
    )  # fmt: skip
    assert found["model"] == "electra-tiny-squad2"
    assert found["threshold"] != 0
    assert found["tests"][0]["span_cases"] == 2


def test_an_unknown_attack_in_a_suite_is_told_with_its_file_and_test(command, suite):
    change = '[[test.template.change]]\nabout = "typed fast"\nattack = "tipo.v1"\n'
    one = SUITE.split("[[test]]")[1].replace('"MFT"', '"INV"')
    suite.write_text(f"[[test]]{one}{change}", encoding="utf-8")
    code, _, err = command("checklist", "--suite", suite, "--reader", "readers_of_lasts:last")
    assert code == 2
    assert "homes.toml: test city, template 1" in err
    assert "attack 'tipo.v1': not known" in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "expected one of --model NAME"),
        (["--model", "a", "--reader", "b:c"], "expected one of --model NAME"),
        (["--export", "x.json", "--model", "a"], "expected one of --model NAME"),
        (["--predictions", "a.json", "--threshold", "1"], "--threshold: does not go with"),
        (["--model", "no-such-reader"], "no-such-reader"),
        (["--reader", "readers_of_lasts:last", "--threshold", "1"], "gives no null odds"),
        (["--reader", "readers_of_lasts:last", "--threshold", "nan"], "expected a number"),
        (["--reader", "readers_of_lasts:last", "--format", "csv"], "expected table or markdown"),
        (["--reader", "readers_of_lasts:last", "--test", "citty"], "did you mean city?"),
        (
            ["--reader", "readers_of_lasts:last", "--out", "."],
            "exists and is not a result of robust checklist",
        ),
        (["--predictions", "none.json"], "none.json: cannot read"),
        (["--list", "--model", "nosuch", "--out", "x"], "--model, --out: does not go with --list"),
        (["--export", "x.json", "--out", "x"], "--out: does not go with --export"),
    ],
)
def test_a_mistake_is_told_in_one_line(words, told, command, suite, own_home):
    code, out, err = command("checklist", "--suite", suite, "--cases", "2", *words)
    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1
