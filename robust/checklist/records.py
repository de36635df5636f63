"""What a suite is made of, and what becomes of it: tests of templates, cases of questions, outcomes.

The three kinds of tests are those of Ribeiro et al. (2020), "Beyond Accuracy: Behavioral Testing of NLP
Models with CheckList" (ACL):

    MFT  minimum functionality: the answer to one question is right
    INV  invariance: the answers to a question and its changed copies are the same
    DIR  direction: the question is answered rightly, and its changed copy as the change demands
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from robust.squad.records import Question

Kind = Literal["MFT", "INV", "DIR"]
KINDS: tuple[Kind, ...] = ("MFT", "INV", "DIR")
# a word of a list: its ``text``, and forms that templates name behind a dot ({adjective.more})
Item = Mapping[str, str]
Lists = Mapping[str, tuple[Item, ...]]


@dataclass(frozen=True, slots=True)
class Change:
    """How a copy differs from the case: other texts, other words in slots, or an attack's first variant.

    ``slots`` names the list that a slot is drawn from anew, ``swap`` two slots that change places.
    ``answers`` are those of the changed question (DIR; an empty tuple: it must be abstained from, None: as
    before). ``about`` says what was done.
    """

    about: str
    context: str | None = None
    question: str | None = None
    answers: tuple[str, ...] | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    swap: tuple[str, str] | None = None
    attack: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Template:
    """One wording: texts with slots, conditions on numbers in slots, and the changes of INV and DIR.

    ``answers`` are accepted texts, the first one must stand in the context; none: the reader must abstain.
    """

    context: str
    question: str
    answers: tuple[str, ...]
    where: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Test:
    """A test of a capability; ``place`` is its file, for messages, ``by`` a slot to tell failures by."""

    __test__ = False  # pytest would take it for a test of its own

    capability: str
    name: str
    kind: Kind
    about: str
    templates: tuple[Template, ...]
    lists: Lists
    place: str
    control: bool = False
    by: str | None = None

    @property
    def full_name(self) -> str:
        """Return capability and name, as ids and ``--test`` have it."""
        return f"{self.capability}/{self.name}"


@dataclass(frozen=True, slots=True)
class CaseQuestion:
    """A question of a case, what was changed in it ("" in the first one), and its words by slot."""

    question: Question
    change: str
    slots: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """What passes or fails as one: a question, and for INV and DIR its changed copies after it.

    ``cluster`` names the context's template: cases that share it are alike. ``group`` is the value of the
    slot that the test tells failures by.
    """

    test: str
    kind: Kind
    number: int
    cluster: str
    asked: tuple[CaseQuestion, ...]
    group: str | None = None


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """How a case went. ``why`` is "" where it passed, else abstained, wrong, answered or changed.

    ``spans`` are the best spans of its questions, None where answers are final. ``span_why`` is what ``why``
    is, had the reader never abstained; None where a right answer is to abstain, too. ``failing`` is the
    place, from 0, of the question that failed.
    """

    case: Case
    given: tuple[str, ...]
    spans: tuple[str, ...] | None
    why: str
    span_why: str | None
    failing: int
