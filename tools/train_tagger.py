"""Train the part-of-speech tagger from SemCor's words and hand-tagged questions.

    python tools/train_tagger.py --data "$ROBUST_DATA" --out robust/words/data/tagger.json.z

SemCor tells the part of speech of the words whose sense it marks, but not their inflection, and its tags of
other words are unreliable. So each word gets a SET of tags that would be right (the fine tags its form admits
within its marked part of speech); the perceptron learns only where it answers outside the set. Questions, of
which SemCor has few, are SQuAD training questions tagged by a language model assistant (ids and tags only, in
tools/tagger_questions.jsonl), repeated to weigh more.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from robust.words.closed_class import CLOSED, OPEN_TOO, word_set
from robust.words.possible_tags import ORDER, possible_tags
from robust.words.tag_features import (
    SIDES,
    after_features,
    beside_feature,
    clause_feature,
    neighbour_features,
    own_features,
    right_features,
    shape,
    tag_features,
)
from robust.words.tagger import BREAKS, EDGE, State, Tagger, Word
from robust.words.tagger_model import Weights, pack
from robust.words.tokens import tokenize

Sentence = tuple[list[str], list[frozenset[str]]]
SCALE = 0.01
_POS = {
    "1": frozenset(("NN", "NNS", "NNP", "NNPS")),
    "2": frozenset(("VB", "VBP", "VBZ", "VBD", "VBN", "VBG")),
    "3": frozenset(("JJ", "JJR", "JJS")),
    "5": frozenset(("JJ", "JJR", "JJS")),
    "4": frozenset(("RB", "RBR", "RBS")),
}
# SemCor's tags of these say nothing; the hand-tagged questions do.
_UNSURE = frozenset(("what", "which", "that", "in", "on", "as"))
_NAMES = ("person", "group", "location")
_FREE: frozenset[str] = frozenset()


def semcor(path: Path, splits: Sequence[str]) -> Iterator[Sentence]:
    """Yield SemCor's sentences as words, each with the set of tags that are right (empty: unknown)."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            sentence = json.loads(line)
            if sentence["split"] not in splits:
                continue
            forms: list[str] = []
            right: list[frozenset[str]] = []
            for form, lemma, tag, key in sentence["tokens"]:
                words = form.split("_")
                first = not forms
                for i, word in enumerate(words):
                    if not word:
                        continue
                    forms.append(word)
                    right.append(_right(word, lemma, tag, key, (i, len(words), first and i == 0)))
            yield forms, [_narrow(forms, i, tags) for i, tags in enumerate(right)]


def _narrow(forms: Sequence[str], i: int, tags: frozenset[str]) -> frozenset[str]:
    """Tell VBD from VBN and VB from VBP where the words just before leave no doubt; else return ``tags``."""
    past, base = tags == {"VBD", "VBN"}, tags == {"VB", "VBP"}
    if not (past or base):
        return tags
    before = [form.lower() for form in forms[max(0, i - 5) : i]]
    while before and (before[-1] in ("not", "n't") or set(possible_tags(before[-1], False, {})) <= _POS["4"]):
        before.pop()
    if not before:
        return tags
    subject = before[-1] in _SUBJECTS
    auxiliary = before[-2] if subject and len(before) > 1 else before[-1]
    if past:
        if auxiliary in _BE_HAVE:
            return frozenset(("VBN",))
        return frozenset(("VBD",)) if subject else tags
    if auxiliary in _BEFORE_BASE:
        return frozenset(("VB",))
    return frozenset(("VBP",)) if subject and before[-1] not in ("he", "she", "it") else tags


_SUBJECTS = word_set(
    """
    i you he she it we they who
    """
)
_BE_HAVE = word_set(
    """
    be am is are was were been being have has had having 's 've 'd 'm 're
    """
)
_BEFORE_BASE = word_set(
    """
    to can could may might must shall should will would do does did 'll
    """
)


