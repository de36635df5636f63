"""Each rule of rephrase.v1 on questions of our own, and the questions that it must leave alone."""

from __future__ import annotations

import pytest

from attacks.rephrase import RULES, Rephrase
from robust.errors import UserError
from robust.squad.records import Answer, Question


def ask(rules: str, text: str, context: str = "", answer: str = "") -> list[str]:
    answers = (Answer(answer, context.index(answer)),) if answer else ()
    question = Question("q1", text, context, answers, "T", bool(answers), "T:1", "T")
    return [variant.question for variant in Rephrase(rules=rules).variants(question, 0)]


KNOWN = [
    ("in-situ", "What did a storm destroy in 1901?", "A storm destroyed what in 1901?"),
    ("in-situ", "In what year did the great storm begin?", "The great storm began in what year?"),
    ("in-situ", "What year did the town rebuild it?", "The town rebuilt it in what year?"),
    ("in-situ", "How many quays does the harbour have?", "The harbour has how many quays?"),
    ("in-situ", "What is the wax mixed with?", "The wax is mixed with what?"),
    ("cleft", "Who built the old harbour?", "Who was it that built the old harbour?"),
    ("cleft", "What do workers collect from flowers?", "What is it that workers collect from flowers?"),
    ("cleft", "When was the harbour built?", "When was it that the harbour was built?"),
    ("passive", "Who built the old harbour of Veldmond?", "By whom was the old harbour of Veldmond built?"),
    ("passive", "Who feeds the weak colonies?", "By whom are the weak colonies fed?"),
    ("passive", "What did a storm destroy in 1901?", "What was destroyed by a storm in 1901?"),
    ("active", "Who was the old harbour built by?", "Who built the old harbour?"),
    ("active", "By whom were the ships owned?", "Who owned the ships?"),
    ("pied-piping", "What is the wax mixed with?", "With what is the wax mixed?"),
    ("pied-piping", "Who was the queen married to?", "To whom was the queen married?"),
    ("stranding", "In what town is the harbour located?", "What town is the harbour located in?"),
    ("which-what", "Which island did the ships reach?", "What island did the ships reach?"),
    ("what-which", "In what country is the harbour?", "In which country is the harbour?"),
    ("kind", "What type of wool did merchants ship?", "What kind of wool did merchants ship?"),
    ("kind", "What kinds of bees make honey?", "What types of bees make honey?"),
    ("year", "In what year did the town rebuild it?", "What year did the town rebuild it?"),
    ("year", "What year did the town rebuild it?", "In what year did the town rebuild it?"),
    ("quantity", "How many bees live in a colony?", "What number of bees live in a colony?"),
    ("name-of", "What is the old harbour called?", "What is the name of the old harbour?"),
    ("name-of", "What are the northern islands called?", "What are the names of the northern islands?"),
    ("called", "What is the name of the old harbour?", "What is the old harbour called?"),
    ("exactly", "What is a colony?", "What exactly is a colony?"),
    ("located", "Where is the warehouse located?", "Where is the warehouse?"),
]


@pytest.mark.parametrize(("rule", "text", "wanted"), KNOWN)
def test_each_rule_says_the_same_in_other_words(rule: str, text: str, wanted: str) -> None:
    assert ask(rule, text) == [wanted]


def test_frames_take_the_order_of_a_statement() -> None:
    (framed,) = ask("embedded", "What did a storm destroy?")
    assert framed.endswith(" what a storm destroyed?")
    (framed,) = ask("embedded", "What is the capital of France?")
    assert framed.endswith(" what the capital of France is?")
    (led,) = ask("lead-in", "Who built the harbour?")
    assert led.endswith(": who built the harbour?")


LEFT = [
    ("in-situ", "What did the town not rebuild?"),  # negated
    ("in-situ", "What did the town promise to rebuild?"),  # the gap is not behind the first verb
    ("in-situ", "What did the men build and sell in 1901?"),  # two verbs
    ("cleft", "What towns were rebuilt?"),  # plural: what towns was it
    ("cleft", "How many bees did the keeper see?"),
    ("passive", "Who had the old harbour?"),  # no passive
    ("passive", "Who became the queen?"),
    ("active", "What year was the harbour built by?"),  # a year builds nothing
    ("pied-piping", "What does FCC stand for?"),
    ("what-which", "What percentage of the bees died?"),
    ("name-of", "What is Veldmond called in Dutch?"),
    ("embedded", "Iqbal was a critic of what?"),
]


@pytest.mark.parametrize(("rule", "text"), LEFT)
def test_a_rule_leaves_alone_what_it_would_break(rule: str, text: str) -> None:
    assert ask(rule, text) == []


def test_a_verb_that_the_answer_has_is_not_written_into_the_question() -> None:
    assert ask("in-situ", "What did the storm do?", "It did harm.", "harm") == ["The storm did what?"]
    assert ask("in-situ", "Where did they flee?", "They fled to the north.", "fled to the north") == []


def test_a_rule_that_moves_words_makes_small_edits_with_its_name() -> None:
    question = Question("q1", "What did a storm destroy in 1901?", "", (), "T", False, "T:1", "T")
    (variant,) = Rephrase(rules="in-situ").variants(question, 0)
    assert [(e.before, e.after) for e in variant.edits] == [
        ("What did a", "A"),
        ("destroy", "destroyed what"),
    ]
    assert {e.reason for e in variant.edits} == {"in-situ"}


def test_more_variants_are_by_different_rules() -> None:
    question = Question("q1", "Who built the old harbour?", "", (), "T", False, "T:1", "T")
    variants = Rephrase(per_question=4).variants(question, 0)
    assert len({v.edits[0].reason for v in variants}) == 4
    assert len({v.question for v in variants}) == 4


def test_blanks_between_rules_are_no_other_setting() -> None:
    plain, spaced = Rephrase(rules="cleft,passive"), Rephrase(rules=" cleft,  passive ,")
    assert spaced == plain
    assert spaced.settings_hash() == plain.settings_hash()
    assert spaced.wanted() == ["cleft", "passive"]
    assert Rephrase(rules=" all ") == Rephrase()


def test_an_unknown_rule_is_one_line_that_names_those_there_are() -> None:
    with pytest.raises(UserError, match="clefts not known, expected 'all' or some of in-situ") as error:
        Rephrase(rules="cleft, clefts")
    assert "\n" not in str(error.value)
    assert all(rule in str(error.value) for rule in RULES)
