"""From a word and a sense to the words that may stand in its place, and why others may not."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from robust.attack.scene import Scene
from robust.words.frequency import capital_share, zipf
from robust.words.inflect import inflect
from robust.words.lemmatise import lemmas
from robust.words.lexicon import Lexicon
from robust.words.tokens import Token, coarse


def word_set(text: str) -> frozenset[str]:
    """Return the words of a space-separated list."""
    return frozenset(text.split())


# WordNet's usage domains whose members are no plain English of today.
_MARKED_USAGE = word_set(
    "archaism.n.01 slang.n.02 colloquialism.n.01 disparagement.n.01 ethnic_slur.n.01 obscenity.n.02 "
    "dialect.n.01 regionalism.n.01 trademark.n.02 trade_name.n.01 combining_form.n.01 blend.n.02 "
    "street_name.n.02 yiddish.n.01 plural.n.01 irony.n.03 wit.n.01"
)
# Archaic or poetic words that are frequent enough to pass the frequency floor (old books, names of places).
_ARCHAIC = word_set(
    "thou thee thy thine ye hath doth art wilt shalt whence whither hither thither hence yon yonder ere "
    "twain betwixt wherefore yore methinks forsooth anon nigh oft afore aught naught nought ken hark lo "
    "quoth smite slay behold maiden damsel knave foe steed isle realm morn eve brethren kinfolk kinsfolk "
    "wed spouse babe lad lass chap fellow guy cat dude bloke sire beget fain lief perchance mayhap verily "
    "whilom olden brand garb raiment deem bide abide dwell sup stead sooner gaol connexion shew"
)
# Verbs that mean little by themselves, neither replaced nor put in another's place.
LIGHT_VERBS = word_set(
    "be have do get make take go come give put let set keep become seem run turn bring hold lead play work "
    "call stand pass lie draw fall cut carry break raise leave meet see look know think find say tell "
    "feel mean"
)
# Nouns that point at another noun ("the kind of rock") or count it; a synonym shifts what is asked for.
POINTERS = word_set(
    "kind type sort form number amount quantity lot bit piece percent percentage degree name term word "
    "part way thing example case fact point end side order time year month week day hour minute second "
    "century decade people person man woman one letter figure size age title level range rate place line "
    "set group"
)
# A word written with a capital more often than this is a name to its readers.
_NAME_LIKE = 0.5
_SPELLINGS = (
    (re.compile(r"our"), "or"),
    (re.compile(r"is(?=e|ing|ation)"), "iz"),
    (re.compile(r"ys(?=e|ing)"), "yz"),
    (re.compile(r"re$"), "er"),
    (re.compile(r"ogue"), "og"),
    (re.compile(r"ae|oe"), "e"),
    (re.compile(r"ce(?=$|s$)"), "se"),
    (re.compile(r"mme(?=s?$)"), "m"),
    (re.compile(r"([a-z])\1"), r"\1"),
    (re.compile(r"-"), ""),
    (re.compile(r"ey$"), "y"),
    (re.compile(r"dgem"), "dgm"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"wards$"), "ward"),
    (re.compile(r"ical(?=$|ly)"), "ic"),
    (re.compile(r"ally$"), "ly"),
    (re.compile(r"c(?=s?$)"), "k"),
)


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


def substitutes(
    scene: Scene, index: int, synset: int, filters: Filters, rejected: Counter[str]
) -> list[Substitute]:
    """Return the words of ``synset`` that can replace token ``index``, in WordNet's order."""
    token = scene.tokens[index]
    pos = coarse(token.tag)
    lexicon = scene.lexicon
    found: list[Substitute] = []
    for name in lexicon.lemmas(synset):
        lemma = name.lower()
        if lemma in (token.lemma, token.text.lower()):
            continue
        form = None if "_" in name else inflect(lemma, token.tag)
        reason = _reason(scene, index, name, form, filters)
        if not reason and filters.strict:
            reason = _misfit(lexicon, token, lemma, synset)
        if reason or form is None:
            rejected[f"substitute: {reason}"] += 1
            continue
        polysemy, rank, share = standing(lexicon, lemma, pos, synset)
        found.append(Substitute(lemma, form, zipf(form), polysemy, rank, share))
    return found


