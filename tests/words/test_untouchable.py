"""What no attack may exchange, with the reason."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robust.words.tagger import analyse
from robust.words.untouchable import REASONS, answer_words, is_common, quotations, untouchable

CONTEXT = (
    "The old mill at Ashby stood by the river. In 1850 the Miller family sold it to Ruth Penn, "
    "who painted it red."
)


def reasons(question: str, answers: Sequence[str] = (), context: str = CONTEXT) -> dict[str, str]:
    tokens = analyse(question)
    found = untouchable(question, tokens, answers, context)
    return {tokens[i].text: reason for i, reason in found.items()}


@pytest.mark.parametrize(
    ("question", "word", "reason"),
    [
        ("Who sold the mill?", "Who", "question word"),
        ("How long did the sale last?", "long", "question word"),
        ("Who sold the mill?", "the", "stop word"),
        ("Did the family have a mill?", "have", "stop word"),
        ("According to Ruth, who sold the mill?", "According", "stop word"),
        ("Who owned the mill prior to 1850?", "prior", "stop word"),
        ("Who sold the mill?", "?", "mark"),
        ("Who owned the mill before Ruth Penn bought it?", "Ruth", "name"),
        ("Who owned the mill before Ruth Penn bought it?", "Penn", "name"),
        ("Ashby had which mill?", "Ashby", "name"),
        ("Which NGO bought it?", "NGO", "name"),
        ("Which eBook praises it?", "eBook", "name"),
        ("Which Anglo-Saxon king ruled?", "Anglo-Saxon", "name"),
        ("what river flows through france?", "france", "name"),
        ("In 1850 who sold it?", "1850", "number"),
        ("Who was the third owner?", "third", "number"),
        ("Who built it in the 19th century?", "century", "number"),
        ("Who walked ten miles?", "ten", "number"),
        ("Who walked ten miles?", "miles", "number"),
        ("Who paid $3 million dollars?", "million", "number"),
        ('Who wrote "The happy miller"?', "happy", "quotation"),
        ("Who said 'grind your corn' there?", "corn", "quotation"),
        ("Who wrote “the happy miller” there?", "miller", "quotation"),
        ("When does the fair take place?", "take", "multi-word expression"),
        ("When does the fair take place?", "place", "multi-word expression"),
        ("When did the fair take place?", "take", "multi-word expression"),
        ("Which prime minister came?", "minister", "multi-word expression"),
        ("Who carried the clever plan out?", "carried", "multi-word expression"),
        ("Who grows flumbertops?", "flumbertops", "unknown word"),
    ],
)
def test_a_word_that_must_stay_says_why(question: str, word: str, reason: str) -> None:
    assert reasons(question)[word] == reason


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("Who sold the old mill?", "sold"),
        ("Who sold the old mill?", "old"),
        ("Who sold the old mill?", "mill"),
        ("Large ships carried what?", "Large"),
        ("Which river flows quickly?", "quickly"),
        ("Which company was founded in 1850?", "founded"),
        ("Who runs in 1850?", "runs"),
    ],
)
def test_ordinary_content_words_are_free(question: str, word: str) -> None:
    assert word not in reasons(question)


def test_words_of_any_answer_stay_in_whatever_inflection() -> None:
    found = reasons("Which painters painted the mills red?", ["a red mill", "Painting"])
    assert found["painted"] == "answer word"
    assert found["mills"] == "answer word"
    assert found["red"] == "answer word"
    assert "painters" not in found


def test_answer_words_leave_out_function_words() -> None:
    assert "of" not in answer_words(("the end of the war",))
    assert {"end", "war"} <= answer_words(("the end of the War",))


def test_the_first_word_is_a_name_if_the_paragraph_writes_it_so_inside_a_sentence() -> None:
    assert reasons("Bright sold what?", context="It was sold by Bright in May.")["Bright"] == "name"
    assert "Bright" not in reasons("Bright colours sold what?", context="Bright is the day.")


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('a "b c" d', ['"b c"']),
        ("don't 'stop it' now", ["'stop it'"]),
        ("the dogs' owner's house", []),
        ('never "closed', ['"closed']),
        ("«a» “b”", ["«a»", "“b”"]),
        ("rock 'n' roll isn't 'the dog's life'", ["'n'", "'the dog's life'"]),
    ],
)
def test_quotations_are_found_and_apostrophes_are_not(text: str, quoted: list[str]) -> None:
    assert [text[start:end] for start, end in quotations(text)] == quoted


@pytest.mark.parametrize(
    ("word", "common"),
    [
        ("city", True),
        ("cities", True),
        ("norman", False),
        ("the", True),
        ("france", False),
        ("established", True),
        ("xyzzyq", False),
    ],
)
def test_a_common_word_is_one_that_english_writes_without_a_capital(word: str, common: bool) -> None:
    assert is_common(word) is common


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="abcdeinorst ABC.,'\"?1290-é“”", max_size=60))
def test_any_text_gives_known_reasons_for_its_own_tokens(text: str) -> None:
    tokens = analyse(text)
    found = untouchable(text, tokens, [text[:5]], text)
    assert set(found) <= set(range(len(tokens)))
    assert set(found.values()) <= set(REASONS)
