"""An encoder's weights come back from the small file within half a step of their row."""

from __future__ import annotations

import runpy
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

TOOL = runpy.run_path(str(Path(__file__).parents[1] / "tools" / "encoder_file.py"))


def test_weights_come_back_and_texts_travel(tmp_path: Path) -> None:
    torch.manual_seed(0)
    weights = {"wide": torch.randn(64, 128), "bias": torch.randn(64), "dead": torch.zeros(64, 128)}
    folder = tmp_path / "encoder"
    folder.mkdir()
    save_file(weights, folder / "model.safetensors")
    for name in TOOL["TEXTS"]:
        (folder / name).write_text(f'{{"of": "{name}"}}')
    TOOL["pack"](folder, tmp_path / "small")
    TOOL["unpack"](tmp_path / "small", tmp_path / "again")
    found = load_file(tmp_path / "again" / "model.safetensors")
    step = weights["wide"].abs().amax(1, keepdim=True) / 127
    assert ((found["wide"] - weights["wide"]).abs() <= 0.51 * step).all()
    assert torch.equal(found["dead"], weights["dead"])
    assert torch.allclose(found["bias"], weights["bias"], atol=2e-3)
    assert (tmp_path / "small").stat().st_size < (folder / "model.safetensors").stat().st_size / 3
    assert '"config.json"' in (tmp_path / "again" / "config.json").read_text()
