"""That what must stand stands: answers, names, numbers, quotations, function words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from robust.attack.constraints.base import Kind, Measure
from robust.attack.constraints.edited import Edited
from robust.words.tokens import forms
from robust.words.untouchable import (
    NAME,
    NUMBER,
    QUESTION_WORD,
    QUOTATION,
    STOP_WORD,
    answer_words,
    capitalised_inside,
    quotations,
)


def answers(edited: Edited) -> float:
    """Return how many words of a gold answer were edited, in the question and where it stands.

    Deleting or replacing counts; what is put beside an answer does not, nor a word that is still there in
    another form or place.
    """
    question = edited.scene.question
    within = sum(
        edit.start < answer.end and answer.start < edit.end
        for edit in edited.of("context")
        if edit.before != edit.after
        for answer in question.answers
        if question.context[answer.start : answer.end] not in edit.after
    )
    if not edited.gone or not question.answers:
        return within
    words = answer_words(tuple(answer.text for answer in question.answers))
    left = {token.text.lower() for token in edited.tokens} | {token.lemma for token in edited.tokens}
    gone = (edited.scene.tokens[index] for index in edited.gone)
    return within + sum(
        token.text[0].isalnum()
        and bool({token.text.lower(), token.lemma} & words)
        and left.isdisjoint((token.text.lower(), token.lemma))
        for token in gone
    )


def _of_question(reason: str) -> Measure:
    """Return the measure of how many words of one reason (``robust.words.untouchable``) the question lost."""

    def lost(edited: Edited) -> float:
        if not edited.gone:
            return 0.0
        there = [token.text for token in edited.tokens]
        reasons = edited.scene.untouchable
        return sum(
            reasons.get(index) == reason and edited.scene.tokens[index].text not in there
            for index in edited.gone
        )

    return lost


def _lost_in_context(edited: Edited, is_one: Callable[[str], bool]) -> int:
    """Return how many words of a kind the context's edits take out and none of them puts back."""
    edits = list(edited.of("context"))
    before = Counter(form for edit in edits for form in forms(edit.before) if is_one(form))
    after = Counter(form for edit in edits for form in forms(edit.after))
    return (before - after).total()


def names(edited: Edited) -> float:
    """Return how many words of names were edited; in the paragraph those with a capital inside a sentence."""
    capital = capitalised_inside(edited.scene.question.context) if any(edited.of("context")) else ()
    return _of_question(NAME)(edited) + _lost_in_context(edited, lambda form: form in capital)


def numbers(edited: Edited) -> float:
    """Return how many numbers, or what they count, were edited; in the paragraph those with a digit."""
    lost = _lost_in_context(edited, lambda form: any(c.isdigit() for c in form))
    return _of_question(NUMBER)(edited) + lost


def quoted(edited: Edited) -> float:
    """Return how many quoted words of the question, and quoted stretches of the paragraph, were edited."""
    context = edited.scene.question.context
    touched = 0
    if any(edited.of("context")):
        stretches = Counter(context[start:end] for start, end in quotations(context))
        touched = sum(edited.context.count(text) < times for text, times in stretches.items())
    return _of_question(QUOTATION)(edited) + touched


KINDS = (
    Kind("answers", answers, True, 0, "words of a gold answer that were edited"),
    Kind("names", names, True, 0, "words of names that were edited"),
    Kind("numbers", numbers, True, 0, "numbers, and what they count, that were edited"),
    Kind("quotations", quoted, True, 0, "quoted words that were edited"),
    Kind("question-words", _of_question(QUESTION_WORD), True, 0, "question words that were edited"),
    Kind(
        "stop-words",
        _of_question(STOP_WORD),
        True,
        0,
        "function words of the question that were edited",
        "StopwordModification",
    ),
)
