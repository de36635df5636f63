"""Scoring a disambiguator on the framework of Raganato, Camacho-Collados & Navigli (EACL 2017)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree

from robust.errors import UserError
from robust.words.lexicon import Lexicon
from robust.words.senses.base import Disambiguator
from robust.words.senses.context import Context, content_lemmas
from robust.words.tokens import Token

POS = {"NOUN": "n", "VERB": "v", "ADJ": "a", "ADV": "r"}
_PENN = {"NOUN": "NN", "VERB": "VB", "ADJ": "JJ", "ADV": "RB"}


@dataclass(frozen=True, slots=True)
class Instance:
    """One word to disambiguate: token ``position`` of its sentence, lemma and part of speech given."""

    id: str
    lemma: str
    pos: str
    position: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: its tokens, and those of them whose senses are sought; ``text`` is its document."""

    text: str
    tokens: tuple[Token, ...]
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Right answers among those attempted and among all ``n`` instances, as the framework's Scorer counts."""

    right: int
    attempted: int
    n: int

    def __add__(self, other: Score) -> Score:
        return Score(self.right + other.right, self.attempted + other.attempted, self.n + other.n)

    @property
    def precision(self) -> float:
        """Return the percentage right of those attempted."""
        return 100 * self.right / self.attempted if self.attempted else 0.0

    @property
    def recall(self) -> float:
        """Return the percentage right of all instances."""
        return 100 * self.right / self.n if self.n else 0.0

    @property
    def f1(self) -> float:
        """Return 2PR / (P + R) in percent; the accuracy, where all are attempted."""
        return 200 * self.right / (self.attempted + self.n) if self.right else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Return the Wilson 95 % interval of the recall (of F1, where all are attempted), in percent."""
        if not self.n:
            return 0.0, 100.0
        from scipy.stats import binomtest

        low, high = binomtest(self.right, self.n).proportion_ci(0.95, method="wilson")
        return 100 * float(low), 100 * float(high)


def read_data(file: Path) -> list[Sentence]:
    """Return the sentences of a ``*.data.xml`` file.

    Raises UserError naming line, text or instance for XML that is broken or is not of this format.
    """
    try:
        root = ElementTree.parse(file).getroot()
    except OSError as error:
        raise UserError(f"{file}: cannot read ({error.strerror}); give the framework's *.data.xml") from error
    except ElementTree.ParseError as error:
        line, column = error.position
        reason = error.msg.split(": line ")[0]
        raise UserError(f"{file}: line {line}, column {column}: not well-formed XML ({reason})") from error
    if root.tag != "corpus":
        raise UserError(
            f"{file}: root element <{root.tag}>, expected <corpus>; give the framework's *.data.xml"
        )
    sentences = [
        _sentence(file, text.get("id", ""), sentence)
        for text in root.iterfind("text")
        for sentence in text.iterfind("sentence")
    ]
    seen: set[str] = set()
    for sentence in sentences:
        for instance in sentence.instances:
            if instance.id in seen:
                raise UserError(f"{file}: instance {instance.id!r} occurs twice; ids must be unique")
            seen.add(instance.id)
    if not seen:
        raise UserError(f"{file}: no <instance> in it; give the framework's *.data.xml")
    return sentences


def _sentence(file: Path, text: str, element: ElementTree.Element) -> Sentence:
    tokens: list[Token] = []
    instances = []
    end = -1
    for position, word in enumerate(element):
        form, pos = word.text or "", word.get("pos", "")
        lemma = word.get("lemma", form).lower()
        start, end = end + 1, end + 1 + len(form)
        tokens.append(Token(form, start, end, _PENN.get(pos, "X"), lemma))
        if word.tag == "instance":
            name = word.get("id", "")
            place = f"{file}: sentence {element.get('id')!r}, token {position + 1}"
            if not name or word.get("lemma") is None:
                raise UserError(f"{place}: <instance> without id or lemma; it needs both")
            if pos not in POS:
                raise UserError(
                    f"{place}: instance {name!r} has pos {pos!r}, expected one of {', '.join(POS)}"
                )
            instances.append(Instance(name, lemma, POS[pos], position))
    return Sentence(text, tuple(tokens), tuple(instances))


def read_gold(file: Path) -> dict[str, frozenset[str]]:
    """Return instance id -> its right sense keys from a ``*.gold.key.txt`` file.

    Raises UserError naming the line for anything but ``id key [key ...]``.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except OSError as error:
        raise UserError(
            f"{file}: cannot read ({error.strerror}); give the framework's *.gold.key.txt"
        ) from error
    except UnicodeDecodeError as error:
        raise UserError(
            f"{file}: byte {error.start} is not UTF-8; give the framework's *.gold.key.txt"
        ) from error
    gold: dict[str, frozenset[str]] = {}
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if not fields:
            continue
        if len(fields) < 2 or not all("%" in key for key in fields[1:]):
            raise UserError(
                f"{file}: line {number}: {line[:60]!r}, expected an instance id and WordNet sense keys"
            )
        if fields[0] in gold:
            raise UserError(f"{file}: line {number}: instance {fields[0]!r} occurs twice; ids must be unique")
        gold[fields[0]] = frozenset(fields[1:])
    return gold


