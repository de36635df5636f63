"""Forms and lemmas against an English grammar's answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robust.words.inflect import indefinite_article, inflect, match_case
from robust.words.lemmatise import lemmas, lemmatise


@pytest.mark.parametrize(
    ("lemma", "tag", "form"),
    [
        ("establish", "VBD", "established"),
        ("found", "VBD", "founded"),
        ("find", "VBD", "found"),
        ("lie", "VBD", "lay"),
        ("lay", "VBD", "laid"),
        ("go", "VBD", "went"),
        ("take", "VBN", "taken"),
        ("put", "VBD", "put"),
        ("carry", "VBZ", "carries"),
        ("pass", "VBZ", "passes"),
        ("die", "VBG", "dying"),
        ("run", "VBG", "running"),
        ("build", "VB", "build"),
        ("be", "VBN", "been"),
        ("be", "VBD", None),
        ("city", "NNS", "cities"),
        ("child", "NNS", "children"),
        ("phenomenon", "NNS", "phenomena"),
        ("sheep", "NNS", "sheep"),
        ("people", "NNS", "people"),
        ("people", "NN", None),
        ("furniture", "NNS", None),
        ("information", "NNS", None),
        ("large", "JJR", "larger"),
        ("good", "JJS", "best"),
        ("beautiful", "JJR", None),
        ("soon", "RBR", "sooner"),
        ("quickly", "RBR", None),
        ("set_up", "VBD", "set up"),
        ("look_after", "VBG", "looking after"),
        ("prime_minister", "NNS", "prime ministers"),
        ("man_of_war", "NNS", "men of war"),
        ("dead", "JJR", "deader"),
        ("b2b", "NNS", None),
    ],
)
def test_inflection_keeps_tense_number_and_degree_or_says_that_it_cannot(
    lemma: str, tag: str, form: str | None
) -> None:
    assert inflect(lemma, tag) == form


@pytest.mark.parametrize(
    ("form", "tag", "lemma"),
    [
        ("found", "VBD", "find"),
        ("founded", "VBN", "found"),
        ("Established", "VBD", "establish"),
        ("lay", "VBD", "lie"),
        ("laid", "VBD", "lay"),
        ("saw", "VBD", "see"),
        ("saw", "NN", "saw"),
        ("left", "VBN", "leave"),
        ("left", "JJ", "left"),
        ("cities", "NNS", "city"),
        ("women", "NNS", "woman"),
        ("best", "JJS", "good"),
        ("best", "RBS", "well"),
        ("larger", "JJR", "large"),
        ("was", "VBD", "be"),
        ("'s", "VBZ", "be"),
        ("ca", "MD", "can"),
        ("n't", "RB", "not"),
        ("has", "VBZ", "have"),
        ("Normans", "NNPS", "normans"),
        ("wound", "VBD", "wind"),
        ("zorbified", "VBD", "zorbify"),
    ],
)
def test_the_lemma_follows_the_tag(form: str, tag: str, lemma: str) -> None:
    assert lemmatise(form, tag) == lemma


LEMMAS = """
walk find lie go carry prefer begin sing dog box child axis wolf mouse big good far happy well late
"""
TAGS = "VBD VBN VBG VBZ NNS JJR JJS RBR RBS"


@given(st.sampled_from(LEMMAS.split()), st.sampled_from(TAGS.split()))
def test_what_inflect_gives_lemmatises_back(lemma: str, tag: str) -> None:
    form = inflect(lemma, tag)
    if form is not None:
        assert lemma in lemmas(form, tag)


@pytest.mark.parametrize(
    ("after", "before", "expected"),
    [
        ("metropolis", "city", "metropolis"),
        ("metropolis", "City", "Metropolis"),
        ("metropolis", "CITY", "METROPOLIS"),
        ("well-known", "Famous", "Well-known"),
        ("large", "A", "Large"),
        ("phone", "iPhone", "phone"),
        ("", "City", ""),
        ("large", "10", "large"),
    ],
)
def test_a_replacement_takes_the_case_of_what_it_replaces(after: str, before: str, expected: str) -> None:
    assert match_case(after, before) == expected


AN = """
hour honest heir honour X-ray MRI FBI SOS umbrella uncle unusual uninvited unimportant 8 11 18 80th
8,000 11,000 1851 apple egg idea old urban hourly M.A. NBA island onion unanswered unannounced honorary urn
utter urgent
"""
A = """
university European one once unit union unique useful uniform ukulele US UN USB NASA NATO 1 10 100
110 1,800 1,100 house historic year Ukrainian eulogy euro one-eyed UNESCO word ewe utopia usual CD
unanimous user B-52 Honolulu Uruguayan urine urea uranium uterus utensil uvula
"""


@pytest.mark.parametrize("word", AN.split())
def test_an_stands_before_a_vowel_sound(word: str) -> None:
    assert indefinite_article(word) == "an"


@pytest.mark.parametrize("word", A.split())
def test_a_stands_before_a_consonant_sound(word: str) -> None:
    assert indefinite_article(word) == "a"
