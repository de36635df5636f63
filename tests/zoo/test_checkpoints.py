"""Readers on disk: round trips, and one clear line for everything that is no reader."""

import dataclasses
import json
import shutil
from fnmatch import fnmatch

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForQuestionAnswering, AutoTokenizer, BertModel

from robust.errors import UserError
from robust.zoo import lookup
from robust.zoo.architecture import model_config, new_reader
from robust.zoo.catalogue import MODELS
from robust.zoo.checkpoints import load_reader, new_encoder_reader, save_reader
from robust.zoo.settings import ReaderSettings
from robust.zoo.tokenizers import load_tokenizer, save_tokenizer


@pytest.fixture
def saved(tiny, tmp_path):
    reader = tiny.tiny_reader()
    folder = tmp_path / "reader"
    save_reader(
        folder, reader.model, reader.tokenizer, dataclasses.replace(reader.settings, null_threshold=-1.5)
    )
    return folder


@pytest.mark.parametrize("name", ["bert-tiny", "roberta-tiny", "albert-tiny", "electra-tiny"])
def test_a_reader_of_every_family_comes_back_as_it_was_saved(tiny, tmp_path, name):
    reader = tiny.tiny_reader(name)
    settings = dataclasses.replace(
        reader.settings, null_threshold=0.25, recipe={"lr": 1e-4}, extra={"x": [1]}
    )
    save_reader(tmp_path / "r", reader.model, reader.tokenizer, settings)
    back = load_reader(tmp_path / "r")
    before, after = reader.model.state_dict(), back.model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[k], after[k]) for k in before)
    assert dataclasses.replace(back.settings, vocabulary_sha256=None) == settings
    assert not back.model.training


def test_plain_transformers_opens_a_saved_reader_without_our_files(saved):
    (saved / "robust.json").unlink()
    model = AutoModelForQuestionAnswering.from_pretrained(saved, use_safetensors=True)
    tokenizer = AutoTokenizer.from_pretrained(saved)
    assert model(**tokenizer("Who?", "Ana.", return_tensors="pt")).start_logits.shape[0] == 1


def test_a_reader_without_our_settings_takes_those_of_its_shape(saved):
    (saved / "robust.json").unlink()
    settings = load_reader(saved).settings
    assert (settings.family, settings.max_length, settings.null_threshold) == ("bert", 384, None)
    assert settings.lower_case


def test_the_sha256_of_a_reader_follows_its_weights_and_not_its_threshold(saved, tiny):
    first = load_reader(saved).sha256
    reader = tiny.tiny_reader()
    save_reader(
        saved, reader.model, reader.tokenizer, dataclasses.replace(reader.settings, null_threshold=9.0)
    )
    assert load_reader(saved).sha256 == first
    with torch.no_grad():
        reader.model.qa_outputs.bias.add_(1)
    save_reader(saved, reader.model, reader.tokenizer, reader.settings)
    assert load_reader(saved).sha256 != first


def test_saving_over_a_folder_that_is_no_reader_is_refused_and_harms_nothing(tiny, tmp_path):
    reader = tiny.tiny_reader()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("meow")
    with pytest.raises(UserError, match="not a model's folder"):
        save_reader(tmp_path / "photos", reader.model, reader.tokenizer, reader.settings)
    assert [p.name for p in (tmp_path / "photos").iterdir()] == ["cat.jpg"]


def test_a_failed_save_leaves_the_old_reader_and_no_litter(saved, tiny, monkeypatch):
    reader = tiny.tiny_reader()

    def full_disk(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reader.tokenizer, "save_pretrained", full_disk)
    with pytest.raises(UserError, match="No space left"):
        save_reader(saved, reader.model, reader.tokenizer, reader.settings)
    assert load_reader(saved).settings.null_threshold == -1.5
    assert [p.name for p in saved.parent.iterdir() if p.name.startswith(".")] == []


def test_pickled_weights_are_refused(saved):
    weights = load_file(saved / "model.safetensors")
    torch.save(weights, saved / "pytorch_model.bin")
    (saved / "model.safetensors").unlink()
    with pytest.raises(UserError, match=r"pytorch_model.bin is not safetensors"):
        load_reader(saved)


def test_a_bare_encoder_is_refused_with_the_command_that_fine_tunes_it(tiny, tmp_path):
    tokenizer = tiny.tiny_tokenizer()
    BertModel(model_config(MODELS["bert-tiny"].shape, tokenizer)).save_pretrained(tmp_path / "bare")
    tokenizer.save_pretrained(tmp_path / "bare")
    with pytest.raises(UserError, match=r"no question-answering head.*robust finetune"):
        load_reader(tmp_path / "bare")
    model, _ = new_encoder_reader(tmp_path / "bare", seed=1)
    again, _ = new_encoder_reader(tmp_path / "bare", seed=1)
    other, _ = new_encoder_reader(tmp_path / "bare", seed=2)
    head = model.qa_outputs.weight
    assert torch.equal(head, again.qa_outputs.weight)
    assert not torch.equal(head, other.qa_outputs.weight)


