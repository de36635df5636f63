"""What is written reads back the same, whatever the text: emoji, combining marks, line separators."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robust.squad import io
from robust.squad.records import Answer, Question

Write = Callable[[Path, Iterable[Question]], None]

# Every code point that is a character (no surrogates), and the troublesome ones often.
TROUBLE = [
    "e\u0301",
    "🚢",
    "👩‍🚀",
    "\u2028",
    "\x00",
    "\x85",
    "\ufeff",
    "ß",
    "İ",
    "न्",
    '"',
    "\\",
    "\r\n",
    " ",
    "</script>",
    "𝒳",
]
text = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.lists(st.sampled_from(TROUBLE), max_size=6).map("".join),
)


@st.composite
def paragraphs(draw: st.DrawFn) -> list[Question]:
    """Return questions grouped by article and paragraph, as official JSON keeps them."""
    questions: list[Question] = []
    suffix = draw(text)
    for article in draw(st.lists(text, min_size=1, max_size=2, unique=True)):
        title = draw(st.one_of(st.just(article), text))
        for paragraph_id in draw(st.lists(text, min_size=1, max_size=2, unique=True)):
            context = draw(text.filter(bool))
            for golds in draw(st.lists(st.lists(spans(context), max_size=2), min_size=1, max_size=2)):
                question_id = f"{len(questions)}{suffix}"
                questions.append(
                    Question(
                        question_id, suffix, context, tuple(golds), title, bool(golds), paragraph_id, article
                    )
                )
    return questions


def spans(context: str) -> st.SearchStrategy[Answer]:
    ends = st.tuples(st.integers(0, len(context) - 1), st.integers(1, len(context)))
    return ends.map(lambda e: Answer(context[e[0] : e[0] + e[1]], e[0]))


WRITERS: dict[str, Write] = {
    "x.json": io.write_squad,
    "x.json.gz": io.write_squad,
    "x.json.xz": io.write_squad,
    "x.jsonl": io.write_jsonl,
    "x.jsonl.gz": io.write_jsonl,
    "x.parquet": io.write_parquet,
}


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=60, deadline=None)
@given(questions=paragraphs())
def test_questions_read_back_as_they_were_written(
    name: str, tmp_path_factory: pytest.TempPathFactory, questions: list[Question]
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    WRITERS[name](path, questions)
    assert io.read_questions(path) == questions


@settings(max_examples=60, deadline=None)
@given(questions=paragraphs(), data=st.data())
def test_a_subset_in_any_order_keeps_its_clusters(
    tmp_path_factory: pytest.TempPathFactory, questions: list[Question], data: st.DataObject
) -> None:
    some = data.draw(st.lists(st.sampled_from(questions), min_size=1, unique=True))
    path = tmp_path_factory.getbasetemp() / "subset.json"
    io.write_squad(path, some)
    assert {q.id: q for q in io.read_questions(path)} == {q.id: q for q in some}


@settings(max_examples=60, deadline=None)
@given(questions=paragraphs())
def test_the_same_questions_give_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, questions: list[Question]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    for name in ("x.json", "x.json.gz", "x.json.xz", "x.jsonl"):
        first, second = folder / f"first-{name}", folder / f"second-{name}"
        WRITERS[name](first, questions)
        WRITERS[name](second, io.read_questions(first))
        assert first.read_bytes() == second.read_bytes()


def test_a_file_with_the_official_layout_gets_no_keys_of_ours(tmp_path: Path) -> None:
    questions = [
        Question("a", "?", "c", (), "T", False, "T:1", "T"),
        Question("b", "?", "d", (), "T", False, "T:2", "T"),
    ]
    io.write_squad(tmp_path / "x.json", questions)
    assert (tmp_path / "x.json").read_text(encoding="utf-8") == (
        '{"version": "v2.0", "data": [{"title": "T", "paragraphs": ['
        '{"context": "c", "qas": [{"question": "?", "id": "a", "answers": [], "is_impossible": true}]}, '
        '{"context": "d", "qas": [{"question": "?", "id": "b", "answers": [], "is_impossible": true}]}]}]}\n'
    )
