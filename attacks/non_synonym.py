"""Control arm: the same words replaced by others that mean something else and are as frequent as the synonym.

A reader that read what is asked would fall far here; one that falls as far on synonyms as on these words
does not tell the two apart, whatever it falls by.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from robust.attack.control import Control
from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.substitution import edited_token, word_edit
from robust.attack.unrelated import unrelated_word


@dataclass(frozen=True, kw_only=True, repr=False)
class NonSynonym(Control):
    """An unrelated word of the same part of speech and form, as frequent as the substitute within ``band``.

    ``band`` is in Zipf units (log10): 0.25 is a factor of 1.8 either way.
    """

    name: ClassVar[str] = "non-synonym.v1"

    band: float = 0.25

    def replace(
        self, scene: Scene, edit: Edit, *, seed: int, random: Random, rejected: Counter[str]
    ) -> Edit | None:
        """Return an edit to an unrelated word, or None where no word is near enough in frequency."""
        index = edited_token(scene, edit)
        if index is None or not edit.after.strip() or not scene.pos(index):  # a name, a function word
            rejected["word: not one word"] += 1
            return None
        substitute = edit.after.split()[-1]
        form = unrelated_word(scene, index, substitute, self.band, random)
        if form is None:
            rejected["word: no unrelated word as frequent"] += 1
            return None
        return word_edit(scene, index, form, reason=f"as frequent as {substitute.lower()}")
