"""From question and answer to a statement: *What did X build in 1742?*, *a mill*: X built a mill in 1742.

Rules over tags, without a parser, on a question that was taken apart (``question_parts.py``). What they do
not know is turned down with a reason; a wrong statement is worse than none. After the conversion rules of
Jia & Liang 2017 (section 4.3), written anew.
"""

from __future__ import annotations

from itertools import pairwise

from robust.attack.question_parts import FINITE, NOUN, WH, QuestionParts, Unfit, Word, Words
from robust.words.closed_class import word_set
from robust.words.inflect import indefinite_article, inflect

_NP_START = ("DT", "PRP$", "PRP", "CD", "JJ", "JJR", "JJS", *NOUN)
_STRANDED = word_set(
    "in on at to for from with of by about into as under over against through near during after upon between "
    "toward towards around off out up down"
)
# Verbs whose infinitive is their object, so that what is asked for belongs to the infinitive.
_CHAIN = word_set(
    "want try begin attempt plan hope need decide start agree refuse continue seek intend wish like love "
    "prefer fail tend learn promise threaten choose manage aim vow help have go come appear seem claim"
)
# Participles after which the thing asked for follows: what was X called, what is X used for.
_COMPLEMENT = word_set("call name entitle label know term refer title nickname dub consider give award")
_JOINS = word_set("before after when while until since because if although though once whether that")
_VERBS = (*FINITE, "VBN")
_CLAUSE = word_set(
    "say think believe state claim argue suggest report find feel mean show conclude tell know"
)
# Two prepositions that are one.
_PAIRS = {
    ("out", "of"),
    ("because", "of"),
    ("up", "to"),
    ("from", "within"),
    ("from", "under"),
    ("instead", "of"),
}


def statement(asked: QuestionParts, answer: Words, adverbial: bool) -> Words:
    """Return the statement that answers the question; Unfit with the reason where no rule makes one.

    ``answer`` is a noun phrase, with its preposition where ``adverbial``: then it goes to the end.
    """
    rest = asked.rest
    if any(
        word.text.lower() in WH and word.text.lower() not in ("which", "who", "where", "when", "whose")
        for word in rest
    ):
        raise Unfit("two question words")
    _check_rest(rest, adverbial)
    if asked.in_place:
        return (*asked.intro, *answer, *rest)
    if not rest:
        raise Unfit("no verb")
    if asked.wh in ("which", "what", "who") and any(word.text.lower() == "or" for word in rest[2:]):
        raise Unfit("a choice")
    return (*asked.intro, *_clause(asked, rest, answer, adverbial))


def _check_rest(rest: Words, adverbial: bool) -> None:
    """Raise Unfit for what no rule places rightly: a clause within, *called home*, *the greatest of*."""
    if adverbial and any(word.tag in FINITE for word in rest[1:]):
        raise Unfit("a clause after the verb")  # the answer would belong to it
    for at, word in enumerate(rest):
        if adverbial and word.text.lower() in _JOINS and any(w.tag in _VERBS for w in rest[at + 1 :]):
            raise Unfit("a clause after the verb")
    if rest[:1] and rest[0].text in ("'s", "’s") and any(word.tag in FINITE for word in rest[1:]):
        raise Unfit("asks whose it is")  # who's presence is
    if not adverbial and rest[-1:] and rest[-1].tag == "VBG" and len(rest) > 2 and rest[-2].tag == "TO":
        raise Unfit("two verbs")  # graduated to joining
    for word, after in pairwise(rest):
        if after.tag in ("WDT", "WP") and word.tag in ("VBN", "VBD", "VB", "JJ"):
            raise Unfit("a clause after the verb")
        if word.text.lower() in _STRANDED and after.tag == "WRB":
            raise Unfit("a preposition left behind")  # charged with when he was freed
        if word.lemma == "call" and after.text.lower() == "home":
            raise Unfit("called home")
        if word.tag in ("JJS", "JJ", "RBS") and after is rest[-1] and after.text.lower() == "of":
            raise Unfit("a preposition left behind")


