"""From a word and a sense to the words that may stand in its place, and why others may not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from robust.attack.scene import Scene
from robust.attack.vocabulary import ARCHAIC, LIGHT_VERBS, POINTERS, UNFIT, blocked
from robust.attack.word_facts import (
    is_marked,
    is_mass,
    is_participle,
    is_plural,
    spelling,
    standing,
    usual,
)
from robust.words.frequency import capital_share, zipf
from robust.words.inflect import inflect
from robust.words.lemmatise import lemmas
from robust.words.lexicon import Lexicon
from robust.words.stopwords import STOP_WORDS
from robust.words.tokens import coarse

# A lemma this frequent (Zipf) would have its inflected forms counted, if they were any.
_EXPECTED = 2.5
# A lemma of a part of speech that it has in fewer of its uses is likely read as another.
_USUAL = 0.25
# A word written with a capital more often than this is a name to its readers.
_NAME_LIKE = 0.8


@dataclass(frozen=True, slots=True)
class Substitute:
    """A word that may replace another in one of its senses.

    ``form`` is inflected, lower case. ``zipf`` is the form's frequency (log10 per billion words);
    ``polysemy`` how many senses its lemma has as that part of speech, ``rank`` the place of the shared one
    among them (from 1) and ``share`` its estimated share of the lemma's uses, (count + 1) / (total + senses).
    """

    lemma: str
    form: str
    zipf: float
    polysemy: int
    rank: int
    share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What a substitute must be, besides another single word that can be inflected and does not offend.

    ``strict`` refuses spellings of the same word, archaic and marked words, words that occur in the question
    or its answers; ``zipf_floor`` refuses forms rarer than that.
    """

    strict: bool = True
    zipf_floor: float = 0.0


class Refusal(NamedTuple):
    """A word of a synset (WordNet's spelling) that may not stand in the place, and why."""

    name: str
    reason: str
    synset: int


def substitutes(
    scene: Scene, index: int, synset: int, filters: Filters
) -> tuple[list[Substitute], list[Refusal]]:
    """Return the words of ``synset`` that can replace token ``index`` and those that cannot, in its order."""
    token = scene.tokens[index]
    word = _Word(token.lemma, token.text.lower(), token.tag)
    fit, unfit = _vetted(scene.lexicon, word, synset, filters)
    if not filters.strict:
        return list(fit), list(unfit)
    found: list[Substitute] = []
    refused = list(unfit)
    for substitute in fit:
        reason = _clash(scene, index, substitute.lemma, substitute.form)
        if reason:
            refused.append(Refusal(substitute.lemma, reason, synset))
        else:
            found.append(substitute)
    return found, refused


def vet(scene: Scene, index: int, lemma: str, filters: Filters) -> tuple[str, str]:
    """Return (form, "") of a lemma that may take the place of token ``index``, or ("", why it may not).

    For words that no synset offers: neighbours in a vector space, what a language model finds likely. What
    is asked of the words of a synset is asked of them, but for what a sense alone can answer.
    """
    token = scene.tokens[index]
    word = _Word(token.lemma, token.text.lower(), token.tag)
    form, reason = _vet(scene.lexicon, word, lemma, filters)
    if not reason and filters.strict:
        reason = _clash(scene, index, lemma, form)
    return ("", reason) if reason else (form, "")


@lru_cache(maxsize=200_000)
def _vet(lexicon: Lexicon, word: _Word, lemma: str, filters: Filters) -> tuple[str, str]:
    """Return a lemma's form and why it may not replace a word in any question, or ""."""
    pos = coarse(word.tag)
    if lemma in (word.lemma, word.form, *lexicon.morphy(word.form, pos)):
        return "", "same word"
    if lemma in STOP_WORDS:
        return "", "stop word"
    if not lexicon.senses(lemma, pos) or usual(lexicon, lemma, pos) < _USUAL:
        return "", "other part of speech"
    form = inflect(lemma, word.tag)
    reason = _reason(word, lemma, form, filters)
    if not reason and filters.strict:
        reason = _misfit(lexicon, word, lemma, None)
    return form or "", reason


class Offer(NamedTuple):
    """A substitute and the senses of the replaced word in which it may stand, in WordNet's order."""

    substitute: Substitute
    synsets: tuple[int, ...]


def offers(scene: Scene, index: int, filters: Filters) -> tuple[list[Offer], list[Refusal]]:
    """Return the words of all senses of token ``index`` that can replace it, and those that cannot.

    What does not depend on the question is worked out once for a word.
    """
    token = scene.tokens[index]
    word = _Word(token.lemma, token.text.lower(), token.tag)
    fit, unfit = _offers(scene.lexicon, word, filters)
    if not filters.strict:
        return list(fit), list(unfit)
    found: list[Offer] = []
    refused = list(unfit)
    for offer in fit:
        reason = _clash(scene, index, offer.substitute.lemma, offer.substitute.form)
        if reason:
            refused += [Refusal(offer.substitute.lemma, reason, synset) for synset in offer.synsets]
        else:
            found.append(offer)
    return found, refused


