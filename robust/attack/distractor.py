"""When a sentence may be added to a paragraph: it neither gives the answer nor could pass for one."""

from __future__ import annotations

from functools import lru_cache

from robust.attack.scene import Scene
from robust.squad.metric import normalise_answer
from robust.squad.records import Question
from robust.words.tagger import analyse
from robust.words.tokens import Token
from robust.words.untouchable import answer_words


def holds_answer(question: Question, text: str) -> bool:
    """Return whether ``text`` has a gold answer in it, as the metric reads both: whole words, no case."""
    inside = f" {normalise_answer(text)} "
    golds = (normalise_answer(answer.text) for answer in question.answers)
    return any(gold and f" {gold} " in inside for gold in golds)


def content_words(tokens: tuple[Token, ...]) -> frozenset[str]:
    """Return the lemmas of the nouns, names, main verbs, adjectives, adverbs and numbers, in lower case."""
    return frozenset(
        token.lemma.lower()
        for token in tokens
        if token.tag[:2] in ("NN", "VB", "JJ", "RB", "CD") and token.lemma not in ("be", "have", "do", "not")
    )


@lru_cache(maxsize=1_000)
def words_of(text: str) -> frozenset[str]:
    """Return the content words of a text that comes again and again, as a table's sentence does."""
    return content_words(tuple(analyse(text)))


def asked_words(scene: Scene) -> frozenset[str]:
    """Return the content words of the question and all words of its gold answers."""
    golds = tuple(answer.text for answer in scene.question.answers)
    return content_words(scene.tokens) | answer_words(golds) | scene.answer_words
