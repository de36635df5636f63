"""Question paraphrase by rule: moved question words, clefts, passives, other openings, polite frames.

No model and no parser: a question whose parts (``robust.attack.clauses``) cannot be read off its tags is left
alone, and every rule knows the shapes it is right for. Names, numbers and quotations are never changed,
though they may move. *Which X* for *what X* is a rule of SEAR (Ribeiro et al. 2018, ACL); the transformations
of statement and question are those of any grammar of English.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.base import Attack, Edits
from robust.attack.clauses import read_clause
from robust.attack.movement import Rule, active, cleft, embedded, in_situ, passive, pied_piping, stranding
from robust.attack.openings import (
    called,
    exactly,
    kind,
    lead_in,
    located,
    name_of,
    quantity,
    what_which,
    which_what,
    year,
)
from robust.attack.protected import protected
from robust.attack.scene import Scene
from robust.attack.token_edits import token_edits
from robust.errors import UserError

ALL = "all"
RULES: dict[str, Rule] = {
    "in-situ": in_situ,
    "embedded": embedded,
    "cleft": cleft,
    "passive": passive,
    "active": active,
    "pied-piping": pied_piping,
    "stranding": stranding,
    "which-what": which_what,
    "what-which": what_which,
    "kind": kind,
    "year": year,
    "quantity": quantity,
    "name-of": name_of,
    "called": called,
    "exactly": exactly,
    "located": located,
    "lead-in": lead_in,
}


@dataclass(frozen=True, kw_only=True, repr=False)
class Rephrase(Attack):
    """The question rephrased by rule: moved question words, clefts, passives, other openings, frames.

    One rule a variant, drawn among those that apply; an edit's ``reason`` is its name. ``rules`` names those
    to use, with commas between them, or "all"; ``per_question`` variants are made, each by another rule.
    """

    name: ClassVar[str] = "rephrase.v1"
    source: ClassVar[str] = "Ribeiro et al. 2018 (SEAR) for which/what; rules of English grammar"

    rules: str = ALL
    per_question: int = 1

    def __post_init__(self) -> None:
        unknown = [rule for rule in self.wanted() if rule not in RULES]
        if unknown or not self.wanted():
            raise UserError(
                f"{self.name}: rules {self.rules!r}: {', '.join(unknown) or 'none'} not known, expected "
                f"'all' or some of {', '.join(RULES)}, with commas between them"
            )
        if self.per_question < 1:
            raise UserError(f"{self.name}: per_question {self.per_question}: expected a number from 1")
        # however it is written, the same list has the same hash
        written = ALL if self.rules.strip() == ALL else ",".join(self.wanted())
        object.__setattr__(self, "rules", written)

    def wanted(self) -> list[str]:
        """Return the names of the rules to use."""
        if self.rules.strip() == ALL:
            return list(RULES)
        return [rule.strip() for rule in self.rules.split(",") if rule.strip()]

    def rewrite(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Edits]:
        """Return the edits of each variant, by one rule each, in an order drawn by chance."""
        clause = read_clause(scene.tokens)
        if clause is None:
            rejected["question: parts not plain"] += 1
            return []
        chance = self.random(scene.question.id, seed)
        rules = self.wanted()
        chance.shuffle(rules)
        found: list[Edits] = []
        for rule in rules:
            changes = RULES[rule](scene.question.text, clause, chance)
            if changes is None:
                continue
            edits = token_edits(scene.question.text, scene.tokens, changes, rule)
            refused = [protected(scene, edit.start, edit.end, edit.after) for edit in edits]
            if any(refused):
                rejected[f"rule: {next(filter(None, refused))}"] += 1
            elif edits:
                found.append(edits)
            if len(found) == self.per_question:
                break
        if not found:
            rejected["question: no rule applies"] += 1
        return found
