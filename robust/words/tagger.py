"""A part-of-speech tagger that needs no download: a greedy averaged perceptron over each word's possible tags.

The possible tags of a word come from the closed classes of English, from the inflection tables and from the
training text; the perceptron chooses among them from the word, its neighbours, the tags before it and the
auxiliary that is still waiting for its verb (*did X establish*, *was X founded*). Weights: tools/train_tagger.py.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import resources

from robust.words.lemmatise import lemmatise
from robust.words.possible_tags import possible_tags
from robust.words.tokens import Token, tokenize

MODEL_FILE = "tagger.json.z"
_EDGE = "<>"
_VERB_TAGS = frozenset(("VB", "VBD", "VBG", "VBN", "VBP", "VBZ"))
_FINITE = frozenset(("VBD", "VBP", "VBZ", "MD"))
_RELATIVE = frozenset(("WDT", "WP", "WRB", "WP$"))
_OPENERS = {
    **dict.fromkeys("be am is are was were been being 's 'm 're".split(), "be"),
    **dict.fromkeys("have has had having 've".split(), "have"),
    **dict.fromkeys("do does did".split(), "do"),
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


class Tagger:
    """The perceptron: ``tags`` in a fixed order, and for each feature its weights in that order."""

    def __init__(
        self, tags: Sequence[str], weights: dict[str, list[float]], lexicon: dict[str, tuple[str, ...]]
    ) -> None:
        self.tags = tuple(tags)
        self.index = {tag: i for i, tag in enumerate(self.tags)}
        self.weights = weights
        self.lexicon = lexicon
        self._words: dict[tuple[str, bool], Word] = {}
        self._zero = [0.0] * len(self.tags)

    def word(self, form: str, initial: bool) -> Word:
        """Return what is fixed about a form, wherever it stands: its possible tags and summed weights."""
        key = (form, initial)
        word = self._words.get(key)
        if word is None:
            word = Word(form, initial, self)
            if len(self._words) < 300_000:
                self._words[key] = word
        return word

    def sum(self, features: Iterator[str] | Sequence[str]) -> list[float]:
        """Return the sum of the features' weights, one number per tag."""
        rows = [row for row in map(self.weights.get, features) if row is not None]
        return [sum(column) for column in zip(*rows, strict=True)] if rows else self._zero

    def tag(self, forms: Sequence[str]) -> list[str]:
        """Return a tag for each form of one text, left to right."""
        words = [self.word(form, i == 0 or forms[i - 1] in _BREAKS) for i, form in enumerate(forms)]
        edge = self.word(_EDGE, False)
        padded = [edge, edge, *words, edge, edge]
        state = State()
        tags: list[str] = []
        get = self.weights.get
        for i, word in enumerate(words):
            choices = word.choices
            if len(choices) == 1:
                best = word.tags[0]
            else:
                rows = [
                    word.own,
                    padded[i + 1].as_left,
                    padded[i].as_left2,
                    padded[i + 3].as_right,
                    padded[i + 4].as_right2,
                ]
                rows += [
                    row
                    for row in map(get, context_features(word, padded[i + 1], padded[i + 3], state))
                    if row
                ]
                top, best = float("-inf"), ""
                for choice, tag in zip(choices, word.tags, strict=True):
                    score = 0.0
                    for row in rows:
                        score += row[choice]
                    if score > top:
                        top, best = score, tag
            tags.append(best)
            state.push(word.lower, best)
        return tags


_BREAKS = frozenset((".", "?", "!", "``", "“", '"', ":"))


class Word:
    """One form as the tagger sees it: possible tags, their class, and weights that do not depend on context."""

    __slots__ = (
        "as_left",
        "as_left2",
        "as_right",
        "as_right2",
        "choices",
        "kind",
        "lower",
        "own",
        "suffix",
        "tags",
    )

    def __init__(self, form: str, initial: bool, tagger: Tagger) -> None:
        self.lower = form.lower()
        self.suffix = self.lower[-3:]
        self.tags = possible_tags(form, initial, tagger.lexicon) if form != _EDGE else (_EDGE,)
        self.kind = kind(self.tags)
        self.choices = [tagger.index[tag] for tag in self.tags if tag in tagger.index]
        self.tags = tuple(tag for tag in self.tags if tag in tagger.index) or self.tags[:1]
        self.choices = self.choices or [0]
        self.own = tagger.sum(own_features(form, initial, self.kind)) if len(self.tags) > 1 else []
        shared = neighbour_features(form, self.kind)
        self.as_left, self.as_left2, self.as_right, self.as_right2 = (
            tagger.sum([side + feature for feature in shared]) for side in ("-1", "-2", "+1", "+2")
        )


def kind(tags: Sequence[str]) -> str:
    """Return one name for a set of possible tags."""
    return "|".join(tags)


class State:
    """What the tags so far say: the last two, the auxiliary without its verb, whether a finite verb was seen."""

    __slots__ = ("finite", "first", "open", "previous", "second")

    def __init__(self) -> None:
        self.previous = self.second = self.first = _EDGE
        self.open = "-"
        self.finite = "0"

    def push(self, lower: str, tag: str) -> None:
        """Go past a word that was given ``tag``."""
        if self.first == _EDGE:
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


def neighbour_features(form: str, class_: str) -> list[str]:
    """Return the features of a word as somebody's neighbour; the caller prefixes the distance."""
    lower = form.lower()
    return [f"w {lower}", f"s {lower[-3:]}", f"k {class_}", f"h {shape(form)}"]


def context_features(word: Word, left: Word, right: Word, state: State) -> list[str]:
    """Return the features that join a word with what stands around it."""
    k, t = word.kind, state.previous
    return [
        f"t {t}",
        f"tt {state.second} {t}",
        f"tw {t} {word.lower}",
        f"tk {t} {k}",
        f"ts {t} {word.suffix}",
        f"tkk {t} {k} {right.kind}",
        f"kr {k} {right.kind}",
        f"kw {k} {right.lower}",
        f"lk {left.lower} {k}",
        f"lr {left.lower} {right.lower}",
        f"o {state.open} {k}",
        f"ot {state.open} {t} {k}",
        f"or {state.open} {k} {right.kind}",
        f"of {state.open} {state.finite} {state.first} {k}",
        f"f {state.finite} {t} {k}",
    ]


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


def pack(
    tags: Sequence[str], weights: dict[str, dict[int, int]], scale: float, lexicon: dict[str, tuple[str, ...]]
) -> bytes:
    """Return the model as compressed JSON: integer weights times ``scale``, features sorted; the same bytes always."""
    by_feature = {
        feature: [n for pair in sorted(row.items()) for n in pair] for feature, row in sorted(weights.items())
    }
    document = {
        "tags": list(tags),
        "scale": scale,
        "weights": by_feature,
        "lexicon": {w: " ".join(t) for w, t in sorted(lexicon.items())},
    }
    return zlib.compress(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), 9)


def unpack(packed: bytes) -> Tagger:
    """Return the tagger that ``pack`` wrote."""
    document = json.loads(zlib.decompress(packed))
    tags = document["tags"]
    weights: dict[str, list[float]] = {}
    for feature, pairs in document["weights"].items():
        row = [0.0] * len(tags)
        for i in range(0, len(pairs), 2):
            row[pairs[i]] = pairs[i + 1] * document["scale"]
        weights[feature] = row
    return Tagger(tags, weights, {word: tuple(tags.split()) for word, tags in document["lexicon"].items()})
