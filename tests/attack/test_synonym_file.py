"""synonym-file.v1 on the sample in Chinese."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from robust.attack.registry import get, make
from robust.squad import catalogue
from robust.squad.chinese import is_chinese
from robust.squad.io import read_questions
from robust.squad.records import Answer, Question
from robust.words.thesaurus import thesaurus

QUESTIONS = {q.id: q for q in read_questions(catalogue.resolve("zh-demo"))}


def test_a_word_of_a_chinese_question_is_replaced_by_a_synonym() -> None:
    attack = make("synonym-file.v1")
    question = QUESTIONS["ZH_4_2"]
    assert question.text == "商人为什么修建此桥？"
    assert {v.question for seed in range(6) for v in attack.variants(question, seed)} == {
        "商人为什么建造此桥？",
        "商人为什么兴建此桥？",
    }


def test_most_of_the_sample_is_rewritten_and_every_edit_is_a_synonym() -> None:
    attack = make("synonym-file.v1", edits=2)
    rewritten = 0
    for question in QUESTIONS.values():
        for variant in attack.variants(question, 0):
            rewritten += 1
            assert is_chinese(variant.question)
            assert all(edit.sense.startswith("line ") for edit in variant.edits)
    assert rewritten >= 15


def test_the_file_is_known_by_its_content(tmp_path) -> None:
    attack = make("synonym-file.v1")
    copy = tmp_path / "copy.txt"
    copy.write_bytes(attack.path.read_bytes())
    assert make("synonym-file.v1", synonyms=str(copy)).settings_hash() == attack.settings_hash()


@pytest.mark.parametrize(
    ("language", "text", "context", "answer", "words", "left"),
    [
        (
            "en",
            "Which machine broke?",
            "Engine trouble stopped it.",
            "Engine",
            "machine engine motor",
            "motor",
        ),
        ("zh", "哪种机器停了？", "车停了。", "车", "机器 汽车 轮船", "轮船"),
    ],
)
def test_a_synonym_that_says_the_answer_is_turned_down(
    tmp_path: Path, language: str, text: str, context: str, answer: str, words: str, left: str
) -> None:
    file = tmp_path / "synonyms.txt"
    file.write_text(words, encoding="utf-8")
    attack = make("synonym-file.v1", synonyms=str(file), language=language, per_question=5)
    question = Question("q", text, context, (Answer(answer, 0),), "T", True, "T:1", "T")
    assert [v.question for v in attack.variants(question, 0)] == [
        text.replace(words.split(maxsplit=1)[0], left)
    ]


PAGE = Path(__file__).parents[2] / "docs" / "attacks.md"


@pytest.mark.skipif(not PAGE.is_file(), reason="not in a checkout")
def test_the_file_that_the_guide_shows_works_by_the_command_beside_it(tmp_path) -> None:
    section = PAGE.read_text(encoding="utf-8").partition("## Without Python")[2].partition("\n## ")[0]
    (shown,) = re.findall(r"```text\n(.*?)```", section, re.DOTALL)
    file = tmp_path / "synonyms.txt"
    file.write_text(shown, encoding="utf-8")
    settings = dict(re.findall(r"--setting (\w+)=(\S+)", section)) | {"synonyms": str(file)}
    attack = make("synonym-file.v1", **settings)
    context = "Ann built a large tower."
    question = Question(
        "q", "Who built the large tower?", context, (Answer("Ann", 0),), "T", True, "T:1", "T"
    )
    found = {v.question: v.edits[0].sense for seed in range(20) for v in attack.variants(question, seed)}
    assert found == {
        "Who constructed the large tower?": "line 2",
        "Who erected the large tower?": "line 2",
        "Who built the big tower?": "large",
        "Who built the sizeable tower?": "large",
    }


def test_the_layout_in_the_docstring_is_one_that_is_read(tmp_path) -> None:
    lines = re.findall(r"^ {4}(\S.*)$", inspect.getdoc(get("synonym-file.v1")) or "", re.MULTILINE)
    file = tmp_path / "synonyms.txt"
    file.write_text("\n".join(lines), encoding="utf-8")
    assert lines[0].startswith("#")
    assert thesaurus(file).synonyms("build") == [("construct", "line 2"), ("erect", "line 2")]
    assert thesaurus(file).synonyms("big") == [("large", "large"), ("sizeable", "large")]