def _reason(  # noqa: PLR0911 (one line a reason reads best)
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
    if form is None or form == token.text.lower():
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
    if lemma in _ARCHAIC:
        return "archaic or marked"
    if lemma in scene.lemmas or form in scene.lemmas or _echoes(lemma, scene, index):
        return "in the question already"
    if form in scene.answer_words or lemma in scene.answer_words:
        return "answer word"
    return ""


def _misfit(lexicon: Lexicon, token: Token, lemma: str, synset: int) -> str:
    """Return what in WordNet speaks against ``lemma`` taking the token's place in this sense, or ""."""
    pos = coarse(token.tag)
    if is_marked(lexicon, synset):
        return "archaic or marked"
    if usual(lexicon, lemma, pos) < _USUAL:
        return "mostly another part of speech"
    if pos == "v" and not set(lexicon.frames(token.lemma, synset)) <= set(lexicon.frames(lemma, synset)):
        return "other verb frame"
    if pos == "a" and lexicon.marker(lemma, synset) not in ("", lexicon.marker(token.lemma, synset)):
        return "other place of the adjective"
    if (
        pos == "n"
        and lemma.endswith("ing")
        and not token.lemma.endswith("ing")
        and lexicon.morphy(lemma, "v")
    ):
        return "gerund"
    return ""


# The least share of a word's tagged uses that must be of the part of speech it is put in.
_USUAL = 0.4


@lru_cache(maxsize=100_000)
def usual(lexicon: Lexicon, lemma: str, pos: str) -> float:
    """Return the share of the lemma's uses that are of this part of speech, by tagged counts, 0 to 1.

    Half a use is added to each sense, so that words never tagged are judged by their senses.
    """
    uses = {p: sum(lexicon.count(lemma, s) + 0.5 for s in lexicon.senses(lemma, p)) for p in "nvar"}
    return uses[pos] / (sum(uses.values()) or 1)


@lru_cache(maxsize=50_000)
def is_plural(lemma: str) -> bool:
    """Return whether a noun lemma is the plural of another one at the same time (*bounds*, *authorities*)."""
    return any(base != lemma and inflect(base, "NNS") == lemma for base in lemmas(lemma, "NNS"))


@lru_cache(maxsize=50_000)
def is_participle(lexicon: Lexicon, form: str) -> bool:
    """Return whether the form is a participle of some verb (*located*, *computing*)."""
    return any(form in (inflect(verb, "VBN"), inflect(verb, "VBG")) for verb in lexicon.morphy(form, "v"))


@lru_cache(maxsize=50_000)
def is_mass(lemma: str) -> bool:
    """Return whether the noun has no plural, or one so rare that it is no count noun (*warfare*)."""
    plural = inflect(lemma, "NNS")
    return plural is None or zipf(plural) < min(zipf(lemma) - 2.0, 3.5)


def spelling(lemma: str) -> str:
    """Return a key that British, American and other spellings of a word share."""
    return _spelling(lemma)


@lru_cache(maxsize=50_000)
def _spelling(lemma: str) -> str:
    for pattern, replacement in _SPELLINGS:
        lemma = pattern.sub(replacement, lemma)
    return lemma


@lru_cache(maxsize=100_000)
def standing(lexicon: Lexicon, lemma: str, pos: str, synset: int) -> tuple[int, int, float]:
    """Return (number of senses, rank of ``synset`` from 1, its share of the lemma's uses).

    The share is (count + 1) / (total + senses) from WordNet's tagged counts, as in Basile et al. 2014. A
    synset that is none of the lemma's senses of that part of speech comes last.
    """
    senses = lexicon.senses(lemma, pos)
    counts = [lexicon.count(lemma, sense) for sense in senses]
    total = sum(counts) + len(senses)
    if synset not in senses:
        return len(senses) + 1, len(senses) + 1, 1 / (total + 1)
    place = senses.index(synset)
    return len(senses), place + 1, (counts[place] + 1) / total


@lru_cache(maxsize=50_000)
def is_marked(lexicon: Lexicon, synset: int) -> bool:
    """Return whether WordNet marks the synset as slang, archaic, a slur, a trade name or the like."""
    return any(lexicon.name(domain) in _MARKED_USAGE for domain in lexicon.related(synset, "usage_domains"))


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


@cache
def blocked() -> frozenset[str]:
    """Return the words that no attack may put into a question."""
    text = resources.files("robust.attack").joinpath("data/blocked.rot13.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return frozenset(codecs.decode(line, "rot13") for line in lines)
