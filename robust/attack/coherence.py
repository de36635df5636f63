"""What ties a sentence to those before it, judged by form: openings, pronouns, words that both have.

Strict on purpose: a sentence wrongly taken for tied costs an attack one place, one wrongly taken for free a
paragraph that makes no sense.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from robust.attack.distractor import content_words
from robust.attack.sentences import Sentence, sentences
from robust.words.closed_class import word_set
from robust.words.stopwords import STOP_WORDS
from robust.words.tagger import analyse
from robust.words.tokens import Token

# Words that refer to something said before wherever they stand in a sentence.
_TIES = word_set(
    "also too however therefore thus hence then later afterwards afterward meanwhile instead again likewise "
    "similarly furthermore moreover additionally consequently nevertheless nonetheless otherwise another "
    "former latter this these finally subsequently eventually besides accordingly conversely alternatively "
    "secondly thirdly lastly previously previous aforementioned respective ultimately indeed soon thereafter "
    "thereby therein thereof overall"
)
# Words that do so before the verb; after it they mostly compare or join what the sentence itself says.
_TIES_BEFORE = word_set(
    "other others such same those second third still yet even both either neither further additional more "
    "less earlier similar rather despite next following initially originally already e.g i.e different"
)
_PHRASES = re.compile(
    r"\b(?:for (?:example|instance|this|that|(?:more )?details)|at (?:the|that|this) time|at (?:first|last)|"
    r"in (?:response|contrast|addition|turn|fact|return|particular|reaction|short|general|total|all|practice|"
    r"reality|comparison)|by (?:contrast|comparison|then)|as (?:well|a (?:result|consequence)|such)|"
    r"on the (?:contrary|one hand|other hand)|that (?:year|day|month|time|is)|so (?:that|far)|"
    r"of (?:them|which)|(?:years?|months?|days?|weeks?|decades?) (?:after|before|later|earlier))\b",
    re.IGNORECASE,
)
# Words that do so if they stand first, and those that do after a first preposition (*in most cases*).
_OPENERS = word_set(
    "he she it they him her them his hers its their theirs one ones here there that so and but or nor "
    "because although though while whereas since when after before once if unless until only no not i we "
    "you my our your"
)
_QUANTIFIERS = word_set("one ones some most many several few all none each any case cases")
_PRONOUNS = word_set("it they them its their theirs itself themselves")
_PERSONS = word_set("he she his him her hers himself herself")
_NOUN = ("NN", "NNS", "NNP", "NNPS")
_FINITE = ("VBD", "VBZ", "VBP", "MD")
# Words that say little of what a sentence is about: both may have them by chance.
_EMPTY = word_set(
    "make use become include know call give take see say go come find year time century many people part way "
    "number large small great new first two three early late often well high low "
    "provide allow require consist contain hold become mean form several main good long different general "
    "important major world type kind place work lead follow show get keep bring begin start end set put help "
    "four five ten only almost nearly about approximately generally usually commonly typically mainly"
)
# So much of a word is its stem, about: critic-ism and critic-ize.
_STEM = 6


class Link(NamedTuple):
    """Why a sentence needs the one before it, "" where nothing says so.

    ``about``: the stems of its words, but those of the paragraph's topic; ``past``: it tells what happened.
    """

    tie: str
    about: frozenset[str]
    past: bool


@lru_cache(maxsize=64)
def laid_out(context: str, title: str = "") -> tuple[tuple[Sentence, ...], tuple[Link, ...]]:
    """Return the sentences of a paragraph, and what links each to the others.

    The topic is what title and first sentence are about. A sentence whose subject is of it, or has a name,
    needs not the one before; one without any such word mostly does. *The* engine may be another than that of
    the first sentence, but not than that of the title.
    """
    found = sentences(context)
    links: list[Link] = []
    named = topic = _about(analyse(title.replace("_", " ").lower()))
    for start, end in found:
        tokens = analyse(context[start:end])
        about = _about(tokens)
        topic = topic if links else topic | about
        definite = tokens[0].text == "The"
        tie = _tie(context[start:end], tokens, named if definite else topic)
        links.append(Link(tie, about - topic, any(token.tag == "VBD" for token in tokens)))
    return found, tuple(links)


def _about(tokens: Sequence[Token]) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in content_words(tuple(tokens)) - _EMPTY - STOP_WORDS)


def _tie(  # noqa: PLR0911 (one line a reason reads best)
    sentence: str, tokens: Sequence[Token], known: frozenset[str]
) -> str:
    """Return what ties a sentence to the one before it, or ""; ``known``: stems that need no introduction."""
    words = [token.text.lower() for token in tokens]
    verb = next((i for i, token in enumerate(tokens) if i and token.tag in _FINITE), len(tokens))
    if not _TIES.isdisjoint(words) or not _TIES_BEFORE.isdisjoint(words[:verb]) or _PHRASES.search(sentence):
        return "a connective or demonstrative"
    if words[0] in _OPENERS or _counts_some(tokens, words):
        return "opens with a pronoun or conjunction"
    if not sentence[0].isupper() or verb == len(tokens):
        return "no full sentence"
    if tokens[0].tag in ("VBG", "VBN", "VB", "RBR", "JJR") or (
        len(tokens) > 1 and words[1] == "," and not tokens[0].tag.startswith("NN")
    ):
        return "opens with what belongs to another"
    for i, word in enumerate(words):
        kinds = ("NNP", "NNPS") if word in _PERSONS else _NOUN
        if i < verb and word in ("he", "she", "it", "they"):
            return "a pronoun without a name"
        if (word in _PERSONS or word in _PRONOUNS) and not any(t.tag in kinds for t in tokens[:i]):
            return "a pronoun without a name"
    if any(_unknown(tokens[i + 1 : verb], known) for i in range(verb) if words[i] == "the"):
        return "a thing not introduced"
    return "" if _on_topic(tokens[:verb], known) else "a subject that is not the paragraph's"


def _unknown(after: Sequence[Token], known: frozenset[str]) -> bool:
    """Tell whether what follows *the* is a thing that was not spoken of: *the result*, *the Centre*."""
    for token in after:
        if token.tag not in (*_NOUN, "JJ", "JJS", "CD", "VBN", "VBG", "POS", "RB"):
            break
        if token.lemma.lower()[:_STEM] in known:
            return False
    several = [token for token in after[:3] if token.tag == "NNP"]
    return len(several) < 2


def _on_topic(subject: Sequence[Token], known: frozenset[str]) -> bool:
    return any(
        token.tag in _NOUN and (token.lemma.lower()[:_STEM] in known or (token.tag == "NNP" and i > 0))
        for i, token in enumerate(subject)
    )


def _counts_some(tokens: Sequence[Token], words: Sequence[str]) -> bool:
    """Tell whether a sentence opens with *most of them*, *some were*, *in most cases*."""
    if words[0] in _QUANTIFIERS:
        return len(tokens) < 2 or not tokens[1].tag.startswith(("NN", "JJ"))
    return tokens[0].tag in ("IN", "TO") and len(words) > 1 and words[1] in _QUANTIFIERS
