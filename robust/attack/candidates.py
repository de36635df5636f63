"""From a word and a sense to the words that may stand in its place, and why others may not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from robust.attack.scene import Scene
from robust.attack.vocabulary import ARCHAIC, LIGHT_VERBS, POINTERS, UNFIT, blocked
from robust.attack.word_facts import is_marked, is_mass, is_participle, is_plural, spelling, standing, usual
from robust.words.frequency import capital_share, zipf
from robust.words.inflect import inflect
from robust.words.lemmatise import lemmas
from robust.words.lexicon import Lexicon
from robust.words.tokens import Token, coarse

# The least share of a word's tagged uses that must be of the part of speech it is put in.
_USUAL = 0.4
# A lemma this frequent (Zipf) would have its inflected forms counted, if they were any.
_EXPECTED = 2.5
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
    """A word of the synset (WordNet's spelling) that may not stand in the place, and why."""

    name: str
    reason: str


def substitutes(
    scene: Scene, index: int, synset: int, filters: Filters
) -> tuple[list[Substitute], list[Refusal]]:
    """Return the words of ``synset`` that can replace token ``index`` and those that cannot, in its order."""
    token = scene.tokens[index]
    pos = coarse(token.tag)
    lexicon = scene.lexicon
    found: list[Substitute] = []
    refused: list[Refusal] = []
    for name in lexicon.lemmas(synset):
        lemma = name.lower()
        if lemma in (token.lemma, token.text.lower()):
            continue
        form = None if "_" in name else inflect(lemma, token.tag)
        reason = _reason(scene, index, name, form, filters)
        if not reason and filters.strict:
            reason = _misfit(lexicon, token, lemma, synset)
        if reason or form is None:
            refused.append(Refusal(name, reason))
            continue
        polysemy, rank, share = standing(lexicon, lemma, pos, synset)
        found.append(Substitute(lemma, form, zipf(form), polysemy, rank, share))
    return found, refused


def _reason(  # noqa: PLR0911, PLR0912 (one line a reason reads best)
    scene: Scene, index: int, name: str, form: str | None, filters: Filters
) -> str:
    """Return why the word ``name`` may not replace the token, or ""."""
    token = scene.tokens[index]
    lemma = name.lower()
    if "_" in name:
        return "multi-word"
    if name != lemma or not lemma.replace("-", "").isalpha():
        return "name-like"
    if lemma in blocked() or (form is not None and form in blocked()):
        return "offensive"
    if form is None or form == token.text.lower() or (form != lemma and not _is_seen(lemma, form)):
        return "no such form"
    if not filters.strict:
        return ""
    if spelling(lemma) == spelling(token.lemma):
        return "spelling of the same word"
    if "-" in lemma and "-" not in token.text:
        return "hyphenated"
    if lemma in (LIGHT_VERBS if token.tag.startswith("VB") else POINTERS):
        return "light verb or pointer noun"
    if capital_share(form) > _NAME_LIKE:
        return "name-like"
    if zipf(form) < filters.zipf_floor:
        return "rare"
    if lemma in ARCHAIC or lemma in UNFIT:
        return "archaic or unfit"
    if lemma in scene.lemmas or form in scene.lemmas or _echoes(lemma, scene, index):
        return "in the question already"
    if form in scene.answer_words or lemma in scene.answer_words:
        return "answer word"
    return ""


def _is_seen(lemma: str, form: str) -> bool:
    """Tell whether the form occurs in our counts, or the lemma is too rare for that to be expected."""
    return zipf(form) > 0 or zipf(lemma) < _EXPECTED


def _misfit(  # noqa: PLR0911 (as above)
    lexicon: Lexicon, token: Token, lemma: str, synset: int
) -> str:
    """Return what in WordNet speaks against ``lemma`` taking the token's place in this sense, or ""."""
    pos = coarse(token.tag)
    if lemma in lemmas(token.text.lower(), "NNS"):
        return "same word"
    if is_marked(lexicon, synset):
        return "archaic or slang"
    if usual(lexicon, lemma, pos) < _USUAL:
        return "mostly another part of speech"
    if pos == "v" and not set(lexicon.frames(token.lemma, synset)) <= set(lexicon.frames(lemma, synset)):
        return "other verb frame"
    if pos == "a" and lexicon.marker(lemma, synset) not in ("", lexicon.marker(token.lemma, synset)):
        return "other place of the adjective"
    if pos == "n" and token.tag == "NN" and (is_plural(lemma) or is_mass(lemma) > is_mass(token.lemma)):
        return "plural or mass noun"
    if pos == "a" and is_participle(lexicon, token.lemma) and not is_participle(lexicon, lemma):
        return "no participle"
    if (
        pos == "n"
        and lemma.endswith("ing")
        and not token.lemma.endswith("ing")
        and lexicon.morphy(lemma, "v")
    ):
        return "gerund"
    return ""


def _echoes(lemma: str, scene: Scene, index: int) -> bool:
    """Tell whether another word of the question is of the same family (*govern* beside *government*)."""
    for place, token in enumerate(scene.tokens):
        other = token.lemma
        if place == index or len(other) < 4 or not other.isalpha():
            continue
        short, long = sorted((lemma, other), key=len)
        stem = short[: max(4, len(short) - 2)]
        if len(short) >= 4 and long.startswith(stem):
            return True
    return False
