"""No code comes with a model or a data set: what a folder brings as Python is never imported."""

from __future__ import annotations

import fnmatch
import inspect
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import datasets
import pytest

from robust.errors import UserError
from robust.zoo.checkpoints import load_reader, save_reader
from robust.zoo.lookup import _HUB_FILES
from robust.zoo.masked_lm import load_masked_lm

CODE = """
from pathlib import Path
Path({mark!r}).mkdir(exist_ok=True)
from transformers import BertConfig as MyConfig, BertForQuestionAnswering as MyModel
from transformers import BertTokenizerFast as MyTokenizer
"""
AUTO = {
    "AutoConfig": "own_code.MyConfig",
    "AutoModelForQuestionAnswering": "own_code.MyModel",
    "AutoModelForMaskedLM": "own_code.MyModel",
    "AutoModel": "own_code.MyModel",
    "AutoTokenizer": ["own_code.MyTokenizer", "own_code.MyTokenizer"],
}


@pytest.fixture
def folder(tiny: Any, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A reader that brings code, and asks transformers in every way to run it."""
    mark = tmp_path / "has-run"
    # a user who once agreed in another tool has not agreed here
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("asked whether to run the code"))
    reader = tiny.tiny_reader()
    folder = tmp_path / "reader"
    save_reader(folder, reader.model, reader.tokenizer, reader.settings)
    for name in ("own_code.py", "configuration_own.py", "modeling_own.py", "custom_generate/generate.py"):
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(CODE.format(mark=str(mark)))
    yield folder
    assert not mark.exists()


def change(folder: Path, name: str, **values: Any) -> None:
    file = folder / name
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


@pytest.mark.parametrize("model_type", ["bert", "my-own", None])
@pytest.mark.parametrize("load", [load_reader, load_masked_lm])
def test_auto_map_is_not_followed(folder: Path, model_type: str | None, load: Any) -> None:
    change(folder, "config.json", auto_map=AUTO, architectures=["MyModel"], trust_remote_code=True)
    change(
        folder, "tokenizer_config.json", auto_map=AUTO, tokenizer_class="MyTokenizer", trust_remote_code=True
    )
    if model_type is None:
        config = json.loads((folder / "config.json").read_text())
        del config["model_type"]
        (folder / "config.json").write_text(json.dumps(config))
    else:
        change(folder, "config.json", model_type=model_type)
    with suppress(UserError):
        load(folder)  # by transformers' own class, where its type is one of theirs


@pytest.mark.parametrize(
    "values",
    [
        {"_attn_implementation": "owner/kernel", "attn_implementation": "owner/kernel:function"},
        {"quantization_config": {"quant_method": "own_code.Quantizer", "load_in_4bit": True}},
        {"transformers_weights": "../../elsewhere.safetensors"},
        {"hidden_act": "own_code.activation"},
        {"torch_dtype": "own_code.dtype", "dtype": "own_code.dtype"},
        {"hidden_size": "own_code"},
        {"id2label": [1, 2], "num_labels": "x"},
        {"architectures": "own_code.MyModel"},
        {"model_type": ["bert"]},
        {"model_type": {}},
        {"num_hidden_layers": -1},
        {"vocab_size": 10**30},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_configuration_names_no_code_and_ends_in_one_line(folder: Path, values: dict[str, Any]) -> None:
    change(folder, "config.json", **values)
    try:
        load_reader(folder)
    except UserError as error:
        assert "\n" not in str(error)


def test_an_adapter_names_a_model_of_ours_not_code(folder: Path) -> None:
    (folder / "adapter.json").write_text('{"base": "own_code", "base_sha256": "0"}')
    with pytest.raises(UserError, match="own_code"):
        load_reader(folder)


def test_only_weights_and_texts_are_fetched_from_the_hub() -> None:
    dangerous = ["modeling_own.py", "own_code.py", "pytorch_model.bin", "model.pt", "optimizer.pt", "x.pkl",
                 "tf_model.h5", "training_args.bin", "custom_generate/generate.py", "model.safetensors.py",
                 "model.onnx", "tokenizer.pkl", "chat_template.jinja"]  # fmt: skip
    fetched = [name for name in dangerous if any(fnmatch.fnmatch(name, one) for one in _HUB_FILES)]
    assert fetched == []


def test_the_datasets_library_runs_no_script_of_a_data_set(tmp_path: Path) -> None:
    """Versions before 4 did where they were told to; ours asks for 5."""
    assert "trust_remote_code" not in inspect.signature(datasets.load_dataset).parameters
    folder = tmp_path / "own"
    folder.mkdir()
    mark = tmp_path / "has-run"
    (folder / "own.py").write_text(CODE.format(mark=str(mark)))
    with pytest.raises(RuntimeError, match="scripts are no longer supported"):
        datasets.load_dataset(str(folder / "own.py"))
    assert not mark.exists()
