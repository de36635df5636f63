"""Opening files: what they are, how they are packed, and every way in which they are broken."""

from __future__ import annotations

import gzip
import json
import lzma
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from robust.errors import UserError
from robust.squad import source
from robust.squad.io import iter_questions, read_questions, write_jsonl, write_parquet, write_squad
from robust.squad.records import Answer, Question

Document = dict[str, Any]
Save = Callable[..., Path]


def error_of(path: Path, **settings: Any) -> str:
    with pytest.raises(UserError) as caught:
        read_questions(path, **settings)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


def test_a_version_2_document_is_read_whole(document: Document, save: Save) -> None:
    questions = read_questions(save(document))
    assert [q.id for q in questions] == ["b1", "b2", "b3", "h1", "h2"]
    assert questions[0] == Question(
        "b1", "When did the bakery open?", document["data"][0]["paragraphs"][0]["context"],
        (Answer("1904", 34), Answer("in 1904", 31)), "Bakery", True, "Bakery:1", "Bakery",
    )  # fmt: skip
    assert [q.answerable for q in questions] == [True, False, True, True, False]
    assert [q.paragraph_id for q in questions] == [
        "Bakery:1",
        "Bakery:1",
        "Bakery:2",
        "Harbour:1",
        "Harbour:1",
    ]


def test_a_version_1_document_needs_no_is_impossible(document: Document, save: Save) -> None:
    document["version"] = "1.1"
    for article in document["data"]:
        for paragraph in article["paragraphs"]:
            paragraph["qas"] = [qa for qa in paragraph["qas"] if qa["answers"]]
            for qa in paragraph["qas"]:
                del qa["is_impossible"]
    assert [(q.id, q.answerable) for q in read_questions(save(document))] == [
        ("b1", True),
        ("b3", True),
        ("h1", True),
    ]


def test_offsets_count_code_points_not_bytes_or_utf16_units(document: Document, save: Save) -> None:
    question = read_questions(save(document))[3]
    gold = question.answers[0]
    assert question.context[gold.start : gold.end] == gold.text == "Ärsk"
    assert "🚢" in question.context[: gold.start]


@pytest.mark.parametrize(
    ("suffix", "pack"), [(".gz", gzip.compress), (".xz", lzma.compress), ("", gzip.compress)]
)
def test_packed_files_are_told_by_content(
    suffix: str, pack: Callable[[bytes], bytes], document: Document, save: Save
) -> None:
    plain = save(document)
    packed = save(pack(plain.read_bytes()), f"packed.json{suffix}")
    assert read_questions(packed) == read_questions(plain)


def test_a_byte_order_mark_is_no_part_of_the_text(document: Document, save: Save) -> None:
    plain = read_questions(save(document))
    assert read_questions(save(b"\xef\xbb\xbf" + json.dumps(document).encode(), "bom.json")) == plain


@pytest.mark.parametrize(
    "name", ["rows.jsonl", "rows.ndjson", "rows.jsonl.gz", "rows.jsonl.xz", "rows.json", "rows"]
)
def test_one_question_a_line_is_read_whatever_the_name(name: str, document: Document, save: Save) -> None:
    questions = read_questions(save(document))
    path = save(b"", name)
    write_jsonl(path, questions)
    assert read_questions(path) == questions


def test_rows_in_a_json_list_or_under_data_are_read(document: Document, save: Save) -> None:
    questions = read_questions(save(document))
    lines = save(b"", "rows.jsonl")
    write_jsonl(lines, questions)
    rows = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert read_questions(save(rows, "list.json")) == questions
    assert read_questions(save({"version": "x", "data": rows}, "under-data.json")) == questions


def test_parquet_is_told_by_content(document: Document, save: Save) -> None:
    questions = read_questions(save(document))
    path = save(b"", "table")
    write_parquet(path, questions)
    assert read_questions(path) == questions


def test_jsonl_is_streamed(document: Document, save: Save) -> None:
    path = save(b"", "rows.jsonl")
    write_jsonl(path, read_questions(save(document)))
    with path.open("ab") as stream:
        stream.write(b"{broken")
    questions = iter_questions(path)
    assert next(questions).id == "b1"  # long before the broken line
    with pytest.raises(UserError, match="line 6"):
        list(questions)


# ---- broken files --------------------------------------------------------------------------------------


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert "no such file" in error_of(tmp_path / "nowhere.json")


def test_a_folder_is_told(tmp_path: Path) -> None:
    assert "is a folder, expected a data file" in error_of(tmp_path)


def test_a_path_through_a_file_is_told(save: Save) -> None:
    assert "Not a directory" in error_of(save("x") / "data.json")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_told_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "is a device or a pipe" in error_of(tmp_path / "pipe")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_file_is_told(save: Save) -> None:
    path = save("{}")
    path.chmod(0)
    assert "may not be read" in error_of(path)


@pytest.mark.parametrize(
    "content", [b"", b"  \n\t ", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0), lzma.compress(b"\n")]
)
@pytest.mark.parametrize("name", ["data.json", "data.jsonl"])
def test_an_empty_file_is_told(content: bytes, name: str, save: Save) -> None:
    message = error_of(save(content, name))
    assert "empty" in message or "holds no questions" in message


def test_text_that_is_not_json_is_told_with_line_and_column(save: Save) -> None:
    message = error_of(save('{"version": "v2.0",\n "data": [oops]}'))
    assert "not JSON: line 2, column 11: Expecting value, found 'oops]}'" in message


@pytest.mark.parametrize("name", ["data.csv", "data.json"])
@pytest.mark.parametrize("text", ["id,question,context\n1,Who?,He.\n", '"id";"question"\n"1";"Who?"\n'])
def test_a_table_of_text_is_told_to_be_one(name: str, text: str, save: Save) -> None:
    message = error_of(save(text, name))
    assert "looks like CSV" in message and "SQuAD JSON, JSON lines (.jsonl) or parquet" in message


