"""Numbers, dates, marks, order and other names: what exactly comes out for questions of our own."""

from __future__ import annotations

import pytest

from attacks.date_format import DateFormat
from attacks.entity_alias import EntityAlias
from attacks.number_format import NumberFormat
from attacks.punctuation import Punctuation
from attacks.word_order import WordOrder
from robust.attack.aliases import alias_table, explained
from robust.attack.base import Attack
from robust.attack.numerals import cardinal, ordinal, ordinal_digits
from robust.errors import UserError
from robust.squad.records import Answer, Question


def every(attack: Attack, text: str, context: str = "", answer: str = "") -> set[str]:
    """Return whatever the attack may make of a question, over a few seeds."""
    answers = (Answer(answer, context.index(answer)),) if answer else ()
    question = Question("q1", text, context, answers, "T", bool(answers), "T:1", "T")
    return {variant.question for seed in range(12) for variant in attack.variants(question, seed)}


NUMBERS = [
    ("How did 5,000 ships sail?", "How did 5000 ships sail?"),
    ("How did 12500 ships sail?", "How did 12,500 ships sail?"),
    ("Which three towns were rebuilt?", "Which 3 towns were rebuilt?"),
    ("Where do 12 bees live?", "Where do twelve bees live?"),
    ("When was the second edition printed?", "When was the 2nd edition printed?"),
    ("Who won the 5th race?", "Who won the fifth race?"),
    ("Who owns 10% of the land?", "Who owns 10 percent of the land?"),
    ("Who owns 2.5 percent of the land?", "Who owns 2.5% of the land?"),
]


@pytest.mark.parametrize(("text", "wanted"), NUMBERS)
def test_a_number_is_written_otherwise_and_is_the_same(text: str, wanted: str) -> None:
    assert every(NumberFormat(), text) == {wanted}


@pytest.mark.parametrize(
    "text",
    [
        "What did a storm destroy in 1901?",  # a year
        "Who was born in 1066 in France?",
        "What does Article 5 say?",
        "Who fought in World War 2?",
        "What is the standard X.25 for?",
        "What happened on May 5 there?",
        "What is his first name?",
        "When did bees first appear?",
        "Which one did they buy?",
        "Who wrote 'three men in a boat'?",
        "How did five million bees die?",
        "Which town has zip code 90210?",
        "Where does bus 12345 stop?",
    ],
)
def test_years_labels_names_and_codes_are_no_numbers_to_rewrite(text: str) -> None:
    assert every(NumberFormat(), text) == set()


def test_a_number_of_the_answer_stays() -> None:
    assert every(NumberFormat(), "Which three towns burnt?", "In all, three towns.", "three towns") == set()


