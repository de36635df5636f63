"""Text to token ids at the speed of a dictionary: every distinct word is tokenised once.

The tokenizers we train and load cut text at white space before anything else, so a text's tokens are those of
its words, one after the other. ``WordTokens`` asks the tokenizer for words it has not seen, all at once, and
looks the others up. That a tokenizer is of this kind is tried, not assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robust.errors import UserError

Ids = NDArray[np.int64]

# Words that are kept; beyond, the table starts afresh, so that memory stays bounded (about 400 MB).
_MOST_WORDS = 2_000_000
# New words are tokenised so many in a line: a line costs the tokenizer far less than its words one by one.
_LINE = 256
# Marks the first word of a text: it has no space before it, which BPE sees. No text holds NUL.
_FIRST = "\0"


class WordTokens:
    """A tokenizer's ids for words, kept in one growing table.

    ``tokenizer`` is a fast tokenizer of transformers. Raises UserError for one whose tokens depend on more
    than the word: text cannot be packed by it.
    """

    def __init__(self, tokenizer: Any) -> None:
        # a copy: text that reads "[MASK]" is text here, not the special token
        self._backend = type(tokenizer.backend_tokenizer).from_str(tokenizer.backend_tokenizer.to_str())
        self._backend.encode_special_tokens = True
        self._check()
        self._forget()

    def _forget(self) -> None:
        self._places = _Places()
        self._flat = np.zeros(0, np.int32)
        self._begin = np.zeros(1, np.int64)

    def ids(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return the token ids of each text, without special tokens, int32."""
        if len(self._places) > _MOST_WORDS:
            self._forget()
        places = [self._look_up(text) for text in texts]
        self._learn()
        lengths = np.diff(self._begin)
        return [self._gather(one, lengths) for one in places]

    def _look_up(self, text: str) -> Ids:
        """Return the place of each word in the table; new words get the next ones."""
        words = text.split()
        if words:
            words[0] = _FIRST + words[0]
        return np.fromiter(map(self._places.__getitem__, words), np.int64, len(words))

    def _gather(self, places: Ids, lengths: Ids) -> NDArray[np.int32]:
        sizes = lengths[places]
        ends = np.cumsum(sizes)
        inside = np.arange(sizes.sum()) - np.repeat(ends - sizes, sizes)
        return np.asarray(self._flat[np.repeat(self._begin[places], sizes) + inside])

    def _learn(self) -> None:
        """Tokenise the words that were met since the last time, in the order of their places."""
        new = self._places.new
        self._places.new = []
        lines: list[list[str]] = []
        for word in new:
            if word.startswith(_FIRST):
                lines.append([word[1:]])
            elif not lines or len(lines[-1]) == _LINE:
                lines.append([f" {word}"])
            else:
                lines[-1].append(f" {word}")
        if not lines:
            return
        encoded = self._backend.encode_batch(["".join(line) for line in lines], add_special_tokens=False)
        sizes = [_tokens_of_each(line, found) for line, found in zip(lines, encoded, strict=True)]
        self._flat = np.concatenate([self._flat, *(np.asarray(e.ids, np.int32) for e in encoded)])
        self._begin = np.concatenate([self._begin, self._begin[-1] + np.cumsum(np.concatenate(sizes))])

    def _check(self) -> None:
        text = "The harbour-master's \"old\" boats (2) sailed, 1,204 of them; so it's said."
        self._forget()
        whole = self._backend.encode(text, add_special_tokens=False).ids
        if self.ids([text])[0].tolist() != whole:
            raise UserError("the tokenizer does not cut text at white space first; it cannot be packed from")


class _Places(dict[str, int]):
    """Word -> its place in the table; a word that is not there gets the next place and is noted as new."""

    def __init__(self) -> None:
        super().__init__()
        self.new: list[str] = []

    def __missing__(self, word: str) -> int:
        self.new.append(word)
        self[word] = place = len(self)
        return place


def _tokens_of_each(words: Sequence[str], encoded: Any) -> Ids:
    """Return how many tokens of the line that ``words`` make fall to each of them."""
    ends = np.cumsum([len(word) for word in words])
    starts = np.asarray([start for start, _ in encoded.offsets], np.int64)
    return np.bincount(np.searchsorted(ends, starts, side="right"), minlength=len(words))