def _right(word: str, lemma: str, tag: str, key: str | None, place: tuple[int, int, bool]) -> frozenset[str]:
    i, n, initial = place
    possible = frozenset(possible_tags(word, initial, {}))
    if tag == "NNP" or lemma in _NAMES:
        return frozenset(("NNP", "NNPS")) if word[0].isupper() else _FREE
    if key is None:
        if word.lower() in _UNSURE:
            return _FREE
        closed = CLOSED.get(word.lower(), ())
        return (
            frozenset((tag,)) & possible
            if tag in closed and word.lower() not in OPEN_TOO and n == 1
            else _FREE
        )
    pos = key.split("%")[1][0]
    if n > 1 and ((pos == "2" and i) or (pos == "1" and i < n - 1) or pos in "345"):
        return _FREE
    wanted = _POS[pos]
    if pos == "1":
        name = word[0].isupper() and not initial
        wanted = frozenset(("NNP", "NNPS")) if name else frozenset(("NN", "NNS"))
    fitting = possible & wanted
    return fitting if fitting or pos == "1" else _FREE


def questions(path: Path, data: Path) -> Iterator[Sentence]:
    """Yield the hand-tagged training questions."""
    tags = {row["id"]: row["tags"] for row in map(json.loads, path.read_text().splitlines())}
    for id_, text in squad_questions(data):
        if id_ in tags:
            forms = [token.text for token in tokenize(text)]
            if len(forms) != len(tags[id_]):
                raise SystemExit(f"{path}: question {id_}: {len(tags[id_])} tags for {len(forms)} tokens")
            yield forms, [frozenset((tag,)) for tag in tags[id_]]


