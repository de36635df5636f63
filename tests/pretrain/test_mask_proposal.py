"""Masks from the proposal network leave the mean loss where it is, and make it less noisy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
from robust.pretrain.objectives.mask_proposal import MaskProposal, propose
from robust.pretrain.objectives.masked_lm import MaskedLM
from robust.pretrain.vocabulary import train_vocabulary
from tests.pretrain.corpus import made_documents

SIZE, LENGTH = 84, 26
CLS, SEP, MASK, EASY, HARD = 1, 2, 3, 4, 5
ALPHABET = Alphabet(SIZE, MASK, torch.arange(SIZE) < EASY, torch.arange(SIZE) % 3 == 2)
SHAPE: dict[str, Any] = {
    "vocab_size": SIZE,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 40,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
}


def seeded(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def windows_of(count: int, seed: int = 0) -> torch.Tensor:
    """Return windows of runs of six tokens: the easy one over and over, or six drawn among 79."""
    random = seeded(seed)
    hard = torch.rand(count, (LENGTH - 2) // 6, generator=random).lt(0.5).repeat_interleave(6, 1)
    body = torch.randint(HARD, SIZE, hard.shape, generator=random).where(hard, EASY)
    frame = torch.ones(count, 1, dtype=torch.long)
    return torch.cat([CLS * frame, body, SEP * frame], 1)


def fresh(**more: Any) -> MaskProposal:
    torch.manual_seed(0)
    return MaskProposal(BertForMaskedLM(BertConfig(**SHAPE)), ALPHABET, **more)


@pytest.fixture(scope="module")
def learnt() -> tuple[MaskProposal, list[dict[str, torch.Tensor]]]:
    objective, rows = fresh(), []
    optimiser = torch.optim.AdamW(objective.parameters(), lr=3e-3)
    for step in range(60):
        outcome = objective.outcome(windows_of(16, step), seeded(step))
        optimiser.zero_grad()
        outcome.loss.backward()
        optimiser.step()
        rows.append(outcome.figures)
    return objective.eval(), rows


def drawn(objective: MaskedLM, windows: torch.Tensor, draws: int = 100) -> torch.Tensor:
    """Return the masked-LM loss of ``draws`` draws of masks."""
    found = []
    with torch.no_grad():
        for seed in range(draws):
            outcome = objective.outcome(windows, seeded(10_000 + seed))
            found.append(float(outcome.figures.get("masked_lm_loss", outcome.loss)))
    return torch.tensor(found, dtype=torch.float64)


def test_it_learns_the_corpus_and_which_tokens_are_hard(
    learnt: tuple[MaskProposal, list[dict[str, torch.Tensor]]],
) -> None:
    objective, rows = learnt
    assert float(rows[-1]["masked_lm_loss"]) < 0.85 * float(rows[0]["masked_lm_loss"])
    assert float(rows[-1]["accuracy"]) > 0.3  # the easy half
    assert sum(float(row["explained"]) for row in rows[-5:]) / 5 > 0.8
    windows = windows_of(64, 999)
    scores = objective.scores(windows).detach()
    assert scores[windows >= HARD].mean() > 3 * scores[windows == EASY].mean()


def test_the_weighted_loss_has_the_mean_of_uniform_masks_and_less_variance(
    learnt: tuple[MaskProposal, list[dict[str, torch.Tensor]]],
) -> None:
    objective, _ = learnt
    windows = windows_of(4, 777).repeat(4, 1)
    uniform = drawn(MaskedLM(objective.model, ALPHABET), windows)
    proposed = drawn(objective, windows)
    error = ((uniform.var() + proposed.var()) / len(uniform)).sqrt()
    assert abs(float(proposed.mean() - uniform.mean())) < 3 * float(error)
    assert float(proposed.var()) < 0.5 * float(uniform.var())


@pytest.mark.parametrize("unit", ["token", "ngram"])
def test_any_scores_leave_the_mean_where_it_is(unit: Any) -> None:
    windows = windows_of(1, 3).expand(20_000, -1)
    scores = torch.rand(LENGTH, generator=seeded(1)).pow(4).expand(20_000, -1) + 0.01
    masking = Masking(unit=unit)
    hard = scores[0].sqrt()

    def loss(positions: torch.Tensor) -> torch.Tensor:  # one that depends on what else is hidden
        return hard[positions].mean(1) * (1 + positions.diff(dim=1).float().mean(1))

    truth = loss(mask(windows, ALPHABET, masking, seeded(5)).positions)
    chosen, weights = propose(windows, scores, ALPHABET, masking, seeded(6), candidates=6, uniform=0.2)
    found = loss(chosen.positions)
    error = float(((truth.var() + (weights * found).var()) / 20_000).sqrt())
    assert abs(float((weights * found).mean() - truth.mean())) < 3 * error
    assert abs(float(found.mean() - truth.mean())) > 6 * error  # without weights it is another mean
    assert float(weights.max()) <= 1 / 0.2
    assert float(weights.mean()) == pytest.approx(1, abs=0.02)


def test_at_first_and_with_one_candidate_every_mask_weighs_the_same() -> None:
    windows = windows_of(8)
    assert float(fresh().outcome(windows, seeded()).figures["effective"]) == pytest.approx(1)
    scores = torch.rand(windows.shape, generator=seeded()) + 0.1
    _, weights = propose(windows, scores, ALPHABET, Masking(), seeded(), candidates=1, uniform=0.2)
    assert weights.tolist() == pytest.approx([1.0] * 8)


def test_masks_with_high_scores_are_chosen_and_weigh_less() -> None:
    windows = windows_of(4000, 1)
    scores = torch.where(windows == EASY, 0.1, 1.0)
    chosen, weights = propose(windows, scores, ALPHABET, Masking(), seeded(), candidates=8, uniform=0.2)
    uniform = mask(windows, ALPHABET, Masking(), seeded())
    hard = (chosen.originals >= HARD).float().mean(1)
    assert hard.mean() > (uniform.originals >= HARD).float().mean() + 0.05
    assert weights[hard > 0.7].mean() < 0.95 < 1.2 < weights[hard < 0.3].mean()


def test_the_loss_is_transformers_own_of_the_chosen_masks_by_weight(
    learnt: tuple[MaskProposal, list[dict[str, torch.Tensor]]],
) -> None:
    objective, _ = learnt
    windows = windows_of(8)
    outcome = objective.outcome(windows, seeded(2))
    scores = objective.scores(windows).detach()
    chosen, weights = propose(windows, scores, ALPHABET, Masking(), seeded(2), candidates=8, uniform=0.2)
    with torch.no_grad():
        each = [
            objective.model(input_ids=inputs[None], labels=labels[None]).loss
            for inputs, labels in zip(
                chosen.inputs,
                torch.full_like(windows, -100).scatter(1, chosen.positions, chosen.originals),
                strict=True,
            )
        ]
    expected = float((weights * torch.stack(each)).mean())
    assert float(outcome.figures["masked_lm_loss"]) == pytest.approx(expected, abs=1e-5)


def test_what_the_network_learns_does_not_move_the_model(
    learnt: tuple[MaskProposal, list[dict[str, torch.Tensor]]],
) -> None:
    objective, _ = learnt
    objective.zero_grad()
    objective.scores(windows_of(8)).sum().backward()
    assert all(p.grad is None for p in objective.model.parameters())
    assert all(p.grad is not None for p in objective.network.parameters())


@pytest.mark.parametrize(
    "model",
    [
        lambda: RobertaForMaskedLM(RobertaConfig(**SHAPE, pad_token_id=0)),
        lambda: AlbertForMaskedLM(AlbertConfig(**SHAPE, embedding_size=8)),
        lambda: ElectraForMaskedLM(ElectraConfig(**SHAPE, embedding_size=8)),
    ],
    ids=["roberta", "albert", "electra"],
)
def test_every_family_can_be_trained(model: Any) -> None:
    outcome = MaskProposal(model(), ALPHABET).outcome(windows_of(4), seeded())
    outcome.loss.backward()
    assert float(outcome.figures["masked_lm_loss"]) == pytest.approx(4.43, abs=0.3)  # log 84


def test_the_network_is_in_the_state_and_not_in_the_checkpoint(
    learnt: tuple[MaskProposal, list[dict[str, torch.Tensor]]], tmp_path: Path
) -> None:
    objective, _ = learnt
    assert any(name.startswith("network.") for name in objective.state_dict())
    objective.save(tmp_path, train_vocabulary(made_documents(10), "wordpiece", SIZE))
    again = BertForMaskedLM.from_pretrained(tmp_path).eval()
    assert not any("network" in name for name in again.state_dict())
    windows = windows_of(2)
    with torch.no_grad():
        ours = objective.model(input_ids=windows).logits
        assert torch.allclose(again(input_ids=windows).logits, ours, atol=1e-5)


def test_what_it_cannot_work_with_is_told() -> None:
    with pytest.raises(UserError, match="ElectraForPreTraining has no masked-LM head"):
        MaskProposal(ElectraForPreTraining(ElectraConfig(**SHAPE, embedding_size=8)), ALPHABET)
    with pytest.raises(UserError, match="0 candidates; expected at least 1"):
        fresh(candidates=0)
    with pytest.raises(UserError, match=r"uniform 0\.0; expected a share above 0"):
        fresh(uniform=0.0)
