"""Our attacks as TextAttack transformations: what they may edit, one candidate an edit.

An attack that lists its places (`SiteAttack`) offers every edit of every place; one that replaces words
(`qads.v1`) every usable substitute of every word it would touch; any other its variants. All are made in
the untouched question, so that a search may combine what its steps found. What breaks one of the attack's own
constraints is no candidate.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator
from typing import Any

import numpy as np

from robust.attack.base import Attack, Edits
from robust.attack.constraints import broken
from robust.attack.records import apply_edits
from robust.attack.scene import Scene
from robust.attack.sites import SiteAttack
from robust.attack.substitution import Substitution, word_edit
from robust.textattack.dataset import COLUMNS, QuestionDataset, columns, original
from robust.textattack.edits import edits_between
from robust.textattack.library import textattack
from robust.textattack.words import spans

# where an AttackedText keeps the edits that our attacks made of it
_EDITS = "robust_edits"


class Edited(textattack.transformations.word_swaps.WordSwap):
    """An attack of ours as a transformation, for any search and beside any other transformation.

    ``seed`` settles what the attack leaves to chance.
    """

    def __init__(self, attack: Attack, dataset: QuestionDataset, seed: int = 0) -> None:
        super().__init__()
        self.attack = attack
        self.dataset = dataset
        self.seed = seed

    def _get_transformations(self, current_text: Any, indices_to_modify: set[int]) -> list[Any]:
        first = columns(original(current_text))
        made = edits_of(current_text, first)
        offset = _Offsets(current_text, made)
        found = []
        scene = self.dataset.scene(current_text)
        for edits in candidates(self.attack, scene, self.seed):
            if any(_overlap(edit, before) for edit in edits for before in made):
                continue
            if not all(offset.word(edit) in indices_to_modify for edit in edits):
                continue
            if not broken(self.attack.constraints, scene, made + edits):
                found.append(_edited(current_text, first, made + edits))
        return found

    def extra_repr_keys(self) -> list[str]:
        """Return what TextAttack prints of it."""
        return ["attack", "seed"]


def candidates(attack: Attack, scene: Scene, seed: int) -> Iterator[Edits]:
    """Yield what the attack may do to the question, each on its own; in its order, none twice."""
    rejected: Counter[str] = Counter()
    found: dict[Edits, None] = {}
    if isinstance(attack, SiteAttack):
        found = {(edit,): None for site in attack.sites(scene, seed, rejected) for edit in site.edits}
    elif isinstance(attack, Substitution):
        for decision in attack.decide(scene, seed):
            if decision.edit is None:
                continue
            for choice in decision.pick.choices:
                form = choice.substitute.form
                edit = word_edit(
                    scene,
                    decision.index,
                    form,
                    synset=choice.synset,
                    score=choice.safety,
                    reason=f"safety {choice.safety:.2f}",
                )
                found[(edit,)] = None
    else:
        found = {tuple(edits): None for edits in attack.rewrite(scene, seed, rejected) if edits}
    yield from found


def edits_of(text: Any, first: tuple[str, str]) -> Edits:
    """Return the edits that made an AttackedText of its original columns; ours as they were made."""
    question, context = columns(text)
    own: Edits = text.attack_attrs.get(_EDITS, ())
    if apply_edits(first[0], own) == question and apply_edits(first[1], own, "context") == context:
        return own
    return edits_between(first[0], question) + edits_between(first[1], context, "context")


def _overlap(one: Any, other: Any) -> bool:
    """Return whether two edits of the untouched texts get into each other's way."""
    if one.field != other.field:
        return False
    if one.start == other.start:
        return True
    return bool(one.start < other.end and other.start < one.end)


class _Offsets:
    """Which word of an AttackedText an edit of the untouched texts would change."""

    def __init__(self, text: Any, made: Edits) -> None:
        question, context = columns(text)
        inside = spans(question, text.words_per_input[0])
        self._first = {"question": 0, "context": len(inside)}
        self._spans = {"question": inside, "context": spans(context, text.words_per_input[1])}
        self._made = made

    def word(self, edit: Any) -> int:
        """Return the index of the last word that the edit covers, or of the word before it."""
        shift = sum(
            len(one.after) - len(one.before)
            for one in self._made
            if one.field == edit.field and one.end <= edit.start
        )
        start, end = edit.start + shift, edit.end + shift
        inside = self._spans[edit.field]
        covered = [index for index, (begin, stop) in enumerate(inside) if begin < end and start < stop]
        before = [index for index, (_, stop) in enumerate(inside) if stop <= start]
        return self._first[edit.field] + max(covered or before, default=0)


def _edited(text: Any, first: tuple[str, str], edits: Edits) -> Any:
    """Return the AttackedText that has ``edits``, with all that TextAttack keeps of where it comes from."""
    values = (apply_edits(first[0], edits), apply_edits(first[1], edits, "context"))
    attributes = {
        "previous_attacked_text": text,
        _EDITS: edits,
        "modified_indices": set(),
        "newly_modified_indices": set(),
        "original_index_map": np.array([]),
    }
    if "label_names" in text.attack_attrs:
        attributes["label_names"] = text.attack_attrs["label_names"]
    new = textattack.shared.AttackedText(
        OrderedDict(zip(COLUMNS, values, strict=True)), attack_attrs=attributes
    )
    base = original(text)
    places, changed = _places(base.words, new.words)
    attributes["original_index_map"] = np.array(places)
    attributes["modified_indices"] = changed
    attributes["newly_modified_indices"] = changed - text.attack_attrs["modified_indices"]
    return new


def _places(old: list[str], new: list[str]) -> tuple[list[int], set[int]]:
    """Return where each old word stands now (-1: nowhere), and which of the new words are not old ones."""
    from difflib import SequenceMatcher

    places, changed = [-1] * len(old), set(range(len(new)))
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal" or (kind == "replace" and j - i == m - k):
            for place in range(j - i):
                places[i + place] = k + place
        if kind == "equal":
            changed -= set(range(k, m))
    return places, changed
