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


Row = dict[int, float]


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
        self._looks: dict[tuple[str, str, str], list[float]] = {}

    def word(self, form: str, initial: bool) -> Word:
        """Return what is fixed about a form, wherever it stands: its possible tags and summed weights."""
        key = (form, initial)
        word = self._words.get(key)
        if word is None:
            word = Word(form, initial, self)
            if len(self._words) < _MOST_WORDS:
                self._words[key] = word
        return word

    def total(self, features: Iterable[str], choices: Iterable[int]) -> Row:
        """Return the sum of the features' weights for each of ``choices``."""
        rows = [row for row in map(self.weights.get, features) if row]
        return {choice: sum(row[choice] for row in rows if choice in row) for choice in choices}

    def neighbour(self, side: str, form: str, class_: str) -> list[float]:
        """Return what a form at ``side`` (-1, -2, +1, +2) says for each tag of the word it stands beside."""
        key = (side, class_, shape(form))
        common = self._looks.get(key)
        features = [side + feature for feature in neighbour_features(form, class_)]
        if common is None:
            common = self._looks[key] = self._added([0.0] * len(self.tags), features[2:])
        return self._added(common.copy(), features[:2])

    def _added(self, total: list[float], features: Iterable[str]) -> list[float]:
        for feature in features:
            for choice, weight in self.weights.get(feature, {}).items():
                total[choice] += weight
        return total

    def tag(self, forms: Sequence[str]) -> list[str]:
        """Return a tag for each form of one text, left to right."""
        words = [self.word(form, i == 0 or forms[i - 1] in BREAKS) for i, form in enumerate(forms)]
        edge = self.word(EDGE, False)
        padded = [edge, edge, *words, edge, edge]
        state = State()
        tags: list[str] = []
        get = self.weights.get
        for i, word in enumerate(words):
            best = word.tags[0]
            if len(word.choices) > 1:
                left, right = padded[i + 1], padded[i + 3]
                rows = [row for row in map(get, context_features(word, left, right, state)) if row]
                near1, near2, near3, near4 = (
                    left.as_left,
                    padded[i].as_left2,
                    right.as_right,
                    padded[i + 4].as_right2,
                )
                top = float("-inf")
                for choice, tag in zip(word.choices, word.tags, strict=True):
                    score = word.own[choice] + near1[choice] + near2[choice] + near3[choice] + near4[choice]
                    for row in rows:
                        if choice in row:
                            score += row[choice]
                    if score > top:
                        top, best = score, tag
            tags.append(best)
            state.push(word.lower, best)
        return tags


# How many distinct forms a tagger remembers; past that it works them out each time.
_MOST_WORDS = 300_000
BREAKS = frozenset((".", "?", "!", "``", "“", '"', ":"))


class Word:
    """One form as the tagger sees it: possible tags, their class, and weights that need no context."""

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
        self.tags = possible_tags(form, initial, tagger.lexicon) if form != EDGE else ("NN",)
        self.kind = kind(self.tags) if form != EDGE else EDGE
        self.choices = [tagger.index[tag] for tag in self.tags]
        self.own = (
            tagger.total(own_features(form, initial, self.kind), self.choices) if len(self.tags) > 1 else {}
        )
        self.as_left = tagger.neighbour("-1", form, self.kind)
        self.as_left2 = tagger.neighbour("-2", form, self.kind)
        self.as_right = tagger.neighbour("+1", form, self.kind)
        self.as_right2 = tagger.neighbour("+2", form, self.kind)


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
    """Return the model as compressed JSON: integer weights in units of ``scale``, features sorted."""
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
    weights: dict[str, Row] = {}
    scale = document["scale"]
    for feature, pairs in document["weights"].items():
        weights[feature] = {pairs[i]: pairs[i + 1] * scale for i in range(0, len(pairs), 2)}
    lexicon = {word: tuple(tags.split()) for word, tags in document["lexicon"].items()}
    return Tagger(document["tags"], weights, lexicon)
