"""robust corpus: from files of text to a tokenizer, packed windows and a report on what overlaps."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from robust.cli.main import main
from robust.pretrain.packing import open_pack
from robust.pretrain.vocabulary import train_vocabulary
from robust.zoo.tokenizers import save_tokenizer
from tests.pretrain.corpus import made_documents

DOCUMENTS = made_documents(50)
ASKED = DOCUMENTS[7][0]
QUESTIONS = [
    {"id": "a", "question": "What was built there?", "context": f"{ASKED} And more.", "answers": []},
    {"id": "b", "question": "Who keeps bees?", "context": "Honey bees live in colonies.", "answers": []},
]


@pytest.fixture
def text(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file of text; an evaluation set that shares a sentence with it lies beside it."""
    monkeypatch.chdir(tmp_path)
    rows = "".join(json.dumps(question) + "\n" for question in QUESTIONS)
    (tmp_path / "eval.jsonl").write_text(rows, encoding="utf-8")
    (tmp_path / "text.txt").write_text("\n\n".join("\n".join(d) for d in DOCUMENTS), encoding="utf-8")
    return tmp_path / "text.txt"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["robust", "corpus", *words])
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        return int(stopped.value.code or 0), said.out, said.err

    return run


def test_text_becomes_a_tokenizer_and_windows(text: Path, run: Any) -> None:
    code, out, _ = run(
        "tokenizer", "text.txt", "--kind", "wordpiece", "--size", "150", "--out", "tok", "--json"
    )
    assert code == 0
    assert json.loads(out)["size"] == 150
    code, out, _ = run("pack", "text.txt", "--tokenizer", "tok", "--length", "16", "--out", "pack", "--json")
    assert code == 0
    found, made = json.loads(out), open_pack(Path("pack"))
    assert (found["windows"], found["tokens"], found["documents"]) == (made.windows, made.tokens, 50)
    assert np.load(Path("pack") / made.shards[0]["name"]).shape[1] == 16
    code, out, err = run("pack", "text.txt", "--tokenizer", "tok", "--length", "16", "--out", "pack")
    assert code == 0, err
    assert "next: robust pretrain" in out
    code, _, err = run("pack", "text.txt", "--tokenizer", "tok", "--length", "32", "--out", "pack")
    assert code == 2
    assert (
        err
        == "robust: pack: holds a corpus packed with length 16, not 32; remove it or choose another --out\n"
    )


def test_overlap_is_counted_and_left_out(text: Path, run: Any) -> None:
    code, out, _ = run("overlap", "text.txt", "--with", "eval.jsonl", "--ngram", "13", "--json")
    assert code == 0
    found = json.loads(out)
    assert (found["documents"], found["overlapping"], found["passages"], found["passages_seen"]) == (
        50,
        1,
        2,
        1,
    )
    assert found["characters_overlapping"] == sum(map(len, DOCUMENTS[7]))
    assert [one["document"] for one in found["worst"]] == [7]
    assert found["worst"][0]["ngrams"] == len(ASKED.split()) - 13 + 1
    code, out, _ = run("overlap", "text.txt", "--with", "eval.jsonl")
    assert "dropping what overlaps would leave 49 documents" in out

    run("tokenizer", "text.txt", "--size", "150", "--out", "tok")
    words = (
        "pack",
        "text.txt",
        "--tokenizer",
        "tok",
        "--exclude",
        "eval.jsonl",
        "--out",
        "pack",
        "--length",
        "16",
    )
    code, out, _ = run(*words)
    assert code == 0
    assert "left out: 1 of 50 documents, which overlap eval.jsonl" in out
    made = open_pack(Path("pack"))
    assert made.documents == 49
    assert made.notes["overlap"]["passages_seen"] == 1
    assert made.settings["exclude"]["n"] == 13
    code, _, err = run(*words, "--ngram", "8")
    assert (code, "holds a corpus packed with other exclude;" in err) == (2, True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("tokenizer", "no.txt", "--out", "tok"), "no.txt: no such file; expected text"),
        (("tokenizer", "text.txt", "--out", "text.txt"), "text.txt: exists and is not a tokenizer"),
        (("tokenizer", ".", "--out", "tok"), "tok: lies inside ., so that what is written there"),
        (("pack", ".", "--tokenizer", "small", "--out", "p"), "p: lies inside ., so that what is written"),
        (("tokenizer", "text.txt", "--kind", "letters", "--out", "tok"), "--kind letters: expected one of"),
        (("tokenizer", "text.txt", "--size", "90000", "--out", "tok"), "--size 90000: the text gives"),
        (("tokenizer", "binary", "--out", "tok"), "binary: line 1: holds NUL"),
        (("pack", "text.txt", "--tokenizer", "nobody", "--out", "p"), "nobody: no such model or folder"),
        (("pack", "text.txt", "--tokenizer", ".", "--out", "p"), ".: no tokenizer in"),
        (("overlap", "text.txt", "--with", "nothing.json"), "nothing.json"),
        (("overlap", "empty.txt", "--with", "eval.jsonl"), "empty.txt: no text in it"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    words: tuple[str, ...], message: str, text: Path, run: Any
) -> None:
    Path("binary").write_bytes(b"\x7fELF\0\0")
    Path("empty.txt").write_bytes(b"")
    save_tokenizer(train_vocabulary(DOCUMENTS, "wordpiece", 150), Path("small"))
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert not Path("tok").exists()
    assert not Path("p").exists()
