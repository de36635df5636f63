"""Bad input by structure (hypothesis): documents of any text, and what all that was taken must keep."""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from robust.attack.records import Edit, apply_edits, undo_edits
from robust.errors import UserError
from robust.report.grid import Grid, markdown
from robust.squad.io import read_questions, write_jsonl, write_parquet, write_squad
from tests.campaigns.mutate import TEXTS

INPUTS = int(os.environ.get("ROBUST_CAMPAIGN", "200"))
CAMPAIGN = settings(
    max_examples=INPUTS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
TEXT = st.one_of(st.text(max_size=40), st.sampled_from(TEXTS))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def documents(draw: st.DrawFn) -> Any:
    """A SQuAD document of any titles, ids and texts, now and then with a value of any kind in a place."""

    def or_any(value: Any) -> Any:
        return draw(JSON) if draw(st.integers(0, 39)) == 0 else value

    articles = []
    for _ in range(draw(st.integers(0, 2))):
        paragraphs = []
        for _ in range(draw(st.integers(0, 2))):
            context = draw(TEXT)
            qas = []
            for _ in range(draw(st.integers(0, 3))):
                start = draw(st.integers(0, len(context)))
                text = context[start : start + draw(st.integers(0, 6))]
                answers = [{"text": or_any(text), "answer_start": or_any(start)}] if text else []
                item = {"id": draw(TEXT), "question": or_any(draw(TEXT)), "answers": or_any(answers)}
                qas.append(or_any(item | ({"is_impossible": not text} if draw(st.booleans()) else {})))
            paragraphs.append(or_any({"context": context, "qas": or_any(qas)}))
        articles.append(or_any({"title": or_any(draw(TEXT)), "paragraphs": or_any(paragraphs)}))
    return or_any({"version": "v2.0", "data": or_any(articles)})


@CAMPAIGN
@given(documents())
def test_a_document_is_read_and_comes_back_or_is_refused_in_one_line(document: Any) -> None:
    with TemporaryDirectory() as place:
        file = Path(place) / "q.json"
        file.write_text(json.dumps(document))
        try:
            questions = read_questions(file)
        except UserError as error:
            assert "\n" not in str(error) and len(str(error)) < 2_000
            return
        for name, write in (("r.json", write_squad), ("r.jsonl", write_jsonl), ("r.parquet", write_parquet)):
            write(Path(place) / name, questions)
            again = {question.id: question for question in read_questions(Path(place) / name)}
            assert again == {question.id: question for question in questions}


@CAMPAIGN
@given(TEXT, st.data())
def test_edits_of_any_text_can_be_undone(text: str, data: st.DataObject) -> None:
    edges = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    edits = tuple(
        Edit("question", start, end, text[start:end], data.draw(TEXT))
        for start, end in zip(edges[::2], edges[1::2], strict=False)
    )
    assert undo_edits(apply_edits(text, edits), edits) == text


@CAMPAIGN
@given(TEXT, TEXT, TEXT)
def test_a_table_of_any_text_has_the_rows_and_columns_it_has(title: str, name: str, cell: str) -> None:
    made = markdown(Grid(title, ("", name), ((name, cell), (cell, name))))
    rows = made.split("\n\n", 1)[1].strip().split("\n")
    assert len(rows) == 4
    assert all(row.count("|") - row.count("\\|") == 3 for row in rows)
