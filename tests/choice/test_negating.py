"""Claims and their opposites."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robust.attack.negating import NoPlace
from robust.attack.records import apply_edits, undo_edits
from robust.choice.negating import negate_claim
from robust.words.closed_class import word_set


def negated(claim: str) -> str:
    edits = negate_claim(claim)
    found = apply_edits(claim, edits, "claim")
    assert undo_edits(found, edits, "claim") == claim
    assert all(edit.field == "claim" for edit in edits)
    return found


# claim, its opposite; where both are negated to the other
EACH_OTHER = [
    ("Schools should ban phones", "Schools should not ban phones"),
    ("Phones should be banned", "Phones should not be banned"),
    ("Zoos are cruel", "Zoos are not cruel"),
    ("A ban is a mistake", "A ban is not a mistake"),
    ("The ban has worked", "The ban has not worked"),
    ("A fine will help", "A fine will not help"),
    ("Writing can be assessed", "Writing cannot be assessed"),
    ("Zoos protect elephants", "Zoos do not protect elephants"),
    ("A zoo protects elephants", "A zoo does not protect elephants"),
    ("The zoo protected elephants", "The zoo did not protect elephants"),
    ("The town has a plan", "The town does not have a plan"),
    ("It is fair to charge a fee", "It is not fair to charge a fee"),
    ("Keep the zoo", "Do not keep the zoo"),
    ("Stop taxing savings", "Do not stop taxing savings"),
    ("Late fees still work", "Late fees no longer work"),
    ("Taxes are still too high", "Taxes are no longer too high"),
]


@pytest.mark.parametrize(("claim", "opposite"), EACH_OTHER)
def test_a_claim_and_its_opposite_are_each_other_s(claim: str, opposite: str) -> None:
    assert negated(claim) == opposite
    assert negated(opposite) == claim


@pytest.mark.parametrize(
    ("claim", "opposite"),
    [
        ("Voting shouldn't be compulsory", "Voting should be compulsory"),
        ("Voting shouldn’t be compulsory", "Voting should be compulsory"),
        ("We can't trust them", "We can trust them"),
        ("They won't succeed", "They will succeed"),
        ("A ban doesn't really help", "A ban really helps"),
        ("Colorado didn't go too far", "Colorado went too far"),
        ("Don't tax the poor", "Tax the poor"),
        ("Schools should never close", "Schools should close"),
        ("All immigrants should get cards", "Not all immigrants should get cards"),
        ("Everyone deserves a chance", "Not everyone deserves a chance"),
        ("Teachers need homework", "Teachers do not need homework"),
        ("Drivers have to pay", "Drivers do not have to pay"),
        ("People who smoke should pay more", "People who smoke should not pay more"),
        ("We should help those who do not work", "We should not help those who do not work"),
        ("Bottled water is no longer needed", "Bottled water is still needed"),
        ("It's a good idea.", "It's not a good idea."),
        ("Not all men are equal", "All men are equal"),
        ("Medicare needs to be reformed", "Medicare does not need to be reformed"),
        ("Zoos do business", "Zoos do not do business"),
        ("A harmed bird would have moved", "A harmed bird would not have moved"),
        ("Cuts hurt", "Cuts do not hurt"),
        ("In France, schools should close", "In France, schools should not close"),
        ("What matters is the result", "What matters is not the result"),
    ],
)
def test_other_shapes(claim: str, opposite: str) -> None:
    assert negated(claim) == opposite


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("", "no words"),
        ("...", "no verb"),
        ("College free for everyone", "no verb"),
        ("Don't.", "no verb"),
        ("Should zoos close?", "a question"),
        ("Zoos are cruel. They should close.", "two sentences"),
        ("Taxes are high, but wages are low", "two clauses"),
        ("Zoos cost money and keep animals", "two verbs"),
        ("Schools should ban phones and hire teachers", "two verbs"),
        ("No, the laws should stay", "an answer"),
        ("Nobody should pay", "a denial that is no plain not"),
        ("Most voters want a change", "says how many"),
        ("Doctors should not prescribe anything", "a word that goes with not only"),
        ("Children should not only read", "a negation that cannot be taken out"),
        ("We should not say that it does not work", "two negations"),
        ("Zoos also protect elephants", "a word that does not go with not"),
        ("A ban may help", "a verb that does not go with not"),
        ("Who cares matters", "a clause before its verb"),
        ("Before the law changed, schools were better", "a clause before its verb"),
        ("Votes do matter in an election", "its verb is not clear"),  # as "do harm" looks
        ("The mills stand still half of the year", "a word that does not go with not"),
        ("Teachers would rather teach", "a word that does not go with not"),
        ("Lead gets into the water", "its verb is not clear"),
        ("In May every visitor came", "says how many"),
        ("Advertising aimed at children ought to be banned", "its verb is not clear"),
        ("Learning Latin helps children think", "its verb is not clear"),
        ("They did not lie", "a verb form that is not known"),  # lied, or lay
    ],
)
def test_what_is_not_sure_is_left_with_a_reason(claim: str, reason: str) -> None:
    with pytest.raises(NoPlace) as refused:
        negate_claim(claim)
    assert str(refused.value) == reason


_WORDS = word_set(
    "Schools should not n't ban phones and is are do does the a still never no longer cannot has helped , . "
    "that who 🍋 cafe\u0301 don't can’t keep all many ישן"
)
WORDS = st.sampled_from(sorted(_WORDS))


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=60))
def test_any_text_is_negated_so_that_it_can_be_undone_or_refused(text: str) -> None:
    try:
        found = negated(text)
    except NoPlace as reason:
        assert str(reason)
    else:
        assert found != text
