"""Files of arguments: both published layouts are read, what is wrong is told with its line."""

from __future__ import annotations

import gzip
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robust.choice.records import SUFFIX, Item
from robust.choice.table import pairs_of, read_items, table_text, write_items
from robust.errors import UserError
from tests.choice.made import ROW, item, table


def test_the_layout_of_2018_is_read(tmp_path: Path) -> None:
    assert read_items(table(tmp_path / "a.tsv", ROW)) == [item()]


def test_columns_are_found_by_name_as_in_the_files_of_2019(tmp_path: Path) -> None:
    first = "#id\twarrant0\twarrant1\treason\tclaim\tdebateTitle\tdebateInfo\tcorrectLabelW0orW1\tadversarial"
    texts = "rain is good\train is not good\tIt is raining.\t{}\tRain?\tOn rain."
    rows = (
        "a1\t" + texts.format("We should stay at home") + "\t1\tFalse",
        "a1-adversarial\t" + texts.format("We should not stay at home") + "\tFalse\tTrue",
    )
    found = read_items(table(tmp_path / "a.csv", *rows, first=first))
    copy = item(id="a1-adversarial", claim="We should not stay at home", label=0, negated=True)
    assert found == [item(), copy]
    assert copy.original_id == "a1"
    originals, pairs = pairs_of(tmp_path, found)
    assert originals == [item()]
    assert [(pair.original, pair.negated) for pair in pairs] == [(item(), copy)]


def test_a_file_may_be_packed_and_lack_the_debate(tmp_path: Path) -> None:
    first = "#id\twarrant0\twarrant1\tcorrectLabelW0orW1\treason\tclaim"
    text = first + "\r\n" + "\t".join(ROW.split("\t")[:6]) + "\r\n"
    (tmp_path / "a.tsv.gz").write_bytes(gzip.compress(text.encode()))
    (found,) = read_items(tmp_path / "a.tsv.gz")
    assert found == item(debate="", about="")
    assert found.cluster == "item a1"


def test_quotation_marks_are_read_quoted_or_not(tmp_path: Path) -> None:
    plain = ROW.replace("It is raining.", 'They call it "rain" here.')
    lone = ROW.replace("a1", "a2").replace("It is raining.", '"Rain" it is.')
    quoted = ROW.replace("a1", "a3").replace("It is raining.", '"""Rain"" it is."')
    open_ = ROW.replace("a1", "a4").replace("rain is good", '"rain is good').replace("not good", 'not good"')
    found = read_items(table(tmp_path / "a.tsv", plain, lone, quoted, open_))
    assert [one.reason for one in found[:3]] == [
        'They call it "rain" here.',
        '"Rain" it is.',
        '"Rain" it is.',
    ]
    assert found[3].warrants == ('"rain is good', 'rain is not good"')


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (ROW.replace("\t1\t", "\t2\t"), "line 2: correctLabelW0orW1 '2', expected 0 or 1"),
        (ROW.rpartition("\t")[0], "line 2: 7 fields, expected 8"),
        (ROW + "\tmore", "line 2: 9 fields, expected 8"),
        (ROW.replace("rain is not good", "rain is good"), "line 2: both warrants are 'rain is good'"),
        (ROW.replace("It is raining.", "  "), "line 2: reason is empty"),
        (ROW.replace("a1", ""), "line 2: #id is empty"),
        (ROW.replace("raining", "rai\rning"), "line 2: a carriage return"),
        (f"{ROW}\n{ROW}", "line 3: #id 'a1' is in line 2 already"),
        ("", "no argument after line 1"),
    ],
)
def test_a_bad_row_is_told_with_its_line(row: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes((table(path).read_text() + row + "\n").encode())
    with pytest.raises(UserError) as refused:
        read_items(path)
    assert str(refused.value).startswith(f"{path}: {told}")


@pytest.mark.parametrize("first", ["#id\twarrant0", "id,warrant0,warrant1", '{"data": []}', "x\tx"])
def test_a_file_of_another_kind_is_told_what_columns_there_should_be(first: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"line 1: column .* is missing, expected the columns #id warrant0"):
        read_items(table(tmp_path / "a.tsv", ROW, first=first))


def test_an_empty_file_is_told_what_columns_there_should_be(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").touch()
    with pytest.raises(UserError, match=r"a\.tsv: the file is empty, expected the columns #id warrant0"):
        read_items(tmp_path / "a.tsv")


def test_a_copy_is_known_by_its_id_alone_and_the_column_must_not_say_otherwise(tmp_path: Path) -> None:
    text = table_text([item()]).replace("\tFalse\n", "\t{}\n")
    (tmp_path / "a.tsv").write_text(text.format("True"))
    with pytest.raises(UserError, match="line 2: adversarial is True, but #id 'a1' does not end in"):
        read_items(tmp_path / "a.tsv")
    (tmp_path / "a.tsv").write_text(text.format("perhaps"))
    with pytest.raises(UserError, match="adversarial 'perhaps', expected True or False"):
        read_items(tmp_path / "a.tsv")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"id": "b" + SUFFIX}, "no original 'b' in the file"),
        (
            {"warrants": ("rain is not good", "rain is good")},
            r"other warrants than its original \(swapped\?\)",
        ),
        ({"label": 1}, "the label of its original"),
        ({"claim": "We should stay at home"}, "the claim of its original"),
    ],
)
def test_a_copy_that_is_no_negated_copy_is_refused(changes: dict[str, object], told: str) -> None:
    copy = item(id="a1" + SUFFIX, claim="We should not stay at home", label=0, negated=True)
    assert pairs_of(Path("a.tsv"), [item(), copy])[1]
    with pytest.raises(UserError, match=rf"^a\.tsv: copy .* has {told}, expected"):
        pairs_of(Path("a.tsv"), [item(), replace(copy, **changes)])  # type: ignore[arg-type]


TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\"\t\n '’🍋e\u0301"), min_size=1
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, TEXT, TEXT, TEXT, st.integers(0, 1)), min_size=1, max_size=4))
def test_what_is_written_is_read_again(rows: list[tuple[str, str, str, str, str, int]]) -> None:
    def whole(text: str) -> str:
        return " ".join(text.splitlines()).strip()

    made: list[Item] = []
    for number, (first, second, reason, claim, debate, label) in enumerate(rows):
        if all(map(whole, (first, second, reason, claim))) and whole(first) != whole(second):
            made.append(Item(f"i{number}", (first, second), label, reason, claim, debate, "x"))
    if not made:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.tsv"
        write_items(path, made)
        found = read_items(path)
    assert [one.id for one in found] == [one.id for one in made]
    for one, was in zip(found, made, strict=True):
        assert one.warrants == (whole(was.warrants[0]), whole(was.warrants[1]))
        assert (one.reason, one.claim, one.label) == (whole(was.reason), whole(was.claim), was.label)
        assert one.debate == whole(was.debate)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode), st.booleans())
def test_any_bytes_are_read_or_refused_in_one_line(data: bytes, with_names: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.tsv"
        path.write_bytes((table(path).read_bytes() if with_names else b"") + data)
        try:
            found = read_items(path)
        except UserError as refused:
            assert "\n" not in str(refused)
            assert str(refused).startswith(str(path))
        else:
            assert found
            assert all(len(set(one.warrants)) == 2 for one in found)
