from __future__ import annotations

import re

import pytest

from robust.attack import registry
from robust.attack.base import Attack, _settings_hash
from robust.errors import UserError


def test_the_attacks_of_this_release_are_registered() -> None:
    assert {"qads.v1", "identity.v1", "first-sense.v1", "random-sense.v1", "non-synonym.v1"} <= set(
        registry.names()
    )


@pytest.mark.parametrize("name", registry.names())
def test_every_registered_attack_loads_under_its_own_name(name: str) -> None:
    found = registry.get(name)
    assert issubclass(found, Attack)
    assert found.name == name


def test_an_unknown_name_gets_the_nearest_ones() -> None:
    with pytest.raises(UserError, match=r"attack 'qads': not known; the nearest are qads\.v1"):
        registry.get("qads")


def test_an_unknown_setting_gets_the_nearest_one() -> None:
    with pytest.raises(UserError, match=r"has no setting 'preste'; the nearest: preset"):
        registry.make("qads.v1", preste="safe")


def test_an_attack_whose_package_is_broken_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    broken = EntryPoint("broken.v1", "no_such_package.module:Thing", registry.GROUP)
    wrong = EntryPoint("wrong.v1", "robust.squad.records:Question", registry.GROUP)
    monkeypatch.setattr(registry, "_registered", lambda: {"broken.v1": broken, "wrong.v1": wrong})
    with pytest.raises(UserError, match=r"'broken.v1': no_such_package.module:Thing cannot be loaded"):
        registry.get("broken.v1")
    with pytest.raises(UserError, match=r"'wrong.v1': .* is not an Attack of that name"):
        registry.get("wrong.v1")


def test_a_control_standing_alone_controls_qads(questions: list) -> None:  # type: ignore[type-arg]
    control = registry.make("identity.v1")
    qads = registry.make("qads.v1")
    for question in questions:
        spans = [[(e.start, e.end) for e in v.edits] for v in control.variants(question, 0)]
        assert spans == [[(e.start, e.end) for e in v.edits] for v in qads.variants(question, 0)]


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("qads.v1", "pos", 3),
        ("qads.v1", "zipf_floor", "high"),
        ("qads.v1", "zipf_floor", True),
        ("qads.v1", "edits", [1]),
        ("random-sense.v1", "arm", 3),
        ("non-synonym.v1", "band", "wide"),
        ("entity-swap.v1", "kinds", 5),
        ("qads.v1", "constraints", 5),
    ],
)
def test_a_setting_of_the_wrong_type_is_refused_with_its_name_and_value(
    name: str, setting: str, value: object
) -> None:
    with pytest.raises(UserError, match=rf"{name}.*setting {setting} is {re.escape(repr(value))}, expected"):
        registry.make(name, **{setting: value})


def test_whole_numbers_and_nothing_go_where_their_types_allow_them() -> None:
    assert registry.make("non-synonym.v1", band=1).settings()["band"] == 1
    assert registry.make("qads.v1", edits=None, zipf_floor=3).settings()["zipf_floor"] == 3


def test_a_list_of_texts_is_taken_as_json_has_it_and_a_lone_text_is_a_list_of_one() -> None:
    one, other = (registry.make("entity-swap.v1", kinds=kinds) for kinds in (["person"], "person"))
    assert one == other
    assert one.settings()["kinds"] == ["person"]
    assert one.settings_hash() == other.settings_hash()
    assert registry.make("qads.v1", constraints="answers").constraints == ("answers",)


@pytest.mark.parametrize(("name", "setting"), [("entity-swap.v1", "kinds"), ("qads.v1", "constraints")])
def test_a_list_of_other_things_than_texts_is_refused(name: str, setting: str) -> None:
    with pytest.raises(UserError, match=rf"setting {setting} is \(3,\), expected a list of texts"):
        registry.make(name, **{setting: [3]})


def test_entity_swap_of_no_kind_is_refused() -> None:
    with pytest.raises(UserError, match=r"kinds '': not known, expected some of person"):
        registry.make("entity-swap.v1", kinds=[])


@pytest.mark.parametrize(("name", "setting"), [("typo.v1", "rate"), ("qads.v1", "zipf_floor")])
def test_a_whole_number_and_the_same_with_a_point_are_one_setting(name: str, setting: str) -> None:
    whole = registry.make(name, **{setting: 1})
    assert type(whole.settings()[setting]) is float
    _settings_hash.cache_clear()  # whichever was hashed first
    first = whole.settings_hash()
    _settings_hash.cache_clear()
    assert registry.make(name, **{setting: 1.0}).settings_hash() == first


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize(("name", "setting"), [("qads.v1", "zipf_floor"), ("typo.v1", "rate")])
def test_a_number_that_is_not_finite_is_refused(name: str, setting: str, value: float) -> None:
    with pytest.raises(UserError, match=rf"{setting} is {value}, expected a finite number"):
        registry.make(name, **{setting: value})


def test_a_whole_number_too_large_for_a_float_is_refused() -> None:
    with pytest.raises(UserError, match="zipf_floor is inf, expected a finite number"):
        registry.make("qads.v1", zipf_floor=10**400)


def test_a_wrong_choice_is_told_those_there_are() -> None:
    with pytest.raises(UserError, match=r"setting place is 'end', expected one of first, last, middle$"):
        registry.make("add-sent.v1", place="end")


def test_a_whole_number_may_be_as_large_as_it_likes_where_one_is_wanted() -> None:
    assert registry.make("typo.v1", edits=10**400).settings()["edits"] == 10**400
