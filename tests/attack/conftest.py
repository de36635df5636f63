"""A few questions of our own: two articles, three paragraphs, answered or not; scorers without models."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
import pytest
from numpy.typing import NDArray

from robust.attack.scorers import Blank, Filling, Scorers
from robust.squad.records import Answer, Question

HARBOUR = (
    "The old harbour of Veldmond was built in 1742 by the engineer Karel Brandt. Merchants shipped grain, "
    "timber and wool from its quays, and a large warehouse still stands on the northern shore. In 1901 a "
    "storm destroyed the lighthouse, which the town rebuilt within two years. Today most ships carry "
    "tourists to the nearby islands."
)
BEES = (
    "Honey bees live in large colonies with a single queen. Workers collect nectar and pollen from "
    "flowers and store honey in wax cells. When a colony becomes too crowded, about half of the bees "
    "leave the hive with the old queen. Scientists began to study how bees communicate in the early "
    "twentieth century."
)
STORE = (
    "A colony needs roughly twenty kilograms of honey to survive a cold winter. The bees gather around "
    "the queen and shiver to produce heat. Keepers purchase sugar in autumn and feed it to weak colonies."
)
# (article, paragraph number, context, question, answer or None)
ROWS = [
    ("Veldmond", 1, HARBOUR, "Who built the old harbour of Veldmond?", "Karel Brandt"),
    ("Veldmond", 1, HARBOUR, "What did a storm destroy in 1901?", "the lighthouse"),
    ("Veldmond", 1, HARBOUR, "Where does a large warehouse still stand?", "on the northern shore"),
    ("Veldmond", 1, HARBOUR, "What do most ships carry to the nearby islands today?", "tourists"),
    ("Veldmond", 1, HARBOUR, "How many people purchased the huge lighthouse in 1950?", None),
    ("Bees", 1, BEES, "What do workers collect from flowers?", "nectar and pollen"),
    (
        "Bees",
        1,
        BEES,
        "When did scientists begin to study how bees communicate?",
        "the early twentieth century",
    ),
    ("Bees", 1, BEES, "With whom does half of a crowded colony leave the hive?", "the old queen"),
    ("Bees", 1, BEES, "Which country commenced an important study of an ill queen?", None),
    (
        "Bees",
        2,
        STORE,
        "How much honey does a colony need to survive a cold winter?",
        "roughly twenty kilograms",
    ),
    ("Bees", 2, STORE, "What do keepers purchase in autumn?", "sugar"),
    ("Bees", 2, STORE, "Which big doctor helped the bees buy a home?", None),
    ("Bees", 2, STORE, "What is the favourite color of the queen?", None),
    ("Veldmond", 1, HARBOUR, "Where's the centre that the town organized?", None),
    ("Veldmond", 1, HARBOUR, "Who is the traveler that did not analyse the harbor?", None),
    ("Veldmond", 1, HARBOUR, "How many of the 5,000 ships sailed to the United States in the 1890s?", None),
    ("Veldmond", 1, HARBOUR, "Which three towns of the UK were rebuilt on March 3, 1901?", None),
    ("Bees", 1, BEES, "What did five keepers in New York City study in the 19th century?", None),
]


def make_question(number: int) -> Question:
    """Return the question in row ``number`` (from 0)."""
    title, paragraph, context, text, answer = ROWS[number]
    answers = (Answer(answer, context.index(answer)),) if answer else ()
    return Question(
        f"q{number:02}", text, context, answers, title, answer is not None, f"{title}:{paragraph}", title
    )


@pytest.fixture(scope="session")
def questions() -> list[Question]:
    """Return all questions of the sample."""
    return [make_question(number) for number in range(len(ROWS))]


FILLINGS = (
    *("house", "river", "old", "quickly", "built", "people", "large", "name", "great", "city", "helped"),
    *(
        "port",
        "bought",
        "nation",
        "buy",
        "gather",
        "started",
        "physician",
        "demolish",
        "significant",
        "started",
    ),
)


def number(text: str) -> float:
    """Return a number from 0 to 1 that looks drawn by chance and is the text's own."""
    return crc32(text.encode()) / 2**32


class FakeMaskedLm:
    sha256 = "0" * 64

    def fill(self, blanks: Sequence[Blank], top: int) -> list[list[Filling]]:
        found = [[Filling(word, -10 * number(f"{blank}{word}")) for word in FILLINGS] for blank in blanks]
        return [sorted(fillings, key=lambda f: -f.score)[:top] for fillings in found]

    def fluency(self, texts: Sequence[str]) -> list[float]:
        return [-2 - number(text) for text in texts]


class FakeSentences:
    sha256 = "1" * 64

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.array([[1.0, 0.2 * number(text)] for text in texts], dtype=np.float32).reshape(-1, 2)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class FakeReader:
    sha256 = "2" * 64

    def loss(self, questions: Sequence[Question]) -> list[float]:
        return [number(question.text + question.context) - 0.5 for question in questions]


@pytest.fixture(scope="session")
def scorers() -> Scorers:
    """Return scorers without a model: the same text always has the same score."""
    return Scorers(FakeMaskedLm(), FakeSentences(), FakeReader())