def test_a_tokenizer_with_too_many_tokens_does_not_match(saved, tiny):
    reader = load_reader(saved)
    reader.tokenizer.add_tokens([f"extra{i}" for i in range(50)])
    reader.tokenizer.save_pretrained(saved)
    with pytest.raises(UserError, match="tokenizer does not match"):
        load_reader(saved)


def test_a_tokenizer_of_five_tokens_does_not_match_a_large_vocabulary(tiny, tmp_path):
    # the trap of BertTokenizerFast(vocab_file=...): everything becomes [UNK]
    reader = tiny.tiny_reader()
    model = new_reader(MODELS["bert-tiny"].shape)
    save_reader(tmp_path / "r", model, reader.tokenizer, ReaderSettings())
    with pytest.raises(UserError, match="tokenizer does not match"):
        load_reader(tmp_path / "r")


def test_another_vocabulary_of_the_same_size_does_not_match(saved):
    path = saved / "tokenizer.json"
    values = json.loads(path.read_text())
    vocabulary = values["model"]["vocab"]
    vocabulary["boats"], vocabulary["oak"] = vocabulary["oak"], vocabulary["boats"]
    path.write_text(json.dumps(values))
    with pytest.raises(UserError, match="vocabulary is not the one"):
        load_reader(saved)


def test_the_hubs_older_layout_with_a_bare_vocabulary_is_read(saved):
    # many fine-tuned readers on the hub have vocab.txt and no tokenizer.json
    before = load_reader(saved).tokenizer
    words = sorted(before.get_vocab(), key=before.get_vocab().get)
    (saved / "tokenizer.json").unlink()
    (saved / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    (saved / "tokenizer_config.json").write_text('{"do_lower_case": true}')
    after = load_reader(saved).tokenizer
    pair = ("Who built it?", "Edda Marsh built the OLD harbour 🍋.")
    assert before(*pair)["input_ids"] == after(*pair)["input_ids"]
    assert after.is_fast


def test_saving_says_nothing(tiny, tmp_path, capfd):
    reader = tiny.tiny_reader()
    save_reader(tmp_path / "r", reader.model, reader.tokenizer, reader.settings)
    load_reader(tmp_path / "r")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("gone", [("tokenizer.json",), ("tokenizer.json", "tokenizer_config.json")])
def test_a_missing_tokenizer_is_named(saved, gone):
    """Transformers makes one of five tokens up: a small model would read every word as unknown."""
    for name in gone:
        (saved / name).unlink()
    with pytest.raises(UserError, match=r"no tokenizer in .*copy the model's own"):
        load_reader(saved)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("{", "not JSON"),
        ("[]", "expected an object"),
        ('{"nul_threshold": 1}', "unknown key 'nul_threshold'"),
        ('{"stride": 0}', "stride is 0"),
        ('{"null_threshold": "high"}', "null_threshold is 'high'"),
        ('{"max_length": 4096}', "512 positions"),
        ('{"max_length": 196}', "expected more than 196"),
        ('{"null_threshold": NaN}', "expected a finite number"),
        ('{"recipe": []}', "recipe is .*expected an object"),
        ('{"training": 1}', "training is 1, expected an object"),
        ('{"extra": "x"}', "extra is 'x', expected an object"),
    ],
)
def test_broken_settings_are_named(saved, text, match):
    (saved / "robust.json").write_text(text)
    with pytest.raises(UserError, match=match):
        load_reader(saved)


def test_broken_weights_are_named(saved):
    data = (saved / "model.safetensors").read_bytes()
    (saved / "model.safetensors").write_bytes(data[:100])
    with pytest.raises(UserError, match="broken"):
        load_reader(saved)


def test_a_head_of_three_outputs_is_refused(saved):
    weights = load_file(saved / "model.safetensors")
    weights["qa_outputs.weight"] = torch.zeros(3, weights["qa_outputs.weight"].shape[1])
    save_file(weights, saved / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match="3 outputs, expected 2"):
        load_reader(saved)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UserError, match="did you mean electra-large"):
        load_reader("electra-lrage")


def test_a_known_model_that_is_nowhere_names_the_command_that_makes_it():
    with pytest.raises(UserError, match=r"robust finetune electra-tiny --data squad2:train --out"):
        load_reader("electra-tiny")


