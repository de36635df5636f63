"""Training on built sets too: whose variants are taken, whose never, and what is said of them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from robust.build.folder import FORMAT
from robust.errors import UserError
from robust.files import sha256_file
from robust.reader.augment import augment, open_augmentation
from robust.reader.training_data import hold_out, sample
from robust.squad.io import write_squad
from robust.squad.records import Question


def write_set(folder, pairs, **manifest):
    folder.mkdir()
    write_squad(folder / "original.json", [original for original, _ in pairs])
    write_squad(folder / "perturbed.json", [v for _, variants in pairs for v in variants])
    about = {"format": FORMAT, "attack": "test.v1", "build_id": "b1", "expected": "same", **manifest}
    (folder / "manifest.json").write_text(json.dumps(about))
    return folder


@pytest.fixture
def built(tiny, tmp_path):
    pairs = [(q, [tiny.tiny_variant(q), tiny.tiny_variant(q, 2)]) for q in tiny.tiny_questions()]
    pairs = [(q, [first, replace(second, text=f"Well: {q.text}")]) for q, (first, second) in pairs]
    return write_set(tmp_path / "set", pairs)


def test_only_variants_of_the_questions_trained_on_are_added(tiny, built):
    questions = tiny.tiny_questions()
    training, held = hold_out(questions, 0.2, seed=0)
    training = sample(training, 6, seed=0)
    more, (added,) = augment(training, {q.article for q in held}, [open_augmentation(built, questions)])
    ids = {q.id for q in training}
    assert more[:6] == training
    assert {v.id.rpartition("#")[0] for v in more[6:]} == ids
    assert not {v.article for v in more} & {q.article for q in held}
    assert (added.variants, added.questions) == (12, 6)
    assert added.left_out_held_out == 2 * len(held)
    assert added.left_out_not_sampled == 24 - 12 - 2 * len(held)
    assert added.sha256 == sha256_file(built / "perturbed.json")


def test_a_held_out_article_is_not_trained_on_even_where_its_question_is_named(tiny, built):
    """The two filters do not lean on each other."""
    questions = tiny.tiny_questions()
    more, _ = augment(questions, {"Mill"}, [open_augmentation(built, questions)])
    assert not any(v.article == "Mill" for v in more[len(questions) :])


def test_a_set_built_over_other_data_is_refused(tiny, built):
    questions = tiny.tiny_questions()
    with pytest.raises(UserError, match=r"question 'school-1' of 'School' is not in the training data"):
        open_augmentation(built, questions[:-1])
    altered = [*questions[:-1], replace(questions[-1], context=questions[-1].context + " ")]
    with pytest.raises(UserError, match="not in the training data"):
        open_augmentation(built, altered)


def test_a_set_whose_answers_change_is_refused(tiny, tmp_path):
    q = tiny.tiny_questions()[0]
    folder = write_set(tmp_path / "other", [(q, [tiny.tiny_variant(q)])], expected="abstain")
    with pytest.raises(UserError, match="expected: abstain"):
        open_augmentation(folder, tiny.tiny_questions())


def test_variants_keep_the_clusters_of_the_training_file(tiny, built):
    questions = [replace(q, article=f"{q.article} (2)") for q in tiny.tiny_questions()]
    one = open_augmentation(built, questions)
    assert {v.article for v in one.variants} == {q.article for q in questions}


def test_what_two_sets_have_in_common_is_added_once(tiny, built):
    questions = tiny.tiny_questions()
    one = open_augmentation(built, questions)
    more, added = augment(
        questions, set(), [one, replace(one, variants=[*one.variants, _another(one.variants[0])])]
    )
    assert len({(q.text, q.context) for q in more}) == len(more)
    assert (added[1].variants, added[1].left_out_repeated) == (1, 24)


def _another(question: Question) -> Question:
    return replace(question, text=f"Tell me: {question.text}")


def test_a_set_that_adds_nothing_is_refused(tiny, tmp_path):
    questions = tiny.tiny_questions()
    identity = [(q, [replace(q, id=f"{q.id}#1")]) for q in questions]
    one = open_augmentation(write_set(tmp_path / "same", identity), questions)
    with pytest.raises(UserError, match=r"adds nothing: of its 12 variants 0 are .* 12 repeat"):
        augment(questions, set(), [one])


def test_the_command_trains_on_the_set_and_writes_down_which(tiny, built, tmp_path, capsys):
    from robust.cli.finetune import finetune as command
    from robust.zoo.checkpoints import load_reader

    tiny.tiny_tokenizer().save_pretrained(tmp_path / "tokenizer")
    # one article of six paragraphs, so that questions can be asked of another one
    questions = [
        replace(q, title="One", article="One", paragraph_id=f"One:{k}")
        for k, q in enumerate(tiny.tiny_questions()[::2], 1)
    ]
    write_squad(tmp_path / "train.json", questions)
    pairs = [(q, [tiny.tiny_variant(q)]) for q in questions[:4]]
    folder = write_set(tmp_path / "four", pairs)
    command(
        "electra-tiny",
        data=str(tmp_path / "train.json"),
        output=tmp_path / "reader",
        scratch=True,
        tokenizer_from=str(tmp_path / "tokenizer"),
        max_steps=2,
        length=64,
        hold_out=0.0,
        unanswerable=0.5,
        augment=[folder],
        as_json=True,
    )
    said = json.loads(capsys.readouterr().out)
    (one,) = said["augmented"]
    assert one["variants"] == 4
    assert one["sha256"] == sha256_file(folder / "perturbed.json")
    # rewritten questions are made unanswerable as often as others
    assert said["made_up_unanswerable"] == 10
    assert said["share_unanswerable"] == 0.5
    assert load_reader(tmp_path / "reader").settings.training["augmented"] == said["augmented"]
