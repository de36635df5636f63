"""Tokens stand exactly where they say, whatever the script."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from robust.words.tokens import coarse, tokenize

TRICKY = st.text(
    alphabet="_é$,ß€()&/"
    "ab'’.-–1 2\u0301\u0327\u200d\U0001f469\U0001f3fd\n\u00a0\u3000नि\u093fZ\U0001f1e9\U0001f1ea\"“”",
    max_size=40,
)


@settings(deadline=None)  # the first text that is not ASCII compiles the pattern
@given(st.one_of(st.text(max_size=80), TRICKY))
@example("e\u0301te\u0301 \U0001f469\u200d\U0001f4bb \U0001f1e9\U0001f1ea नमस्ते")
@example("\u0301\u0301a")
def test_offsets_are_exact_and_only_white_space_is_left_out(text: str) -> None:
    last = 0
    pieces = []
    for token in tokenize(text):
        assert token.start >= last
        assert token.end > token.start
        assert text[token.start : token.end] == token.text
        gap = text[last : token.start]
        assert not gap.strip()
        pieces += [gap, token.text]
        last = token.end
    assert not text[last:].strip()
    assert "".join([*pieces, text[last:]]) == text


@settings(deadline=None)
@given(TRICKY)
def test_no_token_holds_white_space(text: str) -> None:
    assert not any(c.isspace() and c not in "\u200d" for token in tokenize(text) for c in token.text)


@settings(deadline=None)
@given(st.text(alphabet="aeo\u0301\u0327n ", max_size=20))
def test_a_combining_mark_never_leaves_its_letter(text: str) -> None:
    for token in tokenize(text):
        if token.start and text[token.start - 1] not in " ":
            assert token.text[0] not in "\u0301\u0327"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What can't she do?", "What|ca|n't|she|do|?"),
        ("Who's the king's heir?", "Who|'s|the|king|'s|heir|?"),
        ("It won’t, they’re sure.", "It|wo|n’t|,|they|’re|sure|."),
        ("the dogs' owner", "the|dogs|'|owner"),
        ("In the U.S. Dr. J. R. Smith came.", "In|the|U.S.|Dr.|J.|R.|Smith|came|."),
        ("a 20th-century, 6.5-mile well-known road", "a|20th-century|,|6.5-mile|well-known|road"),
        ("$1.5 million (5%) in 10,000 days", "$|1.5|million|(|5|%|)|in|10,000|days"),
        ("the 1990s, 10km off", "the|1990s|,|10km|off"),
        ("“AT&T” and/or O'Neil...", "“|AT&T|”|and|/|or|O'Neil|..."),
        ("e\u0301te\u0301 now", "e\u0301te\u0301|now"),
        ("hi \U0001f469\u200d\U0001f4bb!", "hi|\U0001f469\u200d\U0001f4bb|!"),
    ],
)
def test_words_are_cut_as_the_treebank_cuts_them(text: str, words: str) -> None:
    assert [token.text for token in tokenize(text)] == words.split("|")


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("NN", "n"),
        ("NNS", "n"),
        ("NNP", ""),
        ("NNPS", ""),
        ("VBZ", "v"),
        ("VB", "v"),
        ("MD", ""),
        ("JJR", "a"),
        ("RBS", "r"),
        ("WRB", ""),
        ("RP", ""),
        ("IN", ""),
        ("", ""),
    ],
)
def test_a_name_or_function_word_has_no_part_of_speech_for_wordnet(tag: str, expected: str) -> None:
    assert coarse(tag) == expected


def test_an_empty_text_has_no_tokens() -> None:
    assert tokenize("") == []
    assert tokenize(" \n\t") == []
