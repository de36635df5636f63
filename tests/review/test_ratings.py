"""Reading ratings: every shape a rater's file comes in, and one line for every fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from robust.errors import UserError
from robust.review.items import MAIN, Reviewable
from robust.review.labels import REASONS
from robust.review.ratings import Rating, merge, read_ratings
from robust.review.sheet import render_sheet
from tests.review.conftest import fill, rows_of


def write(path: Path, found: Reviewable, lines: list[str], delimiter: str = ",") -> Path:
    """Write a small sheet: each line is ITEM-NUMBER VERDICT REASON RATER KIND, "-" for nothing."""
    names = ("item", "verdict", "reason", "rater", "rater_kind", "set_sha256")
    rows = [delimiter.join(names)]
    for line in lines:
        number, *cells = line.replace("_", " ").split("/")
        code = found.of_arm(MAIN)[int(number)].code
        rows.append(delimiter.join([code, *cells, found.sha256]))
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def said(ratings: list[Rating]) -> list[tuple[str, str, str, str]]:
    return [(r.rater, r.kind, r.verdict, r.reason) for r in ratings]


def test_a_filled_sheet_comes_back_as_it_was_filled(found: Reviewable, tmp_path: Path) -> None:
    items = found.of_arm(MAIN)[:3]
    verdicts = {items[0].code: "accept", items[1].code: "reject/bad grammar"}
    file = fill(tmp_path / "r.csv", found, items, verdicts, rater="Ann", rater_kind="person")
    ratings = read_ratings(file, found)
    assert [r.item for r in ratings] == [item.code for item in items]
    assert said(ratings) == [
        ("Ann", "person", "accept", ""),
        ("Ann", "person", "reject", "bad grammar"),
        ("Ann", "person", "", ""),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_labels_are_read_whatever_their_case_and_the_delimiter(
    found: Reviewable, tmp_path: Path, delimiter: str
) -> None:
    lines = ["0/ Accept /-/a/Person", "1/REJECT/Wrong sense/a/person", "2/right//a/", "3/bad_grammar//a/"]
    lines = [line.replace("/-/", "//") for line in lines]
    ratings = read_ratings(write(tmp_path / "r.csv", found, lines, delimiter), found, kind="person")
    assert [(v, r) for _, _, v, r in said(ratings)] == [
        ("accept", ""),
        ("reject", "wrong sense"),
        ("accept", ""),
        ("reject", "bad grammar"),
    ]


def test_json_lines_of_a_program_are_read_too(found: Reviewable, tmp_path: Path) -> None:
    code = found.of_arm(MAIN)[0].code
    row = {"item": code, "verdict": "reject", "reason": None, "note": "no", "set_sha256": found.sha256}
    file = tmp_path / "r.jsonl"
    file.write_text(json.dumps(row) + "\n\n", encoding="utf-8")
    (rating,) = read_ratings(file, found, rater="m", kind="model")
    assert (rating.item, rating.rater, rating.kind, rating.note) == (code, "m", "model", "no")


def test_labels_of_earlier_rounds_are_matched_by_their_edit(found: Reviewable, tmp_path: Path) -> None:
    item = next(item for item in found.of_arm(MAIN) if len(item.edits) == 1)
    edit = item.edits[0]
    row = {"variant_id": item.variant_id, "start": edit.start, "before": edit.before, "after": edit.after}
    file = tmp_path / "judged.jsonl"
    file.write_text(json.dumps(row | {"rater_a": "right", "rater_b": "wrong_sense"}), encoding="utf-8")
    ratings = read_ratings(file, found, kind="model")
    assert said(ratings) == [("a", "model", "accept", ""), ("b", "model", "reject", "wrong sense")]
    assert {r.item for r in ratings} == {item.code}
    file.write_text(json.dumps(row | {"after": "other", "rater_a": "right"}), encoding="utf-8")
    with pytest.raises(
        UserError, match=r"line 1: names no item, and .* is not a variant of .*with that edit"
    ):
        read_ratings(file, found, kind="model")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1/yes//a/person", "line 3: verdict 'yes', expected accept, reject, unsure or nothing"),
        ("1/reject/ugly/a/person", f"line 3: reason 'ugly', expected {', '.join(REASONS)} or nothing"),
        ("1/accept///person", "line 3: names no rater; fill the column 'rater' or give --rater NAME"),
        ("1/accept//a/", "line 3: rater kind '', expected person or model"),
        ("1/accept//a/robot", "line 3: rater kind 'robot', expected person or model"),
    ],
)
def test_a_fault_is_told_with_its_line(found: Reviewable, tmp_path: Path, line: str, message: str) -> None:
    file = write(tmp_path / "r.csv", found, ["0/accept//a/person", line])
    with pytest.raises(UserError) as error:
        read_ratings(file, found)
    assert f"{file}: {message}" in str(error.value)


def test_a_file_of_another_set_is_refused(found: Reviewable, tmp_path: Path) -> None:
    file = fill(tmp_path / "r.csv", found, found.of_arm(MAIN)[:1], {}, set_sha256="f" * 64)
    with pytest.raises(UserError, match=r"line 2: rates the set ffffffffffff…, expected .* name the set"):
        read_ratings(file, found, rater="a", kind="person")
    file = fill(tmp_path / "r.csv", found, found.of_arm(MAIN)[:1], {}, item="0123456789ab")
    with pytest.raises(UserError, match="item '0123456789ab' is not in"):
        read_ratings(file, found, rater="a", kind="person")
    file = fill(tmp_path / "r.csv", found, found.of_arm(MAIN)[:1], {}, set_sha256="")
    with pytest.raises(UserError, match="line 2: no set_sha256"):
        read_ratings(file, found, rater="a", kind="person")


def test_what_is_no_sheet_is_refused(found: Reviewable, tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match="no column 'verdict' among 'a, b'"):
        read_ratings(file, found)
    file.write_text('item,verdict\n"x\n')
    with pytest.raises(UserError, match="not CSV"):
        read_ratings(file, found)
    file.write_text("item,verdict\nx,accept,and,more\n")
    with pytest.raises(UserError, match="line 2: more cells than columns"):
        read_ratings(file, found)
    file.write_bytes("item,verdict\nx,é".encode("cp1252"))
    with pytest.raises(UserError, match="not UTF-8"):
        read_ratings(file, found)
    with pytest.raises(UserError, match="no such file, expected a sheet of ratings"):
        read_ratings(tmp_path / "none.csv", found)
    file.write_text("")
    with pytest.raises(UserError, match="empty, expected the sheet made by robust review export"):
        read_ratings(file, found)
    (tmp_path / "r.jsonl").write_text("[1]\n")
    with pytest.raises(UserError, match="line 1: not a JSON object"):
        read_ratings(tmp_path / "r.jsonl", found)
    file.write_text(render_sheet(found.of_arm(MAIN), found.sha256, {}), encoding="utf-8")
    assert rows_of(file.read_text(encoding="utf-8"))
    with pytest.raises(UserError, match="holds no verdict"):
        read_ratings(file, found, rater="a", kind="person")


def test_an_option_must_not_contradict_the_file(found: Reviewable, tmp_path: Path) -> None:
    file = write(tmp_path / "r.csv", found, ["0/accept//a/person"])
    assert said(read_ratings(file, found, rater="a", kind="person"))
    with pytest.raises(UserError, match="rater 'a', but --rater b; expected the same"):
        read_ratings(file, found, rater="b")
    with pytest.raises(UserError, match="rater_kind 'person', but --rater-kind model"):
        read_ratings(file, found, kind="model")


def test_nobody_rates_an_item_twice_or_is_two_kinds_of_rater(found: Reviewable, tmp_path: Path) -> None:
    def read(name: str, *lines: str) -> list[Rating]:
        return read_ratings(write(tmp_path / name, found, list(lines)), found)

    ann = read("ann.csv", "0/accept//ann/person", "1///ann/person")
    with pytest.raises(
        UserError, match=r"again\.csv: line 2: rater 'ann' judged item .* already at .*ann\.csv"
    ):
        merge([ann, read("again.csv", "0/reject//ann/person")])
    with pytest.raises(UserError, match="rater 'ann' is a model, but a person at"):
        merge([ann, read("model.csv", "1/reject//ann/model")])
    # What was left blank in one file may stand in another; the order of files does not matter.
    rest = read("rest.csv", "1/reject//ann/person")
    merged = merge([ann, rest])
    assert merged == merge([rest, ann])
    assert sorted(r.verdict for r in merged) == ["accept", "reject"]


def test_what_is_not_a_rating_is_left_out_and_a_rater_is_read_as_typed(
    found: Reviewable, tmp_path: Path
) -> None:
    file = write(tmp_path / "r.csv", found, ["0/accept//'@kim/person", "1/reject/other/@kim/person"])
    file.write_text(file.read_text(encoding="utf-8") + "\n,,,,,\n , ,,,,\n", encoding="utf-8")
    assert [r.rater for r in read_ratings(file, found)] == ["@kim", "@kim"]


@pytest.mark.parametrize("line", ["0/accept/wrong_sense/a/person", "0/wrong_sense/bad_grammar/a/person"])
def test_a_verdict_and_a_reason_that_contradict_each_other_are_told(
    found: Reviewable, tmp_path: Path, line: str
) -> None:
    with pytest.raises(UserError, match=r"line 2: verdict .* with the reason .*correct one of the two"):
        read_ratings(write(tmp_path / "r.csv", found, [line]), found)
