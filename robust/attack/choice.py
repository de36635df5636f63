"""Which words of a question may be replaced at all, and which are better left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from robust.attack.candidates import LIGHT_VERBS, usual, word_set
from robust.attack.scene import Scene
from robust.words.tokens import Token

# Nouns that point at another noun ("the kind of rock") or count it; a synonym shifts what is asked for.
_POINTERS = word_set(
    "kind type sort form number amount quantity lot bit piece percent percentage degree name term word "
    "part way thing example case fact point end side order time year month week day hour minute second "
    "century decade people person man woman one letter figure size age title level range rate place line "
    "set group"
)
# Adjectives that place or compare rather than describe.
_PLACERS = word_set(
    "first last next final main major own other same such different similar certain many much few several "
    "more most less least little able likely due only new old good bad great big large small long short "
    "high low early late right left open full free"
)
_PARTICLES = word_set("up out off down away back over on in through around along apart together forth by")
# A passive may be followed by these without governing them: where, when and by whom.
_ADJUNCTS = word_set("by in at during after before since until between near within")
# A word tagged as a part of speech it has in fewer than this share of its uses is tagged wrongly, likely.
UNUSUAL = 0.15
_NOUN_GOVERNS = word_set("to for on with against about from into as")


def content_words(scene: Scene, pos: Collection[str], rejected: Counter[str]) -> list[int]:
    """Return the indexes of the words that may be touched: those of ``pos`` that WordNet knows.

    The reasons why other words of an open class are left alone are counted in ``rejected``.
    """
    found = []
    for index, token in enumerate(scene.tokens):
        kind = scene.pos(index)
        if index in scene.untouchable:
            rejected[f"word: {scene.untouchable[index]}"] += 1
        elif not kind:
            continue
        elif kind not in pos:
            rejected["word: part of speech not asked for"] += 1
        elif token.lemma == "not":
            rejected["word: negation"] += 1
        elif not scene.lexicon.senses(token.lemma, kind):
            rejected["word: not in WordNet"] += 1
        else:
            found.append(index)
    return found


def hazard(scene: Scene, index: int) -> str:
    """Return why replacing this word by a synonym tends to go wrong, or "".

    These are rules about grammar and fixed phrases that no sense inventory knows: what a verb governs, nouns
    that form a compound, words that only point at another.
    """
    tokens = scene.tokens
    token = tokens[index]
    before = tokens[index - 1] if index else None
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if before is not None and before.text.lower() == "how":
        return "asked for with how"
    if sum(other.lemma == token.lemma for other in tokens) > 1:
        return "said twice"
    if usual(scene.lexicon, token.lemma, scene.pos(index)) < UNUSUAL:
        return "unusual part of speech"
    if _ambiguous(scene, index):
        return "form of two words"
    return _BY_POS[scene.pos(index)](token, before, after)


def _ambiguous(scene: Scene, index: int) -> bool:
    """Tell whether the form belongs to two lemmas (*found*, *eggs* the plural and *eggs* the word)."""
    token = scene.tokens[index]
    form = token.text.lower()
    return len(scene.lexicon.morphy(form, scene.pos(index))) > 1 and form[-2:] != "ss"


def _verb(token: Token, before: Token | None, after: Token | None) -> str:
    if token.lemma in LIGHT_VERBS:
        return "light verb"
    if after is None:
        return ""
    if after.tag == "RP" or (after.tag in ("IN", "RB") and after.text.lower() in _PARTICLES - _ADJUNCTS):
        return "phrasal verb"
    passive = token.tag == "VBN"
    if after.tag in ("IN", "TO") and not (passive and after.text.lower() in _ADJUNCTS):
        return "governs a preposition"
    return ""


def _noun(token: Token, before: Token | None, after: Token | None) -> str:
    if token.lemma in _POINTERS:
        return "pointer noun"
    if (before is not None and before.tag.startswith("NN")) or (
        after is not None and after.tag.startswith("NN")
    ):
        return "part of a compound"
    if after is not None and after.tag in ("IN", "TO") and after.text.lower() in _NOUN_GOVERNS:
        return "governs a preposition"
    return ""


def _adjective(token: Token, before: Token | None, after: Token | None) -> str:
    if token.lemma in _PLACERS:
        return "placing adjective"
    if after is not None and after.tag in ("IN", "TO"):
        return "governs a preposition"
    if after is not None and after.tag.startswith("NNP"):
        return "part of a name"
    return ""


def _adverb(token: Token, before: Token | None, after: Token | None) -> str:
    return "governs a preposition" if after is not None and after.tag in ("IN", "TO") else ""


_BY_POS = {"n": _noun, "v": _verb, "a": _adjective, "r": _adverb}