def test_numerals_by_the_grammar() -> None:
    assert [cardinal(n) for n in (0, 13, 40, 99)] == ["zero", "thirteen", "forty", "ninety-nine"]
    assert [ordinal(n) for n in (1, 5, 8, 9, 12, 20, 22, 30)] == [
        *("first", "fifth", "eighth", "ninth", "twelfth", "twentieth", "twenty-second", "thirtieth"),
    ]
    assert [ordinal_digits(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 92)] == [
        *("1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "92nd"),
    ]


DATES = [
    ("Who left on March 3, 1901?", {"Who left on 3 March 1901?", "Who left on 1901-03-03?"}),
    ("Who left on 12 Oct. 1901?", {"Who left on October 12, 1901?", "Who left on 1901-10-12?"}),
    ("Who left on 1901-03-04?", {"Who left on March 4, 1901?", "Who left on 4 March 1901?"}),
    ("Who left on July 4th?", {"Who left on 4 July?"}),
    ("Who left in January 1901?", {"Who left in Jan. 1901?"}),
    ("Who led in the 1990s?", {"Who led in the 1990's?", "Who led in the nineties?"}),
    ("Who led in the 1850s?", {"Who led in the 1850's?", "Who led in the eighteen-fifties?"}),
    ("Who ruled in the 19th century?", {"Who ruled in the nineteenth century?"}),
    ("Who ruled in the twenty first century?", {"Who ruled in the 21st century?"}),
    ("Who ruled in the twenty-second century?", set()),
    ("What is twelfth-century art?", {"What is 12th-century art?"}),
    ("Who ruled in 1066?", {"Who ruled in the year 1066?"}),
    ("Who ruled in the year 1066?", {"Who ruled in 1066?"}),
    ("Who ruled around 40 BC?", {"Who ruled around 40 BCE?"}),
    ("Who planned the September 11 attacks?", set()),
    ("Who sold 1901 ships?", set()),
    ("Who sang in May?", set()),
]


@pytest.mark.parametrize(("text", "wanted"), DATES)
def test_a_date_is_written_otherwise_and_is_the_same(text: str, wanted: set[str]) -> None:
    assert every(DateFormat(), text) == wanted


FCC = "It was the Federal Communications Commission (FCC) that ruled. The FCC met in 1934."
ALIASES = [
    ("Who led the Soviet Union?", "", {"Who led the USSR?"}),
    ("When did World War II end?", "", {"When did the Second World War end?"}),
    ("Who bombed Peking?", "", {"Who bombed Beijing?"}),
    ("What did the FCC decide?", FCC, {"What did the Federal Communications Commission decide?"}),
    ("What did the Federal Communications Commission rule?", FCC, {"What did the FCC rule?"}),
    ("NASA sent what?", "", {"The National Aeronautics and Space Administration sent what?"}),
    ("Who led the United States Navy?", "", set()),  # part of a longer name
    ("What does FCC stand for?", FCC, set()),
    ("Who wrote 'the Soviet Union'?", "", set()),
    ("Who fled the Netherlands for Holland?", "", set()),
]


@pytest.mark.parametrize(("text", "context", "wanted"), ALIASES)
def test_a_name_is_exchanged_for_another_of_the_same(text: str, context: str, wanted: set[str]) -> None:
    assert every(EntityAlias(), text, context) == wanted


def test_no_alias_is_or_gives_away_the_answer() -> None:
    context = "The Soviet Union, or USSR, fell in 1991."
    assert every(EntityAlias(), "What letters meant the Soviet Union?", context, "USSR") == set()
    assert every(EntityAlias(), "When did the Soviet Union fall?", context, "1991")


def test_the_paragraph_must_spell_an_acronym_to_explain_it() -> None:
    assert explained(FCC) == {"the FCC": "the Federal Communications Commission"}
    assert explained("Much of the Bank of New Zealand (BNZ) is old.") == {
        "the BNZ": "the Bank of New Zealand"
    }
    assert explained("The storm destroyed the lighthouse (UK).") == {}
    assert explained("Parliament (EP) sits.") == {}


def test_the_table_names_each_thing_once_and_never_gives_a_name_for_itself() -> None:
    for name, others in alias_table().items():
        assert others and name not in others


MARKS = {
    "dropped": "Who built the harbour",
    "doubled": "Who built the harbour??",
    "spaced": "Who built the harbour ?",
    "ellipsis": "Who built the harbour...?",
    "full-stop": "Who built the harbour.",
    "quotes": 'Who built the "harbour"?',
    "lower": "who built the harbour?",
    "upper": "WHO BUILT THE HARBOUR?",
}


@pytest.mark.parametrize("kind", MARKS)
def test_marks_change_and_words_do_not(kind: str) -> None:
    assert every(Punctuation(kind=kind), "Who built the harbour?") == {MARKS[kind]}


def test_commas_are_left_out_and_put_in_but_not_in_numbers() -> None:
    comma = Punctuation(kind="comma")
    assert every(comma, "In Veldmond, who sold 1,000 ships?") == {"In Veldmond who sold 1,000 ships?"}
    assert every(comma, "Who built the harbour of Veldmond?") == {"Who built the harbour, of Veldmond?"}


ORDERS = [
    ("phrase", "What did a storm destroy in 1901?", {"In 1901, what did a storm destroy?"}),
    ("phrase", "In 1901, what did a storm destroy?", {"What did a storm destroy in 1901?"}),
    ("phrase", "Who was the king in France?", {"In France, who was the king?"}),
    ("phrase", "What is the town located in?", set()),
    ("phrase", "What did the war result in?", set()),
    ("phrase", "Who owned more than the king in 1901?", set()),
    ("adverb", "What do bees usually eat?", {"Usually, what do bees eat?"}),
    ("adverb", "Who most commonly eats honey?", set()),
    ("swap", "Who built the harbour?", {"Who built harbour the?"}),
]


@pytest.mark.parametrize(("kind", "text", "wanted"), ORDERS)
def test_words_stand_in_another_order(kind: str, text: str, wanted: set[str]) -> None:
    assert every(WordOrder(kind=kind), text) == wanted


def test_an_adverb_that_ends_a_question_without_a_mark_is_moved_too() -> None:
    text = "What do the bees there eat usually"
    assert every(WordOrder(kind="adverb"), text) == {"Usually, what do the bees there eat"}


@pytest.mark.parametrize("attack", [Punctuation, WordOrder])
def test_an_unknown_kind_is_one_line_that_names_those_there_are(attack: type[Attack]) -> None:
    with pytest.raises(UserError, match="kind 'none': expected one of"):
        attack(kind="none")  # type: ignore[call-arg] # both have a kind
