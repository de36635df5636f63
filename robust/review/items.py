"""What raters are shown: the variants of a built set, and of those control arms whose verdict is known."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from robust.attack.base import canonical_json
from robust.attack.records import Edit
from robust.build import RobustnessSet, read_edits, read_set, stratified_sample
from robust.errors import UserError
from robust.squad.records import Question

MAIN = "main"
# Control arms that tell whether a rater is awake: the verdict that most of their variants deserve.
CHECKS: Mapping[str, str] = {"identity": "accept", "non-synonym": "reject"}

Edits = tuple[Edit, ...]
Places = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One variant to judge: ``arm`` is ``MAIN`` or a control arm, ``edits`` lead from original to rewritten.

    ``code`` is what raters and their files call it; it does not betray the arm. ``senses`` are the synsets
    that the set (not the control arm) chose for the words edited.
    """

    code: str
    arm: str
    variant_id: str
    original: Question
    rewritten: Question
    edits: Edits
    senses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reviewable:
    """A built set with its items by code; ``sha256`` is that of its perturbed.json, which names the set."""

    path: Path
    sha256: str
    built: RobustnessSet
    items: dict[str, Item]

    def of_arm(self, arm: str) -> list[Item]:
        """Return the items of one arm, in the order of the set."""
        return [item for item in self.items.values() if item.arm == arm]


def read_reviewable(path: Path) -> Reviewable:
    """Return the built set in the folder ``path`` with its items.

    Raises UserError where there is no set, or its files are not those that its manifest names.
    """
    built = read_set(path)
    chosen = read_edits(path)
    items = list(_items(MAIN, built, chosen, chosen))
    for arm in CHECKS:
        if arm in built.controls:
            folder = built.controls[arm]
            control, edits = read_set(folder), read_edits(folder)
            pairs = controlled_by(chosen, edits)
            items += _items(arm, control, edits, {own: chosen[pairs[own]] for own in pairs})
    named = (built.manifest.get("sha256") or {}).get("perturbed")
    if not isinstance(named, str):
        raise UserError(f"{path}: its manifest names no perturbed.json by SHA-256; build the set again")
    return Reviewable(path, named, built, {item.code: item for item in items})


def choose(found: Reviewable, *, limit: int | None = None, checks: int = 0, seed: int = 0) -> list[Item]:
    """Return the items to show, in the order to show them: the same ones for the same seed.

    ``limit`` variants are drawn, stratified by article and answerability (all without it). ``checks`` items
    of the control arms of ``CHECKS`` are mixed in, as many of each arm, of questions that are not drawn
    where there are enough. Raises UserError where ``checks`` asks for more than there are.
    """
    every = found.of_arm(MAIN)
    by_id = {item.variant_id: item for item in every}
    drawn = [item.rewritten for item in every]
    if limit is not None:
        drawn = stratified_sample(drawn, limit, seed)
    chosen = [by_id[question.id] for question in drawn]
    seen = {item.original.id for item in chosen}
    arms = [arm for arm in CHECKS if found.of_arm(arm)]
    if checks and not arms:
        raise UserError(
            f"{found.path}: has no control arm {' or '.join(CHECKS)}, expected one for --control-items; "
            "build the set with its controls"
        )
    for number, arm in enumerate(arms):
        share = checks // len(arms) + (number < checks % len(arms))
        # Questions not drawn come first; among them chance decides, seeded.
        pool = sorted(found.of_arm(arm), key=lambda i: (i.original.id in seen, _digest(seed, i.code)))
        if len(pool) < share:
            raise UserError(
                f"{found.path}: control arm {arm} has {len(pool)} variants, "
                f"--control-items asks for {share} of it"
            )
        chosen += pool[:share]
        seen |= {item.original.id for item in pool[:share]}
    return sorted(chosen, key=lambda item: _digest(seed, item.code))


def controlled_by(set_edits: Mapping[str, Edits], control_edits: Mapping[str, Edits]) -> dict[str, str]:
    """Return id of a control arm's variant -> id of the set's variant that it controls.

    They are told by their places, not their numbers: a control edits the same words, and leaves out a
    variant that it has no words for, after which its numbers differ. Of several variants on the same words
    of a question the first that is left is taken.
    """
    free: dict[tuple[str, Places], list[str]] = {}
    for variant_id, edits in set_edits.items():
        free.setdefault((variant_id.rpartition("#")[0], _places(edits)), []).append(variant_id)
    found: dict[str, str] = {}
    for variant_id, edits in control_edits.items():
        if left := free.get((variant_id.rpartition("#")[0], _places(edits))):
            found[variant_id] = left.pop(0)
    return found


def _items(
    arm: str, built: RobustnessSet, edits: Mapping[str, Edits], chosen: Mapping[str, Edits]
) -> Iterator[Item]:
    """Yield the items of one arm; ``chosen`` has the edits of the set's variant for each of its variants."""
    originals = {question.id: question for question in built.original}
    for rewritten in built.perturbed:
        original = originals[built.variant_of[rewritten.id]]
        known = [arm, rewritten.id, original.text, rewritten.text]
        yield Item(
            # with a letter in front: a spreadsheet takes 12 digits, or 123456e78901, for a number
            code="v" + hashlib.sha256(canonical_json(known).encode()).hexdigest()[:12],
            arm=arm,
            variant_id=rewritten.id,
            original=original,
            rewritten=rewritten,
            edits=edits[rewritten.id],
            senses=tuple(edit.sense for edit in chosen.get(rewritten.id, ())),
        )


def _places(edits: Edits) -> Places:
    """Return where the edits end: an article before the word may belong to one arm's edit alone."""
    return tuple((edit.field, edit.end) for edit in edits)


def _digest(seed: int, text: str) -> str:
    return hashlib.sha256(f"{seed}|{text}".encode()).hexdigest()
