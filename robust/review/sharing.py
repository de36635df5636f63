"""Counting and judging an attack in pieces: what other machines, or a second run, can do of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robust.attack.base import Attack
from robust.attack.scorers import Scorers
from robust.attack.validity import Answer, Target, answer
from robust.build.identity import code_sha256, questions_sha256, words_sha256
from robust.review.measured import count, figures, load_tables
from robust.scale.kept import in_pieces, results
from robust.scale.machines import Here, Machines
from robust.squad.records import Question

# Questions or targets in a piece: a second or two of work. No figure depends on it.
_PIECE = 64


@dataclass(frozen=True, slots=True)
class Trial:
    """An attack that is looked at, with its seed and scorers; ``gpus`` are what a piece needs for these."""

    attack: Attack
    seed: int
    scorers: Scorers
    gpus: int = 0

    def key(self, what: str) -> list[Any]:
        """Return what a result depends on beside the texts, as JSON values."""
        code = code_sha256(type(self.attack))
        return [what, self.attack.settings_hash(), self.seed, self.scorers.sha256s(), words_sha256(), code]

    def there(self) -> Scorers:
        """Return the scorers, on a GPU where one was asked for."""
        return self.scorers.on("cuda") if self.gpus else self.scorers


@dataclass(frozen=True, slots=True)
class Counting:
    """The work of ``measure``: questions in, what ``count`` says of each out."""

    trial: Trial

    @property
    def gpus(self) -> int:
        """How many GPUs it needs."""
        return self.trial.gpus

    def open(self) -> Callable[[Sequence[Question]], list[dict[str, Any]]]:
        """Return what counts; the tables are opened by the first question it is given."""
        trial, scorers, begun = self.trial, self.trial.there(), False

        def counted(questions: Sequence[Question]) -> list[dict[str, Any]]:
            nonlocal begun
            if not begun:
                load_tables(trial.attack, questions, seed=trial.seed, scorers=scorers)
                begun = True
            return [count(trial.attack, q, seed=trial.seed, scorers=scorers) for q in questions]

        return counted


@dataclass(frozen=True, slots=True)
class Answering:
    """The work on SWORDS: targets in, what the attack puts in their places out ([lemma, rank] or None)."""

    trial: Trial

    @property
    def gpus(self) -> int:
        """How many GPUs it needs."""
        return self.trial.gpus

    def open(self) -> Callable[[Sequence[Target]], list[list[Any] | None]]:
        """Return what asks the attack."""
        trial, scorers = self.trial, self.trial.there()

        def answers(targets: Sequence[Target]) -> list[list[Any] | None]:
            found = (answer(trial.attack, target, trial.seed, scorers) for target in targets)
            return [None if one is None else [one.lemma, float(one.rank)] for one in found]

        return answers


def measure_on(
    machines: Machines | None, trial: Trial, questions: Sequence[Question], folder: Path | None
) -> dict[str, Any]:
    """Return what ``measure`` does, counted by ``machines`` in pieces that are kept in ``folder``."""
    counted = results(
        machines or Here(),
        Counting(trial),
        in_pieces(questions, _PIECE),
        key=trial.key("count/1"),
        name=questions_sha256,
        folder=folder,
    )
    return figures(questions, [one for piece in counted for one in piece])


def answers_on(
    machines: Machines | None, trial: Trial, targets: Sequence[Target], folder: Path | None
) -> list[Answer | None]:
    """Return the attack's answer to each target, asked by ``machines`` in pieces kept in ``folder``."""
    found = results(
        machines or Here(),
        Answering(trial),
        in_pieces(targets, _PIECE),
        key=trial.key("swords/1"),
        name=lambda piece: [questions_sha256([t.question for t in piece]), [[t.start, t.pos] for t in piece]],
        folder=folder,
    )
    return [None if one is None else Answer(*one) for piece in found for one in piece]
