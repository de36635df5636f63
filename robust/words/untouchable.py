"""Which words of a question must stay as they are, and why.

Exchanging a name, a number, a quotation, a word of the answer, a function word or half of an expression
changes what is asked; each such word is listed with the reason, and attacks count rejections by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from robust.squad.metric import normalise_answer
from robust.words.closed_class import CLOSED, OPEN_TOO, word_set
from robust.words.inflection_table import readings_by_form
from robust.words.lemmatise import lemmatise
from robust.words.lexicon import Lexicon
from robust.words.multiword import expressions
from robust.words.stopwords import STOP_WORDS
from robust.words.tokens import Token, coarse, forms

MARK = "mark"
QUESTION_WORD = "question word"
STOP_WORD = "stop word"
QUOTATION = "quotation"
NUMBER = "number"
NAME = "name"
ANSWER_WORD = "answer word"
MULTI_WORD = "multi-word expression"
UNKNOWN = "unknown word"
REASONS = (MARK, QUESTION_WORD, STOP_WORD, QUOTATION, NUMBER, NAME, ANSWER_WORD, MULTI_WORD, UNKNOWN)

_WH_TAGS = frozenset(("WDT", "WP", "WP$", "WRB"))
_WH = word_set(
    """
    what which who whom whose when where why how whatever whichever whoever
    """
)
_DEGREE_AFTER_HOW = frozenset(("JJ", "RB", "JJR", "RBR"))
_FUNCTION_TAGS = word_set(
    """
    IN DT PDT PRP PRP$ POS EX TO CC MD RP UH
    """
)
# Verbs and adjectives in form that work as prepositions: "according to", "including", "prior to".
_PREPOSITIONS = frozenset(("according", "concerning", "considering", "including", "regarding"))
_BEFORE_TO = frozenset(("due", "owing", "prior", "thanks", "next", "close"))
_ORDINALS = word_set(
    """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
    fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth hundredth
    thousandth once twice thrice half quarter dozen hundreds thousands millions billions dozens
    """
)
_UNITS = frozenset(("noun.quantity", "noun.time"))
_OPENING, _CLOSING = "“‘«", {"“": "”", "‘": "’", "«": "»"}
_QUOTES = frozenset((*_OPENING, '"', "'"))


def untouchable(
    question_text: str, tokens: Sequence[Token], answers: Sequence[str], context: str
) -> dict[int, str]:
    """Return token index -> reason for every word that no attack may exchange; the first reason that holds.

    ``tokens`` are the tagged tokens of ``question_text``; ``answers`` every gold answer's text (none for an
    unanswerable question); ``context`` the paragraph, whose capitals tell names from common words.
    """
    quoted = list(quotations(question_text))
    answer = answer_words(tuple(answers))
    within = {i for expression in expressions(tokens) for i in expression}
    reasons: dict[int, str] = {}
    for i, token in enumerate(tokens):
        alone = _reason_alone(token.text, token.tag, token.lemma)
        reason = ""
        if alone in (MARK, QUESTION_WORD):
            reason = alone
        elif i and _asks_degree(tokens, i):
            reason = QUESTION_WORD
        elif alone == NUMBER or (i and _is_counted(tokens, i)):
            reason = NUMBER
        elif quoted and any(start <= token.start and token.end <= end for start, end in quoted):
            reason = QUOTATION
        elif alone == STOP_WORD or _leads_to(tokens, i):
            reason = STOP_WORD
        elif is_name(token, i, tokens, context):
            reason = NAME
        elif token.lemma in answer or token.text.lower() in answer:
            reason = ANSWER_WORD
        elif i in within:
            reason = MULTI_WORD
        elif alone:
            reason = UNKNOWN
        if reason:
            reasons[i] = reason
    return reasons


@lru_cache(maxsize=50_000)
def _reason_alone(text: str, tag: str, lemma: str) -> str:
    """Return the first reason that holds for a word wherever it stands, or ""; most words come again."""
    lower = text.lower()
    if not any(c.isalnum() for c in text):
        return MARK
    if tag in _WH_TAGS or lower in _WH:
        return QUESTION_WORD
    if _is_numeral(text, tag):
        return NUMBER
    if (
        tag in _FUNCTION_TAGS
        or lower in STOP_WORDS
        or lemma in ("be", "have", "do")
        or lower in _PREPOSITIONS
    ):
        return STOP_WORD
    return "" if coarse(tag) and _known(lower, lemma) else UNKNOWN


def quotations(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each quoted stretch; a double mark that is never closed quotes to the end."""
    if _QUOTES.isdisjoint(text):
        return
    opened, mark = -1, ""
    for i, c in enumerate(text):
        before = text[i - 1] if i else " "
        after = text[i + 1] if i + 1 < len(text) else " "
        if opened < 0:
            if (c == '"' or c in _OPENING) or (c == "'" and not before.isalnum() and after.isalnum()):
                opened, mark = i, _CLOSING.get(c, c)
        elif c == mark and not (c in "'’" and (before.isspace() or after.isalnum())):
            yield opened, i + 1
            opened = -1
    if opened >= 0 and mark in ('"', "”", "»"):
        yield opened, len(text)


