"""The readers that travel with the package load, and have learnt to read."""

import pytest

from robust.reader.predict import PredictSettings, predict
from robust.zoo.checkpoints import load_reader
from robust.zoo.lookup import is_checkpoint, shipped_models

NAMES = sorted(p.name for p in shipped_models().iterdir() if is_checkpoint(p))


def test_there_is_at_least_one():
    assert "minilm-squad2" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_reader_is_small_and_says_how_it_was_made(name):
    reader = load_reader(name)
    assert sum(p.stat().st_size for p in (shipped_models() / name).iterdir()) < 25_000_000
    assert reader.settings.training
    assert reader.settings.recipe


def test_the_twins_differ_in_their_objective_alone():
    electra, bert = (load_reader(f"{name}-mini-squad2") for name in ("electra", "bert"))
    assert (electra.settings.family, bert.settings.family) == ("electra", "bert")
    assert electra.settings.recipe == bert.settings.recipe
    assert electra.tokenizer.get_vocab() == bert.tokenizer.get_vocab()
    for size in ("num_hidden_layers", "hidden_size", "intermediate_size", "vocab_size"):
        assert getattr(electra.model.config, size) == getattr(bert.model.config, size)
    own = {"encoder": "", "files": []}  # where they began: the two encoders
    one, other = ({**r.settings.training["asked"], **own} for r in (electra, bert))
    assert one == other


@pytest.mark.parametrize("name", ["minilm-squad2", "electra-mini-squad2", "bert-mini-squad2"])
def test_a_reader_finds_most_answers_of_simple_questions(tiny, name):
    questions = [q for q in tiny.tiny_questions() if q.answerable]
    found = predict(load_reader(name), questions, PredictSettings(device="cpu"))
    right = [q.answers[0].text in p.text for q, p in zip(questions, found, strict=True)]
    assert sum(right) >= 4
