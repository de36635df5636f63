"""What an attack is: settings in, question in, variants out.

An attack is a frozen dataclass of keyword-only settings, holds no state, and implements ``rewrite``.
Everything else (laying the question out, randomness, naming and checking variants, counting rejections)
is done here, the same for all.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Self

from robust.attack.constraints import broken
from robust.attack.records import Edit, Expected, Field, Variant, apply_edits, undo_edits
from robust.attack.scene import Scene, open_lexicon
from robust.attack.scorers import NO_SCORERS, Need, Scorers
from robust.errors import UserError
from robust.squad.records import Question

Edits = tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one question: its variants, best first, and how often each reason forbade something.

    A reason reads ``word: name`` (a word of the question), ``substitute: rare`` (a candidate) or
    ``question: no safe word`` (the whole question).
    """

    variants: tuple[Variant, ...]
    rejections: Counter[str]


@dataclass(frozen=True, kw_only=True, repr=False)
class Attack(ABC):
    """Base of all attacks; subclasses are frozen keyword-only dataclasses of JSON values.

    ``name`` carries the version (``qads.v1``): change what an attack does and it gets a new name, so that
    last year's set can still be built. ``expected`` is what a right answer to a variant is, ``edits_field``
    which text is edited, ``needs`` which scorer is asked, and ``source`` where the idea comes from. One that
    asks a scorer has a setting ``model_sha256``, which ``bound`` fills in: another model, another attack.
    ``may_change_nothing`` is for the identity control alone: a variant that equals its original is none.
    """

    name: ClassVar[str]
    expected: ClassVar[Expected] = "same"
    edits_field: ClassVar[Field] = "question"
    needs: ClassVar[Need | None] = None
    source: ClassVar[str] = ""
    may_change_nothing: ClassVar[bool] = False

    lexicon: str = ""
    """Path of a compiled WordNet; empty: the shipped one. The hash knows it by content, not by path."""

    constraints: tuple[str, ...] = ()
    """What every variant must keep, as `robust.attack.constraints` has it; others are dropped and counted."""

    @abstractmethod
    def rewrite(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Edits]:
        """Return the edits of each variant, best first; empty if the question cannot be attacked.

        Take chance from ``self.random(scene.question.id, seed)`` only. Count in ``rejected`` why a word, a
        substitute or the question was turned down.
        """

    def bound(self, scorers: Scorers) -> Self:
        """Return this attack with the SHA-256 of the scorer that it needs as its ``model_sha256``.

        Raises UserError where the settings name another model than the one at hand.
        """
        found = scorers.sha256s().get(self.needs) if self.needs else None
        named = getattr(self, "model_sha256", None)
        if found is None or named is None or named == found:
            return self
        if named:
            raise UserError(
                f"{self.name}: model_sha256 {named[:12]}...: the model given has {found[:12]}...; name that "
                "very model, or leave the setting out"
            )
        changed: dict[str, Any] = {"model_sha256": found}
        return replace(self, **changed)

    def attempt(self, question: Question, seed: int, scorers: Scorers = NO_SCORERS) -> Attempt:
        """Return the question's variants and the rejections on the way."""
        return self.attempt_scene(Scene(question, self.lexicon_path, scorers), seed)

    def variants(self, question: Question, seed: int, scorers: Scorers = NO_SCORERS) -> list[Variant]:
        """Return the question's variants, best first; empty where it cannot be attacked."""
        return list(self.attempt(question, seed, scorers).variants)

    def attempt_scene(self, scene: Scene, seed: int) -> Attempt:
        """Return the variants of a question that is laid out already."""
        rejected: Counter[str] = Counter()
        return self.checked(scene, seed, self.rewrite(scene, seed, rejected), rejected)

    def checked(self, scene: Scene, seed: int, rewritten: Sequence[Edits], rejected: Counter[str]) -> Attempt:
        """Return the attempt whose variants are made by ``rewritten``; one without edits only counts on.

        So do one that breaks a constraint and one whose question and context are the original's.
        """
        made = []
        for k, edits in enumerate(rewritten, 1):
            if edits and (refused := broken(self.constraints, scene, edits)):
                rejected[f"variant: {refused}"] += 1
            elif edits:
                variant = self.variant(scene.question, k, edits, seed)
                same = variant.question == scene.question.text and variant.context is None
                if same and not self.may_change_nothing:
                    rejected["variant: changes nothing"] += 1
                else:
                    made.append(variant)
        return Attempt(tuple(made), rejected)

    def random(self, question_id: str, seed: int) -> Random:
        """Return the generator for one question: the same in every process and in any order.

        Constraints do not change it: what they leave is what would have been made without them.
        """
        key = f"{_unconstrained_hash(self)}|{seed}|{question_id}".encode()
        return Random(int.from_bytes(hashlib.sha256(key).digest()[:8], "big"))

    def settings(self) -> dict[str, Any]:
        """Return the settings as JSON values, without the lexicon's path; constraints where there are any."""
        left_out = {"lexicon"} if self.constraints else {"lexicon", "constraints"}
        return {f.name: _json(getattr(self, f.name)) for f in fields(self) if f.name not in left_out}

    def settings_hash(self) -> str:
        """Return the SHA-256 of name, settings and the lexicon's SHA-256 as canonical JSON."""
        return _settings_hash(self)

    @property
    def lexicon_path(self) -> Path | None:
        """The compiled WordNet to open; None: the shipped one."""
        return Path(self.lexicon) if self.lexicon else None

    @property
    def lexicon_sha256(self) -> str:
        """The SHA-256 of the compiled WordNet."""
        return open_lexicon(self.lexicon_path).sha256

    def __repr__(self) -> str:
        changed = [f for f in fields(self) if getattr(self, f.name) != f.default]
        return f"{self.name}({', '.join(f'{f.name}={getattr(self, f.name)!r}' for f in changed)})"

    def variant(self, question: Question, k: int, edits: Edits, seed: int) -> Variant:
        """Return the ``k``-th variant of the question (from 1), made by ``edits``, checked to be undoable."""
        edits = tuple(sorted(edits, key=lambda e: (e.field, e.start)))
        text = apply_edits(question.text, edits)
        context = apply_edits(question.context, edits, "context")
        if (
            undo_edits(text, edits) != question.text
            or undo_edits(context, edits, "context") != question.context
        ):
            raise AssertionError(f"{self!r}: the edits of {question.id} cannot be undone")
        return Variant(
            variant_id=f"{question.id}#{k}",
            original_id=question.id,
            question=text,
            edits=edits,
            attack=self.name,
            expected=self.expected,
            settings_hash=self.settings_hash(),
            seed=seed,
            context=None if context == question.context else context,
        )


@cache
def _settings_hash(attack: Attack) -> str:
    known = {"name": attack.name, "settings": attack.settings(), "lexicon": attack.lexicon_sha256}
    return hashlib.sha256(canonical_json(known).encode()).hexdigest()


@cache
def _unconstrained_hash(attack: Attack) -> str:
    return _settings_hash(_unconstrained(attack))


def _unconstrained(attack: Attack) -> Attack:
    """Return the attack, and the arm that it controls, without constraints."""
    held: dict[str, Any] = {f.name: getattr(attack, f.name) for f in fields(attack)}
    arms = {name: _unconstrained(value) for name, value in held.items() if isinstance(value, Attack)}
    changed: dict[str, Any] = {"constraints": (), **arms}
    return replace(attack, **changed) if arms or attack.constraints else attack


def canonical_json(value: Any) -> str:
    """Return JSON with sorted keys and no spaces: equal values give equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _json(value: Any) -> Any:
    if isinstance(value, Attack):
        return {"name": value.name, **value.settings()}
    if isinstance(value, tuple | list):
        return [_json(item) for item in value]
    return value
