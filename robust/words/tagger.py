"""A part-of-speech tagger without download: a greedy averaged perceptron over each word's possible tags.

The possible tags of a word come from the closed classes of English, from the inflection tables and from the
training text; the perceptron chooses among them from the word, its neighbours, the tags before it and the
auxiliary that is still waiting for its verb (*did X establish*, *was X founded*). tools/train_tagger.py
makes the weights.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import resources

from robust.words.closed_class import word_set
from robust.words.lemmatise import lemmatise
from robust.words.possible_tags import possible_tags
from robust.words.tokens import Token, tokenize

MODEL_FILE = "tagger.json.z"
EDGE = "<>"
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


def analyse(text: str) -> list[Token]:
    """Return the tokens of ``text`` with tag and lemma."""
    return tag_tokens(tokenize(text))


def tag_tokens(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens with ``tag`` (Penn Treebank) and ``lemma`` filled in; text and offsets stay."""
    tags = default_tagger().tag([token.text for token in tokens])
    return [
        Token(token.text, token.start, token.end, tag, lemmatise(token.text, tag))
        for token, tag in zip(tokens, tags, strict=True)
    ]


# Whole numbers, so that sums are the same on every machine and Python.
Row = dict[int, int]


class Tagger:
    """The perceptron: ``tags`` in a fixed order, and each feature's weights for some of them, by index."""

    def __init__(
        self, tags: Sequence[str], weights: dict[str, Row], lexicon: dict[str, tuple[str, ...]]
    ) -> None:
        self.tags = tuple(tags)
        self.index = {tag: i for i, tag in enumerate(self.tags)}
        self.weights = weights
        self.lexicon = lexicon
        self._words: dict[tuple[str, bool], Word] = {}
        self._parts: dict[tuple[str, ...], list[int]] = {}

    def word(self, form: str, initial: bool) -> Word:
        """Return what is fixed about a form, wherever it stands: its possible tags and summed weights."""
        key = (form, initial)
        word = self._words.get(key)
        if word is None:
            word = Word(form, initial, self)
            if len(self._words) < _MOST_WORDS:
                self._words[key] = word
        return word

    def total(self, features: Iterable[str], choices: Sequence[int]) -> list[int]:
        """Return the sum of the features' weights for each of ``choices``, in their order."""
        rows = [row for row in map(self.weights.get, features) if row]
        return [sum(row[choice] for row in rows if choice in row) for choice in choices]

    def tag(self, forms: Sequence[str]) -> list[str]:
        """Return a tag for each form of one text, left to right."""
        words = [self.word(form, i == 0 or forms[i - 1] in BREAKS) for i, form in enumerate(forms)]
        edge = self.word(EDGE, False)
        padded = [edge, edge, *words, edge, edge]
        state = State()
        tags: list[str] = []
        for i, word in enumerate(words):
            if len(word.choices) == 1:
                best = word.tags[0]
            else:
                scores = self._scores(word, padded[i : i + 5], state)
                best = word.tags[scores.index(max(scores))]
            tags.append(best)
            state.push(word.lower, best)
        return tags

    def _scores(self, word: Word, around: Sequence[Word], state: State) -> list[int]:
        """Return a score for each possible tag of the middle word; every part of the sum is remembered."""
        kind, choices, parts = word.kind, word.choices, [word.own]
        for side, neighbour in zip(SIDES, (around[0], around[1], around[3], around[4]), strict=True):
            part = neighbour.beside.get((side, kind))
            if part is None:
                features = neighbour_features(side, neighbour.form, neighbour.kind, kind)
                part = neighbour.beside[side, kind] = self.total(features, choices)
            parts.append(part)
        part = word.after.get(state.previous)
        if part is None:
            features = after_features(word.lower, state.previous)
            part = word.after[state.previous] = self.total(features, choices)
        parts.append(part)
        for key, make in (
            ((kind, *state.key()), state_features),
            ((kind, state.previous, state.open, around[3].kind), right_features),
        ):
            part = self._parts.get(key)
            if part is None:
                part = self._parts[key] = self.total(make(*key), choices)
            parts.append(part)
        return [sum(column) for column in zip(*parts, strict=True)]


# How many distinct forms a tagger remembers; past that it works them out each time.
_MOST_WORDS = 300_000
BREAKS = frozenset((".", "?", "!", "``", "“", '"', ":"))


class Word:
    """One form as the tagger sees it: possible tags, their class, and sums of weights as they are needed.

    ``own`` are the scores of its tags from the form alone, ``after`` from the tag before it; ``beside`` what
    it says as a neighbour about words of a class.
    """

    __slots__ = ("after", "beside", "choices", "form", "kind", "lower", "own", "tags")

    def __init__(self, form: str, initial: bool, tagger: Tagger) -> None:
        self.form = form
        self.lower = form.lower()
        self.tags = possible_tags(form, initial, tagger.lexicon) if form != EDGE else ("NN",)
        self.kind = kind(self.tags) if form != EDGE else EDGE
        self.choices = [tagger.index[tag] for tag in self.tags]
        self.own = tagger.total(own_features(form, initial, self.kind), self.choices)
        self.after: dict[str, list[int]] = {}
        self.beside: dict[tuple[str, str], list[int]] = {}


