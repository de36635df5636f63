"""Pickled checkpoints: what becomes safetensors, and what is refused without being run."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoModelForQuestionAnswering

from robust.errors import UserError, quoted
from robust.reader.predict import PredictSettings, predict
from robust.zoo.checkpoints import load_reader, save_reader
from robust.zoo.convert import convert


@pytest.fixture
def pickled(tiny, tmp_path):
    """Return (folder of a pickled reader, the reader)."""
    reader = tiny.tiny_reader()
    folder = tmp_path / "old"
    save_reader(folder, reader.model, reader.tokenizer, reader.settings)
    torch.save(reader.model.state_dict(), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    return folder, reader


def answers(reader, tiny):
    found = predict(reader, tiny.tiny_questions(), PredictSettings(device="cpu"))
    return [(p.text, p.null_odds) for p in found]


def test_a_converted_reader_answers_as_the_pickled_one_did(tiny, pickled, tmp_path):
    folder, reader = pickled
    with pytest.raises(UserError, match=r"convert it: robust convert .*old'? --out old-safe"):
        load_reader(folder)
    done = convert(folder, tmp_path / "new")
    assert (done["kind"], done["renamed"], done["untied"]) == ("reader", 0, 0)
    assert answers(load_reader(tmp_path / "new"), tiny) == answers(reader, tiny)
    assert not list((tmp_path / "new").glob("*.bin"))
    model = AutoModelForQuestionAnswering.from_pretrained(tmp_path / "new", use_safetensors=True)
    assert torch.equal(model.qa_outputs.weight, reader.model.qa_outputs.weight)


def test_shards_are_put_together(tiny, pickled, tmp_path):
    folder, reader = pickled
    weights = reader.model.state_dict()
    names = sorted(weights)
    shards = {"pytorch_model-00001-of-00002.bin": names[::2], "pytorch_model-00002-of-00002.bin": names[1::2]}
    for file, own in shards.items():
        torch.save({n: weights[n] for n in own}, folder / file)
    where = {n: file for file, own in shards.items() for n in own}
    (folder / "pytorch_model.bin").unlink()
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": where}))
    assert convert(folder, tmp_path / "new")["tensors"] == len(names)
    assert answers(load_reader(tmp_path / "new"), tiny) == answers(reader, tiny)
    (folder / "pytorch_model-00002-of-00002.bin").unlink()
    with pytest.raises(UserError, match=r"00002-of-00002\.bin: missing"):
        convert(folder, tmp_path / "other")


def test_an_index_cannot_name_files_elsewhere(pickled, tmp_path):
    folder, _ = pickled
    (folder / "pytorch_model.bin").rename(tmp_path / "elsewhere.bin")
    (folder / "pytorch_model.bin.index.json").write_text(
        json.dumps({"weight_map": {"a": "../elsewhere.bin"}})
    )
    with pytest.raises(UserError, match="expected files of its own folder"):
        convert(folder, tmp_path / "new")


class Payload:
    """What a malicious checkpoint holds: unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_pickle_that_runs_code_is_refused_and_not_run(pickled, tmp_path):
    folder, reader = pickled
    trap = tmp_path / "sprung"
    torch.save({**reader.model.state_dict(), "x": Payload(trap)}, folder / "pytorch_model.bin")
    with pytest.raises(UserError, match=r"pytorch_model\.bin: refused: holds more than tensors .*mkdir"):
        convert(folder, tmp_path / "new")
    assert not trap.exists()
    assert not (tmp_path / "new").exists()
    # a plain pickle, not one of torch's
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Payload(trap)))
    with pytest.raises(UserError, match=r"refused|broken"):
        convert(folder, tmp_path / "new")
    assert not trap.exists()


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (torch.zeros(3), "holds no weights by name"),
        ({"a": 3}, "'a' is no tensor"),
        ({}, "holds no weights by name"),
    ],
)
def test_a_pickle_of_something_else_is_refused(pickled, tmp_path, held, said):
    folder, _ = pickled
    torch.save(held, folder / "pytorch_model.bin")
    with pytest.raises(UserError, match=said):
        convert(folder, tmp_path / "new")


