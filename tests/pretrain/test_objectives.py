"""Every objective hides what it says, computes the loss the paper has, and learns a tiny corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    AlbertConfig,
    AlbertForMaskedLM,
    BertConfig,
    BertForMaskedLM,
    ElectraConfig,
    ElectraForMaskedLM,
    ElectraForPreTraining,
    RobertaConfig,
    RobertaForMaskedLM,
)

from robust.errors import UserError
from robust.pretrain.masking import Alphabet, Masking, mask
from robust.pretrain.objectives.base import encode, language_model_logits
from robust.pretrain.objectives.generator import generator_config, sample
from robust.pretrain.objectives.masked_lm import MaskedLM
from robust.pretrain.objectives.replaced_token import ReplacedToken, detection_figures
from robust.pretrain.packing import PackReader, pack
from robust.pretrain.vocabulary import train_vocabulary
from tests.pretrain.corpus import made_documents

SHAPE: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 40,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
}
DOCUMENTS = made_documents(60)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return train_vocabulary(DOCUMENTS, "wordpiece", 160)


@pytest.fixture(scope="module")
def reader(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> PackReader:
    return PackReader(pack(DOCUMENTS, tokenizer, tmp_path_factory.mktemp("pack") / "pack", length=32))


@pytest.fixture(scope="module")
def alphabet(tokenizer: Any) -> Alphabet:
    return Alphabet.of(tokenizer)


def seeded(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def windows_of(reader: PackReader, step: int = 0, size: int = 16) -> torch.Tensor:
    return torch.from_numpy(reader.batch(step, size, seed=0))


def electra(generator_width: float = 0.5, share: str = "embeddings", **more: Any) -> ReplacedToken:
    config = ElectraConfig(vocab_size=160, embedding_size=32, **SHAPE)
    torch.manual_seed(0)
    generator = ElectraForMaskedLM(generator_config(config, generator_width))
    return ReplacedToken(ElectraForPreTraining(config), generator, more.pop("alphabet"), share=share, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("unit", ["token", "word", "ngram"])
@pytest.mark.parametrize("rate", [0.15, 0.4])
def test_the_share_asked_for_is_hidden_and_never_the_frame(
    reader: PackReader, alphabet: Alphabet, unit: Any, rate: float
) -> None:
    windows = windows_of(reader)
    hidden = mask(windows, alphabet, Masking(rate=rate, unit=unit), seeded())
    assert hidden.positions.shape == (16, round(rate * 32))
    assert (hidden.originals == windows.gather(1, hidden.positions)).all()
    assert not alphabet.special[hidden.originals].any()
    untouched = torch.ones_like(windows, dtype=torch.bool).scatter(1, hidden.positions, False)
    assert (hidden.inputs[untouched] == windows[untouched]).all()
    assert all(len(set(row.tolist())) == len(row) for row in hidden.positions)


def test_eighty_ten_ten(reader: PackReader, alphabet: Alphabet) -> None:
    windows = windows_of(reader, size=64).repeat(40, 1)
    hidden = mask(windows, alphabet, Masking(rate=0.3), seeded())
    now = hidden.inputs.gather(1, hidden.positions)
    masked = (now == alphabet.mask_id).float().mean().item()
    kept = (now == hidden.originals).float().mean().item()
    assert masked == pytest.approx(0.8 + 0.1 / 160, abs=0.01)
    assert kept == pytest.approx(0.1 + 0.1 / 160, abs=0.01)


def test_whole_words_are_hidden_whole_but_for_the_last(
    reader: PackReader, tokenizer: Any, alphabet: Alphabet
) -> None:
    assert alphabet.continues[tokenizer.convert_tokens_to_ids("##e")]
    assert not alphabet.continues[tokenizer.convert_tokens_to_ids("the")]
    windows = windows_of(reader, size=32)
    hidden = mask(windows, alphabet, Masking(rate=0.3, unit="word"), seeded())
    cut = words = 0
    for row, positions in zip(windows, hidden.positions, strict=True):
        starts = ~alphabet.continues[row]
        word = (starts.long().cumsum(0) - 1).tolist()
        chosen = set(positions.tolist())
        for number in {word[p] for p in chosen}:
            own = {i for i in range(32) if word[i] == number and not alphabet.special[row[i]]}
            words += 1
            cut += own != own & chosen
    assert words > 100
    assert cut <= len(windows)  # at most one a window


def test_ngrams_hide_neighbours_together(reader: PackReader, alphabet: Alphabet) -> None:
    windows = windows_of(reader, size=64)

    def neighbours(unit: Any) -> float:
        hidden = mask(windows, alphabet, Masking(rate=0.2, unit=unit, longest=3), seeded())
        return (hidden.positions.diff(dim=1) == 1).float().mean().item()

    assert neighbours("ngram") > neighbours("word") > neighbours("token")


def test_masks_are_new_each_time_and_the_same_for_the_same_draw(
    reader: PackReader, alphabet: Alphabet
) -> None:
    windows = windows_of(reader)
    one, two, other = (mask(windows, alphabet, Masking(), seeded(n)) for n in (1, 1, 2))
    assert (one.inputs == two.inputs).all()
    assert (one.positions == two.positions).all()
    assert not (one.positions == other.positions).all()


def masked_models(tokenizer: Any) -> list[Any]:
    torch.manual_seed(0)
    size = len(tokenizer)
    small = {**SHAPE, "vocab_size": size}
    return [
        BertForMaskedLM(BertConfig(**small)),
        RobertaForMaskedLM(RobertaConfig(**small, pad_token_id=0)),
        AlbertForMaskedLM(AlbertConfig(**small, embedding_size=16)),
        ElectraForMaskedLM(ElectraConfig(**small, embedding_size=16)),
    ]


@pytest.mark.parametrize("place", range(4))
def test_the_loss_is_transformers_own(
    tokenizer: Any, reader: PackReader, alphabet: Alphabet, place: int
) -> None:
    model = masked_models(tokenizer)[place].eval()
    windows = windows_of(reader)
    outcome = MaskedLM(model, alphabet).outcome(windows, seeded(3))
    hidden = mask(windows, alphabet, Masking(), seeded(3))
    labels = torch.full_like(windows, -100).scatter(1, hidden.positions, hidden.originals)
    with torch.no_grad():
        theirs = model(input_ids=hidden.inputs, labels=labels).loss
    assert float(outcome.loss.detach()) == pytest.approx(float(theirs), abs=1e-5)


@pytest.mark.parametrize("place", range(4))
def test_masked_lm_learns(tokenizer: Any, reader: PackReader, alphabet: Alphabet, place: int) -> None:
    objective = MaskedLM(masked_models(tokenizer)[place], alphabet)
    first, last, figures = train(objective, reader, steps=120)
    assert last < 0.8 * first
    assert figures["accuracy"] > 0.1


def train(
    objective: Any, reader: PackReader, steps: int, lr: float = 3e-3
) -> tuple[float, float, dict[str, float]]:
    """Return the mean loss of the first and last ten steps, and the mean figures of the last twenty."""
    optimiser = torch.optim.AdamW(objective.parameters(), lr=lr)
    losses, rows = [], []
    for step in range(steps):
        outcome = objective.outcome(windows_of(reader, step), seeded(step))
        optimiser.zero_grad()
        outcome.loss.backward()
        optimiser.step()
        losses.append(float(outcome.loss.detach()))
        rows.append(outcome.figures)
    figures = {name: float(np.mean([float(row[name]) for row in rows[-20:]])) for name in rows[-1]}
    return float(np.mean(losses[:10])), float(np.mean(losses[-10:])), figures


def test_replaced_token_detection_learns_to_detect(reader: PackReader, alphabet: Alphabet) -> None:
    first, last, figures = train(electra(alphabet=alphabet), reader, steps=120, lr=1e-3)
    assert last < first
    assert figures["information"] > 0.004  # a constant has 0, an untrained detector less
    assert 0 < figures["replaced"] <= 0.16


def test_no_gradient_reaches_the_generator_through_the_sampling(
    reader: PackReader, alphabet: Alphabet
) -> None:
    objective = electra(alphabet=alphabet, share="none", weight=0.0)
    objective.outcome(windows_of(reader), seeded()).loss.backward()
    without = [p.grad.clone() for p in objective.generator.parameters() if p.grad is not None]
    objective.zero_grad()
    objective.weight = 50.0
    objective.outcome(windows_of(reader), seeded()).loss.backward()
    with_detection = [p.grad for p in objective.generator.parameters() if p.grad is not None]
    assert len(without) == len(with_detection) > 0
    assert all(torch.equal(a, b) for a, b in zip(without, with_detection, strict=True))


def test_a_sampled_token_that_is_right_counts_as_original(reader: PackReader, alphabet: Alphabet) -> None:
    objective = electra(alphabet=alphabet)
    windows = windows_of(reader)
    seen = {}

    def keep(module: Any, arguments: Any, given: dict[str, Any], output: Any) -> None:
        seen["corrupted"] = given["input_ids"]

    objective.discriminator.register_forward_hook(keep, with_kwargs=True)
    outcome = objective.outcome(windows, seeded(1))
    hidden = mask(windows, alphabet, objective.masking, seeded(1))
    changed = seen["corrupted"] != windows
    assert float(outcome.figures["replaced"]) == pytest.approx(changed.float().mean().item())
    outside = torch.ones_like(windows, dtype=torch.bool).scatter(1, hidden.positions, False)
    assert not changed[outside].any()
    assert not (seen["corrupted"] == alphabet.mask_id).any()


@pytest.mark.parametrize(
    ("share", "width", "less"),
    [("none", 0.5, "all"), ("embeddings", 0.5, "none"), ("all", 1.0, "embeddings")],
)
def test_what_is_shared_is_one(alphabet: Alphabet, share: str, width: float, less: str) -> None:
    objective = electra(width, share, alphabet=alphabet)
    own = {id(p) for p in objective.generator.electra.parameters()}
    common = own & {id(p) for p in objective.discriminator.electra.parameters()}
    expected = {
        "none": set(),
        "embeddings": {id(p) for p in objective.discriminator.electra.embeddings.parameters()},
        "all": {id(p) for p in objective.discriminator.electra.parameters()},
    }[share]
    assert common == expected
    head = objective.generator.generator_lm_head.weight
    assert head is objective.generator.electra.embeddings.word_embeddings.weight


def test_what_cannot_be_shared_or_built_is_told(alphabet: Alphabet) -> None:
    with pytest.raises(UserError, match="--share all: generator and discriminator differ in hidden_size"):
        electra(0.5, "all", alphabet=alphabet)
    with pytest.raises(UserError, match="--share some: expected one of none, embeddings, all"):
        electra(0.5, "some", alphabet=alphabet)
    with pytest.raises(UserError, match=r"--generator 1\.5: gives a hidden size of 48"):
        electra(1.5, alphabet=alphabet)
    with pytest.raises(UserError, match=r"--mask-rate 1\.5"):
        Masking(rate=1.5)


def test_samples_follow_the_distribution() -> None:
    logits = torch.log(torch.tensor([0.5, 0.25, 0.2, 0.05]))
    uniform = torch.rand(40_000, 1, generator=seeded())
    counts = torch.bincount(sample(logits.expand(40_000, -1), uniform), minlength=4) / 40_000
    assert counts.tolist() == pytest.approx([0.5, 0.25, 0.2, 0.05], abs=0.01)
    edge = torch.tensor([[0.0], [1.0]])
    assert sample(logits.expand(2, -1), edge).tolist() == [0, 3]


def test_the_information_of_a_constant_detector_is_zero_and_of_a_perfect_one_the_entropy() -> None:
    replaced = torch.tensor([1.0, 0.0, 0.0, 0.0])
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    constant = torch.full((4,), float(torch.logit(torch.tensor(0.25))))
    assert float(
        detection_figures(constant, replaced, bce(constant, replaced))["information"]
    ) == pytest.approx(0.0, abs=1e-6)
    perfect = (replaced * 2 - 1) * 50
    found = detection_figures(perfect, replaced, bce(perfect, replaced))
    assert float(found["information"]) == pytest.approx(0.5623, abs=1e-4)  # entropy of 1/4 in nats
    assert (float(found["precision"]), float(found["recall"])) == (1.0, 1.0)


def test_a_saved_checkpoint_opens_in_transformers_with_the_same_logits(
    tokenizer: Any, reader: PackReader, alphabet: Alphabet, tmp_path: Path
) -> None:
    windows = windows_of(reader, size=2)
    objective = electra(alphabet=alphabet).eval()
    objective.save(tmp_path / "electra", tokenizer)
    detector = ElectraForPreTraining.from_pretrained(tmp_path / "electra").eval()
    generator = ElectraForMaskedLM.from_pretrained(tmp_path / "electra" / "generator").eval()
    with torch.no_grad():
        ours = objective.discriminator(input_ids=windows).logits
        assert torch.allclose(detector(input_ids=windows).logits, ours, atol=1e-5)
        states = encode(objective.generator, windows)
        ours = language_model_logits(objective.generator, states)
        assert torch.allclose(generator(input_ids=windows).logits, ours, atol=1e-5)
        for place, model in enumerate(masked_models(tokenizer)):
            saved = MaskedLM(model.eval(), alphabet)
            saved.save(tmp_path / str(place), tokenizer)
            again = type(model).from_pretrained(tmp_path / str(place)).eval()
            assert torch.allclose(again(input_ids=windows).logits, model(input_ids=windows).logits, atol=1e-5)
