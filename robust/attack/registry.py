"""Attacks by name: whatever installed packages offer under the entry point group ``robust.attacks``.

Ours come the same way as a third party's: a package writes

    [project.entry-points."robust.attacks"]
    "shuffle.v1" = "their_package.shuffle:Shuffle"

and ``robust build shuffle.v1`` works.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from robust.attack.base import Attack
from robust.attack.constraints import parse
from robust.attack.control import Control, SenseControl
from robust.attack.substitution import Substitution
from robust.errors import UserError

GROUP = "robust.attacks"
_TEXTS = tuple[str, ...]
# What a control controls where nothing else is said, and the controls that are built beside an attack.
CONTROLLED = "qads.v1"
CONTROLS = {
    "identity": "identity.v1",
    "first-sense": "first-sense.v1",
    "random-sense": "random-sense.v1",
    "non-synonym": "non-synonym.v1",
}


def names() -> list[str]:
    """Return the names of all registered attacks, sorted."""
    return sorted(_registered())


def get(name: str) -> type[Attack]:
    """Return the attack class called ``name``.

    Raises UserError with the nearest names where there is none, or where its package cannot be loaded.
    """
    entry = _registered().get(name)
    if entry is None and ":" in name:
        raise UserError(
            f"attack {name!r}: found MODULE:CLASS, expected the name of a registered attack (robust list "
            "attacks); docs/attacks.md says how to register one"
        )
    if entry is None:
        near = get_close_matches(name, names(), n=3, cutoff=0.4) or names()
        raise UserError(
            f"attack {name!r}: not known; the nearest are {', '.join(near)}; see: robust list attacks"
        )
    try:
        found = entry.load()
    except Exception as error:  # somebody else's module may fail in any way
        raise UserError(
            f"attack {name!r}: {entry.value} cannot be loaded ({error}); reinstall its package"
        ) from error
    if not (isinstance(found, type) and issubclass(found, Attack)) or found.name != name:
        raise UserError(
            f"attack {name!r}: {entry.value} is not an Attack of that name; correct its entry point"
        )
    return found


def make(name: str, **settings: Any) -> Attack:
    """Return the attack called ``name`` with the given settings; a control without ``arm`` controls qads.v1.

    Raises UserError for an unknown attack, setting or value.
    """
    found = get(name)
    known = {f.name for f in fields(found)}
    for setting in settings:
        if setting not in known:
            near = get_close_matches(setting, known, n=1) or sorted(known)
            raise UserError(f"attack {name!r}: has no setting {setting!r}; the nearest: {', '.join(near)}")
    settings = _as_fields(found, settings)
    for constraint in settings.get("constraints", ()):
        parse(constraint)
    if issubclass(found, Control) and "arm" not in settings:
        settings["arm"] = make(CONTROLLED, lexicon=settings.get("lexicon", ""))
    return found(**settings)


def _as_fields(attack: type[Attack], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings as their fields hold them; UserError where a value is not of its field's type."""
    try:
        types = get_type_hints(attack)
    except NameError:  # a third party's annotations may name what is imported for type checkers only
        return dict(settings)
    made = {}
    for setting, value in settings.items():
        wanted = types[setting]
        held = _as_field(value, wanted)
        choice = get_origin(wanted) in (Union, UnionType, Literal)
        if not any(_fits(held, one) for one in (get_args(wanted) if choice else (wanted,))):
            raise UserError(
                f"attack {attack.name!r}: setting {setting} is {held!r}, expected {_told(wanted)}"
            )
        made[setting] = held
    return made


def _as_field(value: Any, wanted: Any) -> Any:
    """Return a value as JSON or the command line has it in the form that its field holds."""
    if wanted == _TEXTS and isinstance(value, str | list):
        return (value,) if isinstance(value, str) else tuple(value)
    kinds = get_args(wanted) if get_origin(wanted) in (Union, UnionType) else (wanted,)
    if float in kinds and int not in kinds and type(value) is int:
        try:
            return float(value)  # 1 and 1.0 are one setting, and must have one hash
        except OverflowError:
            return math.inf
    return value


def _told(wanted: Any) -> str:
    if wanted == _TEXTS:
        return "a list of texts"
    if get_origin(wanted) is Literal:
        return f"one of {', '.join(map(str, get_args(wanted)))}"
    if wanted in (float, float | None):
        return f"a finite number{'' if wanted is float else ', or nothing'}"
    return wanted.__name__ if isinstance(wanted, type) else str(wanted)


def _fits(value: object, wanted: Any) -> bool:
    if wanted == _TEXTS:
        return isinstance(value, tuple) and all(isinstance(text, str) for text in value)
    if not isinstance(wanted, type):  # a choice of literals, a generic: left to the attack
        return get_origin(wanted) is not None or value == wanted
    if wanted in (int, float):  # a whole number is a number, true and false are none
        if isinstance(value, bool) or not isinstance(value, int if wanted is int else int | float):
            return False
        return isinstance(value, int) or math.isfinite(value)
    return isinstance(value, wanted)


def control_arms(attack: Attack) -> dict[str, Control]:
    """Return the control arms of ``attack`` by name; those that choose senses need an attack that does.

    An attack after which another answer is right has none: they measure what a drop is due to.
    """
    arms: dict[str, Control] = {}
    if attack.expected != "same":
        return arms
    for arm, name in CONTROLS.items():
        found = get(name)
        if issubclass(found, SenseControl) and not isinstance(attack, Substitution):
            continue
        control = found(arm=attack, lexicon=attack.lexicon)  # type: ignore[call-arg] # controls have an arm
        assert isinstance(control, Control)
        arms[arm] = control
    return arms


@cache
def _registered() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in sorted(entry_points(group=GROUP), key=lambda e: (e.name, e.value))}
