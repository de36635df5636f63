"""Which words of a question may be replaced at all, and which are better left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import pairwise

from robust.attack.scene import Scene
from robust.attack.vocabulary import LIGHT_VERBS, POINTERS
from robust.attack.word_facts import is_plural, usual
from robust.words.closed_class import word_set
from robust.words.inflect import inflect
from robust.words.usage import follows

# Adjectives that place or compare rather than describe.
PLACERS = word_set(
    "first last next final main major own other same such different similar certain many much few several "
    "more most less least little able likely due only new old good bad great big large small long short "
    "high low early late right left open full free given following particular present former latter"
)
# Words that mean little by themselves, by part of speech, and what we call them.
_EMPTY = {"v": LIGHT_VERBS, "n": POINTERS, "a": PLACERS}
_EMPTY_REASON = {"v": "light verb", "n": "pointer noun", "a": "placing adjective"}
_PARTICLES = word_set("up out off down away back over on in through around along apart together forth by")
# A passive may be followed by these without governing them: where, when and by whom.
_ADJUNCTS = word_set("by in at during after before since until between near within")
# A word tagged as a part of speech it has in fewer than this share of its uses is tagged wrongly, likely.
UNUSUAL = 0.15
# How much safer the replacement must be: of a word that governs a preposition, of half a compound, of a
# noun without an article after a preposition ("in effect").
GOVERNING = 0.1
COMPOUND = 0.15
BARE = 0.15
# A word and its neighbour are a fixed phrase (*civil war*, *deal with*) if they stand together exp(4) = 55
# times as often as by chance.
FIXED = 4.0
_NOUN_GOVERNS = word_set("to for on with against about from into as")


def off_limits(scene: Scene, index: int, pos: Collection[str]) -> str | None:
    """Return why token ``index`` may not be touched, "" if it may, None if it is no content word at all.

    ``pos`` are the parts of speech asked for.
    """
    token, kind = scene.tokens[index], scene.pos(index)
    if index in scene.untouchable:
        return scene.untouchable[index]
    if not kind:
        return None
    if kind not in pos:
        return "part of speech not asked for"
    if token.lemma in ("not", "non"):
        return "negation"
    return "" if scene.lexicon.senses(token.lemma, kind) else "not in WordNet"


def editable(scene: Scene, rejected: Counter[str], pos: Collection[str] = "nvar") -> Iterator[int]:
    """Yield the tokens that may be touched, in the question's order; count in ``rejected`` why others not."""
    for index in range(len(scene.tokens)):
        reason = off_limits(scene, index, pos)
        if reason == "":
            yield index
        elif reason:
            rejected[f"word: {reason}"] += 1


def replaceable(scene: Scene, rejected: Counter[str], pos: Collection[str] = "nvar") -> Iterator[int]:
    """Yield the tokens that may be touched and of which no other word is a hazard; count why others not."""
    for index in editable(scene, rejected, pos):
        if reason := hazard(scene, index):
            rejected[f"word: {reason}"] += 1
        else:
            yield index


def hazard(scene: Scene, index: int) -> str:  # noqa: PLR0911 (one line a reason reads best)
    """Return why replacing this word by a synonym goes wrong, whatever the synonym, or "".

    These are rules about grammar and fixed phrases that no sense inventory knows.
    """
    token = scene.tokens[index]
    pos = scene.pos(index)
    form = token.text.lower()
    before, after = _tag(scene, index - 1), _tag(scene, index + 1)
    if before and scene.tokens[index - 1].text.lower() == "how":
        return "asked for with how"
    if sum(other.lemma == token.lemma for other in scene.tokens) > 1:
        return "said twice"
    if "-" in form or _is_hyphen(scene, index - 1) or _is_hyphen(scene, index + 1):
        return "hyphenated"
    if token.lemma in _EMPTY.get(pos, ()):
        return _EMPTY_REASON[pos]
    if pos == "v" and _is_particle(scene, index + 1):
        return "phrasal verb"
    if pos == "a" and after.startswith("NNP"):
        return "part of a name"
    if _is_bound(scene, index):
        return "fixed phrase"
    if usual(scene.lexicon, token.lemma, pos) < UNUSUAL:
        return "unusual part of speech"
    return "form in doubt" if _in_doubt(scene, index) else ""


def delicacy(scene: Scene, index: int) -> tuple[str, float]:
    """Return what makes replacing this word delicate, and how much safer than others it must be for that.

    A preposition may not go with the new word; half a compound, or a bare noun after a preposition, may be
    part of a fixed phrase.
    ("", 0.0) where nothing does.
    """
    token = scene.tokens[index]
    after = _tag(scene, index + 1)
    following = scene.tokens[index + 1].text.lower() if after else ""
    match scene.pos(index):
        case "v":
            governs = after in ("IN", "TO") and not (token.tag == "VBN" and following in _ADJUNCTS)
        case "n":
            governs = following in _NOUN_GOVERNS
            if token.tag == "NN" and _tag(scene, index - 1) in ("IN", "TO"):
                return "bare noun after a preposition", BARE
            if after.startswith("NN") or _tag(scene, index - 1).startswith("NN"):
                return "part of a compound", COMPOUND
        case _:
            governs = after in ("IN", "TO")
    return ("governs a preposition", GOVERNING) if governs else ("", 0.0)


def _tag(scene: Scene, index: int) -> str:
    return scene.tokens[index].tag if 0 <= index < len(scene.tokens) else ""


def _is_hyphen(scene: Scene, index: int) -> bool:
    return 0 <= index < len(scene.tokens) and scene.tokens[index].text in "-‐‑"


def _is_particle(scene: Scene, index: int) -> bool:
    tag = _tag(scene, index)
    return tag == "RP" or (tag in ("IN", "RB") and scene.tokens[index].text.lower() in _PARTICLES - _ADJUNCTS)


def _is_bound(scene: Scene, index: int) -> bool:
    """Tell whether the word goes with the one before or after it so often that both are one phrase."""
    words = [token.text.lower() for token in scene.tokens[max(0, index - 1) : index + 2]]
    return any(follows(one, other) > FIXED for one, other in pairwise(words))


def _in_doubt(scene: Scene, index: int) -> bool:
    """Tell whether the form may be another than its tag says, so that the new word may be inflected wrongly.

    *found* is of two verbs, *series* of two numbers, *set* of two tenses; *started* after *was* is no past,
    *play* after *the* no verb.
    """
    token = scene.tokens[index]
    form = token.text.lower()
    if scene.pos(index) == "n":
        return form == token.lemma if token.tag == "NNS" else is_plural(form)
    if scene.pos(index) != "v":
        return False
    if len({token.lemma, *scene.lexicon.morphy(form, "v")}) > 1 or inflect(token.lemma, "VBD") == token.lemma:
        return True
    if token.tag in ("VB", "VBP") and _tag(scene, index - 1) in ("IN", "DT", "JJ", "PRP$"):
        return True
    return token.tag == "VBD" and _after_auxiliary(scene, index)


def _after_auxiliary(scene: Scene, index: int) -> bool:
    """Tell whether a form of *be* or *have* stands before, with no other verb or clause between."""
    for token in reversed(scene.tokens[max(0, index - 8) : index]):
        if token.lemma in ("be", "have"):
            return True
        if token.tag.startswith(("VB", "W", "MD")) or token.tag in (",", ":", "CC"):
            return False
    return False
