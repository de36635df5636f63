"""Two paragraphs of our own, and a reader without a model that hangs on a few words of the question."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module

import pytest

from robust.reader.decode import Candidate, Prediction
from robust.squad.records import Answer, Question

# Where TextAttack must be there (tox -e textattack), a part that lacks is an error and skips no test.
if os.environ.get("ROBUST_TEST_TEXTATTACK"):
    import_module("robust.textattack.library")

HARBOUR = (
    "The old harbour of Veldmond was built in 1742 by the engineer Karel Brandt. In 1901 a storm destroyed "
    "the lighthouse, which the town rebuilt within two years."
)
# (question, right answer or None, what the reader says instead)
ROWS = [
    ("Who built the large old harbour of Veldmond?", "Karel Brandt", "Veldmond"),
    ("What did a large storm destroy in 1901?", "the lighthouse", "the town"),
    ("Which doctor helped the large town?", None, "the engineer"),
    ("Who destroyed a huge lighthouse?", "a storm", "Karel Brandt"),
]
# what the reader hangs on, and by how much the right answer leads with it
LEADS = {"large": 2.0, "built": 1.0, "destroy": 1.0, "doctor": 1.0}
TRAILS = -1.0


class Reader:
    """A reader that is right as long as the question holds enough of its words; ``asked`` are its texts."""

    name = "hangs on words"
    batch = 4

    def __init__(self, *, odds: bool = True) -> None:
        self.odds = odds
        self.asked: list[str] = []

    def answer(self, questions: Sequence[Question]) -> list[Prediction]:
        self.asked += [question.text for question in questions]
        return [self._one(question) for question in questions]

    def _one(self, question: Question) -> Prediction:
        words = question.text.lower().rstrip("?").split()
        lead = TRAILS + sum(LEADS.get(word, 0.0) for word in words)
        _, right, wrong = ROWS[int(question.context.rpartition(" ")[2])]
        if right is None:  # abstains as long as it leads
            return Prediction("", wrong, lead if self.odds else float("nan"), (Candidate(wrong, 0, 5.0),))
        spans = sorted([(5.0 + lead, right), (5.0, wrong)], reverse=True)
        listed = tuple(Candidate(text, question.context.find(text), score) for score, text in spans)
        return Prediction("", spans[0][1], -4.0 if self.odds else float("nan"), listed)


@pytest.fixture
def reader() -> Reader:
    """Return the reader, asked nothing yet."""
    return Reader()


@pytest.fixture(scope="session")
def questions() -> list[Question]:
    """Return four questions: three that the reader knows, the last answered wrongly as it is."""
    found = []
    for number, (text, answer, _) in enumerate(ROWS):
        answers = (Answer(answer, HARBOUR.index(answer)),) if answer else ()
        context = f"{HARBOUR} {number}"  # by which the reader knows it, however it is asked
        place = f"Veldmond:{number}"
        found.append(
            Question(f"q{number}", text, context, answers, "Veldmond", bool(answers), place, "Veldmond")
        )
    return found
