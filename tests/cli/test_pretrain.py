"""``robust pretrain``: from text to an encoder that fine-tunes and evaluates by name."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from robust.cli import main as module
from robust.squad.io import write_squad
from tests.pretrain.corpus import made_documents

TINY = ("--shape", "layers=1", "--shape", "hidden=16", "--shape", "ffn=32", "--shape", "heads=2")
QUICK = ("--vocabulary", "150", "--length", "32", "--batch", "4", "--steps", "6", "--checkpoint-every", "2")


@pytest.fixture
def robust(own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Any:
    """Return a function that runs the command line in this process: (exit code, stdout, stderr)."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["robust", *words])
        with pytest.raises(SystemExit) as ended:
            module.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    file = tmp_path / "corpus.txt"
    file.write_text("\n\n".join("\n".join(d) for d in made_documents(40)), encoding="utf-8")
    return file


def test_an_encoder_is_made_listed_fine_tuned_and_evaluated_by_its_name(
    robust: Any, corpus: Path, own_home: Path, tmp_path: Path, tiny: SimpleNamespace
) -> None:
    words = ("--corpus", str(corpus), "--name", "mine", *TINY, *QUICK, "--json")
    code, said, error = robust("pretrain", "electra-tiny", *words)
    assert code == 0, error
    record = json.loads(said)
    assert (record["objective"], record["steps"], record["tokens"]) == ("replaced-token", 6, 6 * 4 * 32)
    folder = own_home / "models" / "encoders" / "mine"
    assert json.loads((folder / "pretrain.json").read_text()) == record
    assert (folder / "generator" / "model.safetensors").is_file()
    assert not (folder / "checkpoints").exists()
    assert (folder / "curves.png").read_bytes().startswith(b"\x89PNG")
    curves = pd.read_parquet(folder / "curves.parquet")
    assert curves["tokens"].tolist() == [(step + 1) * 4 * 32 for step in range(6)]
    assert record["flops"] == curves["flops"].iloc[-1] > 0

    code, said, _ = robust("list", "models", "--json")
    assert {row["name"]: row["here"] for row in json.loads(said)["models"]}["mine"] == str(folder)

    data = tmp_path / "questions.json"
    write_squad(data, tiny.tiny_questions())
    reader = own_home / "models" / "mine-reader"
    short = ("--length", "64", "--max-steps", "3", "--hold-out", "0.2", "--json")
    code, said, error = robust("finetune", "mine", "--data", str(data), "--out", str(reader), *short)
    assert code == 0, error
    assert json.loads(said)["encoder"] == "mine"
    recipe = json.loads((reader / "robust.json").read_text())["recipe"]
    assert (recipe["lr"], recipe["layer_decay"]) == (1e-4, 0.8)  # ELECTRA's, by the shape's name
    code, said, error = robust("eval", "--model", "mine-reader", "--set", str(data), "--json")
    assert code == 0, error


def test_training_needs_neither_nltk_nor_datasets_nor_textattack_nor_accelerate(
    robust: Any, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("nltk", "datasets", "textattack", "accelerate"):  # GPU machines may lack them
        monkeypatch.setitem(sys.modules, package, None)
    code, _, error = robust("pretrain", "bert-tiny", "--corpus", str(corpus), "--name", "mine", *TINY, *QUICK)
    assert code == 0, error


def test_the_same_command_makes_the_same_encoder_and_a_second_one_is_refused(
    robust: Any, corpus: Path, tmp_path: Path
) -> None:
    def train(name: str) -> tuple[int, str, str]:
        where = ("--corpus", str(corpus), "--out", str(tmp_path / name))
        found: tuple[int, str, str] = robust("pretrain", "bert-tiny", *where, *TINY, *QUICK)
        return found

    assert train("one")[0] == train("two")[0] == 0
    one, two = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("one", "two"))
    assert one == two
    code, _, error = train("one")
    assert code == 2
    assert "holds no interrupted run" in error


