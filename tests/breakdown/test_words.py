"""Question words and overlaps, as a person would tell them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robust.breakdown.overlap import Overlaps, replaces_tokens
from robust.breakdown.question_word import QUESTION_WORDS, question_word
from robust.words.overlap import content_words, lexical_overlap
from robust.words.tokens import forms, tokenize

WORDS = st.lists(st.sampled_from(["Norman", "duke", "king", "the", "of", "castle", "built"]), min_size=1)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("In what country is Normandy located?", "what"),
        ("Who was the Norse leader?", "who"),
        ("Whose army won?", "who"),
        ("To whom did he pay homage?", "who"),
        ("What's the original meaning of the word?", "what"),
        ("When were the Normans in Normandy?", "when"),
        ("How many men fell?", "how many"),
        ("How much did it cost?", "how many"),
        ("How was it built?", "how"),
        ("WHY did they come?", "why"),
        ("Was there a king?", "other"),
        ("Name the duke who won.", "who"),
    ],
)
def test_a_question_is_of_the_kind_of_its_question_word(text, kind):
    assert question_word(text) == kind


@given(st.text())
def test_every_text_has_a_kind_whatever_its_case(text):
    assert question_word(text) in QUESTION_WORDS
    if text.isascii():
        assert question_word(text.upper()) == question_word(text.lower())


def test_overlap_counts_content_words_by_form():
    question = content_words(forms("Who built the castle of the kings?"))
    assert question == ["built", "castle", "kings"]
    assert lexical_overlap(question, {"castle", "built", "king"}) == pytest.approx(2 / 3)
    assert math.isnan(lexical_overlap([], {"castle"}))


@given(WORDS, WORDS)
def test_overlap_is_a_share_and_whole_where_the_question_stands_in_the_paragraph(question, paragraph):
    overlaps = Overlaps()
    share = overlaps.of(" ".join(question), " ".join(paragraph))
    assert math.isnan(share) or 0 <= share <= 1
    whole = overlaps.of(" ".join(question), " ".join([*paragraph, *question]))
    assert math.isnan(whole) or whole == 1


@given(WORDS, WORDS, st.data(), st.sampled_from(["fort", "a fort", "of", "king's"]))
def test_overlap_after_edits_is_that_of_the_edited_text(question, paragraph, data, after):
    text, context = " ".join(question) + "?", " ".join(paragraph)
    token = data.draw(st.sampled_from([t for t in tokenize(text) if t.text != "?"]))
    assert replaces_tokens(text, token.start, token.end, after)
    edited = text[: token.start] + after + text[token.end :]
    found = Overlaps().after(text, context, [(token.text, after)])
    expected = Overlaps().of(edited, context)
    assert found == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(("start", "end"), [(0, 4), (5, 9), (3, 3)])
def test_an_edit_inside_a_word_is_not_told_by_its_sides(start, end):
    assert not replaces_tokens("well-built walls", start, end, "un")
