"""``entity-swap.v1``: what counts as a name, of which kind, and what takes its place."""

from __future__ import annotations

import re

import pytest

from robust.attack.entities import (
    entities,
    excepted,
    kind_of_word,
    paragraph_words,
    several,
    table,
    words_of_kind,
)
from robust.attack.months import MONTHS
from robust.attack.registry import make
from robust.attack.scene import Scene
from robust.errors import UserError
from robust.squad.records import Answer, Question

CONTEXT = (
    "Joseph Harlan wrote it in 1742 while three ships lay in the port of Lima. In Lima the Danish fleet won. "
    "Harlan left in 1750."
)


def question(text: str, context: str = CONTEXT, answer: str = "fleet") -> Question:
    return Question("q", text, context, (Answer(answer, context.index(answer)),), "T", True, "T:1", "T")


def kinds(text: str) -> list[tuple[str, str]]:
    """Return (words, kind) of what is found in a question."""
    scene = Scene(question(text))
    words = [t.text for t in scene.tokens]
    return [(" ".join(words[e.first : e.last + 1]), e.kind) for e in entities(scene)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What did Joseph Harlan write?", [("Joseph Harlan", "person")]),
        ("What did Harlan write?", [("Harlan", "surname")]),
        ("What lay in Lima in 1742?", [("Lima", "city"), ("1742", "year")]),
        ("What did the Danish king see?", [("Danish", "nationality")]),
        ("Which three ships won?", [("three", "number")]),
        ("Who ruled in the 1920s?", [("1920s", "decade")]),
        ("Who ruled in the 18th century?", [("18th", "century")]),
        ("Where is the University of Lima?", [("University", "other"), ("Lima", "city")][1:]),
        ("Who founded Harvard University?", [("Harvard", "other")]),
        ("When did King Edmund die?", [("Edmund", "ruler")]),
        ("Who led the United States?", [("United States", "union")]),
        ("Where is the Grand Canal?", []),
        ("Where did Abu Hamza al-Masri live?", []),
    ],
)
def test_names_dates_and_numbers_are_told_apart(text: str, found: list[tuple[str, str]]) -> None:
    assert kinds(text) == found


def test_the_new_name_is_of_the_kind_and_no_word_of_it_is_in_the_paragraph() -> None:
    for seed in range(20):
        (variant,) = make("entity-swap.v1", kinds=("place",)).variants(question("What won in Lima?"), seed)
        name = re.fullmatch(r"What won in (.+)\?", variant.question)
        assert name is not None
        assert name[1] in table("city")
        assert paragraph_words(CONTEXT).isdisjoint(name[1].lower().split())


def test_names_that_are_only_known_are_of_their_kind_and_never_drawn() -> None:
    assert kind_of_word("Ottoman") == "nationality"
    assert "Ottoman" not in table("nationality")
    assert (kind_of_word("March"), kind_of_word("Lima"), kind_of_word("harbour")) == ("month", "city", "")
    assert set(words_of_kind("city")) < set(table("city"))  # San Francisco is two words


def test_a_month_in_short_is_a_month_and_jan_may_be_a_person() -> None:
    assert kinds("Who won in Feb 2010?") == [("Feb", "month"), ("2010", "year")]
    assert kinds("Who won on Sept. 4?") == [("Sept.", "month"), ("4", "number")]
    assert kinds("What did Jan eat?")[0][1] != "month"
    swapped = {
        make("entity-swap.v1", kinds=("date",)).variants(question("Who won in Feb?"), seed)[0].question
        for seed in range(40)
    }
    assert swapped == {f"Who won in {month}?" for month in MONTHS if month != "February"}


def test_years_stay_near_and_are_not_those_of_the_paragraph() -> None:
    years = set()
    for seed in range(40):
        (variant,) = make("entity-swap.v1").variants(question("What won in 1742?"), seed)
        years.add(int(variant.question[-5:-1]))
    assert len(years) > 10
    assert 1742 not in years
    assert 1750 not in years
    assert all(3 <= abs(year - 1742) <= 60 for year in years)


def test_the_article_before_a_nationality_follows_it() -> None:
    found = {
        make("entity-swap.v1")
        .variants(question("What did a Danish fleet do?", answer="won"), seed)[0]
        .question
        for seed in range(30)
    }
    assert any("an I" in text or "an A" in text for text in found)
    assert not any(re.search(r"\ba (?:A|I|O|E(?!ur))", text) for text in found)


def test_what_is_set_aside_or_one_of_several_is_left_alone() -> None:
    scene = Scene(question("Other than Lima, what won?"))
    assert all(excepted(scene.tokens, entity) for entity in entities(scene))
    scene = Scene(question("What won in Lima and Cuba?"))
    assert all(several(scene.tokens, entity) for entity in entities(scene))
    attempt = make("entity-swap.v1").attempt(question("Other than Lima, what won?"), 0)
    assert not attempt.variants
    assert attempt.rejections["word: only set aside"] == 1


def test_words_of_the_answer_and_questions_without_one_are_left_alone() -> None:
    attempt = make("entity-swap.v1").attempt(question("Who won in Lima?", answer="Lima"), 0)
    assert not attempt.variants
    assert attempt.rejections["word: answer word"] == 1
    bare = Question("q", "Who won in Lima?", CONTEXT, (), "T", False, "T:1", "T")
    assert make("entity-swap.v1").attempt(bare, 0).rejections["question: has no answer"] == 1


def test_an_unknown_kind_is_refused_in_one_line() -> None:
    with pytest.raises(UserError, match=r"kinds 'animal': not known, expected some of person, place"):
        make("entity-swap.v1", kinds=("animal",))


def test_an_article_that_opens_the_question_follows_the_new_capitals() -> None:
    found = {
        make("entity-swap.v1").variants(question("An MSP may see what?", answer="fleet"), seed)[0].question
        for seed in range(20)
    }
    assert len(found) > 3
    assert all(text.split()[0] == ("An" if text.split()[1][0] in "AEFHILMNORSX" else "A") for text in found)


def test_a_people_after_many_is_no_person_and_a_whole_is_not_swapped_for_its_part() -> None:
    scene = Scene(question("Where did many Spanish Catholic move?"))
    assert not any(e.kind == "person" for e in entities(scene))
    for seed in range(20):
        (variant,) = make("entity-swap.v1").variants(question("Who elects the European Parliament?"), seed)
        assert variant.question in ("Who elects the African Parliament?", "Who elects the Asian Parliament?")