def _clause(asked: QuestionParts, rest: Words, answer: Words, adverbial: bool) -> Words:
    first = rest[0]
    if first.lemma == "do" and first.tag in (*FINITE, "VB") and len(rest) > 2:
        return _undo_auxiliary(rest, answer, adverbial)
    if first.tag == "MD" or first.lemma in ("be", "have"):
        return _invert(asked, rest, answer, adverbial)
    verb = next((w for w in rest if not w.tag.startswith("RB")), None)
    if verb is None or verb.tag not in ("VBD", "VBZ", "VBP", "VBN", "VB"):
        raise Unfit("no verb after the question word")
    if adverbial:
        raise Unfit("no subject")
    if verb.lemma in ("happen", "occur") and not asked.noun:
        raise Unfit("asks what happened")
    _checked(rest[rest.index(verb) + 1 :])
    return (*answer, *rest)


def _undo_auxiliary(rest: Words, answer: Words, adverbial: bool) -> Words:
    """Turn *did X build* into *X built*."""
    _check_not(rest)
    at = next((i for i in range(2, len(rest)) if rest[i].tag == "VB"), None)
    if at is None:
        at = _taken_for_a_noun(rest)
    subject, verb, tail = rest[1:at], rest[at], rest[at + 1 :]
    _check_subject(subject)
    if verb.lemma == "have" and tail and tail[0].text.lower() == "to":
        raise Unfit("have to")
    tag = {"did": "VBD", "does": "VBZ"}.get(rest[0].text.lower(), "VBP")
    form = (
        {"VBD": "had", "VBZ": "has", "VBP": "have"}[tag]
        if verb.lemma == "have"
        else inflect(verb.text.lower(), tag)
    )
    if form is None or verb.lemma == "be":
        raise Unfit("no such form of the verb")
    if verb.lemma in ("compare", "differ", "vary", "feel", "look", "relate"):
        raise Unfit("asks how it is")
    if verb.lemma == "do" and not adverbial:
        raise Unfit("asks what was done")
    if verb.lemma == "take" and answer[0].text == "for":
        answer = answer[1:]  # it took [for] nine weeks to ...
    made = Word(form, tag, verb.lemma, " ")
    if adverbial:
        return (*subject, made, *_checked(tail), *answer)
    return (*subject, made, *_with_object(verb.lemma, tail, answer))


def _taken_for_a_noun(rest: Words) -> int:
    """Return the index of the verb of *did X fight for* that the tagger took for a noun."""
    found = [
        i
        for i in range(2, len(rest))
        if rest[i].tag in ("NN", "VBP")
        and rest[i].text.islower()
        and rest[i - 1].tag in (*NOUN, "PRP")
        and (i + 1 == len(rest) or rest[i + 1].tag in ("IN", "TO", "DT", "PRP$"))
        and inflect(rest[i].text, "VBD")
    ]
    if len(found) != 1:
        raise Unfit("no main verb")
    return found[0]


def _check_not(rest: Words) -> None:
    if any(word.text.lower() in ("not", "n't", "never") for word in rest):
        raise Unfit("negated")


def _check_subject(subject: Words) -> None:
    if not any(word.tag in (*NOUN, "PRP", "DT", "CD", "VBG") for word in subject):
        raise Unfit("no subject")
    if subject[-1].tag in ("IN", "TO", "DT", "CC", "JJ", "PRP$", "MD", "WDT", "WP", "WRB", ","):
        raise Unfit("no end of the subject")
    if any(word.tag in ("WDT", "WP", "WRB", "VBD", "VBZ", "VBP", "MD") for word in subject):
        raise Unfit("a clause in the subject")


def _checked(tail: Words) -> Words:
    """Return what follows the verb; Unfit where it has a clause that would come between."""
    for i, word in enumerate(tail):
        if word.tag in FINITE and not any(w.tag in ("WDT", "WP", "WRB", "IN", "CC") for w in tail[:i]):
            raise Unfit("a clause after the verb")
    return tail


