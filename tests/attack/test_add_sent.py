"""AddSent: what statements the rules make, and that none of them answers the question that was asked."""

from __future__ import annotations

import random

import pytest

from attacks.add_sent import AddSent
from robust.attack.alteration import alter
from robust.attack.declarative import statement, written
from robust.attack.distractor import holds_answer
from robust.attack.entities import table
from robust.attack.fake_answers import FakeAnswers
from robust.attack.months import MONTHS
from robust.attack.question_parts import Unfit, phrase, take_apart, words_of_text
from robust.attack.scene import Scene
from robust.attack.sentences import sentences
from robust.attack.word_files import lines
from robust.errors import UserError
from robust.squad.records import Answer, Question


def stated(question: str, answer: str, adverbial: bool = False) -> str:
    return written(statement(take_apart(words_of_text(question)), phrase(answer), adverbial))


@pytest.mark.parametrize(
    ("question", "answer", "adverbial", "expected"),
    [
        ("What did Brandt build in 1742?", "a mill", False, "Brandt built a mill in 1742."),
        ("Who built the old harbour?", "Ann Hale", False, "Ann Hale built the old harbour."),
        ("Who was the mayor of Veldmond?", "Ann Hale", False, "Ann Hale was the mayor of Veldmond."),
        ("When was the harbour built?", "in 1811", True, "The harbour was built in 1811."),
        ("When did the war end?", "in 1811", True, "The war ended in 1811."),
        ("Where is the large warehouse?", "in Oslo", True, "The large warehouse is in Oslo."),
        ("What is the process called?", "baking", False, "The process is called baking."),
        ("What is the old lamp used for?", "light", False, "The old lamp is used for light."),
        ("What did the town fight for?", "its walls", False, "The town fought for its walls."),
        (
            "What did the town want to build in 1901?",
            "a mill",
            False,
            "The town wanted to build a mill in 1901.",
        ),
        ("How many ships does the town own?", "12 ships", False, "The town owns 12 ships."),
        ("How many ships are there in the harbour?", "12 ships", False, "There are 12 ships in the harbour."),
        ("To whom did the town sell the mill?", "to Ann Hale", True, "The town sold the mill to Ann Hale."),
        ("The harbour was built by whom?", "Ann Hale", False, "The harbour was built by Ann Hale."),
        ("In 1901, what did a storm destroy?", "a mill", False, "In 1901, a storm destroyed a mill."),
    ],
)
def test_a_question_and_an_answer_become_a_statement(
    question: str, answer: str, adverbial: bool, expected: str
) -> None:
    assert stated(question, answer, adverbial) == expected


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Did Brandt build the harbour?", "no question word"),
        ("What did the town do in 1901?", "asks what was done"),
        ("What did the town not build?", "negated"),
        ("What did Brandt say the town was?", "a clause after the verb"),
        ("Who?", "no verb"),
        ("What was the memoir entitled which was sent to the town?", "a clause after the verb"),
        ("This man built a mill, what was his name?", "two clauses"),
        ("What happens if the mill burns?", "asks what happened"),
        ("What was the town ranked the greatest of?", "a preposition left behind"),
        ("What was the town listed as in 1980?", "a preposition left behind"),
        ("Who's presence is likely?", "asks whose it is"),
    ],
)
def test_a_question_that_no_rule_knows_is_turned_down_with_its_reason(question: str, reason: str) -> None:
    with pytest.raises(Unfit, match=reason):
        stated(question, "a mill")


def question_of(text: str, context: str, answer: str = "") -> Question:
    answers = (Answer(answer, context.index(answer)),) if answer else ()
    return Question("q1", text, context, answers, "T", bool(answers), "T:1", "T")


CONTEXT = "Karel Brandt built the harbour of Norway in 1742. The large mill burned down in 1901."


def test_names_numbers_and_adjectives_are_exchanged_for_others_of_their_kind() -> None:
    scene = Scene(question_of("Who built the large mill of Norway in 1742?", CONTEXT))
    words, changes = alter(scene, random.Random(0))
    texts = [word.text for word in words]
    assert changes == 3
    assert texts[:3] + texts[4:6] + texts[7:8] == ["Who", "built", "the", "mill", "of", "in"]
    assert texts[3] == "small"
    assert texts[6] != "Norway"
    assert texts[8].isdigit() and len(texts[8]) == 4 and texts[8] != "1742"