def squad_questions(data: Path) -> Iterator[tuple[str, str]]:
    """Yield (id, question) of the SQuAD training file."""
    with lzma.open(data / "squad2" / "train-v2.0.partial.json.xz", "rt", encoding="utf-8") as stream:
        document = json.load(stream)
    for article in document["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                yield qa["id"], qa["question"]


def lexicon(sentences: Iterable[Sentence]) -> dict[str, tuple[str, ...]]:
    """Return the tags of lower-case words that training text attests and no table lists."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for forms, right in sentences:
        for i, (form, tags) in enumerate(zip(forms, right, strict=True)):
            if len(tags) == 1:
                (tag,) = tags
                if tag not in possible_tags(form, i == 0, {}):
                    seen[form.lower()][tag] += 1
    return {word: tuple(sorted(tag for tag, n in counts.items() if n >= 1)) for word, counts in seen.items()}


class Trainer:
    """Averaged perceptron over sets of right answers."""

    def __init__(self, lexicon: dict[str, tuple[str, ...]]) -> None:
        self.tagger = Tagger(ORDER, Weights({}), lexicon)
        self.weights: dict[str, dict[int, float]] = {}
        self.totals: dict[str, dict[int, float]] = {}
        self.stamps: dict[str, dict[int, int]] = {}
        self.steps = 0
        self._own: dict[tuple[str, bool], list[str]] = {}
        self._near: dict[tuple[str, str, str], list[str]] = {}

    def sentence(
        self, forms: Sequence[str], right: Sequence[frozenset[str]], weight: float
    ) -> tuple[int, int]:
        """Learn from one sentence; return (decisions, wrong ones)."""
        tagger = self.tagger
        initials = [i == 0 or forms[i - 1] in BREAKS for i in range(len(forms))]
        words = [tagger.word(form, initial) for form, initial in zip(forms, initials, strict=True)]
        edge = tagger.word(EDGE, False)
        padded = [edge, edge, *words, edge, edge]
        names = [EDGE, EDGE, *forms, EDGE, EDGE]
        state = State()
        asked = wrong = 0
        for i, word in enumerate(words):
            if len(word.tags) == 1:
                state.push(word.lower, word.tags[0])
                continue
            features = [*self.own(forms[i], initials[i], word), *after_features(word.lower, state.previous)]
            features += tag_features(word.kind, state.previous, state.second, state.opened, state.finite)
            features.append(clause_feature(word.kind, state.opened, state.finite, state.first))
            features += right_features(word.kind, state.previous, state.opened, padded[i + 3].kind)
            for side, near in zip(SIDES, (i, i + 1, i + 3, i + 4), strict=True):
                features += self.near(side, names[near], padded[near].kind)
                if side[1] == "1":
                    features.append(beside_feature(side, padded[near].lower, word.kind))
            rows = [row for row in map(self.weights.get, features) if row]
            choices = [tagger.index[tag] for tag in word.tags]
            scores = dict.fromkeys(choices, 0.0)
            for row in rows:
                for choice in choices:
                    if choice in row:
                        scores[choice] += row[choice]
            guess = max(choices, key=scores.__getitem__)
            answer = guess
            allowed = [c for c, tag in zip(choices, word.tags, strict=True) if tag in right[i]]
            if allowed and len(allowed) < len(choices):
                asked += 1
                self.steps += 1
                if guess not in allowed:
                    wrong += 1
                    answer = max(allowed, key=scores.__getitem__)
                    self.update(features, answer, weight)
                    self.update(features, guess, -weight)
            # Half the time go on from the tag that is right, half from the guess: as it will be in use.
            state.push(word.lower, tagger.tags[answer if self.steps & 1 else guess])
        return asked, wrong

    def own(self, form: str, initial: bool, word: Word) -> list[str]:
        """Return the word's own features, made once per form."""
        key = (form, initial)
        if key not in self._own:
            self._own[key] = own_features(word.lower, shape(form), initial, word.kind)
        return self._own[key]

    def near(self, side: str, form: str, class_: str) -> list[str]:
        """Return the features of a neighbour, made once per form, class and side."""
        key = (side, form, class_)
        if key not in self._near:
            self._near[key] = neighbour_features(side, form.lower(), shape(form), class_)
        return self._near[key]

    def update(self, features: Sequence[str], choice: int, amount: float) -> None:
        """Add ``amount`` to each feature's weight for a tag, keeping the running sum for the average."""
        for feature in features:
            row = self.weights.setdefault(feature, {})
            totals = self.totals.setdefault(feature, {})
            stamps = self.stamps.setdefault(feature, {})
            old = row.get(choice, 0.0)
            totals[choice] = totals.get(choice, 0.0) + (self.steps - stamps.get(choice, 0)) * old
            stamps[choice] = self.steps
            row[choice] = old + amount

    def average(self, least: float) -> dict[str, dict[int, int]]:
        """Return the averaged weights as integers of SCALE, without those below ``least``."""
        result: dict[str, dict[int, int]] = {}
        for feature, row in self.weights.items():
            for choice, value in row.items():
                total = self.totals[feature][choice] + (self.steps - self.stamps[feature][choice]) * value
                mean = total / self.steps
                if abs(mean) >= least:
                    result.setdefault(feature, {})[choice] = round(mean / SCALE)
        return result


def main() -> None:
    """Train and write the model; print the share of wrong decisions after each pass."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the data home: wsd/ and squad2/ are read")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--questions", type=Path, default=Path(__file__).with_name("tagger_questions.jsonl"))
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--repeat", type=int, default=10, help="how often a pass sees each question")
    parser.add_argument("--least", type=float, default=0.05, help="averaged weights below this are dropped")
    parser.add_argument(
        "--splits", nargs="+", default=["brown1", "brown2"], help="SemCor files; brownv marks verbs only"
    )
    parser.add_argument("--limit", type=int, default=None, help="SemCor sentences, for a quick run")
    options = parser.parse_args()
    text = list(semcor(options.data / "wsd" / "semcor.jsonl.xz", options.splits))[: options.limit]
    asked = list(questions(options.questions, options.data)) if options.questions.is_file() else []
    trainer = Trainer(lexicon([*text, *asked]))
    sentences = [(s, 1.0) for s in text] + [(s, 1.0) for s in asked for _ in range(options.repeat)]
    shuffler = random.Random(20)
    for n in range(options.passes):
        shuffler.shuffle(sentences)
        results = [trainer.sentence(forms, right, weight) for (forms, right), weight in sentences]
        decisions, wrong = (sum(column) for column in zip(*results, strict=True))
        print(f"pass {n + 1}: {wrong / decisions:.4f} of {decisions} decisions wrong", flush=True)
    packed = pack(ORDER, trainer.average(options.least), trainer.tagger.lexicon)
    options.out.write_bytes(packed)
    print(f"{options.out}: {len(packed):,} bytes")


if __name__ == "__main__":
    main()