def kind(tags: Sequence[str]) -> str:
    """Return one name for a set of possible tags."""
    return "|".join(tags)


class State:
    """What the tags so far say: the last two, the auxiliary without its verb, a finite verb or none."""

    __slots__ = ("finite", "first", "open", "previous", "second")

    def __init__(self) -> None:
        self.previous = self.second = self.first = EDGE
        self.open = "-"
        self.finite = "0"

    def key(self) -> tuple[str, str, str, str, str]:
        """Return all of it."""
        return self.previous, self.second, self.open, self.finite, self.first

    def push(self, lower: str, tag: str) -> None:
        """Go past a word that was given ``tag``."""
        if self.first == EDGE:
            self.first = lower if tag[0] == "W" else tag
        self.second, self.previous = self.previous, tag
        if tag in _FINITE:
            self.finite = "1"
        if tag in _VERB_TAGS or tag in ("MD", "TO"):
            self.open = "md" if tag == "MD" else _OPENERS.get(lower, "-")
        elif tag in _RELATIVE:
            self.open, self.finite = "wh", "0"


def own_features(form: str, initial: bool, class_: str) -> list[str]:
    """Return the features of a word alone."""
    lower = form.lower()
    look = shape(form)
    place = "i" if initial else "m"
    return [
        "b",
        f"w {lower}",
        f"s1 {lower[-1:]}",
        f"s2 {lower[-2:]}",
        f"s3 {lower[-3:]}",
        f"s4 {lower[-4:]}",
        f"p3 {lower[:3]}",
        f"k {class_}",
        f"h {place}{look}",
        f"hk {place}{look} {class_}",
        f"hs {place}{look} {lower[-2:]}",
    ]


SIDES = ("-2", "-1", "+1", "+2")


def neighbour_features(side: str, form: str, class_: str, about: str) -> list[str]:
    """Return what a form of class ``class_``, at ``side``, says about a word of class ``about``."""
    lower = form.lower()
    features = [f"{side}w {lower}", f"{side}s {lower[-3:]}", f"{side}k {class_}", f"{side}h {shape(form)}"]
    return [*features, f"{side}wk {lower} {about}"] if side[1] == "1" else features


def after_features(lower: str, previous: str) -> list[str]:
    """Return the features of a word and the tag before it."""
    return [f"tw {previous} {lower}", f"ts {previous} {lower[-3:]}"]


def state_features(class_: str, *state: str) -> list[str]:
    """Return the features of a word's class and the tags so far, given as ``State.key`` gives them."""
    previous, second, opened, finite, first = state
    return [
        f"t {previous}",
        f"tt {second} {previous}",
        f"tk {previous} {class_}",
        f"ttk {second} {previous} {class_}",
        f"o {opened} {class_}",
        f"ot {opened} {previous} {class_}",
        f"of {opened} {finite} {first} {class_}",
        f"f {finite} {previous} {class_}",
    ]


def right_features(class_: str, previous: str, opened: str, right: str) -> list[str]:
    """Return the features of a word's class and the class of the word after it."""
    return [f"kr {class_} {right}", f"tkk {previous} {class_} {right}", f"or {opened} {class_} {right}"]


def shape(form: str) -> str:
    """Return the look of a word: lower, Title, UPPER, Mixed, 0 (has a digit), with "-" if hyphenated."""
    if any(c.isdigit() for c in form):
        return "0"
    hyphen = "-" if "-" in form[1:] else ""
    if form.islower() or not any(c.isupper() for c in form):
        return "l" + hyphen
    if form.isupper():
        return ("U" if len(form) > 1 else "I") + hyphen
    return ("T" if form[0].isupper() and form[1:].islower() else "M") + hyphen


@lru_cache(maxsize=1)
def default_tagger() -> Tagger:
    """Return the shipped tagger, loaded once."""
    packed = resources.files("robust.words").joinpath("data", MODEL_FILE).read_bytes()
    return unpack(packed)


def pack(tags: Sequence[str], weights: dict[str, Row], lexicon: dict[str, tuple[str, ...]]) -> bytes:
    """Return the model as compressed JSON, everything sorted: the same model, the same bytes."""
    document = {
        "tags": list(tags),
        "weights": {
            feature: [number for pair in sorted(row.items()) for number in pair]
            for feature, row in sorted(weights.items())
        },
        "lexicon": {word: " ".join(tags) for word, tags in sorted(lexicon.items())},
    }
    return zlib.compress(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), 9)


def unpack(packed: bytes) -> Tagger:
    """Return the tagger that ``pack`` wrote."""
    document = json.loads(zlib.decompress(packed))
    weights = {
        feature: dict(zip(pairs[::2], pairs[1::2], strict=True))
        for feature, pairs in document["weights"].items()
    }
    lexicon = {word: tuple(tags.split()) for word, tags in document["lexicon"].items()}
    return Tagger(document["tags"], weights, lexicon)