def _with_object(verb: str, tail: Words, answer: Words) -> Words:
    """Put the answer where the verb's missing object, or that of a preposition left behind, belongs."""
    tail = _checked(tail)
    if tail and tail[-1].text.lower() in _STRANDED and tail[-1].tag in ("IN", "TO", "RP", "RB"):
        return (*tail, *answer)
    for i in range(len(tail) - 1):  # a preposition whose object is asked for: declined to [...] by 1945
        pair = tail[i].text.lower(), tail[i + 1].text.lower()
        if tail[i].tag in ("IN", "TO") and tail[i + 1].tag in ("IN", ",") and pair[0] in _STRANDED:
            if pair not in _PAIRS:
                return (*tail[: i + 1], *answer, *tail[i + 1 :])
            break
    if verb in _CLAUSE and tail and tail[0].tag in (*_NP_START, "IN"):
        raise Unfit("a clause after the verb")
    if verb in _CHAIN and len(tail) > 1 and tail[0].text.lower() == "to" and tail[1].tag == "VB":
        if tail[1].lemma in ("do", "be"):
            raise Unfit("asks what was done")
        return (*tail[:2], *_with_object(tail[1].lemma, tail[2:], answer))
    if tail and tail[0].tag == "RP":
        return (tail[0], *answer, *tail[1:])
    if tail and tail[0].tag in _NP_START:
        if verb in ("call", "name", "dub", "give", "award", "cost", "offer", "teach") and not any(
            word.tag in ("IN", "TO", "VBG") for word in tail
        ):
            return (*tail, *answer)
        raise Unfit("two objects")
    if tail and tail[0].tag in ("VB", "VBN", "VBG", "CC", "JJ"):
        raise Unfit("two verbs")
    return (*answer, *tail)


def _invert(asked: QuestionParts, rest: Words, answer: Words, adverbial: bool) -> Words:
    """Put subject and auxiliary (*was X built*, *can X carry*, *is X*) in the order of a statement."""
    auxiliary = rest[0]
    if auxiliary.text.startswith(("'", "’")):
        auxiliary = Word(
            {"'s": "is", "’s": "is"}.get(auxiliary.text, "are"), auxiliary.tag, auxiliary.lemma, " "
        )
        rest = (auxiliary, *rest[1:])
    if len(rest) < 2:
        raise Unfit("no predicate")
    if rest[1].tag == "EX" or rest[1].text.lower() == "there":
        if asked.wh not in ("how many", "how much"):
            raise Unfit("there")
        return (Word("there", "EX", "there", " "), auxiliary, *answer, *rest[2:])
    at = 1
    while at < len(rest) - 1 and rest[at].tag.startswith("RB"):
        at += 1
    opening = rest[at].tag
    bare = opening in ("VBN", "VBG", "VB", "VBD", "IN", "TO") or (
        opening.startswith("JJ") and not any(w.tag in NOUN for w in rest[at + 1 : at + 3])
    )
    owns = auxiliary.lemma == "have" and rest[at].text.lower() in ("a", "an", "no")  # has a mill
    if (bare or owns) and not adverbial:
        return (*answer, *rest)
    if bare:
        raise Unfit("no subject")
    _check_not(rest)
    after = _predicate(rest, auxiliary)
    if adverbial or asked.wh.startswith("how "):
        if after is None:
            if auxiliary.lemma != "be":
                raise Unfit("no main verb")
            subject = rest[1:]
            _check_subject(subject)
            if subject[-1].tag in ("VBN", "VBD", "VB"):
                raise Unfit("no end of the subject")
            return (*subject, auxiliary, *answer)
        _check_subject(rest[1:after])
        if asked.wh.startswith("how ") and not adverbial:
            return (
                *rest[1:after],
                auxiliary,
                rest[after],
                *_with_object(rest[after].lemma, rest[after + 1 :], answer),
            )
        return (*rest[1:after], auxiliary, *_checked(rest[after:]), *answer)
    return _object_inverted(asked, rest, answer, after)


