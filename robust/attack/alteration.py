"""A question made another one: its names, numbers, adjectives or nouns exchanged for others of their kind.

After Jia & Liang 2017, who take antonyms for nouns and adjectives and the nearest word vector for names and
numbers; here names and numbers come from a table by kind, and nouns from WordNet's co-hyponyms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from random import Random

from robust.attack.entities import kind_of_word, table, words_of_kind
from robust.attack.months import month_in_short
from robust.attack.question_parts import Word, Words
from robust.attack.scene import Scene
from robust.attack.vocabulary import LIGHT_VERBS, POINTERS, blocked
from robust.attack.word_facts import usual
from robust.attack.word_files import lines
from robust.words.closed_class import word_set
from robust.words.frequency import capital_share, zipf
from robust.words.inflect import inflect, match_case
from robust.words.lexicon import Lexicon
from robust.words.untouchable import NAME, is_common

_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_CARDINALS = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_ENDINGS = {"st": (21, 31, 41), "nd": (22, 32, 42), "rd": (23, 33, 43), "th": tuple(range(4, 20))}
_LEFT_ALONE = word_set(
    "all many much more most other same own such few little several able different similar certain full main "
    "off on in out up down over only early late later last next good right true real due near"
)
_LEAST_ZIPF = 4.0
# Adjectives with their opposites, where WordNet has none or a poor one.
_OPPOSITES = dict(line.split() for line in lines("opposites.txt"))
# A co-hyponym of an abstract noun is too near to it (variation and transformation, information and meaning),
# and so is one of a place (field and terrain).
_CONCRETE = word_set("noun.person noun.animal noun.plant noun.food noun.body noun.substance noun.artifact")
# A word with a capital in so many of its uses is a name; sets of capitals that stand with "the".
_NAME = 0.9
_WITH_THE = frozenset(("BBC", "FBI", "CIA", "NFL", "NBA", "AFC", "NFC"))
# Who the people of a nationality or faith are: the French, many Muslims.
_PEOPLE = {"nationality": "nationals", "faith": "believers"}
# How many of the most frequent co-hyponyms chance chooses from.
_CHOICE = 3


@cache
def _kept() -> frozenset[str]:
    return frozenset(table("kept"))


def alter(scene: Scene, random: Random) -> tuple[Words, int]:
    """Return the question's words with some exchanged, and how many were.

    All names and numbers, and adjectives with an opposite; a noun only where there is none of these.
    """
    words = _words(scene)
    made: dict[int, str] = {}
    fates: dict[str, str] = {}
    for run in _names(scene):
        made |= _other_name(scene, words, run, random, fates)
    for i in range(len(words)):
        if i not in made and (number := _other_number(scene, words, i, random)):
            made[i] = number
    for i, word in enumerate(words):
        if i not in made and word.tag in ("JJ", "JJR", "JJS") and (other := _opposite(scene, words, i)):
            made[i] = other
    if not made:
        made |= _other_noun(scene, words, random)
    changed = tuple(
        w._replace(text=made[i], lemma=made[i].lower()) if i in made else w for i, w in enumerate(words)
    )
    kept = tuple(word for word in changed if word.text)
    return kept, sum(1 for i, text in made.items() if text != words[i].text)


def _words(scene: Scene) -> Words:
    text, end, found = scene.question.text, 0, []
    for token in scene.tokens:
        found.append(Word(token.text, token.tag, token.lemma, text[end : token.start]))
        end = token.end
    return tuple(found)


def _names(scene: Scene) -> list[list[int]]:
    """Return the runs of tokens that are names."""
    runs: list[list[int]] = []
    for i, token in enumerate(scene.tokens):
        named = token.text[:1].isupper() and (scene.untouchable.get(i) == NAME or token.tag.startswith("NNP"))
        if not named and i and token.text[:1].isupper() and kind_of_word(token.text):
            named = True
        if named and runs and runs[-1][-1] == i - 1:
            runs[-1].append(i)
        elif named:
            runs.append([i])
    return runs


def _other_name(
    scene: Scene, words: Words, run: Sequence[int], random: Random, fates: dict[str, str]
) -> dict[int, str]:
    """Return token index -> what stands there now; "" where a name of several words has become shorter."""
    keep = _kept()
    made: dict[int, str] = {}
    left: list[int] = []
    for i in run:
        text = words[i].text
        month = month_in_short([word.text for word in words], i)
        kind = "month" if month else kind_of_word(text)
        after = words[i + 1].tag if i + 1 < len(words) else ""
        people = i > 0 and words[i - 1].tag in ("DT", "JJ", "CC")
        if kind in _PEOPLE and people and not after.startswith(("NN", "JJ", "CC")):
            made[i] = _fresh(scene, words_of_kind(_PEOPLE[kind]), text, random, fates)  # the French
        elif kind == "letters":
            made |= _other_letters(scene, words, i, random, fates)
        elif kind and kind != "first name":
            others = [one for one in words_of_kind(kind) if one != month]
            made[i] = _fresh(scene, others, text, random, fates)
        elif re.fullmatch("[IVX]+", text) or (len(run) == 1 and i and _is_common_name(words, i)):
            continue
        elif text not in keep or len(run) == 1:
            left.append(i)
    if len(run) == 1 and left and words[left[0]].text in keep:
        return made
    for place, i in enumerate(left):
        text = words[i].text
        if kind_of_word(text) == "first name" and len(left) > 1:
            made[i] = _fresh(scene, words_of_kind("first name"), text, random, fates)
        elif len(text) > 1 and text.isupper() and text.isalpha():
            made |= _other_letters(scene, words, i, random, fates)
        elif place < 2:
            made[i] = _fresh(scene, table("invented name"), text, random, fates)
        else:
            made[i] = ""
    return made


def _is_common_name(words: Words, i: int) -> bool:
    """Tell whether a name is a thing of which there are many: *a Directive*, *an MSP*."""
    text = words[i].text
    if words[i - 1].text.lower() not in ("a", "an", "many", "each", "every", "any"):
        return False
    noun = i + 1 < len(words) and words[i + 1].tag.startswith(("NN", "JJ"))
    return not noun and (text.isupper() or (is_common(text.lower()) and capital_share(text.lower()) < _NAME))


def _other_letters(
    scene: Scene, words: Words, i: int, random: Random, fates: dict[str, str]
) -> dict[int, str]:
    """Return another set of capitals that goes with the article before it, or with none: the FBI, NASA."""
    after = words[i + 1].tag if i + 1 < len(words) else ""
    article = words[i - 1].text.lower() if i else ""
    if after.startswith(("NN", "JJ")):  # the NASA author
        choice = table("known letters")
    elif article in ("a", "an"):
        return {}
    else:
        choice = tuple(one for one in table("known letters") if (one in _WITH_THE) == (article == "the"))
    return {i: _fresh(scene, choice, words[i].text, random, fates)}


def _fresh(scene: Scene, kind: Sequence[str], text: str, random: Random, fates: dict[str, str]) -> str:
    """Return another of the kind, one that neither question nor paragraph has; the same for the same name."""
    if text not in fates:
        around = scene.question.context + scene.question.text
        taken = set(fates.values())
        choice = [one for one in kind if one not in around and one not in taken and one != text]
        fates[text] = random.choice(choice or [one for one in kind if one != text])
    return fates[text]


def _other_number(scene: Scene, words: Words, i: int, random: Random) -> str:
    """Return another number in the form of this one, "" where it is none."""
    text = words[i].text
    lower = text.lower()
    for row in (_ORDINALS, _CARDINALS):
        if lower in row and (row is _CARDINALS or words[i].tag == "JJ"):
            return match_case(random.choice([one for one in row if one != lower]), text)
    digits = re.search(r"\d[\d,]*", text)
    if digits is None:
        return ""
    follows = words[i + 1] if i + 1 < len(words) else None
    ending = text[digits.end() :] or (follows.text if follows and not follows.gap else "")  # the 1950's
    for _ in range(8):
        other = text[: digits.start()] + _shifted(digits[0], ending, random) + text[digits.end() :]
        if other != text and other not in scene.question.context:
            return other
    return ""


def _shifted(digits: str, after: str, random: Random) -> str:
    value = int(digits.replace(",", ""))
    if (ending := after[:2].lower()) in _ENDINGS:  # 19th -> 16th, 22nd -> 32nd
        return str(random.choice([n for n in _ENDINGS[ending] if n != value]))
    if after.lstrip("'’").startswith("s"):
        return str(value + 10 * random.choice((-4, -3, -2, 2, 3)))
    if len(digits) == 4 and 1000 <= value <= 2100:
        return str(value - random.randint(3, 40))
    other = max(2, value + random.choice((-1, 1)) * random.randint(2, max(3, value // 3)))
    return f"{other:,}" if "," in digits else str(other)


def _opposite(scene: Scene, words: Words, i: int) -> str:
    word = words[i]
    after = words[i + 1] if i + 1 < len(words) else None
    if i and words[i - 1].text.lower() == "how":
        return ""
    if (
        after is None
        or after.tag in ("IN", "TO", "WDT", "WP", "MD")
        or (word.tag == "JJR" and after.text != "than")
    ):
        return ""  # it governs what follows: known as, like these
    lemma = word.lemma.lower()
    if lemma in _LEFT_ALONE or word.text[0].isupper():
        return ""
    other = _OPPOSITES.get(lemma) or _antonym(scene.lexicon, lemma)
    form = inflect(other, word.tag) if other else None
    return form or ""


@lru_cache(maxsize=20_000)
def _antonym(lexicon: Lexicon, lemma: str) -> str:
    """Return the antonym of an adjective's first sense, "" where it has none that is in use."""
    senses = lexicon.senses(lemma, "a")
    found = lexicon.antonyms(lemma, senses[0]) if senses else ()
    return next((one.lower() for one in found if one.isalpha() and zipf(one.lower()) >= _LEAST_ZIPF), "")


