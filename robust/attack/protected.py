"""What even an attack on names and numbers leaves alone: quotations and the words of the answer."""

from __future__ import annotations

from robust.attack.scene import Scene
from robust.words.stopwords import STOP_WORDS
from robust.words.tokens import forms
from robust.words.untouchable import quotations


def protected(scene: Scene, start: int, end: int, after: str = "") -> str:
    """Return why the question's text from ``start`` to ``end`` must stay: "quotation", "answer word", or "".

    A word of the answer in ``after``, where it would give the answer away, is one too.
    """
    text = scene.question.text
    if any(start < last and first < end for first, last in quotations(text)):
        return "quotation"
    answer = scene.answer_words - STOP_WORDS
    words = {form.lower() for piece in (text[start:end], after) for form in forms(piece)}
    return "answer word" if any(word in answer for word in words if any(c.isalnum() for c in word)) else ""
