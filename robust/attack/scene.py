"""A question laid out for an attack: its words, what must not be touched, and the text around them."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path

from robust.attack.scorers import NO_SCORERS, Scorers
from robust.squad.records import Question
from robust.words.lexicon import Lexicon
from robust.words.senses import Context, Disambiguator, content_lemmas
from robust.words.senses import get as get_disambiguator
from robust.words.tagger import analyse
from robust.words.tokens import Token, coarse, tokenize
from robust.words.untouchable import untouchable


class Scene:
    """One question with everything an attack may want to know of it, worked out when first asked for.

    ``lexicon`` is a compiled WordNet; the shipped one where None is given. ``scorers`` are the models that
    may be asked.
    """

    def __init__(
        self, question: Question, lexicon: Path | None = None, scorers: Scorers = NO_SCORERS
    ) -> None:
        self.question = question
        self.lexicon = open_lexicon(lexicon)
        self.scorers = scorers

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The question's tokens, tagged, with lemmas; offsets count code points in the question."""
        return tuple(analyse(self.question.text))

    @cached_property
    def untouchable(self) -> dict[int, str]:
        """Index of each token that no attack may change -> the reason."""
        answers = [answer.text for answer in self.question.answers]
        return untouchable(self.question.text, list(self.tokens), answers, self.question.context)

    @cached_property
    def context(self) -> Context:
        """The content words of the question and its paragraph, for choosing senses."""
        return replace(Context.of(self.tokens), paragraph=paragraph_lemmas(self.question.context))

    @cached_property
    def lemmas(self) -> frozenset[str]:
        """The lower-case words and lemmas of the question: a substitute that is here already would repeat."""
        return frozenset(t.lemma for t in self.tokens) | {t.text.lower() for t in self.tokens}

    @cached_property
    def long_lemmas(self) -> tuple[tuple[int, str], ...]:
        """(index, lemma) of the words that are long enough to have a family: four letters or more."""
        tokens = enumerate(self.tokens)
        return tuple((i, t.lemma) for i, t in tokens if len(t.lemma) >= 4 and t.lemma.isalpha())

    @cached_property
    def answer_words(self) -> frozenset[str]:
        """The lower-case words of the gold answers."""
        return frozenset(
            token.text.lower() for answer in self.question.answers for token in tokenize(answer.text)
        )

    def pos(self, index: int) -> str:
        """Return the coarse part of speech (n, v, a, r or "") of a token."""
        return coarse(self.tokens[index].tag)


@lru_cache(maxsize=4)
def open_lexicon(path: Path | None) -> Lexicon:
    """Return the compiled WordNet at ``path`` (None: the shipped one)."""
    return Lexicon.open(path)


@lru_cache(maxsize=16)
def disambiguator(method: str, lexicon: Path | None, seed: int = 0) -> Disambiguator:
    """Return the disambiguator called ``method``; UserError names the near ones if there is none.

    ``seed`` matters to random-sense alone.
    """
    return get_disambiguator(method, open_lexicon(lexicon), seed=seed)


@lru_cache(maxsize=8)
def paragraph_lemmas(context: str) -> tuple[str, ...]:
    """Return a paragraph's content words; questions come grouped by paragraph, so this is done once."""
    return content_lemmas(analyse(context))
