"""What raters are shown: which variants, in which order, and that control items look like the others."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from robust.attack.records import Edit
from robust.errors import UserError
from robust.review.form import render_form
from robust.review.items import CHECKS, MAIN, Reviewable, choose, controlled_by, read_reviewable
from robust.review.sheet import render_sheet


def test_every_variant_is_shown_once_in_an_order_that_the_seed_settles(found: Reviewable) -> None:
    whole = choose(found)
    assert Counter(item.variant_id for item in whole) == Counter(q.id for q in found.built.perturbed)
    assert whole == choose(found)
    assert [item.code for item in whole] != [item.code for item in found.of_arm(MAIN)]
    assert [item.code for item in whole] != [item.code for item in choose(found, seed=1)]


def test_a_sample_has_each_article_and_kind_of_question_in_its_share(found: Reviewable) -> None:
    half = len(found.of_arm(MAIN)) // 2
    sample = choose(found, limit=half)
    assert len(sample) == half
    for article in {item.original.article for item in found.of_arm(MAIN)}:
        of_article = sum(item.original.article == article for item in found.of_arm(MAIN))
        assert abs(sum(item.original.article == article for item in sample) - of_article / 2) <= 2
    assert 0 < sum(item.original.answerable for item in sample) < half


def test_control_items_are_mixed_in_from_questions_not_drawn(found: Reviewable) -> None:
    items = choose(found, limit=8, checks=6)
    arms = Counter(item.arm for item in items)
    assert arms == {MAIN: 8, "identity": 3, "non-synonym": 3}
    assert len({item.original.id for item in items}) == len(items)
    places = [number for number, item in enumerate(items) if item.arm != MAIN]
    assert places[-1] - places[0] > 5, "they must not stand together"


def test_nothing_tells_a_rater_which_items_are_controls(found: Reviewable) -> None:
    items = choose(found, limit=8, checks=6)
    texts = (render_sheet(items, found.sha256, {}), render_form(items, found.sha256, {}, "Review"))
    secrets = [*CHECKS, "safety", "sense_rank", *{edit.reason for item in items for edit in item.edits}]
    for text in texts:
        assert not [secret for secret in secrets if secret in text]
    every = [item for item in found.items.values() if item.edits]
    # The meaning shown is that of the word as the set took it, in every arm.
    by_question = {item.original.id: item.senses for item in found.of_arm(MAIN)}
    assert all(item.senses == by_question[item.original.id] for item in every)
    assert len({item.code for item in every}) == len(every)


def test_a_set_without_controls_cannot_check_its_raters(folder: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(folder, bare)
    shutil.rmtree(bare / "controls")
    found = read_reviewable(bare)
    assert len(choose(found)) == len(found.items)
    with pytest.raises(
        UserError, match=r"has no control arm identity or non-synonym.*build the set with its"
    ):
        choose(found, checks=2)
    with pytest.raises(UserError, match="--control-items asks for 5000"):
        choose(read_reviewable(folder), checks=10_000)


def test_a_set_whose_files_were_changed_is_not_shown(folder: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(folder, changed)
    file = changed / "perturbed.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    document["data"][0]["paragraphs"][0]["qas"][0]["question"] += " Really?"
    file.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UserError, match=r"perturbed\.json: changed or missing since the set was built"):
        read_reviewable(changed)


def edit(end: int, after: str) -> Edit:
    return Edit("question", end - 3, end, "old", after)


def test_a_control_is_matched_by_the_words_it_edits_not_by_its_number() -> None:
    own = {"q#1": (edit(5, "a"),), "q#2": (edit(9, "b"),), "q#3": (edit(9, "c"),)}
    # The control had no word for the first, so that its numbers differ from there on.
    control = {"q#1": (edit(9, "x"),), "q#2": (edit(9, "y"),), "q#3": (edit(20, "z"),)}
    assert controlled_by(own, control) == {"q#1": "q#2", "q#2": "q#3"}


def test_no_spreadsheet_takes_a_code_for_a_number(found: Reviewable) -> None:
    for code in found.items:
        assert code.startswith("v")
        assert len(code) == 13
