from __future__ import annotations

import pytest

from robust.attack import registry
from robust.attack.base import Attack
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