def test_a_cut_off_file_is_called_broken(pickled, tmp_path):
    folder, _ = pickled
    raw = (folder / "pytorch_model.bin").read_bytes()
    (folder / "pytorch_model.bin").write_bytes(raw[: len(raw) // 2])
    with pytest.raises(UserError, match=r"pytorch_model\.bin: (broken|refused)"):
        convert(folder, tmp_path / "new")


def test_names_that_wrappers_and_tensorflow_left_are_mended(tiny, pickled, tmp_path):
    folder, reader = pickled
    old = {
        "module."
        + k.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): v
        for k, v in reader.model.state_dict().items()
    }
    torch.save({"epoch": 3, "state_dict": old}, folder / "pytorch_model.bin")
    assert convert(folder, tmp_path / "new")["renamed"] == len(old)
    assert answers(load_reader(tmp_path / "new"), tiny) == answers(reader, tiny)


def test_tied_weights_each_get_their_own_copy(tiny, pickled, tmp_path):
    folder, reader = pickled
    weights = reader.model.state_dict()
    weights["cls.predictions.decoder.weight"] = weights["bert.embeddings.word_embeddings.weight"]
    torch.save(weights, folder / "pytorch_model.bin")
    assert convert(folder, tmp_path / "new")["untied"] == 1
    assert "cls.predictions.decoder.weight" in load_file(tmp_path / "new" / "model.safetensors")
    assert answers(load_reader(tmp_path / "new"), tiny) == answers(reader, tiny)


def test_an_encoder_without_a_head_is_converted_as_one(pickled, tmp_path):
    folder, reader = pickled
    torch.save(reader.model.base_model.state_dict(), folder / "pytorch_model.bin")
    (folder / "robust.json").unlink()
    assert convert(folder, tmp_path / "new")["kind"] == "encoder"
    encoder = AutoModel.from_pretrained(tmp_path / "new", use_safetensors=True)
    ours = reader.model.base_model.embeddings.word_embeddings.weight
    assert torch.equal(encoder.embeddings.word_embeddings.weight, ours)


def test_a_checkpoint_without_a_tokenizer_is_one_line(pickled, tmp_path):
    folder, _ = pickled
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        (folder / name).unlink(missing_ok=True)
    with pytest.raises(UserError, match=rf"no tokenizer in {folder}"):
        convert(folder, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_what_is_no_pickled_checkpoint_is_refused(tiny, pickled, tmp_path):
    folder, reader = pickled
    with pytest.raises(UserError, match=r"no config\.json"):
        convert(tmp_path, tmp_path / "new")
    with pytest.raises(UserError, match="a file, expected the folder"):
        convert(folder / "config.json", tmp_path / "new")
    with pytest.raises(UserError, match="holds the checkpoint itself"):
        convert(folder, folder)
    (folder / "pytorch_model.bin").rename(folder / "tf_model.h5")
    with pytest.raises(UserError, match="nothing else is converted"):
        convert(folder, tmp_path / "new")
    save_reader(tmp_path / "safe", reader.model, reader.tokenizer, reader.settings)
    with pytest.raises(UserError, match="safetensors already"):
        convert(tmp_path / "safe", tmp_path / "new")


def test_no_other_module_reads_pickles():
    """Rule 7: torch.load, pickle and their like occur in the converter alone."""
    package = Path(__file__).parents[2] / "robust"
    forbidden = ("torch.load", "pickle.load", "import pickle", "joblib", "allow_pickle=True")
    guilty = {
        path.name
        for path in package.rglob("*.py")
        if any(word in path.read_text(encoding="utf-8") for word in forbidden)
    }
    assert guilty == {"convert.py"}


def test_the_command_names_a_folder_that_is_not_there(tmp_path):
    from robust.cli.convert import convert as command

    with pytest.raises(UserError, match=r"old: no such folder; expected the folder of a Hugging Face"):
        command(tmp_path / "old", tmp_path / "new")


def test_the_command_converts_and_says_what_it_did(pickled, tmp_path, capsys):
    from robust.cli.convert import convert as command

    folder, _ = pickled
    command(folder, output=tmp_path / "new", as_json=True)
    assert json.loads(capsys.readouterr().out)["kind"] == "reader"
    command(folder, output=tmp_path / "second")
    assert f"robust eval --model {quoted(tmp_path / 'second')}" in capsys.readouterr().out.replace("\n", "")


def test_a_training_class_prefix_is_taken_off_any_family(tiny, tmp_path):
    import dataclasses

    from transformers import DistilBertConfig, DistilBertForQuestionAnswering

    reader = tiny.tiny_reader()
    shape = DistilBertConfig(vocab_size=len(reader.tokenizer), dim=16, n_layers=1, n_heads=2, hidden_dim=16)
    model = DistilBertForQuestionAnswering(shape).eval()
    folder = tmp_path / "old"
    save_reader(folder, model, reader.tokenizer, dataclasses.replace(reader.settings, family="distilbert"))
    torch.save({f"model.{k}": v for k, v in model.state_dict().items()}, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    assert convert(folder, tmp_path / "new")["kind"] == "reader"
    back = load_reader(tmp_path / "new").model.state_dict()
    assert all(torch.equal(back[k], v) for k, v in model.state_dict().items())


@pytest.mark.parametrize("fault", ["foreign names", "a layer is missing"])
def test_a_checkpoint_without_all_weights_is_not_converted(pickled, tmp_path, fault):
    folder, reader = pickled
    weights = reader.model.state_dict()
    if fault == "foreign names":
        weights = {f"foo.{k}": v for k, v in weights.items()}
    else:
        weights = {k: v for k, v in weights.items() if ".layer.1." not in k}
    torch.save(weights, folder / "pytorch_model.bin")
    with pytest.raises(UserError, match="weights of the model are not in the files"):
        convert(folder, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_converting_never_replaces_a_folder_with_files(pickled, tmp_path):
    folder, _ = pickled
    trainer = tmp_path / "trainer"
    trainer.mkdir()
    (trainer / "config.json").write_text("{}")
    (trainer / "notes.txt").write_text("mine")
    source = folder.rename(trainer / "checkpoint-1")
    with pytest.raises(UserError, match="holds the checkpoint itself"):
        convert(source, trainer)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "config.json").write_text("{}")
    with pytest.raises(UserError, match="expected a new or an empty folder"):
        convert(source, tmp_path / "other")
    assert (trainer / "notes.txt").read_text() == "mine"
    assert (source / "pytorch_model.bin").is_file()


@pytest.mark.parametrize("text", ["version https://git-lfs.github.com/spec/v1\n", "<!doctype html><html>"])
def test_a_file_that_is_no_checkpoint_is_not_called_dangerous(pickled, tmp_path, text):
    folder, _ = pickled
    (folder / "pytorch_model.bin").write_text(text)
    with pytest.raises(UserError, match=r"no checkpoint \(starts with b'.*fetch it again"):
        convert(folder, tmp_path / "new")


def test_damaged_bytes_are_one_line_wherever_they_are(pickled, tmp_path):
    import io
    import zipfile

    folder, _ = pickled
    file = folder / "pytorch_model.bin"
    torch.save({"a": torch.zeros(2), "b": torch.ones(3)}, file)
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    (program,) = (name for name in parts if name.endswith("data.pkl"))
    for place in range(2, len(parts[program]), 3):
        for value in (0x52, 0x30, 0x71, 0x65):  # REDUCE, POP, BINPUT, APPENDS
            raw = bytearray(parts[program])
            raw[place] = value
            held = io.BytesIO()
            with zipfile.ZipFile(held, "w") as archive:
                for name, own in parts.items():
                    archive.writestr(name, bytes(raw) if name == program else own)
            file.write_bytes(held.getvalue())
            with pytest.raises(UserError):
                convert(folder, tmp_path / "new")