def _other_noun(scene: Scene, words: Words, random: Random) -> dict[int, str]:
    """Return one noun's place and another noun for it, {} where no noun has one."""
    for i in reversed(range(len(words))):  # what is said last is what tells the question from others
        word = words[i]
        if i and words[i - 1].tag in ("NN", "NNP", "NNS"):
            continue  # of a compound
        if word.tag not in ("NN", "NNS") or i in scene.untouchable or word.lemma in POINTERS or i == 0:
            continue
        if words[i - 1].tag in ("WDT", "WP", "WP$") or words[i - 1].text.lower() in (
            "many",
            "much",
            "what",
            "which",
        ):
            continue
        choice = [
            form
            for form in cohyponyms(scene.lexicon, word.lemma, word.tag)
            if form not in scene.lemmas
            and form not in scene.answer_words
            and form not in scene.question.context.lower()
        ]
        if choice:
            return {i: random.choice(choice[:_CHOICE])}
    return {}


@lru_cache(maxsize=20_000)
def cohyponyms(lexicon: Lexicon, lemma: str, tag: str) -> tuple[str, ...]:
    """Return nouns that are of the same kind as the noun in its first sense, and none of its synonyms.

    Forms for the tag, the most frequent first; each in its own first sense, antonyms before others.
    """
    senses = lexicon.senses(lemma, "n")
    if not senses or usual(lexicon, lemma, "n") < 0.5:
        return ()
    own = {name.lower() for sense in senses for name in lexicon.lemmas(sense)}
    antonyms = [one.lower() for one in lexicon.antonyms(lemma, senses[0])]
    near = {
        n.lower()
        for s in senses
        for kind in ("hypernyms", "hyponyms")
        for r in lexicon.related(s, kind)
        for n in lexicon.lemmas(r)
    }
    found: list[str] = []
    concrete = lexicon.lexname(senses[0]) in _CONCRETE
    for parent in lexicon.related(senses[0], "hypernyms") if concrete else ():
        for child in lexicon.related(parent, "hyponyms"):
            if child == senses[0]:
                continue
            name = lexicon.lemmas(child)[0]
            if name.isalpha() and name.islower() and lexicon.senses(name, "n")[:1] == (child,):
                found.append(name)
    found.sort(key=lambda name: -zipf(name))
    forms = []
    for name in [*antonyms, *found]:
        if (
            name.endswith(("ed", "ive"))
            or name in own
            or name in near
            or name in blocked()
            or name in LIGHT_VERBS
            or capital_share(name) > 0.5
        ):
            continue
        if zipf(name) < _LEAST_ZIPF or usual(lexicon, name, "n") < 0.7:
            continue
        form = inflect(name, tag)
        if form:
            forms.append(form)
    return tuple(dict.fromkeys(forms))
