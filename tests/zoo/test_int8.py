"""A reader in int8: the same answers from a quarter of the bytes, and one line where the file is spoilt."""

from __future__ import annotations

import pytest
import torch

from robust.errors import UserError
from robust.reader.predict import PredictSettings, predict
from robust.zoo.checkpoints import load_reader, save_int8, save_reader
from robust.zoo.int8 import SCALE, quantised, restored
from robust.zoo.lookup import INT8_FILE

CPU = PredictSettings(device="cpu", dtype="float32")


@pytest.fixture
def saved(tiny, tmp_path):
    reader = tiny.tiny_reader("bert-tiny")
    save_reader(tmp_path / "whole", reader.model, reader.tokenizer, reader.settings)
    save_int8(tmp_path / "small", reader.model, reader.tokenizer, reader.settings)
    return tmp_path


def test_no_weight_moves_by_more_than_half_a_step_of_its_row():
    torch.manual_seed(0)
    weights = {"wide": torch.randn(64, 128), "bias": torch.randn(64), "dead": torch.zeros(64, 128)}
    small = quantised(weights)
    assert small["wide"].dtype == torch.int8 and small["wide" + SCALE].shape == (64, 1)
    found = restored(small)
    assert found.keys() == weights.keys()
    step = weights["wide"].abs().amax(1, keepdim=True) / 127
    assert ((found["wide"] - weights["wide"]).abs() <= 0.51 * step).all()
    assert torch.equal(found["dead"], weights["dead"])
    assert torch.allclose(found["bias"], weights["bias"], atol=2e-3)


def test_the_small_reader_is_a_float32_reader_that_scores_nearly_alike(saved, tiny):
    whole, small = load_reader(saved / "whole"), load_reader(saved / "small")
    assert {parameter.dtype for parameter in small.model.parameters()} == {torch.float32}
    assert small.settings == whole.settings
    assert small.sha256 != whole.sha256
    size = {n: sum(p.stat().st_size for p in (saved / n).glob("*.safetensors")) for n in ("whole", "small")}
    assert size["small"] < 0.35 * size["whole"]
    pairs = zip(
        predict(whole, tiny.tiny_questions(), CPU), predict(small, tiny.tiny_questions(), CPU), strict=True
    )
    for one, other in pairs:
        assert other.null_odds == pytest.approx(one.null_odds, abs=0.5)


def test_what_is_loaded_does_not_hang_on_chance(saved, tiny):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    one = predict(load_reader(saved / "small"), tiny.tiny_questions(), CPU)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert predict(load_reader(saved / "small"), tiny.tiny_questions(), CPU) == one


def test_a_spoilt_file_is_told_in_one_line(saved):
    path = saved / "small" / INT8_FILE
    data = path.read_bytes()
    for spoilt in (data[: len(data) // 2], b"", b"\x80\x04K\x01."):
        path.write_bytes(spoilt)
        with pytest.raises(UserError, match=r"int8\.safetensors: broken"):
            load_reader(saved / "small")


def test_a_file_of_another_model_is_told(saved, tiny):
    other = tiny.tiny_reader("electra-tiny")
    save_int8(saved / "other", other.model, other.tokenizer, other.settings)
    (saved / "small" / INT8_FILE).write_bytes((saved / "other" / INT8_FILE).read_bytes())
    with pytest.raises(UserError, match=r"int8\.safetensors: broken"):
        load_reader(saved / "small")