def read(data: Path, keys: Path) -> tuple[list[Sentence], dict[str, frozenset[str]]]:
    """Return the sentences of ``data`` and the right keys of their instances.

    Raises UserError unless both files are sound and hold the same instances.
    """
    sentences, gold = read_data(data), read_gold(keys)
    ids = [instance.id for sentence in sentences for instance in sentence.instances]
    for name in ids:
        if name not in gold:
            raise UserError(
                f"{keys}: no key for instance {name!r} of {data}; give the keys of the same data set"
            )
    if surplus := gold.keys() - set(ids):
        raise UserError(
            f"{keys}: instance {min(surplus)!r} is not in {data}; give the keys of the same data set"
        )
    return sentences, gold


def known_keys(keys: Path, gold: Mapping[str, frozenset[str]], lexicon: Lexicon) -> None:
    """Raise UserError if the lexicon has no sense key of ``gold``: they belong to another WordNet."""
    every = frozenset().union(*gold.values())
    if all(lexicon.from_sense_key(key) is None for key in every):
        raise UserError(
            f"{keys}: none of its {len(every)} sense keys is in the lexicon ({min(every)!r}, for one); "
            "they belong to another WordNet: name its lexicon with --lexicon"
        )


def contexts(sentences: Sequence[Sentence], neighbours: int = 0) -> Iterator[Context]:
    """Yield each sentence's context; ``neighbours`` sentences of its text on each side are its paragraph."""
    lemmas = [content_lemmas(sentence.tokens) for sentence in sentences] if neighbours else []
    for i, sentence in enumerate(sentences):
        own = Context.of(sentence.tokens)
        if neighbours:
            around = range(max(0, i - neighbours), min(len(sentences), i + neighbours + 1))
            near = (lemmas[j] for j in around if j != i and sentences[j].text == sentence.text)
            own = replace(own, paragraph=tuple(chain.from_iterable(near)))
        yield own


def evaluate(
    method: Disambiguator,
    lexicon: Lexicon,
    sentences: Sequence[Sentence],
    gold: Mapping[str, frozenset[str]],
    *,
    neighbours: int = 0,
) -> dict[str, Score]:
    """Return the score by part of speech (n v a r, those that occur) and of ``all``.

    A word the lexicon lacks is not attempted. An answer is right if its sense key is one of the instance's.
    """
    counts = {pos: [0, 0, 0] for pos in POS.values()}
    for sentence, context in zip(sentences, contexts(sentences, neighbours), strict=True):
        for instance in sentence.instances:
            count = counts[instance.pos]
            count[2] += 1
            if ranked := method.rank(instance.lemma, instance.pos, context, instance.position):
                count[1] += 1
                count[0] += lexicon.sense_key(instance.lemma, ranked[0].synset) in gold[instance.id]
    scores = {pos: Score(*count) for pos, count in counts.items() if count[2]}
    scores["all"] = Score(*(sum(column) for column in zip(*counts.values(), strict=True)))
    return scores


def pooled(results: Sequence[Mapping[str, Score]]) -> dict[str, Score]:
    """Return the scores of several sets taken as one: counts added up by part of speech, ``all`` last."""
    order = [pos for pos in (*POS.values(), "all") if any(pos in scores for scores in results)]
    return {pos: sum((scores[pos] for scores in results if pos in scores), Score(0, 0, 0)) for pos in order}
