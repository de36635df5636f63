"""Other inflections: which forms of which words."""

from __future__ import annotations

from collections import Counter

from robust.attack.registry import make
from robust.attack.scene import Scene
from robust.attack.sites import SiteAttack
from robust.squad.records import Question


def forms(text: str) -> dict[str, list[str]]:
    attack = make("inflect.v1")
    assert isinstance(attack, SiteAttack)
    question = Question("q", text, "", (), "T", False, "T:1", "T")
    sites = attack.sites(Scene(question), 0, Counter())
    return {site.edits[0].before: [edit.after for edit in site.edits] for site in sites}


def test_a_verb_gets_all_its_other_forms_once() -> None:
    assert forms("What did the storm destroy?")["destroy"] == ["destroys", "destroying", "destroyed"]


def test_a_noun_changes_its_number_and_takes_its_article_along() -> None:
    found = forms("When does a colony leave the hives?")
    assert found["a colony"] == ["a colonies"]
    assert found["hives"] == ["hive"]


def test_degrees_and_words_of_one_form_stay() -> None:
    assert set(forms("Which largest ships carried furniture?")) == {"ships", "carried"}


def test_case_is_kept() -> None:
    assert forms("Ships carried what?")["Ships"] == ["Ship"]
