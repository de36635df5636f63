"""synonym-file.v1 on the sample in Chinese."""

from __future__ import annotations

from robust.attack.registry import make
from robust.squad import catalogue
from robust.squad.chinese import is_chinese
from robust.squad.io import read_questions

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
