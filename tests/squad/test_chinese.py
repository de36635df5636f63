"""Chinese: CMRC 2018's layout and its metric."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from robust.errors import UserError
from robust.squad import catalogue
from robust.squad.chinese import f1, is_chinese, segments
from robust.squad.io import read_questions
from robust.squad.metric import normaliser, score
from robust.squad.records import Answer, Question

CONTEXT = "沙河灯塔建于1872年，由工程师林广平设计。"


def asked(text: str, gold: str) -> Question:
    return Question("q", text, CONTEXT, (Answer(gold, CONTEXT.index(gold)),), "T", True, "T:1", "T")


def test_characters_are_segments_and_other_scripts_are_cut_into_words() -> None:
    assert segments("林广平（Lin Guangping）建于1872年！") == (
        *"林广平",
        "lin",
        "guangping",
        *"建于",
        "1872",
        "年",
    )


def test_f1_counts_the_longest_shared_run_as_cmrc_does() -> None:
    # 工程师林广平 against 林广平: a run of 3 of 6 and 3, precision 1, recall 1/2
    assert f1(segments("工程师林广平"), segments("林广平")) == pytest.approx(2 / 3)
    # 林 and 平 are shared, but not in one run: only one of them counts
    assert f1(segments("林广平"), segments("林大平")) == pytest.approx(1 / 3)
    assert f1(segments("林"), ()) == 0.0


def test_a_chinese_question_is_scored_by_characters_without_its_punctuation() -> None:
    found = score([asked("灯塔是谁设计的？", "林广平")], {"q": "“林广平”。"})
    assert (found.em[0], found.f1[0]) == (1.0, 1.0)
    partly = score([asked("灯塔是谁设计的？", "工程师林广平")], {"q": "林广平"})
    assert (partly.em[0], partly.f1[0]) == (0.0, pytest.approx(2 / 3))


def test_an_english_question_about_a_chinese_word_stays_with_the_official_metric() -> None:
    assert not is_chinese("What does 灯塔 mean?")
    assert score([asked("What does it say?", "工程师林广平")], {"q": "林广平"}).f1[0] == 0.0


def test_the_sample_is_read_from_cmrcs_layout_with_offsets() -> None:
    questions = read_questions(catalogue.resolve("zh-demo"))
    assert len(questions) == 25
    assert len({q.article for q in questions}) == 6
    for question in questions:
        for answer in question.answers:
            assert question.context[answer.start : answer.end] == answer.text


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"answers": ["不在"]}, "entry 1, question 'a': answer '不在': the context does not hold it"),
        ({"answers": [3]}, "an answer is a whole number 3, expected text of the context"),
        ({"answers": None}, "'answers' is null, expected a list"),
        ({"query_text": None}, "'query_text' is null, expected text"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, change: dict[str, object], expected: str) -> None:
    query = {"query_id": "a", "query_text": "灯塔建于哪一年？", "answers": ["1872年"]} | change
    file = tmp_path / "cmrc.json"
    file.write_text(json.dumps([{"context_id": "c", "context_text": CONTEXT, "qas": [query]}]), "utf-8")
    with pytest.raises(UserError, match="entry 1") as fault:
        read_questions(file)
    assert expected in str(fault.value)


@pytest.mark.parametrize("question", ["灯塔是谁设计的？", "Who designed the lighthouse?"])
@pytest.mark.parametrize("given", ["林广平", "“林广平”。", "林广平先生", "The Lin", "lin!", ""])
@pytest.mark.parametrize("gold", ["林广平", "《林广平》", "Lin"])
def test_answers_are_alike_in_their_normal_form_where_exact_match_says_so(
    question: str, given: str, gold: str
) -> None:
    normal = normaliser(question)
    alike = Question("q", question, gold, (Answer(gold, 0),), "T", True, "T:1", "T")
    assert (normal(given) == normal(gold)) == bool(score([alike], {"q": given}).em[0])


def test_entries_of_one_title_without_ids_are_paragraphs_of_one_article(tmp_path: Path) -> None:
    def entry(number: int, context: str) -> dict[str, object]:
        asked = {"query_id": f"q{number}", "query_text": "谁？", "answers": [context[0]]}
        return {"context_text": context, "title": "灯塔", "qas": [asked]}

    file = tmp_path / "cmrc.json"
    file.write_text(json.dumps([entry(1, "甲来了。"), entry(2, "乙来了。"), entry(3, "甲来了。")]))
    found = [(q.article, q.paragraph_id) for q in read_questions(file)]
    assert found == [("灯塔", "灯塔:1"), ("灯塔", "灯塔:2"), ("灯塔", "灯塔:1")]
