"""The catalogue's shapes against published parameter counts."""

import pytest
import torch

from robust.zoo.architecture import model_config, new_reader
from robust.zoo.catalogue import MODELS, Hub, nearest


# Published, in millions: Devlin et al. 2019 and Turc et al. 2019 (BERT), Lan et al. 2020 (ALBERT),
# Clark et al. 2020 (ELECTRA), Liu et al. 2019 (RoBERTa); rounded as the papers round.
@pytest.mark.parametrize(
    ("name", "millions"),
    [
        ("bert-tiny", 4.4),
        ("bert-mini", 11.2),
        ("bert-small", 28.8),
        ("bert-medium", 41.4),
        ("bert-base", 110),
        ("bert-large", 335),
        ("albert-base", 12),
        ("albert-large", 18),
        ("albert-xlarge", 60),
        ("albert-xxlarge", 235),
        ("electra-small", 14),
        ("electra-base", 110),
        ("electra-large", 335),
        ("roberta-base", 125),
        ("roberta-large", 355),
    ],
)
def test_a_shape_has_the_published_number_of_parameters(name, millions):
    with torch.device("meta"):
        model = new_reader(MODELS[name].shape)
    count = sum(p.numel() for p in model.parameters()) / 1e6
    if name.startswith("albert"):  # Lan et al. count the pooler, which a reader has no use for
        count += (MODELS[name].shape.hidden + 1) * MODELS[name].shape.hidden / 1e6
    assert count == pytest.approx(millions, rel=0.06)


def test_the_sizes_of_the_issue_are_all_there():
    for family, sizes in {
        "bert": "tiny mini small medium base large",
        "roberta": "base large",
        "albert": "base large xlarge xxlarge",
        "electra": "tiny mini small base large",
    }.items():
        for size in sizes.split():
            assert MODELS[f"{family}-{size}"].shape.family == family
    assert MODELS["minilm"].shape.hidden == 384


def test_recipes_are_those_of_the_electra_code():
    small, large = MODELS["electra-small"].recipe, MODELS["electra-large"].recipe
    assert (small.lr, small.layer_decay, small.length) == (1e-4, 0.8, 512)
    assert (large.lr, large.layer_decay) == (5e-5, 0.9)
    assert (small.batch, small.warmup, small.stride, small.max_question, small.n_best) == (
        32,
        0.1,
        128,
        64,
        20,
    )


def test_a_configuration_keeps_the_shape():
    for name, model in MODELS.items():
        config = model_config(model.shape)
        assert (config.num_hidden_layers, config.hidden_size) == (model.shape.layers, model.shape.hidden), (
            name
        )


def test_random_weights_depend_on_the_seed_alone(tiny):
    shape, tokenizer = MODELS["electra-tiny"].shape, tiny.tiny_tokenizer()
    torch.manual_seed(1)
    one = new_reader(shape, tokenizer, seed=3).state_dict()
    before = torch.get_rng_state()
    two = new_reader(shape, tokenizer, seed=3).state_dict()
    other = new_reader(shape, tokenizer, seed=4).state_dict()
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(one[k], two[k]) for k in one)
    assert not all(torch.equal(one[k], other[k]) for k in one)


def test_the_nearest_names_come_first():
    assert nearest("electra-larg")[0] == "electra-large"
    assert nearest("zzzzzz") == []


def test_pinned_revisions_are_whole_hashes_or_pull_requests():
    for model in MODELS.values():
        for hub in (model.encoder, model.reader):
            if isinstance(hub, Hub) and hub.revision:
                assert len(hub.revision) == 40 or hub.revision.startswith("refs/pr/")
