"""From a prompt and a word to token ids: which pieces the word is, and where masks stand in their place.

The word is tokenised in its place, then its pieces are masked. So every tokenizer's own way with spaces
(RoBERTa's leading one belongs to the word) is what it was in pre-training.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from robust.errors import UserError
from robust.probe.prompt import Prompt


class Frame(NamedTuple):
    """Token ids of a prompt with a mask for each piece of a word, where the masks are, and the pieces."""

    ids: tuple[int, ...]
    places: tuple[int, ...]
    pieces: tuple[int, ...]


def make_frames(tokenizer: Any, prompts: Sequence[Prompt], words: Sequence[str]) -> list[list[Frame]]:
    """Return a frame for each prompt (rows) and word (columns).

    Where the tokenizer joins one of the words with its neighbours (a unigram vocabulary may know "good."),
    all words of that prompt stand between spaces, so that they are asked for in the same text. Raises
    UserError where a word is not in the tokenizer's alphabet, or holds a special token.
    """
    found = [_row(tokenizer, prompt, words) for prompt in prompts]
    return [
        row if row is not None else _spaced_row(tokenizer, prompt, words)
        for prompt, row in zip(prompts, found, strict=True)
    ]


def _spaced_row(tokenizer: Any, prompt: Prompt, words: Sequence[str]) -> list[Frame]:
    row = _row(tokenizer, prompt.spaced(), words)
    if row is None:
        raise UserError(
            f"this tokenizer joins a verbaliser word ({', '.join(words)}) with its neighbours in "
            f"{_around(prompt, '[MASK]')!r}, spaces or not; choose other words or another pattern"
        )
    return row


def _row(tokenizer: Any, prompt: Prompt, words: Sequence[str]) -> list[Frame] | None:
    """Return the frames of one prompt; None where a word is joined with its neighbours."""
    encoded = tokenizer(
        [prompt.filled(word) for word in words],
        return_offsets_mapping=True,
        return_special_tokens_mask=True,
        verbose=False,
    )
    row = []
    for number, word in enumerate(words):
        ids: list[int] = list(encoded["input_ids"][number])
        places = _places(
            prompt, word, encoded["offset_mapping"][number], encoded["special_tokens_mask"][number]
        )
        if places is None:
            return None
        pieces = tuple(ids[place] for place in places)
        if not pieces or tokenizer.unk_token_id in pieces:
            raise UserError(
                f"verbaliser word {word!r}: not in this tokenizer's alphabet, in {_around(prompt, word)!r}; "
                "choose another word"
            )
        if held := set(pieces) & set(tokenizer.all_special_ids):
            raise UserError(
                f"verbaliser word {word!r}: holds {tokenizer.convert_ids_to_tokens(min(held))!r}, a special "
                "token of this tokenizer; choose another word"
            )
        for place in places:
            ids[place] = tokenizer.mask_token_id
        row.append(Frame(tuple(ids), tuple(places), pieces))
    return row


def _places(
    prompt: Prompt, word: str, offsets: Sequence[tuple[int, int]], special: Sequence[int]
) -> list[int] | None:
    """Return the places of the word's tokens; None where one of them holds more than the word."""
    end = len(prompt.left) + len(word)
    before = len(prompt.left.rstrip())  # the white space before a word may be part of it, or a piece
    places = []
    for place, ((first, last), is_special) in enumerate(zip(offsets, special, strict=True)):
        if is_special or last <= before or first >= end:
            continue
        if first < before or last > end:
            return None
        places.append(place)
    return places


def _around(prompt: Prompt, word: str) -> str:
    return f"{prompt.left[-20:]}{word}{prompt.right[:20]}"