@lru_cache(maxsize=50_000)
def _offers(lexicon: Lexicon, word: _Word, filters: Filters) -> tuple[tuple[Offer, ...], tuple[Refusal, ...]]:
    """Return the words of all senses that can replace a word in any question, and those that cannot."""
    found: dict[str, Offer] = {}
    refused: list[Refusal] = []
    for synset in lexicon.senses(word.lemma, coarse(word.tag)):
        fit, unfit = _vetted(lexicon, word, synset, filters)
        refused += unfit
        for substitute in fit:
            known = found.get(substitute.lemma)
            senses = (*known.synsets, synset) if known else (synset,)
            found[substitute.lemma] = Offer(known.substitute if known else substitute, senses)
    return tuple(found.values()), tuple(refused)


@lru_cache(maxsize=50_000)
def _vetted(
    lexicon: Lexicon, word: _Word, synset: int, filters: Filters
) -> tuple[tuple[Substitute, ...], tuple[Refusal, ...]]:
    """Return the words of ``synset`` that can replace a word in any question, and those that cannot."""
    fit: list[Substitute] = []
    unfit: list[Refusal] = []
    for name in lexicon.lemmas(synset):
        other = name.lower()
        if other in (word.lemma, word.form):
            continue
        inflected = None if "_" in name else inflect(other, word.tag)
        reason = _reason(word, name, inflected, filters)
        if not reason and filters.strict:
            reason = _misfit(lexicon, word, other, synset)
        if reason or inflected is None:
            unfit.append(Refusal(name, reason, synset))
            continue
        polysemy, rank, share = standing(lexicon, other, coarse(word.tag), synset)
        fit.append(Substitute(other, inflected, zipf(inflected), polysemy, rank, share))
    return tuple(fit), tuple(unfit)


class _Word(NamedTuple):
    """The word to be replaced; ``form`` in lower case."""

    lemma: str
    form: str
    tag: str


def _reason(  # noqa: PLR0911 (one line a reason reads best)
    word: _Word, name: str, form: str | None, filters: Filters
) -> str:
    """Return why the word ``name`` may not replace the word in any question, or ""."""
    lemma = name.lower()
    if "_" in name:
        return "multi-word"
    if name != lemma or not lemma.replace("-", "").isalpha():
        return "name-like"
    if lemma in blocked() or (form is not None and form in blocked()):
        return "offensive"
    if form is None or form == word.form or (form != lemma and not _is_seen(lemma, form)):
        return "no such form"
    if not filters.strict:
        return ""
    if spelling(lemma) == spelling(word.lemma):
        return "spelling of the same word"
    if "-" in lemma and "-" not in word.form:
        return "hyphenated"
    if lemma in (LIGHT_VERBS if word.tag.startswith("VB") else POINTERS):
        return "light verb or pointer noun"
    if capital_share(form) > _NAME_LIKE:
        return "name-like"
    if zipf(form) < filters.zipf_floor:
        return "rare"
    return "archaic or unfit" if lemma in ARCHAIC or lemma in UNFIT else ""


def _clash(scene: Scene, index: int, lemma: str, form: str) -> str:
    """Return why the substitute may not stand in this very question, or ""."""
    if lemma in scene.lemmas or form in scene.lemmas or _echoes(lemma, scene, index):
        return "in the question already"
    if form in scene.answer_words or lemma in scene.answer_words:
        return "answer word"
    return ""


def _is_seen(lemma: str, form: str) -> bool:
    """Tell whether the form occurs in our counts, or the lemma is too rare for that to be expected."""
    return zipf(form) > 0 or zipf(lemma) < _EXPECTED


def _misfit(  # noqa: PLR0911 (as above)
    lexicon: Lexicon, word: _Word, lemma: str, synset: int | None
) -> str:
    """Return what in WordNet speaks against ``lemma`` taking the word's place in this sense, or "".

    None: what speaks against it in any sense.

    Whether a verb takes the same complements is not asked of WordNet, whose frames are wide of the mark
    (*attempt* to do), but of what follows it in text: `robust.attack.safety`.
    """
    pos = coarse(word.tag)
    if lemma in lemmas(word.form, "NNS"):
        return "same word"
    if synset is not None and is_marked(lexicon, synset):
        return "archaic or slang"
    marker = "" if synset is None else lexicon.marker(lemma, synset)
    if pos == "a" and synset is not None and marker not in ("", lexicon.marker(word.lemma, synset)):
        return "other place of the adjective"
    if pos == "n" and word.tag == "NN" and (is_plural(lemma) or is_mass(lemma) > is_mass(word.lemma)):
        return "plural or mass noun"
    if pos == "a" and is_participle(lexicon, word.lemma) and not is_participle(lexicon, lemma):
        return "no participle"
    if pos == "n" and lemma.endswith("ing") and not word.lemma.endswith("ing") and lexicon.morphy(lemma, "v"):
        return "gerund"
    return ""


def _echoes(lemma: str, scene: Scene, index: int) -> bool:
    """Tell whether another word of the question is of the same family (*govern* beside *government*)."""
    if len(lemma) < 4:
        return False
    for place, other in scene.long_lemmas:
        short, long = (lemma, other) if len(lemma) <= len(other) else (other, lemma)
        if long[:4] == short[:4] and long.startswith(short[: max(4, len(short) - 2)]) and place != index:
            return True
    return False
