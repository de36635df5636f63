"""What a build has made, read back from its shards one at a time: what each arm covers, and its variants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from robust.attack.base import Attack
from robust.attack.records import Edit, Variant
from robust.build.shards import MAIN, Job, Piece, read_shard
from robust.squad.records import Question


@dataclass
class Tally:
    """What an arm covers: which questions (1: rewritten), how many variants and edits, what was rejected."""

    covered: bytearray
    answerable: int = 0
    variants: int = 0
    edits: int = 0
    rejections: Counter[str] = field(default_factory=Counter)

    def add(self, place: int, question: Question, edits: Iterable[int]) -> None:
        """Count a question's variants by the numbers of their edits."""
        numbers = list(edits)
        if numbers:
            self.covered[place] = 1
            self.answerable += question.answerable
            self.variants += len(numbers)
            self.edits += sum(numbers)


@dataclass(frozen=True)
class Made:
    """All that was made of the questions: shards on disk, read one at a time.

    ``shards[i]`` holds what was made of ``pieces[i]``.
    """

    job: Job
    questions: Sequence[Question]
    pieces: Sequence[Piece]
    shards: Sequence[Path]

    def tallies(self) -> dict[str, Tally]:
        """Return arm -> what it covers."""
        found = {name: Tally(bytearray(len(self.questions))) for name in (MAIN, *dict(self.job.controls))}
        for piece, shard in self._read():
            for name, counts in shard["rejections"].items():
                found[name].rejections.update(counts)
            for place in piece:
                question = self.questions[place]
                for name, variants in shard["edits"].get(question.id, {}).items():
                    found[name].add(place, question, (len(edits) for _, edits in variants))
        return found

    def rewritten(self, arm: str) -> Iterator[tuple[Question, list[Variant]]]:
        """Yield each question that an arm rewrites, with its variants, a paragraph's together."""
        attack: Attack = dict(self.job.controls)[arm] if arm != MAIN else self.job.attack
        for piece, shard in self._read():
            for place in piece:
                question = self.questions[place]
                found = shard["edits"].get(question.id, {}).get(arm)
                if found:
                    yield (
                        question,
                        [
                            attack.variant(
                                question, k, tuple(Edit(*values) for values in edits), self.job.seed
                            )
                            for k, edits in found
                        ],
                    )

    def _read(self) -> Iterator[tuple[Piece, dict[str, Any]]]:
        for piece, path in zip(self.pieces, self.shards, strict=True):
            yield piece, read_shard(path)
