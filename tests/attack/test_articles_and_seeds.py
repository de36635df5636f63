"""Two things that are easily mistaken: the letter A for an article, and one seed for another."""

from __future__ import annotations

from attacks.qads import Qads
from robust.squad.records import Question


def question(text: str, context: str) -> Question:
    return Question("q", text, context, (), "t", False, "t:1", "t")


def test_the_letter_of_a_vitamin_is_no_article():
    context = "Vitamin A deficiency is a lack of vitamin A. The lack is an illness of poor countries."
    for name in ("What causes a vitamin A deficiency?", "Is vitamin A shortage an illness?"):
        for variant in Qads(preset="paper").variants(question(name, context), seed=0):
            assert "vitamin A" in variant.question or "vitamin" not in variant.question
            assert "An " not in variant.question


def test_random_senses_are_drawn_anew_for_another_seed():
    text = "Which bank gave the band a great deal of money to play in the court of the state?"
    asked = question(text, "The bank gave money.")
    seen = {
        tuple(v.question for v in Qads(preset="paper", sense="random-sense").variants(asked, seed=s))
        for s in range(8)
    }
    assert len(seen) > 1
