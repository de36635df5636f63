"""A few questions of our own: two articles, three paragraphs, with and without answers."""

from __future__ import annotations

import pytest

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
