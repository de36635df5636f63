"""A part-of-speech tagger without download: a greedy averaged perceptron over each word's possible tags.

The possible tags of a word come from the closed classes of English, from the inflection tables and from the
training text; the perceptron chooses among them from the word, its neighbours, the tags before it and the
auxiliary that is still waiting for its verb (*did X establish*, *was X founded*). tools/train_tagger.py
makes the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from importlib import resources
from sys import intern

from robust.words.closed_class import word_set
from robust.words.lemmatise import lemmatise
from robust.words.possible_tags import possible_tags
from robust.words.tag_features import (
    SIDES,
    after_features,
    beside_feature,
    clause_feature,
    kind,
    neighbour_features,
    own_features,
    right_features,
    shape,
    tag_features,
)
from robust.words.tagger_model import LANE, Weights, bias, scores, unpack
from robust.words.tokens import Token, forms

MODEL_FILE = "tagger.json.z"
EDGE = "<>"
BREAKS = frozenset((".", "?", "!", "``", "“", '"', ":"))
_VERB_TAGS = frozenset(("VB", "VBD", "VBG", "VBN", "VBP", "VBZ"))
_FINITE = frozenset(("VBD", "VBP", "VBZ", "MD"))
_RELATIVE = frozenset(("WDT", "WP", "WRB", "WP$"))
_FORMS_OF_BE = word_set("be am is are was were been being 's 'm 're")
_OPENERS = {
    **dict.fromkeys(_FORMS_OF_BE, "be"),
    **dict.fromkeys(("have", "has", "had", "having", "'ve"), "have"),
    **dict.fromkeys(("do", "does", "did"), "do"),
    "to": "to",
}
# How many words and partial sums a tagger remembers (some 60 MB); then it forgets them all and goes on.
_MOST_WORDS = 40_000
_MOST_SUMS = 200_000


def analyse(text: str) -> list[Token]:
    """Return the tokens of ``text`` with tag (Penn Treebank) and lemma."""
    cut = forms(text)
    tokens: list[Token] = []
    at = 0
    for form, (word, tag) in zip(cut, default_tagger().decide(cut), strict=True):
        start = text.index(form, at)  # as in tokenize
        at = start + len(form)
        lemma = word.lemmas.get(tag)
        if lemma is None:
            lemma = word.lemmas[tag] = lemmatise(form, tag)
        tokens.append(_token((form, start, at, tag, lemma)))
    return tokens


_token: Callable[[Iterable[object]], Token] = partial(tuple.__new__, Token)  # half the time of Token(...)


class Tagger:
    """The perceptron: ``tags`` in a fixed order, each feature's weights, and tags of words no table has.

    Every part of a score is remembered, so that the same words cost little the second time.
    """

    def __init__(self, tags: Sequence[str], weights: Weights, lexicon: Mapping[str, tuple[str, ...]]) -> None:
        self.tags = tuple(tags)
        self.index = {tag: i for i, tag in enumerate(self.tags)}
        self.weights = weights
        self.lexicon = lexicon
        self._bias = bias(len(self.tags))
        self._words: dict[tuple[str, bool], Word] = {}
        self._by_tags: dict[tuple[str, str, str, str, str], int] = {}
        self._by_clause: dict[tuple[str, str, str, str], int] = {}
        self._by_classes: dict[tuple[str, str, str, str], int] = {}

    def word(self, form: str, initial: bool) -> Word:
        """Return what is fixed about a form, wherever it stands: its possible tags and summed weights."""
        word = self._words.get((form, initial))
        if word is None:
            if len(self._words) >= _MOST_WORDS:
                self._words.clear()
            word = self._words[form, initial] = Word(form, initial, self)
        return word

    def tag(self, forms: Sequence[str]) -> list[str]:
        """Return a tag for each form of one text."""
        return [tag for _, tag in self.decide(forms)]

    def decide(self, forms: Sequence[str]) -> list[tuple[Word, str]]:
        """Return each form of one text as a word, and its tag; decided from left to right."""
        for sums in (self._by_tags, self._by_clause, self._by_classes):
            if len(sums) >= _MOST_SUMS:
                sums.clear()
        edge = self.word(EDGE, False)
        before = [".", *forms[:-1]]
        words = [self.word(form, last in BREAKS) for form, last in zip(forms, before, strict=False)]
        padded = [edge, edge, *words, edge, edge]
        state = State()
        decided: list[tuple[Word, str]] = []
        for i, word in enumerate(words):
            tag = word.tags[0]
            if len(word.tags) > 1:
                found = scores(self._total(padded[i : i + 5], state), word.lanes)
                tag = word.tags[found.index(max(found))]
            decided.append((word, tag))
            state.push(word.lower, tag)
        return decided

    def _total(self, around: Sequence[Word], state: State) -> int:
        """Return the summed weights of every tag for the middle word of five."""
        left2, left, word, right, right2 = around
        class_, previous, opened, total = word.kind, state.previous, state.opened, self.weights.total
        past = (class_, previous, state.second, opened, state.finite)
        tags = self._by_tags.get(past)
        if tags is None:
            tags = self._by_tags[past] = total(tag_features(*past))
        key = (class_, opened, state.finite, state.first)
        clause = self._by_clause.get(key)
        if clause is None:
            clause = self._by_clause[key] = total((clause_feature(*key),))
        key = (class_, previous, opened, right.kind)
        classes = self._by_classes.get(key)
        if classes is None:
            classes = self._by_classes[key] = total(right_features(*key))
        after = word.after.get(previous)
        if after is None:
            after = word.after[previous] = total(after_features(word.lower, previous))
        on_left = left.before.get(class_)
        if on_left is None:
            on_left = left.before[class_] = total((beside_feature("-1", left.lower, class_),))
        on_right = right.behind.get(class_)
        if on_right is None:
            on_right = right.behind[class_] = total((beside_feature("+1", right.lower, class_),))
        near = left2.at[0] + left.at[1] + right.at[2] + right2.at[3] + on_left + on_right
        return self._bias + word.own + near + after + tags + clause + classes


class Word:
    """One form as the tagger sees it: its possible tags, their class, and sums of weights (as lanes).

    ``own`` is what the form says of its own tag, ``after`` with the tag before it; ``at`` what it says of the
    word at whose sides it stands, ``before`` and ``behind`` of a next one of some class.
    """

    __slots__ = ("after", "at", "before", "behind", "kind", "lanes", "lemmas", "lower", "own", "tags")

    def __init__(self, form: str, initial: bool, tagger: Tagger) -> None:
        edge = form == EDGE
        total = tagger.weights.total
        self.lower = form.lower()
        self.tags = ("NN",) if edge else possible_tags(form, initial, tagger.lexicon)
        self.kind = EDGE if edge else intern(kind(self.tags))
        self.lanes = [LANE * tagger.index[tag] for tag in self.tags]
        look = shape(form)
        self.own = total(own_features(self.lower, look, initial, self.kind)) if len(self.tags) > 1 else 0
        self.at = [total(neighbour_features(side, self.lower, look, self.kind)) for side in SIDES]
        self.lemmas: dict[str, str] = {}
        self.after: dict[str, int] = {}
        self.before: dict[str, int] = {}
        self.behind: dict[str, int] = {}


class State:
    """What the tags so far say: the last two, the auxiliary without its verb, a finite verb or none."""

    __slots__ = ("finite", "first", "opened", "previous", "second")

    def __init__(self) -> None:
        self.previous = self.second = self.first = EDGE
        self.opened = "-"
        self.finite = "0"

    def push(self, lower: str, tag: str) -> None:
        """Go past a word that was given ``tag``."""
        if self.first == EDGE:
            self.first = lower if tag[0] == "W" else tag
        self.second, self.previous = self.previous, tag
        if tag in _FINITE:
            self.finite = "1"
        if tag in _VERB_TAGS or tag in ("MD", "TO"):
            self.opened = "md" if tag == "MD" else _OPENERS.get(lower, "-")
        elif tag in _RELATIVE:
            self.opened, self.finite = "wh", "0"


@lru_cache(maxsize=1)
def default_tagger() -> Tagger:
    """Return the shipped tagger, loaded once."""
    packed = resources.files("robust.words").joinpath("data", MODEL_FILE).read_bytes()
    return Tagger(*unpack(packed))
