"""An invented answer to a question, of the kind that its question word, noun and gold answer ask for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from random import Random

from robust.attack.entities import table
from robust.attack.months import MONTHS
from robust.attack.question_parts import QuestionParts, Unfit, Word, Words, phrase
from robust.attack.word_files import lines, rows
from robust.words.closed_class import word_set

_OF = word_set("city town village country state province region county island continent")
_SIZES = {
    "old": "years old",
    "tall": "metres tall",
    "high": "metres high",
    "wide": "metres wide",
    "deep": "metres deep",
}
_LENGTHS = r"mile|km|feet|met"
_COSTS = word_set("cost pay spend earn charge sell invest donate raise worth")
_PREPOSED = re.compile(r"(?i)(in|on|at|by|from|during|since|for|to|with|around|about|of)\b")


# Answers whose kind is called otherwise in the table of names.
_NAMES = {"place": "city", "name": "invented name", "people": "nationals"}


def _invented(kind: str) -> tuple[str, ...]:
    """Return the answers of a kind: names from the table of all names, others from our own."""
    own = rows("fake_answers.txt")
    return own[kind] if kind in own else table(_NAMES.get(kind, kind))


@cache
def _kind_of() -> dict[str, str]:
    """Return the noun that is asked for -> the kind of its answer."""
    pairs = (line.partition(":") for line in lines("asked_nouns.txt"))
    return {noun: kind for kind, _, nouns in pairs for noun in nouns.split()}


class FakeAnswers:
    """Draws answers that are in neither question nor paragraph and share no word with a gold answer."""

    def __init__(
        self, random: Random, context: str, golds: Sequence[str], answer_words: frozenset[str]
    ) -> None:
        self._random = random
        self._context = context.lower()
        self._gold = golds[0] if golds else ""
        self._words = answer_words

    def draw(self, kind: str) -> str:
        """Return an invented answer of a kind; Unfit where the paragraph has them all."""
        choice = [one for one in _invented(kind) if self._new(one)]
        if not choice:
            raise Unfit("no answer of that kind left")
        return self._random.choice(choice)

    def _new(self, text: str) -> bool:
        lower = text.lower()
        if kind_words := [w for w in lower.split() if w not in ("the", "a", "of", "with", "by")]:
            return lower not in self._context and self._words.isdisjoint(kind_words)
        return False

    def year(self) -> str:
        """Return a year near that of the gold answer, or of the last centuries."""
        found = re.search(r"\b1\d{3}\b|\b20\d\d\b", self._gold)
        for _ in range(50):
            year = str(
                int(found[0]) - self._random.randint(3, 60) if found else self._random.randint(1720, 1990)
            )
            if year not in self._context and year not in self._words:
                return year
        raise Unfit("no answer of that kind left")

    def number(self) -> str:
        """Return a number of the gold answer's size."""
        found = re.search(r"\d[\d,]*", self._gold)
        size = len(found[0].replace(",", "")) if found else self._random.choice((2, 2, 3))
        for _ in range(50):
            low = 10 ** (size - 1) if size > 1 else 3
            value = self._random.randrange(low, 10 * low if size > 1 else 10)
            text = f"{value:,}" if value > 9999 or (found and "," in found[0]) else str(value)
            if text not in self._context and text not in self._words:
                return text
        raise Unfit("no answer of that kind left")

    def answer(self, asked: QuestionParts) -> tuple[Words, bool]:
        """Return the answer's words and whether they are an adverbial ("in 1742"); Unfit where none fits."""
        fronted = "".join(word.text.lower() for word in asked.preposition)
        if asked.wh in ("when", "where", "why", "how"):
            return phrase(self._adverbial(asked)), True
        words = self._noun_phrase(asked)
        if fronted:
            return (Word(fronted, "IN", fronted, " "), *words), True
        head = asked.noun[-1].lemma.lower() if asked.noun else ""
        if (
            asked.wh in ("what", "which")
            and head in ("year", "century", "decade", "month")
            and not asked.in_place
        ):
            subject = (
                asked.rest
                and asked.rest[0].tag in ("VBD", "VBZ")
                and asked.rest[0].lemma not in ("be", "do", "have")
            )
            if not subject and not (asked.rest and asked.rest[-1].tag in ("IN", "TO")):
                return (Word("in", "IN", "in", " "), *words), True
        return words, False

    def _adverbial(self, asked: QuestionParts) -> str:
        if asked.wh == "when":
            if re.search(r"\b\d{1,2}\b.*\b\d{4}\b|[A-Z][a-z]+ \d", self._gold):
                return f"on {self._random.choice(MONTHS)} {self._random.randint(2, 28)}, {self.year()}"
            return f"in {self.year()}"
        if asked.wh == "where":
            return f"in {self.draw('place')}"
        if asked.wh == "why":
            return self.draw("reason")
        return self.draw("manner")

    def _noun_phrase(  # noqa: PLR0911 (one line a kind reads best)
        self, asked: QuestionParts
    ) -> Words:
        match asked.wh.split():
            case ["who" | "whom"]:
                if asked.rest and asked.rest[0].text.lower() in ("are", "were") and not asked.preposition:
                    return phrase(f"{self.draw('person')} and {self.draw('person')}")
                return phrase(self.draw("person"))
            case ["whose"]:
                owner = self.draw("surname")
                return (*phrase(owner), Word("'s", "POS", "'s", ""), *asked.noun)
            case ["how", "many"]:
                number = Word(self.number(), "CD", "", " ")
                return (number, *(asked.noun or phrase("people")))
            case ["how", "much"]:
                if asked.noun and asked.noun[0].lemma in ("percentage", "percent", "time"):
                    raise Unfit("a degree no rule knows")
                if (
                    not asked.noun
                    and "$" not in self._gold
                    and not any(w.lemma in _COSTS for w in asked.rest)
                ):
                    raise Unfit("a degree no rule knows")
                if "$" in self._gold or not asked.noun or asked.noun[0].lemma in ("money", "cash"):
                    return phrase(f"{self.number()} million dollars")
                return (*phrase(f"{self.number()} tonnes of"), *asked.noun)
            case ["how", size]:
                return phrase(self._amount(asked, size))
        if asked.noun:
            return self._named(asked)
        return phrase(self._by_gold(asked))

    def _amount(self, asked: QuestionParts, size: str) -> str:
        be = bool(asked.rest) and asked.rest[0].lemma == "be"
        number = self._random.randint(13, 96)
        if size in _SIZES and be:
            return f"{number} {_SIZES[size]}"
        if size == "long":
            if be and not re.search(_LENGTHS, self._gold) and not any(w.tag == "VBN" for w in asked.rest):
                raise Unfit("a degree no rule knows")
            return f"{number} miles long" if be and re.search(_LENGTHS, self._gold) else f"for {number} weeks"
        if size == "often":
            return f"every {self._random.choice(('five', 'nine', 'eleven'))} weeks"
        if size == "far" and not be:
            return f"{number} miles"
        raise Unfit("a degree no rule knows")

    def _named(  # noqa: PLR0912, PLR0911 (one line a kind reads best)
        self, asked: QuestionParts
    ) -> Words:
        """Return the answer to what/which with a noun: the city of Oslo, the Halden division."""
        noun = asked.noun
        of = next((i for i, word in enumerate(noun) if word.text.lower() == "of"), len(noun))
        head = noun[of - 1] if of else noun[-1]
        lemma = head.lemma.lower()
        plural = head.tag in ("NNS", "NNPS")
        after = noun[of:]
        if lemma in ("percentage", "percent", "proportion"):
            return (*phrase(f"{self._random.randint(11, 94)} percent"), *after)
        if lemma in ("year", "date", "day"):
            if lemma == "year":
                return phrase(self.year())
            return phrase(f"{self._random.choice(MONTHS)} {self._random.randint(2, 28)}")
        if lemma == "century":
            return phrase(f"the {self._random.choice((4, 5, 6, 7, 8, 9, 11, 13, 14))}th century")
        if lemma == "decade":
            return phrase(f"the {self._random.choice((1830, 1840, 1870, 1890))}s")
        if lemma == "month":
            return phrase(self.draw("month"))
        if lemma in ("number", "amount"):
            return phrase(self.number())
        if lemma in ("nationality", "ethnicity"):
            return phrase(self.draw("nationality"))
        if lemma in ("type", "kind", "sort", "form") and after:
            return (*phrase("the"), *phrase(self.draw("name")), *noun)
        kind = _kind_of().get(lemma, "")
        if kind == "person":
            if plural and any(word.tag == "CD" for word in noun):
                raise Unfit("so many persons")
            if plural:
                return (*phrase("the"), *noun, *phrase(f"{self.draw('person')} and {self.draw('surname')}"))
            return (
                (*phrase("the"), *noun, *phrase(self.draw("person")))
                if not after
                else phrase(self.draw("person"))
            )
        if lemma in _OF and not plural and not after:
            return (*phrase("the"), *noun, *phrase(f"of {self.draw(kind)}"))
        if kind and not plural and kind not in ("work", "organisation", "name"):
            return phrase(self.draw(kind))
        first = 0  # the two Halden shows
        while first < len(noun) - 1 and (noun[first].tag in ("CD", "JJS") or noun[first].lemma == "other"):
            first += 1
        return (*phrase("the"), *noun[:first], *phrase(self.draw("name")), *noun[first:])

    def _by_gold(  # noqa: PLR0911 (one line a kind reads best)
        self, asked: QuestionParts
    ) -> str:
        """Return an answer to a bare what/which, of the gold answer's shape."""
        head = ""
        if asked.rest and asked.rest[0].lemma == "be":  # What is the name of ..., What was the capital ...
            nouns = [w for w in asked.rest[1:7] if w.tag in ("NN", "NNS")]
            head = nouns[0].lemma if nouns else ""
        kind = _kind_of().get(head, "")
        gold = _PREPOSED.sub("", self._gold, count=1).strip()
        if re.fullmatch(r"\d{4}", gold):
            return self.year()
        if re.search(r"\d", gold):
            return (
                re.sub(r"\d[\d,.]*\d|\d", self.number(), gold, count=1)
                if len(gold.split()) <= 3 and not re.search(r"\d.*\D.*\d", gold)
                else self.number()
            )
        if kind and kind != "name":
            return self.draw(kind)
        words = gold.split()
        if words and all(w[0].isupper() for w in words if len(w) > 3) and any(w[0].isupper() for w in words):
            return self.draw("name") if len(words) == 1 else self.draw("organisation")
        if kind:
            return self.draw(kind)
        verb = asked.rest[0].text.lower() if asked.rest else ""
        subject = not any(word.lemma == "do" for word in asked.rest[:1])
        if verb in ("are", "were") or (
            not subject and words and words[-1].endswith("s") and not words[-1].endswith("ss")
        ):
            return self.draw("things")
        if words and words[0].lower() in ("a", "an", "the"):
            return self.draw("thing")
        if words and words[0].endswith("ing") and len(words) > 1:
            return self.draw("action")
        return self.draw("stuff")