def test_near_a_place_stays_near() -> None:
    words, _ = alter(Scene(question_of("What town is near Norway?", CONTEXT)), random.Random(0))
    assert words[3].text == "near"
    assert words[4].text != "Norway"


def test_a_month_in_short_becomes_another_month() -> None:
    scene = Scene(question_of("Who built the mill of Norway in Sept 1742?", CONTEXT))
    for seed in range(20):
        words, _ = alter(scene, random.Random(seed))
        assert words[7].text in set(MONTHS) - {"September"}


def test_the_sentence_stands_where_it_should_and_holds_neither_answer_nor_the_same_question() -> None:
    question = question_of("Who built the harbour of Norway in 1742?", CONTEXT, "Karel Brandt")
    for place, index in (("first", 0), ("last", -1), ("middle", 1)):
        attack = AddSent(place=place, per_question=3, candidates=6)  # type: ignore[arg-type] # from a loop
        found = attack.variants(question, 0)
        assert len(found) == 3
        for variant in found:
            assert variant.context is not None
            start, end = sentences(variant.context)[index]
            added = variant.context[start:end]
            assert variant.context.replace(added, "").split() == CONTEXT.split()
            assert not holds_answer(question, added)
            assert "Brandt" not in added and "Norway" not in added and "1742" not in added
            assert "built the harbour of" in added


def test_every_kind_that_a_noun_asks_for_has_answers_to_draw() -> None:
    fakes = FakeAnswers(random.Random(0), CONTEXT, ["Karel Brandt"], frozenset(("karel", "brandt")))
    kinds = {line.partition(":")[0] for line in lines("asked_nouns.txt")} | {"place", "people", "surname"}
    assert len(kinds) > 10
    for kind in kinds:
        assert fakes.draw(kind).lower() not in CONTEXT.lower()
    assert fakes.draw("place") in table("city")


def test_a_gold_answer_is_found_as_the_metric_reads_it() -> None:
    question = question_of("Who?", CONTEXT, "Karel Brandt")
    assert holds_answer(question, "It was karel  brandt, they say.")
    assert not holds_answer(question, "Karel Brandtson did it.")


def test_more_variants_than_candidates_is_a_mistake_told_in_one_line() -> None:
    with pytest.raises(UserError, match="candidates 2: expected at least per_question"):
        AddSent(candidates=2, per_question=3)
    with pytest.raises(UserError, match="place 'end': expected one of first, last, middle"):
        AddSent(place="end")  # type: ignore[arg-type] # what a user may write


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Where did Ann Hale call home?", "called home"),
        ("Where had the capital been before Brandt destroyed it?", "a clause after the verb"),
    ],
)
def test_a_place_that_would_belong_to_another_verb_is_turned_down(question: str, reason: str) -> None:
    with pytest.raises(Unfit, match=reason):
        stated(question, "in Oslo", adverbial=True)


def altered(text: str, seed: int) -> str:
    return "".join(w.gap + w.text for w in alter(Scene(question_of(text, CONTEXT)), random.Random(seed))[0])


def test_capitals_keep_the_article_that_they_need() -> None:
    with_the = ("BBC", "FBI", "CIA", "NFL", "NBA", "AFC", "NFC")
    for seed in range(20):
        assert altered("What did the IPCC publish?", seed).split()[3] in with_the
        assert altered("What did IPCC publish?", seed).split()[2] not in with_the
        assert altered("What may an MSP say?", seed) == "What may an MSP say?"
        assert altered("What was said of a Directive?", seed) == "What was said of a Directive?"


def test_a_decade_stays_one() -> None:
    for seed in range(10):
        assert altered("Who came in the 1950's?", seed).split()[4] in (
            "1910's?",
            "1920's?",
            "1930's?",
            "1970's?",
            "1980's?",
        )


def test_no_adjective_that_stands_for_a_noun_and_no_place_is_exchanged() -> None:
    for seed in range(10):
        assert " young that " in altered("Which group has young that are born there?", seed)
        assert altered("What is taken into the field?", seed) == "What is taken into the field?"
