"""robust choice, as a user calls it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from robust.errors import quoted
from robust.pretrain.vocabulary import train_vocabulary
from robust.squad.catalogue import resolve
from robust.zoo.tokenizers import save_tokenizer
from tests.probe.small import model

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def negated(tmp_path: Path, command: Command, own_home: Path) -> Path:
    out = tmp_path / "negated"
    code, said, _ = command("choice", "negate", "warrants-demo", "--out", out)
    assert code == 0
    assert "48 of 48 items have a negated copy" in said
    assert f"next: robust choice eval {quoted(out)} --scorer cue" in said
    return out


def figures(command: Command, *words: object) -> dict[str, object]:
    code, said, error = command("choice", "eval", *words, "--json")
    assert (code, error) == (0, "")
    found: dict[str, object] = json.loads(said)
    return found


def test_the_cue_is_over_chance_on_the_originals_and_at_chance_with_the_copies(
    command: Command, negated: Path
) -> None:
    found = figures(command, negated, "--scorer", "cue")
    assert found["original"]["rate"] == pytest.approx(100 * (19 + 17 / 2) / 48)
    assert found["both"] == {
        "rate": 50.0,
        "interval": None,
        "interval_kind": "none: every pair has one right, one wrong",
    }
    assert found["scorer"]["productivity"] == pytest.approx(19 / 31)
    assert figures(command, negated, "--scorer", "cue", "--cue", "do")["scorer"]["word"] == "do"
    code, table, _ = command("choice", "eval", negated, "--scorer", "cue")
    assert code == 0
    for part in (
        "cue 'not': 48 items in 12 debates, 48 with a negated copy",
        "57.3",
        "drop, points",
        "half right",
    ):
        assert part in table


def test_a_result_folder_holds_every_choice_and_is_replaced_by_another_one_only(
    command: Command, negated: Path, tmp_path: Path
) -> None:
    out = tmp_path / "result"
    found = figures(command, negated, "--scorer", "bag", "--out", out)
    told = json.loads((out / "choice.json").read_text())
    assert told["both"] == found["both"]
    assert told["command"].startswith("robust choice eval ")
    rows = [json.loads(line) for line in (out / "choices.jsonl").read_text().splitlines()]
    assert len(rows) == 96
    right = (
        sum(row["choice"] == row["label"] for row in rows) + sum(row["choice"] is None for row in rows) / 2
    )
    assert right == 48
    assert command("choice", "eval", negated, "--scorer", "cue", "--out", out)[0] == 0
    code, _, error = command("choice", "eval", negated, "--scorer", "cue", "--out", negated)
    assert code == 2
    assert "exists and is not a result of robust choice eval" in error


def test_choices_from_outside_get_the_same_figures(command: Command, negated: Path, tmp_path: Path) -> None:
    lines = (negated / "items.tsv").read_text().splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    (tmp_path / "right.tsv").write_text("".join(f"{row[0]}\t{row[3]}\n" for row in rows))
    found = figures(command, negated, "--predictions", tmp_path / "right.tsv")
    assert [found[key]["rate"] for key in ("original", "negated", "both", "pair", "flipped")] == [100.0] * 5
    (tmp_path / "half.tsv").write_text("".join(f"{row[0]}\t{row[3]}\n" for row in rows[:48]))
    code, _, error = command("choice", "eval", negated, "--predictions", tmp_path / "half.tsv")
    assert code == 2
    assert "48 of the 96 items have no choice, the first is 'w01-1-adversarial'" in error


def test_a_masked_lm_is_asked(
    command: Command, tmp_path: Path, own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = resolve("warrants-demo").read_text(encoding="utf-8")
    tokenizer = train_vocabulary([tuple(text.splitlines())], "wordpiece", 200)
    model("BertForMaskedLM", tokenizer, positions=256).save_pretrained(tmp_path / "lm")
    save_tokenizer(tokenizer, tmp_path / "lm")
    capsys.readouterr()  # bars of saving
    few = tmp_path / "few.tsv"
    few.write_text("".join(text.splitlines(keepends=True)[:4]), encoding="utf-8")
    words = (few, "--scorer", "fluency", "--masked-lm", tmp_path / "lm", "--device", "cpu")
    found = figures(command, *words, "--out", tmp_path / "out")
    assert found["items"] == 3
    assert found["both"] is None
    told = json.loads((tmp_path / "out" / "choice.json").read_text())
    assert told["device"] == told["scorer"]["device"] == "cpu"
    assert told["scorer"]["masked_lm"] == str(tmp_path / "lm")
    rows = [json.loads(line) for line in (tmp_path / "out" / "choices.jsonl").read_text().splitlines()]
    assert all(len(row["scores"]) == 2 and max(row["scores"]) < 0 for row in rows)
    assert "next: robust choice negate" in command("choice", "eval", *words)[1]
    shown = command("choice", "eval", *words, "--beside", "nothing")[1]
    assert "(warrant and nothing): 3 items in 1 debates" in shown


def test_a_classifier_is_fitted_to_another_file(command: Command, negated: Path, tmp_path: Path) -> None:
    text = resolve("warrants-demo").read_text(encoding="utf-8")
    (tmp_path / "train.tsv").write_text(text.replace("\nw", "\nt"), encoding="utf-8")
    found = figures(command, negated, "--scorer", "bag", "--train", tmp_path / "train.tsv")
    assert found["scorer"]["fitted"] == "to 48 items"
    assert found["original"]["rate"] > 80.0  # the same warrants
    assert found["both"]["rate"] == 50.0


def test_cues_are_listed(command: Command, own_home: Path) -> None:
    code, said, _ = command("choice", "cues", "warrants-demo", "--json")
    assert code == 0
    first = json.loads(said)["cues"][0]
    assert (first["word"], first["applicable"], first["right"]) == ("not", 31, 19)
    code, said, _ = command("choice", "cues", "warrants-demo", "--word", "NOT", "--word", "unicorn")
    assert code == 0
    assert "61.3 [48.7, 73.9]" in said  # by debate, as the accuracies
    assert "unicorn" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["eval", "warrants-demo"], "expected one of --scorer cue|bag|fluency|sentences and --predictions"),
        (["eval", "warrants-demo", "--scorer", "cues"], "--scorer cues: not known, expected one of cue, bag"),
        (["eval", "warrants-demo", "--scorer", "fluency"], "name one with --masked-lm MODEL"),
        (
            ["eval", "warrants-demo", "--scorer", "bag", "--cue", "not"],
            "--cue: does not go with --scorer bag",
        ),
        (["eval", "warrants-demo", "--scorer", "cue", "--cue", "cannot"], "is 2 words to the tokenizer"),
        (["eval", "warrants-demo", "--scorer", "cue", "--cue", ""], "is no word"),
        (["cues", "warrants-demo", "--word", "don't"], "is 2 words to the tokenizer (do, n't)"),
        (
            ["negate", "warrants-demo", "--out", "new", "--claims", "mine.csv"],
            "mine.csv: none of its 1 claims is one of",
        ),
        (
            ["eval", "warrants-demo", "--predictions", "x", "--cue", "a"],
            "--cue: does not go with --predictions",
        ),
        (
            ["eval", "warrants-demo", "--scorer", "cue", "--beside", "claim"],
            "--beside: does not go with --scorer",
        ),
        (
            ["eval", "warrants-demo", "--scorer", "sentences", "--beside", "nothing"],
            "--beside nothing: not known to sentences, expected one of both, reason, claim",
        ),
        (["eval", "warrants-dem", "--scorer", "cue"], "did you mean warrants-demo"),
        (["eval", "nowhere.tsv", "--scorer", "cue"], "nowhere.tsv: no such file"),
        (["eval", ".", "--scorer", "cue"], "is a folder without a manifest of robust choice negate"),
        (["eval", "zh-demo", "--scorer", "cue"], "column #id is missing"),
        (["negate", "warrants-demo", "--out", "."], "exists and is not a set of robust choice negate"),
        (["eval", "warrants-demo", "--scorer", "fluency", "--masked-lm", "bert-bas"], "bert-bas"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    words: list[str],
    told: str,
    command: Command,
    tmp_path: Path,
    own_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "mine.csv").write_text("Tea is good,Tea is not good\n")
    monkeypatch.chdir(tmp_path)
    code, said, error = command("choice", *words)
    assert (code, said) == (2, "")
    assert told in error
    assert len(error.strip().splitlines()) == 1
    assert {path.name for path in tmp_path.iterdir() if path.name != "home"} == {"mine.txt", "mine.csv"}


def test_nothing_is_written_where_no_claim_can_be_negated(
    command: Command, tmp_path: Path, own_home: Path
) -> None:
    text = resolve("warrants-demo").read_text(encoding="utf-8").splitlines()
    fields = text[1].split("\t")
    fields[5] = "College for everyone"
    (tmp_path / "a.tsv").write_text(text[0] + "\n" + "\t".join(fields) + "\n", encoding="utf-8")
    code, _, error = command("choice", "negate", tmp_path / "a.tsv", "--out", tmp_path / "out")
    assert code == 2
    assert "no claim could be negated: no verb (1); nothing was written" in error
    assert not (tmp_path / "out").exists()
