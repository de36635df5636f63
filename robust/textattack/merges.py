"""CLARE's merges (two words become one that a masked language model finds likely), where both may be touched.

TextAttack 0.3.11 looks for them in the whole text, so that they would change the context, too, whatever its
constraints say; and it always asks flair's tagger, which is a download.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from robust.textattack.library import textattack
from robust.textattack.tags import tag, treebank_tag

_STOP_WORDS = textattack.constraints.pre_transformation.StopwordModification
_UNIVERSAL = {"n": "NOUN", "v": "VERB", "a": "ADJ", "r": "ADV"}
_CLOSED = {"DT": "DET", "PRP": "PRON", "PRP$": "PRON", "CD": "NUM"}
# the first word's part of speech: those it can be merged with (Li et al. 2021, as TextAttack has it)
_PAIRS = {
    "NOUN": {"NOUN"},
    "ADJ": {"NOUN", "NUM", "ADJ", "ADV"},
    "ADV": {"ADJ", "VERB"},
    "VERB": {"ADV", "VERB", "NOUN", "ADJ"},
    "DET": {"NOUN", "ADJ"},
    "PRON": {"NOUN", "ADJ"},
    "NUM": {"NUM", "NOUN"},
}


class Merges(textattack.transformations.WordMergeMaskedLM):
    """Neighbours of one column become one word, where every constraint lets both be touched.

    Of stop words one of the two may be one: "the old" can become "ancient". Tags are flair's.
    """

    def __call__(
        self,
        current_text: Any,
        pre_transformation_constraints: Sequence[Any] = (),
        indices_to_modify: Any = None,
        shifted_idxs: bool = False,
    ) -> list[Any]:
        """Return every text with one merge; ``indices_to_modify`` are the words a search would touch."""
        words = len(current_text.words)
        wanted = set(range(words)) if indices_to_modify is None else set(indices_to_modify)
        if shifted_idxs:
            wanted = set(current_text.convert_from_original_idxs(wanted))
        last = len(current_text.words_per_input[0]) - 1  # its neighbour stands in the next column
        places = {i for i in range(words - 1) if i != last and {i, i + 1} <= wanted}
        for constraint in pre_transformation_constraints:
            free = constraint(current_text, self)
            enough = 1 if isinstance(constraint, _STOP_WORDS) else 2
            places = {i for i in places if len({i, i + 1} & free) >= enough}
        found: list[Any] = self._get_transformations(current_text, places)
        for text in found:
            text.attack_attrs["last_transformation"] = self
        return found

    def _get_transformations(self, current_text: Any, indices_to_modify: set[int]) -> list[Any]:
        places = [
            i
            for i in sorted(indices_to_modify)
            if self.part_of_speech(current_text, i + 1)
            in _PAIRS.get(self.part_of_speech(current_text, i), set())
        ]
        return [
            current_text.delete_word_at_index(place + 1).replace_word_at_index(place, word)
            for place, merged in zip(places, self._get_merged_words(current_text, places), strict=True)
            for word in (one.strip("Ġ") for one in merged)
            if word != current_text.words[place] and any(letter.isalpha() for letter in word)
        ]

    def part_of_speech(self, text: Any, index: int) -> str:
        """Return the universal part of speech of a word of an AttackedText."""
        return str(text.pos_of_word_index(index))


class OwnMerges(Merges):
    """The same by our tagger, in the question alone."""

    def part_of_speech(self, text: Any, index: int) -> str:
        """Return the universal part of speech of a word of the question; "" elsewhere."""
        return _UNIVERSAL.get(tag(text, index)) or _CLOSED.get(treebank_tag(text, index), "")
