"""Text to token ids: every distinct word is tokenised once.

The tokenizers we train and load cut text at white space before anything else, so a text's tokens are those of
its words, one after the other. That a tokenizer is of this kind is tried, not assumed.
"""

from __future__ import annotations

import json
import string
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from robust.errors import UserError
from robust.pretrain.word_table import (
    FIRST,
    Counts,
    Ids,
    Learn,
    Sequences,
    Table,
    WordTable,
    one_after_the_other,
)

# New words are tokenised so many in a line: a line costs the tokenizer far less than its words one by one.
_LINE = 256
# Marks that are words of their own to BERT.
_MARKS = np.zeros(256, bool)
_MARKS[[ord(mark) for mark in string.punctuation]] = True


class WordTokens:
    """A tokenizer's ids for the words of texts, kept in one growing table.

    ``tokenizer`` is a fast tokenizer of transformers. Raises UserError for one whose tokens depend on more
    than the word: text cannot be packed by it.
    """

    def __init__(self, tokenizer: Any) -> None:
        # a copy: text that reads "[MASK]" is text here, not the special token
        self._backend = type(tokenizer.backend_tokenizer).from_str(tokenizer.backend_tokenizer.to_str())
        self._backend.encode_special_tokens = True
        _check_added(self._backend)
        self._bert = _Bert.of(self._backend)
        # BPE sees whether a word has a space before it, which the first has not
        self._table = WordTable(self._learn, first=True)
        self._check()

    def ids(self, texts: Sequence[str]) -> tuple[Ids, Counts]:
        """Return the token ids of all texts, joined, and how many are each text's; no special tokens."""
        return self._table.ids(texts)

    def _learn(self, words: list[str]) -> Sequences:
        """Return the tokens of each word."""
        if self._bert is None:
            return self._in_lines(words)
        plain = np.fromiter(map(str.isascii, words), bool, len(words))
        plain &= np.fromiter(map(str.isprintable, words), bool, len(words))  # FIRST is not
        parts: list[tuple[NDArray[np.bool_], Learn]] = [(plain, self._bert), (~plain, self._in_lines)]
        begin, length = np.empty(len(words), np.int64), np.empty(len(words), np.int64)
        flat = np.zeros(0, np.int32)
        for chosen, learn in parts:
            found = learn([words[number] for number in np.flatnonzero(chosen)])
            begin[chosen], length[chosen] = found.begin + len(flat), found.length
            flat = np.concatenate([flat, found.flat])
        return Sequences(flat, begin, length)

    def _in_lines(self, words: list[str]) -> Sequences:
        """Return the tokens of each word as the tokenizer has them in a line of text."""
        lines: list[list[str]] = []
        for word in words:
            if word.startswith(FIRST):
                lines.append([word[1:]])
            elif not lines or len(lines[-1]) == _LINE:
                lines.append([f" {word}"])
            else:
                lines[-1].append(f" {word}")
        encoded = self._backend.encode_batch(["".join(line) for line in lines], add_special_tokens=False)
        none: list[NDArray[Any]] = [np.zeros(0, np.int64)]
        lengths = [_tokens_of_each(line, found) for line, found in zip(lines, encoded, strict=True)]
        flat = np.concatenate([*none, *(np.asarray(found.ids) for found in encoded)]).astype(np.int32)
        return one_after_the_other(flat, np.concatenate([*none, *lengths]))

    def _check(self) -> None:
        text = "The harbour-master's \"old\" boats (2) sailed, 1,204 of them; so it's said."
        whole = self._backend.encode(text, add_special_tokens=False).ids
        if self.ids([text])[0].tolist() != whole:
            raise UserError("the tokenizer does not cut text at white space first; it cannot be packed from")


class _Bert:
    """The tokens of words of visible ASCII as BERT's tokenizer has them, without its normaliser's cost.

    Of such words BERT's normaliser changes the case only. Each mark is a word of its own; what the parts are
    to the WordPiece model is asked once.
    """

    def __init__(self, backend: Any, told: dict[str, Any]) -> None:
        from tokenizers import Tokenizer, pre_tokenizers

        self._lower_case = told["normalizer"]["lowercase"]
        self._bare = Tokenizer(backend.model)
        self._bare.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        self._goes_on = np.zeros(max(backend.get_vocab().values()) + 1, bool)
        for token, number in backend.get_vocab().items():
            self._goes_on[number] = token.startswith(told["model"]["continuing_subword_prefix"])
        self._parts = Table(self._learn)

    @classmethod
    def of(cls, backend: Any) -> _Bert | None:
        """Return what does the same as the tokenizer ``backend``, None where it is of another kind."""
        told = json.loads(backend.to_str())
        kinds = [(told[part] or {}).get("type") for part in ("normalizer", "pre_tokenizer", "model")]
        if kinds != ["BertNormalizer", "BertPreTokenizer", "WordPiece"]:
            return None
        if told["model"]["continuing_subword_prefix"] != "##":
            return None
        if not all(token["special"] for token in told["added_tokens"]):  # they would be found inside words
            return None
        return cls(backend, told)

    def __call__(self, words: list[str]) -> Sequences:
        """Return the tokens of each word."""
        ends = np.cumsum([0, *map(len, words)], dtype=np.int64)
        text = "".join(words)
        raw = (text.lower() if self._lower_case else text).encode()
        marks = _MARKS[np.frombuffer(raw, np.uint8)]
        begins = marks.copy()
        begins[1:] |= marks[:-1]
        begins[ends[:-1]] = True
        starts = np.append(np.flatnonzero(begins), len(raw))
        parts = pa.LargeStringArray.from_buffers(len(starts) - 1, pa.py_buffer(starts), pa.py_buffer(raw))
        encoded = parts.dictionary_encode()
        places = self._parts.places(encoded.dictionary.to_pylist())
        flat, lengths = self._parts.gather(places[encoded.indices.to_numpy()])
        upto = np.concatenate([[0], np.cumsum(lengths)])
        return one_after_the_other(flat, np.diff(upto[np.searchsorted(starts, ends)]))

    def _learn(self, parts: list[str]) -> Sequences:
        lines = [" ".join(parts[start : start + _LINE]) for start in range(0, len(parts), _LINE)]
        encoded = self._bare.encode_batch_fast(lines, add_special_tokens=False)
        flat = np.concatenate([np.asarray(found.ids, np.int32) for found in encoded])
        starts = np.append(np.flatnonzero(~self._goes_on[flat]), len(flat))
        return one_after_the_other(flat, np.diff(starts))


def _check_added(backend: Any) -> None:
    """Raise UserError for an added token that reaches past a word: it would be found across new words."""
    for token in json.loads(backend.to_str())["added_tokens"]:
        wide = token["lstrip"] or token["rstrip"] or any(map(str.isspace, token["content"]))
        if wide and not token["special"]:
            raise UserError(
                f"the tokenizer's added token {token['content']!r} takes in white space, so that text cannot "
                "be packed word by word; take it out, or choose another tokenizer"
            )


def _tokens_of_each(words: Sequence[str], encoded: Any) -> Counts:
    """Return how many tokens of the line that ``words`` make fall to each of them."""
    ends = np.cumsum([len(word) for word in words])
    starts = np.asarray([start for start, _ in encoded.offsets], np.int64)
    return np.bincount(np.searchsorted(ends, starts, side="right"), minlength=len(words))