def test_json_with_something_after_it_is_told(document: Document, save: Save) -> None:
    assert "not JSON: line 1, column" in error_of(save(json.dumps(document) + "}"))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_that_breaks_off_is_told_as_that(share: float, document: Document, save: Save) -> None:
    text = json.dumps(document)
    message = error_of(save(text[: int(len(text) * share)]))
    assert "breaks off at line 1, column" in message or "not JSON" in message


def test_a_file_that_breaks_off_inside_a_string_is_told_as_that(document: Document, save: Save) -> None:
    text = json.dumps(document)
    assert "not whole: the JSON breaks off" in error_of(save(text[: text.index("bakery") + 3]))


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
@pytest.mark.parametrize("name", ["data.json.gz", "data.jsonl.xz"])
def test_a_packed_file_that_breaks_off_is_told(
    pack: Callable[[bytes], bytes], name: str, document: Document, save: Save
) -> None:
    packed = pack(json.dumps(document).encode())
    assert "the compressed file is cut off; fetch it again" in error_of(
        save(packed[: len(packed) // 2], name)
    )


def test_a_damaged_packed_file_is_told(document: Document, save: Save) -> None:
    packed = bytearray(lzma.compress(json.dumps(document).encode()))
    packed[len(packed) // 2] ^= 0xFF
    assert "the compressed file is damaged" in error_of(save(bytes(packed)))
    packed = bytearray(gzip.compress(json.dumps(document).encode()))
    packed[-8] ^= 0xFF
    assert "the compressed file is damaged" in error_of(save(bytes(packed)))


def test_bytes_that_are_not_utf8_are_told_with_their_offset(document: Document, save: Save) -> None:
    text = json.dumps(document, ensure_ascii=False).replace("Ärsk", "?rsk").encode()
    place = text.index(b"?rsk")
    message = error_of(save(text.replace(b"?rsk", b"\xc4rsk")))
    assert f"not UTF-8: byte 0xc4 at offset {place}; save the file as UTF-8" in message


def test_bytes_that_are_not_utf8_are_told_in_jsonl_too(save: Save) -> None:
    assert "not UTF-8: byte 0xff at offset 5" in error_of(save(b"\n\n\n{ \xff}", "rows.jsonl"))


def test_the_offset_counts_the_byte_order_mark(save: Save) -> None:
    assert "byte 0xff at offset 4" in error_of(save(b"\xef\xbb\xbf \xff"))


def test_utf16_is_called_by_its_name(document: Document, save: Save) -> None:
    assert "not UTF-8 but UTF-16" in error_of(save(json.dumps(document).encode("utf-16")))


def test_json_longer_than_the_limit_is_refused_with_the_way_out(document: Document, save: Save) -> None:
    plain = save({"data": document["data"], "version": "v2.0"})
    message = error_of(plain, limit=1000)
    assert "have to be in memory whole; write it as JSONL (.jsonl, one question a line)" in message
    assert read_questions(plain, limit=plain.stat().st_size)


def test_a_file_laid_out_as_official_ones_may_be_longer_than_the_limit_but_not_an_article(
    document: Document, save: Save
) -> None:
    path = save(document)
    longest = max(len(json.dumps(article)) for article in document["data"])
    assert longest < path.stat().st_size
    assert read_questions(path, limit=longest) == read_questions(path)
    assert "have to be in memory whole" in error_of(path, limit=longest - 1)


def test_a_gigabyte_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as stream:
        stream.write(b'{"data": [')
        stream.truncate(source.SIZE_LIMIT + 1)  # sparse: takes no disk
    assert "more than 1,000 MB" in error_of(path)


def test_the_limit_holds_for_what_a_packed_file_unpacks_to(save: Save) -> None:
    path = save(lzma.compress(b" " * 100_000), "bomb.json.xz")
    assert path.stat().st_size < 1000
    assert "have to be in memory whole" in error_of(path, limit=50_000)


def test_jsonl_may_be_longer_than_the_limit_but_not_a_line(
    document: Document, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(b"", "rows.jsonl")
    write_jsonl(path, read_questions(save(document)))
    assert len(read_questions(path, limit=10)) == 5
    monkeypatch.setattr(source, "LINE_LIMIT", 50)
    assert "line 1: more than" in error_of(path)


def test_json_nested_too_deep_is_refused(save: Save) -> None:
    assert "cannot be read as JSON" in error_of(save("[" * 100_000 + "]" * 100_000))


def test_a_number_too_long_to_be_one_is_refused(save: Save) -> None:
    assert "cannot be read as JSON" in error_of(save("[" + "9" * 5000 + "]"))


def test_broken_parquet_is_told(document: Document, save: Save) -> None:
    path = save(b"", "table.parquet")
    write_parquet(path, read_questions(save(document)))
    data = path.read_bytes()
    assert "broken parquet file" in error_of(save(data[: len(data) // 2], "half.parquet"))


def test_parquet_without_a_column_is_told(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    path = tmp_path / "table.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"id": ["a"], "question": ["?"]}), path)
    assert "row 1, question 'a': missing key 'context' (found 'id', 'question')" in error_of(path)


def test_a_failed_write_leaves_what_was_there(document: Document, save: Save) -> None:
    questions = read_questions(save(document))
    path = save("before", "out.json")
    broken = Question("\ud83d", "?", "c", (), "T", False, "T:1", "T")
    with pytest.raises(UserError, match="lone surrogate"):
        write_squad(path, [*questions, broken])
    assert path.read_text(encoding="utf-8") == "before"
    assert [p.name for p in path.parent.iterdir() if "tmp" in p.name] == []
