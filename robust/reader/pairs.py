"""Question and context as one sequence of tokens, each text tokenised once.

Half a dozen questions share a paragraph, so tokenising every pair is most of the work of making windows.
Where a tokenizer only puts special tokens around the two texts, the texts are tokenised apart, each
distinct context once, and put together here; the result is that of tokenising the pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Those that leave the texts' own tokens and offsets as they are; RoBERTa's trims offsets in each window.
_PLAIN = frozenset({"TemplateProcessing", "BertProcessing"})


@dataclass(frozen=True, slots=True)
class PairTemplate:
    """What a tokenizer puts before, between and behind question and context.

    ``before``, ``between`` and ``after`` are int32 token ids; ``types`` are the token types of the five
    parts: before, question, between, context, after.
    """

    before: NDArray[np.int32]
    between: NDArray[np.int32]
    after: NDArray[np.int32]
    types: tuple[int, int, int, int, int]

    @property
    def special(self) -> int:
        """How many tokens it adds."""
        return len(self.before) + len(self.between) + len(self.after)


def pair_template(tokenizer: Any) -> PairTemplate | None:
    """Return the template of a tokenizer, or None where it does more than put tokens around the texts."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if type(getattr(backend, "post_processor", None)).__name__ not in _PLAIN:
        return None
    if getattr(tokenizer, "truncation_side", "right") != "right":
        return None
    probe = tokenizer("a", "a", return_token_type_ids=True)
    ids = np.asarray(probe["input_ids"], dtype=np.int32)
    runs: list[tuple[int | None, list[int]]] = [
        (which, [i for i, _ in run])
        for which, run in groupby(enumerate(probe.sequence_ids(0)), lambda x: x[1])
    ]
    if [which for which, _ in runs] != [None, 0, None, 1, None]:
        return None
    types = [{int(probe["token_type_ids"][i]) for i in run} for _, run in runs]
    if any(len(found) != 1 for found in types):
        return None
    before, question, between, context, after = (found.pop() for found in types)
    return PairTemplate(
        ids[runs[0][1]], ids[runs[2][1]], ids[runs[4][1]], (before, question, between, context, after)
    )


def tokenise(tokenizer: Any, texts: Sequence[str]) -> tuple[list[list[int]], list[list[tuple[int, int]]]]:
    """Return token ids and offsets (code points, end exclusive) of each text, without special tokens."""
    if not texts:
        return [], []
    encoded = tokenizer(
        list(texts),
        add_special_tokens=False,
        return_offsets_mapping=True,
        return_attention_mask=False,
        return_token_type_ids=False,
        verbose=False,  # it would warn of long contexts, which are cut into windows
    )
    return encoded["input_ids"], encoded["offset_mapping"]


def window_ranges(tokens: int, room: int, stride: int) -> Iterator[tuple[int, int]]:
    """Yield the first and past-the-last context token of each window: ``room`` at most, ``stride`` shared."""
    first = 0
    while True:
        last = min(first + room, tokens)
        yield first, last
        if last == tokens:
            return
        first += room - stride
