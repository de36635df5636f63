"""Language packs and files of synonyms."""

from __future__ import annotations

from pathlib import Path

import pytest

from robust.errors import UserError
from robust.words.language import language
from robust.words.thesaurus import thesaurus


def test_chinese_words_have_offsets_and_names_numbers_and_question_words_stay() -> None:
    pack = language("zh")
    text = "1931年 谁修建了北京的灯塔？"
    tokens = pack.analyse(text)
    assert all(text[token.start : token.end] == token.text for token in tokens)
    stay = {tokens[i].text: why for i, why in pack.untouchable(text, tokens, ["灯塔"], "").items()}
    assert stay["谁"] == "question word"
    assert stay["北京"] == "name"
    assert stay["灯塔"] == "answer word"
    assert stay["？"] == "mark"
    assert "number" in stay.values()
    assert "修建" not in stay


def test_a_chinese_synonym_must_be_of_the_same_part_of_speech() -> None:
    pack = language("zh")
    tokens = pack.analyse("谁修建灯塔")
    verb = next(i for i, token in enumerate(tokens) if token.text == "修建")
    assert pack.form(tokens, verb, "建造") == "建造"
    assert pack.form(tokens, verb, "房屋") is None


def test_an_english_synonym_is_inflected_and_left_where_its_article_would_change() -> None:
    pack = language("en")
    tokens = pack.analyse("Who bought a large house?")
    assert pack.form(tokens, 1, "acquire") == "acquired"
    assert pack.form(tokens, 3, "big") == "big"
    assert pack.form(tokens, 3, "enormous") is None


def test_an_unknown_language_is_refused_with_those_there_are() -> None:
    with pytest.raises(UserError, match=r"language 'xx': no pack for it; expected one of en, zh"):
        language("xx")


def test_groups_a_line_cilin_codes_and_wordnet_tables_are_read(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text(
        "# a note\nlarge big, huge\nAa01A01= 人 士 人物\n"
        "02084071-n\tcmn:lemma\t狗\n02084071-n\tcmn:lemma\t犬\nalone\n",
        "utf-8",
    )
    found = thesaurus(file)
    assert found.synonyms("big") == [("large", "line 2"), ("huge", "line 2")]
    assert found.synonyms("士") == [("人", "Aa01A01"), ("人物", "Aa01A01")]
    assert found.synonyms("狗") == [("犬", "02084071-n")]
    assert found.synonyms("alone") == []


def test_a_file_without_synonyms_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "none.txt"
    file.write_text("alone\n\n", "utf-8")
    with pytest.raises(UserError, match="holds no group of two words"):
        thesaurus(file)
    with pytest.raises(UserError, match="cannot be read"):
        thesaurus(tmp_path / "missing.txt")
