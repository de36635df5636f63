"""Strategies by name."""

from __future__ import annotations

from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from robust.attack.base import Attack
from robust.attack.registry import get, names
from robust.attack.search.beam import Beam
from robust.attack.search.genetic import Genetic
from robust.attack.search.greedy import Greedy
from robust.attack.search.strategy import Strategy
from robust.attack.search.worst_of_k import WorstOfK
from robust.attack.sites import Sited
from robust.errors import UserError

STRATEGIES: dict[str, type[Strategy]] = {found.name: found for found in (Greedy, Beam, WorstOfK, Genetic)}

_IMPORTANCE = ("edit", "deletion", "unknown", "overlap")


def make_strategy(name: str, **settings: Any) -> Strategy:
    """Return the strategy called ``name`` with the given settings; UserError for what is not known."""
    found = STRATEGIES.get(name)
    if found is None:
        near = get_close_matches(name, STRATEGIES, n=1, cutoff=0.5)
        said = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(STRATEGIES)}"
        raise UserError(f"strategy {name!r}: not known; {said}")
    known = {f.name: f.default for f in fields(found)}
    for setting, value in settings.items():
        if setting not in known:
            said = ", ".join(known) or "none"
            raise UserError(f"strategy {name!r}: has no setting {setting!r}; it has: {said}")
        wanted = type(known[setting])
        if type(value) is not wanted or (setting == "importance" and value not in _IMPORTANCE):
            told = " or ".join(_IMPORTANCE) if setting == "importance" else "a whole number"
            raise UserError(f"strategy {name!r}: setting {setting} is {value!r}, expected {told}")
    return found(**settings)


def check_searchable(attack: Attack, strategy: Strategy) -> None:
    """Raise UserError where the strategy needs places and the attack lists none, or the old answer is wrong.

    Where an attack changes the answer, a reader that turns from the old one is right: there is no success.
    """
    if attack.expected != "same":
        raise UserError(
            f"{attack.name}: changes the answer, so there is no wrong answer to search for; take an attack "
            f"that keeps it, or measure how often a reader keeps the old one: robust build {attack.name}, "
            "then robust eval"
        )
    if isinstance(attack, Sited) or not strategy.needs_sites:
        return
    others = [name for name in names() if hasattr(get(name), "sites") and get(name).expected == "same"]
    raise UserError(
        f"{attack.name}: lists no places, which {strategy.name} needs; take an attack that does "
        f"({', '.join(others)}), or --strategy {WorstOfK.name}"
    )
