"""The names, dates and numbers of a question, by kind, and what else of the kind could stand there.

Kinds are told by tables (data/names.txt), by what stands beside a name (*King*, *Lake*, *University*)
and by its shape; a name of which none of these says anything is ``other``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from random import Random

from robust.attack.months import MONTHS, full_month, month_in_short
from robust.attack.scene import Scene
from robust.attack.word_files import sections
from robust.words.closed_class import word_set
from robust.words.frequency import capital_share
from robust.words.tokens import Token
from robust.words.untouchable import NAME, QUOTATION, is_common

KINDS = ("person", "place", "date", "number", "nationality", "other")
_GROUP = {
    **dict.fromkeys(("first name", "person", "surname", "ruler"), "person"),
    **dict.fromkeys(("country", "city", "state", "continent", "river", "union", "union letters"), "place"),
    **dict.fromkeys(("year", "decade", "century", "month", "weekday"), "date"),
    **dict.fromkeys(("number", "fraction"), "number"),
    **dict.fromkeys(("nationality", "nationals"), "nationality"),
    **dict.fromkeys(("letters", "plural", "religion", "believers", "faith", "other"), "other"),
}
# looked up in this order: Georgia is a state, Victoria a first name
_TABLES = (
    *("month", "weekday", "country", "state", "city", "continent", "river", "union", "union letters"),
    *("nationality", "nationals", "religion", "believers", "faith"),
)
# Kinds of which one word may stand for another, inside a longer name too.
_WORD_KINDS = (
    *("nationality", "faith", "nationals", "believers", "month", "weekday", "country", "state", "city"),
    *("continent", "region", "first name", "letters"),
)
_TITLES = word_set(
    "president dr. mr. mrs. ms. sir lord lady general colonel captain admiral professor prof. bishop senator "
    "archbishop governor judge justice minister chancellor cardinal commissioner"
)
_RULERS = word_set("king queen emperor empress prince princess duke pope sultan tsar czar saint st. count")
_BEFORE_PLACE = word_set("lake mount fort port cape camp mt. ft.")
_DIRECTIONS = word_set(
    "north south east west northern southern eastern western central new upper lower greater"
)
_PARTICLES = word_set("de y von van der la le bin ibn al el del di da du dos")
_BEFORE_CITY = word_set("san santa los las new el la st. saint são porto rio tel")
_EVERYDAY = word_set("TV HD DVD CD DNA RNA BC AD BCE CE AM PM ID PC OK GDP")
_ROMAN = re.compile(r"(?:I{1,3}|IV|VI{0,3}|IX|XI{0,3}|XIV|XVI{0,3})\Z")
_NUMBER_WORDS = (
    *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "fifteen"),
    *("twenty", "thirty", "forty"),
)
# "Other than California, which state ...": another name there leaves the answer right
_EXCEPTIONS = word_set("besides than except along addition aside apart excluding unlike like such")
# What a nationality is a part of: what is true of the one may be of the other.
_CONTINENTAL = ("European", "African", "Asian", "Europeans", "Africans", "Asians")
_COUNTED = word_set("many several most some few all two three four five six these those both various")
_TRIES = 60
_MOSTLY = 0.9  # a word with a capital in so many of its uses is a name


@dataclass(frozen=True, slots=True)
class Entity:
    """The tokens ``first`` to ``last`` name something of ``kind``; ``group`` is the kind of ``KINDS``."""

    first: int
    last: int
    kind: str

    @property
    def group(self) -> str:
        """The coarse kind, one of ``KINDS``."""
        return _GROUP[self.kind]


def table(kind: str) -> tuple[str, ...]:
    """Return the names of a kind of data/names.txt, or the months."""
    return MONTHS if kind == "month" else sections("names.txt")[kind]


@cache
def words_of_kind(kind: str) -> tuple[str, ...]:
    """Return the names of a kind that are one word."""
    return tuple(name for name in table(kind) if " " not in name)


@cache
def kind_of_word(word: str) -> str:
    """Return the kind of one word of a name by the tables ("country", "first name"), "" where none has it.

    Words that are only known (the tables "known ...") are of the kind too, but never put anywhere.
    """
    for kind in _WORD_KINDS:
        if word in words_of_kind(kind) or word in sections("names.txt").get(f"known {kind}", ()):
            return kind
    return ""


@cache
def _members(kind: str) -> frozenset[str]:
    return frozenset(table(kind))


def entities(scene: Scene) -> Iterator[Entity]:
    """Yield the names, dates and numbers of the question in its order, none in a quotation."""
    tokens = scene.tokens
    i = 0
    while i < len(tokens):
        reason = scene.untouchable.get(i)
        if reason == NAME and _written_as_name(tokens[i]):
            last = i
            while last + 1 < len(tokens) and _goes_on(scene, last + 1):
                last += 1
            found = None if _is_part(scene, i, last) else _named(scene, i, last)
            if found is not None:
                yield found
            i = last
        elif reason != QUOTATION and (kind := _counted(tokens, i)):
            yield Entity(i, i, kind)
        i += 1


def excepted(tokens: Sequence[Token], entity: Entity) -> bool:
    """Say whether an entity is only set aside: *other than California*."""
    return any(t.text.lower() in _EXCEPTIONS for t in tokens[max(0, entity.first - 4) : entity.first])


def _written_as_name(token: Token) -> bool:
    return token.text[0].isupper() and token.text.replace(".", "").replace("'", "").isalpha()


def _goes_on(scene: Scene, i: int) -> bool:
    gap = scene.question.text[scene.tokens[i - 1].end : scene.tokens[i].start]
    return gap == " " and scene.untouchable.get(i) == NAME and _written_as_name(scene.tokens[i])


def _is_part(scene: Scene, first: int, last: int) -> bool:
    """Say whether a name goes on: *Abu Hamza al-Masri*, *Jeronimo de Ayanz*, *Sky+HD*."""
    tokens, text = scene.tokens, scene.question.text
    for i, gap in ((first - 1, tokens[first].start - 1), (last + 1, tokens[last].end)):
        if 0 <= gap < len(text) and text[gap] in "+:-/&_@#":
            return True
        inside = 0 <= i < len(tokens)
        if inside and scene.untouchable.get(i) == NAME and not _written_as_name(tokens[i]):
            return True
        if inside and tokens[i].text.lower() in _PARTICLES:
            return True
    return False


def several(tokens: Sequence[Token], entity: Entity) -> bool:
    """Say whether an entity is one of several: *England and Germany*; the answer may hold for one."""
    before = tokens[entity.first - 1].text.lower() if entity.first else ""
    after = tokens[entity.last + 1].text.lower() if entity.last + 1 < len(tokens) else ""
    return bool({before, after} & {"and", "or", "&", "/", "between", "nor"})


def _counted(tokens: Sequence[Token], i: int) -> str:
    """Return the kind of a token that is a date or number, else ""."""
    word = tokens[i].text
    after = tokens[i + 1].text.lower() if i + 1 < len(tokens) else ""
    before = tokens[i - 1].text.lower() if i else ""
    if re.fullmatch(r"1[0-9]\d\d|20[012]\d", word) and before not in ("$", "£", "€") and after != "percent":
        return "year"
    if re.fullmatch(r"(?:1\d|20)\d0s", word):
        return "decade"
    if re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)", word) and after in ("century", "centuries"):
        return "century"
    if word == "half" and after == "of" and tokens[i - 1].tag not in ("DT", "JJ"):
        return "fraction"
    plural = i + 1 < len(tokens) and tokens[i + 1].tag in ("NNS", "JJ", "NN")
    if word in _NUMBER_WORDS and plural and before not in ("and", "or", "hundred", "times"):
        return "number"
    return "number" if re.fullmatch(r"[1-9]\d{1,2}(?:,\d{3})*|[2-9]", word) else ""


def _named(scene: Scene, first: int, last: int) -> Entity | None:  # noqa: PLR0911, PLR0912 (a line a kind)
    """Return the part of a name that is to be swapped, with its kind; None where it is not clear."""
    tokens = scene.tokens
    words = [token.text for token in tokens[first : last + 1]]
    if len(words) == 1 and month_in_short([token.text for token in tokens], first):
        return Entity(first, last, "month")
    if words[-1].lower() in _TITLES | _RULERS | {"de", "of"}:
        return None
    if len(words) > 1 and words[0].lower() in _TITLES:
        return Entity(first + 1, last, "surname" if len(words) == 2 else "person")
    if len(words) > 1 and words[0].lower() in _RULERS:
        plain = len(words) == 2 or (len(words) == 3 and _ROMAN.match(words[2]))
        return Entity(first + 1, first + 1, "ruler") if plain else None
    if len(words) > 1 and _ROMAN.match(words[-1]):
        return None if any(_common(w) for w in words[:-1]) else Entity(first, last - 1, "ruler")
    if len(words) > 1 and words[0].lower() in _BEFORE_PLACE:
        return Entity(first + 1, last, "other")
    if len(words) == 2 and words[0].lower() in _BEFORE_CITY and not _common(words[1]):
        return Entity(first, last, _table_of(" ".join(words)) or "city")
    if len(words) > 1 and words[0].lower() in _DIRECTIONS:
        rest = _table_of(" ".join(words[1:]))
        return Entity(first + 1, last, rest) if rest else None
    if kind := _table_of(" ".join(words)):
        # "the first European", "compared to Chinese": what the table has are adjectives
        after = tokens[last + 1].tag if last + 1 < len(tokens) else ""
        noun = kind in ("nationality", "faith") and first
        return None if noun and not after.startswith(("NN", "JJ")) else Entity(first, last, kind)
    if len(words) == 1:
        return _single(scene, first)
    if words[0] in _members("first name") and not _common(words[-1]):
        return Entity(first, last, "person")
    if all(_common(w) for w in words):  # "the Grand Canal": no word of it is its own
        return None
    if (_common(words[-1]) and words[-1] != "Khan") or tokens[
        last
    ].tag == "NNPS":  # a war, a university, a league
        kind = _table_of(" ".join(words[:-1]))
        return Entity(first, last - 1, kind or "other")
    before = tokens[first - 1].text.lower() if first else ""
    if before in _COUNTED or _table_of(words[0]) in ("nationality", "faith"):  # many Spanish Catholic
        return None
    article = before == "the"
    if not article and len(words) <= 3 and not any(_common(w) for w in words):
        return Entity(first, last, "person")
    return Entity(first, last, "other") if article else None


def _single(scene: Scene, i: int) -> Entity | None:  # noqa: PLR0911 (a line a kind)
    token = scene.tokens[i]
    word = token.text
    before = scene.tokens[i - 1].text.lower() if i else ""
    if word.isupper() and len(word) > 1:
        return None if _ROMAN.match(word) or len(word) > 5 or word in _EVERYDAY else Entity(i, i, "letters")
    if before[:1].isdigit():  # 34 Mya
        return None
    if before in _TITLES or _is_surname(scene.question.context, word):
        return Entity(i, i, "surname")
    if word in _members("first name"):
        return Entity(i, i, "first name")
    if _common(word) or word.endswith(("ist", "ism", "ists")):
        return None
    if token.tag == "NNPS" or (word.endswith("s") and before == "the"):
        return Entity(i, i, "plural")
    if word.lower().startswith(("wh", "how")) and not i:  # a question word run into the next
        return None
    if token.tag not in ("NNP", "NN") or len(word) < 3:
        return None
    return Entity(i, i, "other")


def _common(word: str) -> bool:
    """Say whether a word is ordinary English that is mostly written without a capital."""
    return is_common(word.lower()) and capital_share(word.lower()) < _MOSTLY


def _table_of(name: str) -> str:
    return next((kind for kind in _TABLES if name in _members(kind)), "")


@lru_cache(maxsize=4096)
def _is_surname(context: str, word: str) -> bool:
    """Say whether the paragraph has the word after a first name: *Joseph Priestley*."""
    found = re.findall(rf"\b([A-Z][a-z]+) {re.escape(word)}\b", context)
    return any(name in _members("first name") for name in found)


def others(scene: Scene, entity: Entity, random: Random, most: int) -> list[str]:
    """Return up to ``most`` other names, dates or numbers of the kind, none of them in the paragraph.

    No word of them stands in the paragraph, the question or an answer, as letters or as digits.
    """
    text = " ".join(token.text for token in scene.tokens[entity.first : entity.last + 1])
    taken = paragraph_words(scene.question.context) | scene.lemmas | scene.answer_words
    found: dict[str, None] = {}
    for _ in range(_TRIES):
        name = _draw(entity.kind, text, random)
        if (
            name
            and taken.isdisjoint(name.removeprefix("a ").lower().split())
            and not taken & _as_digits(name)
        ):
            found[name] = None
        if len(found) == most:
            break
    return list(found)


@lru_cache(maxsize=64)
def paragraph_words(context: str) -> frozenset[str]:
    """Return the lower-case words and numbers of a paragraph, with commas in numbers and without."""
    words = re.findall(r"[^\W_]+(?:[.,]\d+)*", context)
    months = (full_month(word).lower() for word in words)  # a paragraph with Sept has September
    lower = frozenset(word.lower() for word in words)
    return lower | {word.replace(",", "") for word in lower} | {month for month in months if month}


def _as_digits(name: str) -> frozenset[str]:
    if name in _NUMBER_WORDS[:11]:
        return frozenset((str(_NUMBER_WORDS.index(name) + 2),))
    if name.isdigit() and 2 <= int(name) <= 12:
        return frozenset((_NUMBER_WORDS[int(name) - 2],))
    return frozenset((name.replace(",", ""),))


def _draw(kind: str, text: str, random: Random) -> str:  # noqa: PLR0911 (a line a kind)
    """Return one name of the kind, or "" where the draw was no good."""
    if kind == "year":
        year = int(text) + random.choice((-1, 1)) * random.randint(3, 60)
        return str(year) if 1000 <= year <= 2019 else ""
    if kind == "decade":
        decade = int(text[:-1]) + 10 * random.choice((-1, 1)) * random.randint(2, 8)
        return f"{decade}s" if 1000 <= decade <= 2010 else ""
    if kind == "century":
        number = random.randint(4, 20)
        return "" if f"{number}th" == text else f"{number}th"
    if kind == "fraction":
        return random.choice(("a third", "a quarter", "a fifth"))
    if kind == "number":
        if text in _NUMBER_WORDS:
            return random.choice(_NUMBER_WORDS)
        drawn = [c if not c.isdigit() else str(random.randint(0, 9)) for c in text]
        drawn[0] = str(random.randint(2, 9))
        return "".join(drawn)
    if kind == "month":
        month = random.choice(MONTHS)
        return month if month != full_month(text) else ""
    choice = table(kind)
    if kind in ("nationality", "nationals"):
        choice = tuple(name for name in choice if (name in _CONTINENTAL) == (text in _CONTINENTAL))
    name = random.choice(choice)
    return name if name != text else ""
