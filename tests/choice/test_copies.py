"""Negated copies, their folder, and the sample that is shipped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from robust.attack.records import Edit, apply_edits, undo_edits
from robust.choice.asking import by_bag, by_cue
from robust.choice.claims import read_claims
from robust.choice.copies import negated_copies
from robust.choice.cues import cue
from robust.choice.figures import figures
from robust.choice.folder import is_negated_set, items_file, write_negated_set
from robust.choice.records import SUFFIX, Item
from robust.choice.table import pairs_of, read_items
from robust.errors import UserError
from robust.report.numbers import interval, number
from robust.squad import catalogue
from tests.choice.made import item


@pytest.fixture(scope="module")
def sample() -> list[Item]:
    return read_items(catalogue.resolve("warrants-demo"))


def test_a_copy_has_the_negated_claim_and_the_other_label_and_nothing_else_changed() -> None:
    items = [item(1), item(2, claim="College for everyone"), item(3, claim="Zoos are cruel", label=0)]
    made = negated_copies(items)
    assert [pair.original.id for pair in made.pairs] == ["a1", "a3"]
    assert made.left == {"a2": "no verb"}
    assert made.reasons == {"no verb": 1}
    for pair in made.pairs:
        was, now = pair.original, pair.negated
        assert now.id == was.id + SUFFIX
        assert now.label == 1 - was.label
        assert now.claim == apply_edits(was.claim, made.edits[now.id], "claim") != was.claim
        assert (now.warrants, now.reason, now.debate) == (was.warrants, was.reason, was.debate)
    assert negated_copies([*items, *(pair.negated for pair in made.pairs)]) == made


def test_the_folder_is_read_as_the_published_file_is_and_its_edits_can_be_undone(
    sample: list[Item], tmp_path: Path
) -> None:
    out = tmp_path / "negated"
    manifest = write_negated_set(out, sample, negated_copies(sample), {"data": {"name": "x"}})
    assert is_negated_set(out)
    assert manifest["copies"] == manifest["items"] == 48
    found = read_items(items_file(out))
    originals, pairs = pairs_of(out, found)
    assert originals == sample
    rows = [json.loads(line) for line in (out / "edits.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == [pair.negated.id for pair in pairs]
    for row, pair in zip(rows, pairs, strict=True):
        edits = tuple(Edit(**one) for one in row["edits"])
        assert undo_edits(pair.negated.claim, edits, "claim") == pair.original.claim
    again = write_negated_set(tmp_path / "again", sample, negated_copies(sample), {"data": {"name": "x"}})
    assert again == manifest


def test_a_folder_that_is_none_or_was_changed_is_refused(sample: list[Item], tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"^{tmp_path}: is a folder without a manifest of robust choice"):
        items_file(tmp_path)
    out = tmp_path / "negated"
    write_negated_set(out, sample, negated_copies(sample), {})
    with (out / "items.tsv").open("a") as stream:
        stream.write("more\n")
    with pytest.raises(UserError, match=r"items\.tsv: changed or missing since the set was made"):
        items_file(out)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="exists and is not a set of robust choice negate"):
        write_negated_set(tmp_path / "mine", sample, negated_copies(sample), {})
    assert (tmp_path / "mine" / "notes.txt").read_text() == "mine"


def test_the_sample_holds_what_its_card_says(sample: list[Item]) -> None:
    assert len(sample) == 48
    assert len({one.debate for one in sample}) == 12
    assert sum(one.label for one in sample) == 24
    found = cue(sample, "not")
    assert (found.applicable, found.right) == (31, 19)  # planted at the published rate
    assert not any(one.negated for one in sample)
    assert len({one.claim for one in sample}) == 48


def test_claims_by_hand_go_before_the_rule(tmp_path: Path) -> None:
    (tmp_path / "map.csv").write_text(
        'original,negated\nCollege for everyone,College for few\n"No, never",Yes\n'
        "Zoos are cruel\tZoos are kind\n"
    )
    given = read_claims(tmp_path / "map.csv")
    items = [
        item(1, claim="Zoos are cruel"),
        item(2, claim="College for everyone"),
        item(3, claim="No, never"),
    ]
    made = negated_copies([*items, item(4)], given)
    assert [pair.negated.claim for pair in made.pairs] == [
        "Zoos are kind",
        "College for few",
        "Yes",
        "We should not stay at home",
    ]
    for pair in made.pairs:
        assert undo_edits(pair.negated.claim, made.edits[pair.negated.id], "claim") == pair.original.claim


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a claim\n", "line 1: 1 fields, expected two"),
        ("No, never,Yes\n", "line 1: 3 fields, expected two"),
        ("a,\n", "line 1: 'a', '': expected a claim and its opposite"),
        ("a,a\n", "line 1: 'a', 'a': expected a claim and its opposite"),
        ("a,b\na,c\n", "line 2: claim 'a' has another negated claim above, 'b'"),
        ('"a"b,c\n', "line 1: .*expected claim,negated claim as CSV"),
    ],
)
def test_a_bad_line_of_claims_is_told(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "map.csv").write_text(text)
    with pytest.raises(UserError, match=rf"^{tmp_path / 'map.csv'}: {told}"):
        read_claims(tmp_path / "map.csv")


@pytest.mark.parametrize("name", ["cue", "bag"])
def test_the_page_has_the_figures_that_are_computed(name: str, sample: list[Item]) -> None:
    page = Path(__file__).parents[2] / "docs" / "choice.md"
    if not page.is_file():
        pytest.skip("not in a checkout")
    pairs = negated_copies(sample).pairs
    items = [*sample, *(pair.negated for pair in pairs)]
    given = by_cue(items, "not") if name == "cue" else by_bag(items)
    found = figures(sample, pairs, {i.id: c for i, c in zip(items, given.chosen, strict=True)})
    rows = page.read_text(encoding="utf-8").splitlines()
    (line,) = [row for row in rows if row.startswith(f"| `{name}`") and "no choice" in row]
    told = [cell.strip() for cell in line.split("|")[2:-1]]
    keys = ("original", "negated", "both", "pair", "flipped", "drop")
    shown = [
        f"{number(row.get('rate', row.get('points')))} {interval(row['interval'], '.1f')}".removesuffix(" -")
        for row in (found[key] for key in keys)
    ]
    assert told == shown
    assert f"no choice for {found['undecided']})" in line
