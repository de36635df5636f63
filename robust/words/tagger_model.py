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

    def __init__(self, written: dict[str, str]) -> None:
        self._written = written
        self._lanes: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._written)

    def total(self, features: Iterable[str]) -> int:
        """Return the sum of the features' rows, as lanes; a feature that is not known adds nothing."""
        found = 0
        for feature in features:
            row = self._lanes.get(feature)
            if row is None:
                written = self._written.get(feature)
                if written is None:
                    continue
                row = self._lanes[feature] = _lanes(written)
            found += row
        return found

    def row(self, feature: str) -> dict[int, int]:
        """Return a feature's weights by the index of the tag; empty where it is not known."""
        return _parse(self._written.get(feature, ""))


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


def _parse(written: str) -> dict[int, int]:
    pairs = (pair.split(":") for pair in written.split())
    return {int(tag): int(weight) for tag, weight in pairs}


def _lanes(written: str) -> int:
    return sum(weight << (LANE * tag) for tag, weight in _parse(written).items())
