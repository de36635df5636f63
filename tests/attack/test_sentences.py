"""Where sentences end, and where another may be put."""

from __future__ import annotations

import pytest

from robust.attack.sentences import gaps, sentences
from robust.squad.records import Answer, Question


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One here. Two there!  Is it three?", ["One here.", "Two there!", "Is it three?"]),
        ("Dr. A. B. Smith of St. Louis met J. F. Kennedy. He left.", None),
        ("The U.S. Army left. It came back.", ["The U.S. Army left.", "It came back."]),
        (
            'He said "Go." Then he went. (So they say.) End',
            ['He said "Go."', "Then he went.", "(So they say.)", "End"],
        ),
        ("It rose by 3.5 percent.[7] In 1901 it fell.", ["It rose by 3.5 percent.[7]", "In 1901 it fell."]),
        ("A title\nA line of text. ", ["A title", "A line of text."]),
        (
            "It is made of O\n2 molecules. They\nmelt at 5 K.",
            ["It is made of O\n2 molecules.", "They\nmelt at 5 K."],
        ),
        ("It was so. J. A. Hobson left.", ["It was so.", "J. A. Hobson left."]),
        (
            'He said: "One goes. Two stay." (They did. See p. 3.) All left.',
            ['He said: "One goes. Two stay."', "(They did. See p. 3.)", "All left."],
        ),
        ("It fell.[citation needed] It rose.", ["It fell.[citation needed]", "It rose."]),
        ("  ", []),
        ("", []),
    ],
)
def test_sentences_end_at_marks_and_lines_but_not_at_short_forms(
    text: str, expected: list[str] | None
) -> None:
    if expected is None:
        expected = ["Dr. A. B. Smith of St. Louis met J. F. Kennedy.", "He left."]
    assert cut(text) == expected


def test_no_boundary_inside_an_answer_gets_a_sentence() -> None:
    context = "One is here. Two is there. Three is away."
    whole = Question("q", "?", context, (Answer("here. Two", 7),), "T", True, "T:1", "T")
    assert gaps(whole, "middle") == [context.index("Three")]
    assert gaps(whole, "first") == [0]
    assert gaps(whole, "last") == [len(context)]


def test_nothing_is_put_into_an_answer_that_begins_with_the_paragraphs_white_space():
    context = " One went. Two stayed."
    asked = Question("q", "Who?", context, (Answer(" One", 0),), "T", True, "T:1", "T")
    assert gaps(asked, "first") == []
    assert gaps(asked, "middle") == [context.index("Two")]
