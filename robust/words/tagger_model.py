"""The tagger's weights: how they are added, and how they are kept in a file without pickle."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence

# Whole numbers, so that sums are the same on every machine and Python.
Row = Mapping[int, int]
"""A feature's weights for some tags, by the tag's index."""

# A row of weights for all tags is one integer, LANE bits for each tag: adding two rows is one addition.
LANE = 24
_MASK = (1 << LANE) - 1
# A decision adds some 36 weights, so that no sum leaves its lane.
MOST = (1 << (LANE - 1)) // 64


class Weights:
    """The weights of a trained tagger, by feature; kept as text, made into lanes when first asked for."""

    def __init__(self, written: Mapping[str, str]) -> None:
        self._rows: dict[str, str | int] = dict(written)

    def __len__(self) -> int:
        return len(self._rows)

    def total(self, features: Iterable[str]) -> int:
        """Return the sum of the features' rows, as lanes; a feature that is not known adds nothing."""
        rows = self._rows
        found = 0
        for feature in features:
            row = rows.get(feature)
            if row is None:
                continue
            if isinstance(row, str):
                row = rows[feature] = _lanes(row)
            found += row
        return found


def bias(tags: int) -> int:
    """Return what has to be added to a sum of rows before ``scores``, so that no lane is negative."""
    return sum(1 << (LANE * tag + LANE - 1) for tag in range(tags))


def scores(total: int, choices: Sequence[int]) -> list[int]:
    """Return the lanes of ``choices`` (tag index times LANE) of a sum of rows and ``bias``."""
    return [(total >> choice) & _MASK for choice in choices]


def pack(tags: Sequence[str], weights: Mapping[str, Row], lexicon: Mapping[str, tuple[str, ...]]) -> bytes:
    """Return the model as compressed JSON, everything sorted: the same model, the same bytes.

    Raises ValueError for a weight of ``MOST`` or more.
    """
    if any(abs(weight) >= MOST for row in weights.values() for weight in row.values()):
        raise ValueError(f"a weight of {MOST} or more does not fit")
    document = {
        "tags": list(tags),
        "weights": {
            feature: " ".join(f"{tag}:{weight}" for tag, weight in sorted(row.items()))
            for feature, row in sorted(weights.items())
        },
        "lexicon": {word: " ".join(tags) for word, tags in sorted(lexicon.items())},
    }
    return zlib.compress(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), 9)


def unpack(packed: bytes) -> tuple[tuple[str, ...], Weights, dict[str, tuple[str, ...]]]:
    """Return the tags, the weights and the lexicon that ``pack`` wrote."""
    document = json.loads(zlib.decompress(packed))
    lexicon = {word: tuple(tags.split()) for word, tags in document["lexicon"].items()}
    return tuple(document["tags"]), Weights(document["weights"]), lexicon


def _lanes(written: str) -> int:
    found = 0
    for pair in written.split():
        tag, weight = pair.split(":")
        found += int(weight) << (LANE * int(tag))
    return found
