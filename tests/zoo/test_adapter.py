"""Adapters: small differences over an encoder that a package brings."""

import json

import pytest
import torch

from robust.errors import UserError
from robust.zoo.adapter import extract_adapter, merge_adapter
from robust.zoo.checkpoints import load_reader, new_encoder_reader, save_adapter
from robust.zoo.settings import ReaderSettings


@pytest.fixture
def pair(tiny):
    return tiny.tiny_reader().model, tiny.tiny_reader().model


def _train(model, rank, embeddings=False):
    """Move every matrix by a difference of the given rank, every vector at will."""
    random = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "embedding" in name and not embeddings:
                continue
            if value.ndim == 2:
                left = torch.randn(value.shape[0], rank, generator=random)
                right = torch.randn(rank, value.shape[1], generator=random)
                value.add_(0.01 * left @ right)
            else:
                value.add_(0.01 * torch.randn(value.shape, generator=random))


def test_a_difference_of_low_rank_comes_back_to_half_precision(pair):
    base, tuned = pair
    _train(tuned, rank=2)
    merge_adapter(base, extract_adapter(tuned, base, rank=2))
    for name, value in tuned.state_dict().items():
        assert torch.allclose(base.state_dict()[name], value, rtol=1e-3, atol=2e-4), name


def test_the_truncation_is_the_best_of_its_rank(pair):
    base, tuned = pair
    _train(tuned, rank=8)
    name = "bert.encoder.layer.0.intermediate.dense.weight"
    delta = tuned.state_dict()[name] - base.state_dict()[name]
    tensors = extract_adapter(tuned, base, rank=3)
    kept = tensors[f"{name}.up"].float() @ tensors[f"{name}.down"].float()
    # Eckart-Young: the error of the best rank-3 approximation is the norm of the other singular values
    best = torch.linalg.svdvals(delta)[3:].norm()
    assert (delta - kept).norm() == pytest.approx(best.item(), rel=1e-2)
    assert tensors[f"{name}.up"].shape[1] == 3
    assert all(value.dtype == torch.float16 for value in tensors.values())


def test_trained_embeddings_are_refused(pair):
    base, tuned = pair
    _train(tuned, rank=1, embeddings=True)
    with pytest.raises(ValueError, match="freeze them"):
        extract_adapter(tuned, base, rank=1)


def test_an_adapter_of_another_model_is_refused(pair):
    base, _ = pair
    with pytest.raises(ValueError, match="no such weight"):
        merge_adapter(base, {"bert.nothing.delta": torch.ones(3)})


def test_an_adapter_over_minilm_is_a_reader(tmp_path):
    base, _ = new_encoder_reader("minilm")
    tuned, tokenizer = new_encoder_reader("minilm", seed=5)
    _train(tuned, rank=1)
    folder = tmp_path / "adapter"
    save_adapter(
        folder,
        extract_adapter(tuned, base, rank=1),
        ReaderSettings(null_threshold=1.0),
        base="minilm",
        rank=1,
    )
    assert sum(p.stat().st_size for p in folder.iterdir()) < 400_000
    reader = load_reader(folder)
    inputs = tokenizer("Who built it?", "Edda Marsh built it.", return_tensors="pt")
    with torch.no_grad():
        assert torch.allclose(reader.model(**inputs).start_logits, tuned(**inputs).start_logits, atol=1e-2)
    assert reader.settings.null_threshold == 1.0
    card = json.loads((folder / "adapter.json").read_text())
    (folder / "adapter.json").write_text(json.dumps({**card, "base_sha256": "0" * 64}))
    with pytest.raises(UserError, match="made over a minilm with SHA-256 000000000000"):
        load_reader(folder)
