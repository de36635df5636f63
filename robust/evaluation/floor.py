"""When a drop says nothing: readers that have nothing to lose, told in one place for every comparison."""

from __future__ import annotations

# a reader that abstains on more than this share of answerable clean questions, or is right on less than
# this, has nothing to lose: its drop says nothing
FLOOR_ABSTAINED = 90.0
FLOOR_SCORE = 10.0
NO_ANSWERS = "no answerable questions: who always abstains cannot fall"
# what clean scores are held against, the first that all have: no threshold can move the first; final answers,
# and sets without answers, have the next
FIGURES_RANKED = ("HasAns_span_exact", "HasAns_exact", "exact")


def nothing_to_lose(abstained: float | None, score: float) -> str:
    """Return why a reader's drop says nothing, "" where it does say something.

    ``abstained`` is how often it abstains on answerable clean questions, in percent, None where there are
    none; ``score`` its clean score in percent (of ``FIGURES_RANKED``).
    """
    if abstained is None:
        return NO_ANSWERS
    if abstained > FLOOR_ABSTAINED:
        return f"abstains on {abstained:.0f} % of answerable questions"
    return f"right on {score:.1f} % only" if score < FLOOR_SCORE else ""
