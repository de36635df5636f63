"""Segments are one document's text, half of them swapped; order and masked tokens are learnt together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AlbertConfig,
    AlbertForMaskedLM,
    AlbertForPreTraining,
    BertConfig,
    BertForMaskedLM,
    BertForPreTraining,
)

from robust.errors import UserError
from robust.pretrain.masking import Alphabet, Masking, mask
from robust.pretrain.objectives.sentence_order import IN_ORDER, LEFT_OUT, SWAPPED, SentenceOrder, segment
from robust.pretrain.vocabulary import train_vocabulary
from robust.zoo.sharing import share_layers, tie_layers
from tests.pretrain.corpus import made_documents

SIZE, LENGTH = 80, 24
CLS, SEP, MASK, FIRST = 1, 2, 3, 5
SPECIAL = torch.arange(SIZE) < FIRST
ALPHABET = Alphabet(SIZE, MASK, SPECIAL, torch.zeros(SIZE, dtype=torch.bool))
SHAPE: dict[str, Any] = {
    "vocab_size": SIZE,
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 40,
}
ALBERT = AlbertConfig(**SHAPE, embedding_size=16, classifier_dropout_prob=0.0)
BERT = BertConfig(**SHAPE, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)


def seeded(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def rising(count: int, seed: int = 0, breaks: int = 0) -> torch.Tensor:
    """Return windows of documents whose tokens rise; the first ``breaks`` of them hold the end of one."""
    steps = torch.randint(3, (count, LENGTH), generator=seeded(seed))
    windows = FIRST + 3 * torch.arange(LENGTH) + steps
    windows[:, 0], windows[:, -1] = CLS, SEP
    windows[:breaks, LENGTH // 2] = SEP
    return windows


def model_of(family: str) -> Any:
    torch.manual_seed(0)
    return AlbertForPreTraining(ALBERT) if family == "albert" else BertForPreTraining(BERT)


def test_a_pair_is_the_text_cut_once_and_put_together_in_either_order() -> None:
    windows = rising(400)
    pairs = segment(windows, seeded(1))
    cuts = set()
    for window, made, types, order in zip(windows, pairs.windows, pairs.types, pairs.order, strict=True):
        text = window[1:-2].tolist()  # the last token gave way
        ends = (made == SEP).nonzero().flatten().tolist()
        assert made[0] == CLS
        assert len(ends) == 2
        assert ends[1] == LENGTH - 1
        one, other = made[1 : ends[0]].tolist(), made[ends[0] + 1 : -1].tolist()
        assert text == (one + other if order == IN_ORDER else other + one)
        assert types.tolist() == [0] * (ends[0] + 1) + [1] * (LENGTH - ends[0] - 1)
        cuts.add(len(one))
    assert cuts == set(range(len(text) // 4, len(text) - len(text) // 4 + 1))
    assert (pairs.order == SWAPPED).float().mean().item() == pytest.approx(0.5, abs=0.08)


def test_the_order_does_not_show_in_the_length_of_a_segment() -> None:
    pairs = segment(rising(4000), seeded(2))
    first = (pairs.types == 0).sum(1).float()
    swapped, kept = first[pairs.order == SWAPPED], first[pairs.order == IN_ORDER]
    assert swapped.mean().item() == pytest.approx(kept.mean().item(), abs=0.3)


def test_a_window_of_two_documents_stays_as_it_is_and_has_no_order() -> None:
    windows = rising(6, breaks=3)
    windows[5, -2] = SEP  # a document that ends with the window: what is left of it is one text
    pairs = segment(windows, seeded())
    assert torch.equal(pairs.windows[:3], windows[:3])
    assert (pairs.types[:3] == 0).all()
    assert (pairs.order == LEFT_OUT).tolist() == [True] * 3 + [False] * 3


@pytest.mark.parametrize("family", ["albert", "bert"])
@pytest.mark.parametrize("breaks", [0, 5])
def test_the_loss_is_transformers_own(family: str, breaks: int) -> None:
    model = model_of(family).eval()
    windows = rising(8, breaks=breaks)
    outcome = SentenceOrder(model, ALPHABET).outcome(windows, seeded(3))
    random = seeded(3)
    pairs = segment(windows, random)
    hidden = mask(pairs.windows, ALPHABET, Masking(unit="ngram"), random)
    assert not SPECIAL[hidden.originals].any()
    labels = torch.full_like(windows, -100).scatter(1, hidden.positions, hidden.originals)
    name = "sentence_order_label" if family == "albert" else "next_sentence_label"
    with torch.no_grad():
        theirs = model(
            input_ids=hidden.inputs, token_type_ids=pairs.types, labels=labels, **{name: pairs.order}
        )
    guesses = theirs.sop_logits if family == "albert" else theirs.seq_relationship_logits
    order_loss = torch.nn.functional.cross_entropy(guesses, pairs.order)  # as theirs: of the windows asked
    # ours is over all windows, so that the parts of a batch add up to it
    ours = theirs.loss - order_loss + order_loss * (1 - breaks / 8)
    assert float(outcome.loss.detach()) == pytest.approx(float(ours), abs=1e-5)
    assert float(outcome.figures["ordered"]) == 1 - breaks / 8


def test_windows_without_any_order_leave_the_masked_loss_alone() -> None:
    outcome = SentenceOrder(model_of("albert").eval(), ALPHABET).outcome(rising(4, breaks=4), seeded())
    assert float(outcome.loss.detach()) == pytest.approx(float(outcome.figures["masked_lm_loss"]))
    assert float(outcome.figures["order_accuracy"]) == float(outcome.figures["ordered"]) == 0


@pytest.mark.parametrize("family", ["albert", "bert"])
def test_order_and_hidden_tokens_are_learnt(family: str) -> None:
    objective = SentenceOrder(model_of(family), ALPHABET)
    optimiser = torch.optim.AdamW(objective.parameters(), lr=1e-2)
    rows = []
    for step in range(90):
        outcome = objective.outcome(rising(24, seed=step, breaks=4), seeded(step))
        optimiser.zero_grad()
        outcome.loss.backward()
        optimiser.step()
        rows.append(outcome.figures)
    last = {name: sum(float(row[name]) for row in rows[-10:]) / 10 for name in rows[0]}
    assert last["order_accuracy"] > 0.9
    assert last["order_loss"] < 0.4 < float(rows[0]["order_loss"])
    assert last["masked_lm_loss"] < 0.9 * float(rows[0]["masked_lm_loss"])
    assert last["accuracy"] > 0.04  # of 75 tokens


@pytest.mark.parametrize(
    ("model", "plain"),
    [
        (lambda: AlbertForPreTraining(ALBERT), AlbertForMaskedLM),
        (
            lambda: tie_layers(AlbertForPreTraining(share_layers(AlbertConfig(**SHAPE), "attention"))),
            AlbertForMaskedLM,
        ),
        (lambda: BertForPreTraining(BERT), BertForMaskedLM),
    ],
    ids=["albert", "shared-attention", "bert"],
)
def test_a_checkpoint_opens_with_both_heads_and_with_one(model: Any, plain: Any, tmp_path: Path) -> None:
    tokenizer = train_vocabulary(made_documents(10), "wordpiece", SIZE)
    objective = SentenceOrder(model().eval(), ALPHABET)
    objective.save(tmp_path, tokenizer)
    pairs = segment(rising(2), seeded())
    given = {"input_ids": pairs.windows, "token_type_ids": pairs.types}
    with torch.no_grad():
        ours = objective.model(**given)
        both = type(objective.model).from_pretrained(tmp_path).eval()(**given)
        one = plain.from_pretrained(tmp_path).eval()(**given)
    assert torch.allclose(both.prediction_logits, ours.prediction_logits, atol=1e-5)
    assert torch.allclose(one.logits, ours.prediction_logits, atol=1e-5)
    assert torch.allclose(both.to_tuple()[1], ours.to_tuple()[1], atol=1e-5)  # the order's


def test_a_model_that_cannot_tell_an_order_is_refused() -> None:
    with pytest.raises(UserError, match="AlbertForMaskedLM has no head for it; expected Albert"):
        SentenceOrder(AlbertForMaskedLM(ALBERT), ALPHABET)
    one_type = AlbertConfig(**SHAPE, type_vocab_size=1)
    with pytest.raises(UserError, match="the model has 1 token type; expected 2"):
        SentenceOrder(AlbertForPreTraining(one_type), ALPHABET)