def _object_inverted(asked: QuestionParts, rest: Words, answer: Words, after: int | None) -> Words:
    """Do the same where the answer is an object, or all that is said: *what is X called*, *what is X*.

    ``after`` is the index of what follows the subject, if anything does.
    """
    auxiliary = rest[0]
    following = (
        rest[after + 1 : after + 2] if after is not None and rest[after].lemma not in _COMPLEMENT else ()
    )
    if following and following[0].tag == "TO" and rest[-1].tag == "VB" and rest[1].tag != "PRP":
        raise Unfit("two verbs")
    stranded = rest[-1].text.lower() in _STRANDED and rest[-1].tag in ("IN", "TO", "RP")
    inverted = after is not None and rest[1].tag == "PRP"
    if (
        auxiliary.lemma == "be"
        and not inverted
        and (after is None or not (stranded or after == len(rest) - 1 or rest[after].lemma in _COMPLEMENT))
    ):
        if stranded:
            raise Unfit("a preposition left behind")
        if any(word.tag == "VBN" and then.text.lower() in ("as", "to") for word, then in pairwise(rest)) and (
            rest[-1].text.lower() == "as" or _as_of(rest)
        ):
            raise Unfit("a preposition left behind")
        one = asked.noun and asked.noun[-1].tag in ("NN", "NNP")
        if one and auxiliary.text.lower() in ("are", "were"):  # what religion were the Normans
            raise Unfit("one is many")
        return (*answer, *rest)
    if after is None:
        raise Unfit("no main verb")
    _check_subject(rest[1:after])
    if rest[after].lemma == "do":
        raise Unfit("asks what was done")
    verb, tail = rest[after], rest[after + 1 :]
    if verb.lemma in ("refer", "know") and tail and tail[0].text.lower() in ("to", "as"):
        if [word.text.lower() for word in tail] not in (["to", "as"], ["as"]):
            raise Unfit("a preposition left behind")
        return (*rest[1:after], auxiliary, verb, *tail, *answer)
    return (*rest[1:after], auxiliary, verb, *_with_object(verb.lemma, tail, answer))


def _as_of(rest: Words) -> bool:
    """Tell whether what something was taken for is asked: *listed as in 1980*."""
    return any(word.text.lower() == "as" and after.tag in ("IN", "TO") for word, after in pairwise(rest))


def _predicate(rest: Words, auxiliary: Word) -> int | None:
    """Return the index of the participle, infinitive or adjective after the subject; None where none is."""
    wanted = {"be": ("VBN", "VBG"), "have": ("VBN", "VBD")}.get(auxiliary.lemma, ("VB",))
    if len(rest) > 2 and rest[-1].tag == "VBN" and rest[-1].lemma in _COMPLEMENT:  # ... looking for X called
        return len(rest) - 1
    for at in range(2, len(rest)):
        word, before = rest[at], rest[at - 1]
        after = rest[at + 1].tag if at + 1 < len(rest) else ""
        if (
            word.tag in wanted
            and before.tag in (*NOUN, "PRP", "RB", "CD", "VBG", "POS")
            and word.text[0].islower()
        ):
            if word.tag == "VBG" and after in NOUN:
                continue
            return at
        adjective = auxiliary.lemma == "be" and word.tag.startswith("JJ") and before.tag in (*NOUN, "PRP")
        if adjective and after not in (*NOUN, "JJ", "CC", ","):
            return at
    return None


def written(words: Words) -> str:
    """Return the sentence that the words make: spaces, articles, capital and full stop as they must be."""
    pieces: list[str] = []
    for i, word in enumerate(words):
        text = word.text
        if text.lower() in ("a", "an") and word.tag == "DT" and i + 1 < len(words):
            right = indefinite_article(words[i + 1].text)
            text = right.title() if text[0].isupper() else right
        pieces += [word.gap if i else "", text]
    line = "".join(pieces).strip().rstrip(",;:")
    return f"{line[:1].upper()}{line[1:]}{'' if line.endswith('.') else '.'}"