def test_offline_is_honoured_at_once(monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(lookup, "_reachable", lambda *a: pytest.fail("asked the network"))
    with pytest.raises(UserError, match=r"HF_HUB_OFFLINE.*make it: robust finetune"):
        load_reader("electra-base")


@pytest.mark.parametrize("name", ["somebody/some-reader", "somebody/some-reader@refs/pr/1"])
def test_an_unreachable_hub_is_one_line(monkeypatch, name):
    monkeypatch.setattr(lookup, "_reachable", lambda *a: False)
    with pytest.raises(UserError, match=rf"{name}: the hub .* cannot be reached .* no folder of this name"):
        load_reader(name)


def test_the_hub_is_asked_for_the_pinned_revision_and_for_safetensors_only(saved, monkeypatch):
    from huggingface_hub.errors import LocalEntryNotFoundError

    asked = []

    def snapshot(identifier, **options):
        asked.append((identifier, options))
        if options.get("local_files_only"):
            raise LocalEntryNotFoundError("not in the cache")
        return str(saved)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot)
    monkeypatch.setattr(lookup, "_reachable", lambda *a: True)
    assert load_reader("electra-base").settings.null_threshold == -1.5
    hub = MODELS["electra-base"].reader
    assert [(identifier, options["revision"]) for identifier, options in asked] == [
        (hub.id, hub.revision)
    ] * 2
    patterns = asked[-1][1]["allow_patterns"]
    assert not any(fnmatch(name, p) for p in patterns for name in ("pytorch_model.bin", "modeling_x.py"))
    assert any(fnmatch("model-00001-of-00002.safetensors", p) for p in patterns)


def test_a_model_made_here_comes_before_a_shipped_one_and_the_hub(saved, own_home, monkeypatch, tmp_path):
    monkeypatch.setattr(lookup, "shipped_models", lambda: tmp_path / "shipped")
    shutil.copytree(saved, tmp_path / "shipped" / "bert-base")
    assert lookup.find_reader("bert-base") == tmp_path / "shipped" / "bert-base"
    shutil.copytree(saved, own_home / "models" / "bert-base")
    assert lookup.find_reader("bert-base") == own_home / "models" / "bert-base"
    assert lookup.local_readers()["bert-base"] == own_home / "models" / "bert-base"


@pytest.mark.parametrize("name", ["./nothing", "/no/such/folder"])
def test_a_path_that_is_not_there_is_a_path_and_not_a_name(name):
    with pytest.raises(UserError, match="no such folder"):
        load_reader(name)


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(UserError, match=r"no config.json"):
        load_reader(tmp_path)


def test_a_model_of_few_positions_gets_windows_that_leave_room_for_the_context(tiny, tmp_path):
    reader = tiny.tiny_reader()
    shape = dataclasses.replace(MODELS["bert-tiny"].shape, positions=128)
    save_reader(tmp_path / "r", new_reader(shape, reader.tokenizer), reader.tokenizer, reader.settings)
    (tmp_path / "r" / "robust.json").unlink()
    settings = load_reader(tmp_path / "r").settings
    assert (settings.max_length, settings.stride, settings.max_question) == (128, 42, 40)


@pytest.mark.parametrize("name", ["spiece.model", "special_tokens_map.json", "added_tokens.json"])
def test_the_sha256_of_a_reader_follows_every_tokenizer_file(saved, name):
    from robust.zoo.checkpoints import _identity_files

    (saved / name).unlink(missing_ok=True)  # transformers 4 writes special_tokens_map.json
    assert saved / name not in _identity_files(saved, "saved")
    (saved / name).write_text("{}")
    assert saved / name in _identity_files(saved, "saved")


def test_weights_that_are_missing_are_said_and_not_drawn_at_random(saved):
    file = saved / "model.safetensors"
    whole = load_file(file)
    save_file(
        {k: v for k, v in whole.items() if "attention.self.query" not in k}, file, metadata={"format": "pt"}
    )
    with pytest.raises(UserError, match=r"weights of the model are not in the files .*query"):
        load_reader(saved)
    with pytest.raises(UserError, match=r"weights of the model are not in the files .*query"):
        new_encoder_reader(saved)
    save_file({k: v for k, v in whole.items() if k != "qa_outputs.bias"}, file, metadata={"format": "pt"})
    with pytest.raises(UserError, match=r"qa_outputs\.bias"):
        load_reader(saved)
    new_encoder_reader(saved)  # whose head is new in any case


def test_the_hint_to_convert_names_a_folder_even_from_inside_it(saved, monkeypatch):
    (saved / "model.safetensors").rename(saved / "pytorch_model.bin")
    monkeypatch.chdir(saved)
    with pytest.raises(UserError, match=r"--out reader-safe"):
        load_reader(".")


def test_a_tokenizer_of_no_family_is_saved_under_the_name_that_older_transformers_know(tiny, tmp_path):
    save_tokenizer(tiny.tiny_tokenizer(), tmp_path)
    config = json.loads((tmp_path / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert config["tokenizer_class"] == "PreTrainedTokenizerFast"
    assert load_tokenizer(tmp_path, "x").get_vocab() == tiny.tiny_tokenizer().get_vocab()