@lru_cache(maxsize=4096)
def answer_words(answers: tuple[str, ...]) -> frozenset[str]:
    """Return the words of all answers as the metric normalises them, with every lemma they may have."""
    words: set[str] = set()
    for answer in dict.fromkeys(answers):
        for form in forms(answer):
            words |= _answer_forms(form)
        words.update(normalise_answer(answer).split())
    return frozenset(word for word in words if word not in STOP_WORDS)


@lru_cache(maxsize=20_000)
def _answer_forms(form: str) -> frozenset[str]:
    lower = form.lower()
    return frozenset((lower, *normalise_answer(form).split(), *_all_lemmas(lower)))


@lru_cache(maxsize=100_000)
def _all_lemmas(form: str) -> tuple[str, ...]:
    lexicon = _lexicon()
    proposals = [lemma for pos in "nvar" for lemma in lexicon.morphy(form, pos)]
    proposals += [lemmatise(form, tag) for _, tag in readings_by_form().get(form, ())]
    return tuple(dict.fromkeys(proposals))


@lru_cache(maxsize=50_000)
def _is_numeral(text: str, tag: str) -> bool:
    lower = text.lower()
    return (
        tag == "CD"
        or lower in _ORDINALS
        or any(c.isdigit() for c in text)
        or lower.split("-")[0] in _NUMERALS
    )


def _is_counted(tokens: Sequence[Token], i: int) -> bool:
    before, token = tokens[i - 1], tokens[i]
    return _counts(before.text, before.tag) and _is_unit(token.lemma or token.text.lower())


@lru_cache(maxsize=50_000)
def _counts(text: str, tag: str) -> bool:
    return tag == "CD" or any(c.isdigit() for c in text) or text in ("$", "£", "€", "%")


_NUMERALS = frozenset(word for word, tags in CLOSED.items() if "CD" in tags and word != "one")


@lru_cache(maxsize=20_000)
def _is_unit(lemma: str) -> bool:
    lexicon = _lexicon()
    return any(lexicon.lexname(sense) in _UNITS for sense in lexicon.senses(lemma, "n")[:2])


def is_name(token: Token, i: int, tokens: Sequence[Token], context: str) -> bool:
    """Tell whether a token is of a name, by its tag, capitals, the paragraph's capitals, or the lexicon."""
    text = token.text
    initial = i == 0 or tokens[i - 1].tag in (".", "``", ":")
    looks = _looks_like_name(text, token.tag, initial)
    if looks is not None:
        return looks
    # A first word, or a lower-cased question: a word that the paragraph writes with a capital only.
    return (text if text[0].isupper() else text.title()) in capitalised_inside(context)


@lru_cache(maxsize=50_000)
def _looks_like_name(text: str, tag: str, initial: bool) -> bool | None:
    """Tell whether a word is of a name by what it is alone; None where the paragraph has to be asked."""
    if tag in ("NNP", "NNPS"):
        return True
    if text[0].isupper() and not initial:
        return True
    letters = text.replace("-", "").replace(".", "")
    if any(c.isupper() for c in letters[1:]) and (not letters.isupper() or len(letters) > 1):
        return True
    if text[0].isupper():
        return None if is_common(text.lower()) else True
    if not text.islower() or is_common(text):
        return False
    # A word that WordNet writes with a capital only.
    return True if _only_capital(text) else None


_OPENS_SENTENCE = frozenset((".", "?", "!", '"', "“", ":", "``"))


@lru_cache(maxsize=256)
def capitalised_inside(context: str) -> frozenset[str]:
    """Return the words with a capital inside a sentence of ``context``, function words left out."""
    words = {
        form
        for before, form in pairwise(forms(context))
        if form[0].isupper() and before not in _OPENS_SENTENCE
    }
    return frozenset(word for word in words if word.lower() not in STOP_WORDS)


@lru_cache(maxsize=100_000)
def is_common(lower: str) -> bool:
    """Tell whether a word is ordinary English: a form of some lemma that is written without a capital."""
    if lower in CLOSED and lower not in OPEN_TOO:
        return True
    lexicon = _lexicon()
    for lemma in _all_lemmas(lower) or (lower,):
        for pos in "nvar":
            if any(lemma in lexicon.lemmas(sense) for sense in lexicon.senses(lemma, pos)):
                return True
    return lower in readings_by_form() and not _only_capital(lower)


@lru_cache(maxsize=100_000)
def _only_capital(lower: str) -> bool:
    """Tell whether WordNet has the word, and writes it with a capital in every sense."""
    lexicon = _lexicon()
    found = False
    for lemma in _all_lemmas(lower) or (lower,):
        for pos in "nvar":
            for sense in lexicon.senses(lemma, pos):
                if lemma in lexicon.lemmas(sense):
                    return False
                found = True
    return found


@lru_cache(maxsize=100_000)
def _known(lower: str, lemma: str) -> bool:
    return _lexicon().known(lemma) or _lexicon().known(lower) or lower in readings_by_form()


def _leads_to(tokens: Sequence[Token], i: int) -> bool:
    """Tell whether a token is the *due* of *due to*, which is a preposition."""
    return i + 1 < len(tokens) and tokens[i + 1].text == "to" and tokens[i].text.lower() in _BEFORE_TO


def _asks_degree(tokens: Sequence[Token], i: int) -> bool:
    """Tell whether a token is the *long* of *how long*, which belongs to the question word."""
    return tokens[i - 1].text.lower() == "how" and tokens[i].tag in _DEGREE_AFTER_HOW


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    return Lexicon.open()