def test_an_interrupted_run_goes_on_and_names_a_setting_that_differs(
    robust: Any, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    words = ("pretrain", "bert-tiny", "--corpus", str(corpus), "--out", str(out), *TINY, *QUICK)

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("robust.pretrain.run._save", killed)
        code, _, error = robust(*words)
    assert code == 130
    assert [path.name for path in sorted((out / "checkpoints").iterdir())] == [
        "step-0000004.safetensors",
        "step-0000006.safetensors",
    ]
    code, _, error = robust(*words, "--mask-rate", "0.3")
    assert code == 2
    assert "mask_rate: None there, 0.3 here" in error.splitlines()[-1]
    code, said, error = robust(*words)
    assert code == 0, error
    assert "6 steps, 768 tokens" in said
    assert (out / "model.safetensors").is_file()


def test_a_scheduler_that_ends_it_loses_nothing(
    robust: Any, corpus: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os
    import signal

    from robust.pretrain import run

    honest = run.pretrain

    def ended(*args: Any, report: Any, **more: Any) -> Any:
        def told(step: Any) -> None:
            report(step)
            if step.number == 3:
                os.kill(os.getpid(), signal.SIGTERM)

        return honest(*args, report=told, **more)

    monkeypatch.setattr(run, "pretrain", ended)
    before = signal.getsignal(signal.SIGTERM)
    words = ("--corpus", str(corpus), "--name", "mine", *TINY, *QUICK)
    code, _, error = robust("pretrain", "bert-tiny", *words)
    assert (code, "run the same command again" in error) == (143, True)
    assert signal.getsignal(signal.SIGTERM) is before
    kept = sorted(path.name for path in (own_home / "models" / "encoders" / "mine" / "checkpoints").iterdir())
    assert kept[-1] == "step-0000003.safetensors"


def test_a_packed_corpus_says_how_long_its_windows_are_and_whose_tokens_it_holds(
    robust: Any, corpus: Path, tmp_path: Path
) -> None:
    for name, size in (("one", 150), ("two", 140)):
        words = ("--size", str(size), "--out", str(tmp_path / name))
        assert robust("corpus", "tokenizer", str(corpus), *words)[0] == 0
    pack = tmp_path / "pack"
    words = ("--tokenizer", str(tmp_path / "one"), "--length", "64", "--out", str(pack))
    assert robust("corpus", "pack", str(corpus), *words)[0] == 0
    words = ("bert-tiny", "--corpus", str(pack), "--batch", "4", "--tokens", "1000", *TINY)
    room = ("--shape", "positions=64")  # as many as the windows have
    code, said, error = robust("pretrain", *words, *room, "--out", str(tmp_path / "out"), "--json")
    assert code == 0, error
    record = json.loads(said)
    assert (record["steps"], record["tokens"], record["pack"]["length"]) == (4, 1024, 64)
    for more, told in (
        (("--length", "128"), "has windows of 64"),
        (("--tokenizer", str(tmp_path / "two")), "packed with another vocabulary"),
        (("--vocabulary", "150"), "no tokenizer is trained here"),
        (("--start", str(tmp_path / "out"), "--mimetic", *room), "leave out this or --start"),
        (("--name", "mine"), "give one of them"),
    ):
        code, _, error = robust("pretrain", *words, *more, "--out", str(tmp_path / "more"))
        assert code == 2
        assert told in error.splitlines()[-1]
        assert not (tmp_path / "more").exists()


def test_where_nothing_can_be_written_is_told_before_the_work(
    robust: Any, corpus: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        code, _, error = robust("pretrain", "bert-tiny", "--corpus", str(corpus), "--out", str(out), *TINY)
        assert code == 2
        assert len(error.splitlines()) == 1


def test_a_run_killed_in_its_first_checkpoint_begins_anew(robust: Any, corpus: Path, tmp_path: Path) -> None:
    left = tmp_path / "out" / "checkpoints" / ".step-0000002.safetensors.99.tmp"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    code, _, error = robust(
        "pretrain", "bert-tiny", "--corpus", str(corpus), "--out", str(tmp_path / "out"), *TINY, *QUICK
    )
    assert code == 0, error


def test_a_name_that_is_a_path_is_refused(robust: Any, corpus: Path) -> None:
    for name in ("../mine", "a/b", ".mine", ""):
        code, _, error = robust(
            "pretrain", "bert-tiny", "--corpus", str(corpus), "--name", name, *TINY, *QUICK
        )
        assert code == 2
        assert "or give --out FOLDER" in error


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("bert-tinny",), "did you mean bert-tiny"),
        (("bert-tiny", "--shape", "hidden=15", "--shape", "heads=2"), "2 heads do not divide a width of 15"),
        (("bert-tiny", "--shape", "layers"), "expected a field and a number"),
        (("bert-tiny", "--objective", "clairvoyance"), "expected one of masked-lm"),
        (("roberta-tiny", "--objective", "replaced-token"), "choose a shape of electra or bert"),
        (("bert-tiny", "--generator", "0.5"), "--objective masked-lm has no such thing"),
        (("electra-tiny", "--objective", "replaced-token-two-stage", "--share", "all"), "--share all"),
        (("bert-tiny", "--share-layers", "all"), "--share-layers"),
        (("albert-tiny", "--share-layers", "some"), "expected one of all"),
        (("bert-tiny", "--stage-share", "0.5"), "has no such thing"),
        (("electra-tiny", "--share", "some"), "expected one of none, embeddings, all"),
        (("electra-tiny", "--generator", "0"), "expected a share"),
        (("bert-tiny", "--mask-rate", "1.5"), "between 0 and 1"),
        (("bert-tiny", "--mask-unit", "letter"), "token, word, ngram"),
        (("bert-tiny", "--tokens", "many"), "expected a number such as"),
        (("bert-tiny", "--tokens", "1M", "--budget", "1m"), "expected one of them"),
        (("bert-tiny", "--budget", "soon"), "expected a time such as"),
        (("bert-tiny", "--length", "600"), "512 positions"),
        (("bert-tiny", "--start", "nobody"), "no such model"),
        (("bert-tiny", "--log-to", "paper"), "expected trackio or mlflow"),
        (("bert-tiny", "--keep-checkpoints", "0"), "--keep-checkpoints"),
        (("bert-tiny", "--vocabulary", "9000"), "--size"),
    ],
)
def test_what_is_asked_wrongly_gets_one_line_and_leaves_nothing(
    robust: Any, corpus: Path, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    small = () if "--vocabulary" in words else ("--vocabulary", "150")
    out = tmp_path / "out"
    code, said, error = robust("pretrain", *words, "--corpus", str(corpus), "--out", str(out), *small)
    assert code == 2
    assert told in error.splitlines()[-1]
    assert said == ""
    assert not out.exists()


def test_a_corpus_that_is_none_gets_one_line(robust: Any, tmp_path: Path) -> None:
    empty, binary = tmp_path / "empty.txt", tmp_path / "binary.txt"
    empty.write_text("\n\n")
    binary.write_bytes(b"\x00\x01\x02" * 100)
    for file, told in (
        (empty, "no text in it"),
        (binary, "so it is no text"),
        (tmp_path / "none", "no such file"),
    ):
        code, _, error = robust(
            "pretrain", "bert-tiny", "--corpus", str(file), "--out", str(tmp_path / "out")
        )
        assert code == 2
        assert told in error.splitlines()[-1]
        assert not (tmp_path / "out").exists()


def test_a_tokenizer_trained_before_and_damaged_since_is_trained_again(
    robust: Any, corpus: Path, own_home: Path
) -> None:
    words = ("pretrain", "bert-tiny", "--corpus", str(corpus), *TINY, *QUICK, "--json")
    assert robust(*words, "--name", "one")[0] == 0
    (file,) = (own_home / "packs").glob("tokenizer-*/tokenizer_config.json")
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"[MASK]", b"[MASC]"))
    assert robust(*words, "--name", "two")[0] == 0
    assert file.read_bytes() == whole
    one, two = (own_home / "models" / "encoders" / name / "model.safetensors" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
