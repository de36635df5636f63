"""Which tokens of a window are hidden, and what stands in their place.

All random draws come from a CPU generator, so that a run masks the same tokens on every device.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

import torch
from torch import Tensor

from robust.errors import UserError

Unit = Literal["token", "word", "ngram"]
# No mask may fall on a window's own frame; a key beyond all drawn ones sorts it last.
_NEVER = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Masking:
    """How much is hidden and how.

    ``rate`` is the share of a window's tokens that are predicted. Of these the share ``masked`` becomes
    [MASK], ``random`` another token drawn uniformly, and the rest stays (BERT: 0.8 and 0.1; ELECTRA's
    generator: 0.85 and 0). ``unit``: single tokens; whole words (all tokens of a word or none); n-grams of
    up to ``longest`` words, of length n with a chance proportional to 1/n (ALBERT, Lan et al. 2020). In the
    last two the last unit may be cut short, for every window hides equally many tokens.
    """

    rate: float = 0.15
    masked: float = 0.8
    random: float = 0.1
    unit: Unit = "token"
    longest: int = 3

    def __post_init__(self) -> None:
        if not 0 < self.rate < 1:
            raise UserError(f"--mask-rate {self.rate}: expected a share between 0 and 1")
        if min(self.masked, self.random) < 0 or self.masked + self.random > 1:
            raise UserError(
                f"masked {self.masked} and random {self.random}: expected shares of at most 1 together"
            )
        if self.unit not in get_args(Unit):
            raise UserError(f"--mask-unit {self.unit}: expected one of {', '.join(get_args(Unit))}")
        if self.longest < 1:
            raise UserError(f"longest {self.longest}: expected at least 1 word")


class Masked(NamedTuple):
    """Windows with tokens hidden: ``inputs`` (windows, length), and what is predicted where.

    ``positions`` and ``originals`` have shape (windows, hidden tokens); positions ascend.
    """

    inputs: Tensor
    positions: Tensor
    originals: Tensor


@dataclass(frozen=True)
class Alphabet:
    """What masking must know of a vocabulary: its size, ids of roles, and which tokens go on with a word.

    ``special`` and ``continues`` are boolean tensors over the vocabulary.
    """

    size: int
    mask_id: int
    special: Tensor
    continues: Tensor

    @staticmethod
    def of(tokenizer: Any) -> Alphabet:
        """Return the alphabet of a fast tokenizer; UserError where it has no mask token."""
        if tokenizer.mask_token_id is None:
            raise UserError("the tokenizer has no mask token; choose one that was made for pre-training")
        size = len(tokenizer)
        special = torch.zeros(size, dtype=torch.bool)
        special[list(tokenizer.all_special_ids)] = True
        tokens: Sequence[str] = tokenizer.convert_ids_to_tokens(range(size))
        model = type(tokenizer.backend_tokenizer.model).__name__
        marks = {"WordPiece": "##", "BPE": "Ġ", "Unigram": "▁"}
        if model not in marks:
            raise UserError(f"the tokenizer is of kind {model}; expected one of {', '.join(marks)}")
        begins = [token.startswith(marks[model]) for token in tokens]
        continues = torch.tensor(begins if model == "WordPiece" else [not found for found in begins])
        return Alphabet(size, int(tokenizer.mask_token_id), special, continues & ~special)


def mask(windows: Tensor, alphabet: Alphabet, masking: Masking, random: torch.Generator) -> Masked:
    """Return the windows (windows, length; on the CPU) with ``rate`` of their tokens hidden."""
    length = windows.shape[1]
    count = max(1, round(masking.rate * length))
    keys = _keys(windows, alphabet, masking, random)
    # of one unit's tokens the earlier come first
    keys = keys + torch.arange(length, dtype=torch.float64) * 1e-9
    keys = keys.masked_fill(alphabet.special[windows], _NEVER)
    positions = keys.topk(count, dim=1, largest=False, sorted=False).indices.sort(dim=1).values
    originals = windows.gather(1, positions)
    inputs = windows.scatter(1, positions, _replacements(originals, alphabet, masking, random))
    return Masked(inputs, positions, originals)


def _replacements(originals: Tensor, alphabet: Alphabet, masking: Masking, random: torch.Generator) -> Tensor:
    """Return what stands in the place of each hidden token."""
    draw = torch.rand(originals.shape, generator=random)
    other = torch.randint(alphabet.size, originals.shape, generator=random)
    hidden = torch.full_like(originals, alphabet.mask_id)
    replaced = torch.where(draw < masking.masked, hidden, originals)
    replaced = torch.where(
        (draw >= masking.masked) & (draw < masking.masked + masking.random), other, replaced
    )
    # a window with fewer tokens than are to be hidden gives its frame too, which must stay readable
    return torch.where(alphabet.special[originals], originals, replaced)


def _keys(windows: Tensor, alphabet: Alphabet, masking: Masking, random: torch.Generator) -> Tensor:
    """Return a random number for every token, the same for all tokens of a unit; float64."""
    drawn = torch.rand(windows.shape, generator=random, dtype=torch.float64)
    if masking.unit == "token":
        return drawn
    starts = ~alphabet.continues[windows]
    unit = starts.cumsum(dim=1) - starts[:, :1].long()
    if masking.unit == "ngram":
        unit = _group(unit, masking.longest, random)
    return drawn.gather(1, unit)


def _group(words: Tensor, longest: int, random: torch.Generator) -> Tensor:
    """Return the number of the n-gram that each word number falls into: runs of 1 to ``longest`` words."""
    chances = 1 / torch.arange(1, longest + 1, dtype=torch.float64)
    bounds = (chances / chances.sum()).cumsum(0)[:-1]
    lengths = 1 + torch.bucketize(torch.rand(words.shape, generator=random, dtype=torch.float64), bounds)
    return torch.searchsorted(lengths.cumsum(dim=1), words, right=True)
