"""What a reader is asked, each question once, and what it answered: columns, for there may be millions."""

from __future__ import annotations

import hashlib
import math
from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping

import numpy as np

from robust.reader.cache import content_key
from robust.reader.decode import Candidate, Prediction
from robust.reader.own.protocol import unseen
from robust.squad.records import Question

_DIGEST = 32  # bytes of a content key, which is printed in hexadecimal
_ID = 16  # bytes of a digest of an id


class DistinctQuestions(Mapping[str, int]):
    """Content key -> place of the distinct questions among ``questions``, in the order first met.

    ``questions`` are gone through more than once, and none of them is kept.
    """

    def __init__(self, questions: Collection[Question]) -> None:
        self._questions = questions
        digests, ids = bytearray(), bytearray()
        for question in questions:
            digests += bytes.fromhex(content_key(question.text, question.context))
            raw = question.id.encode("utf-8", "surrogatepass")
            ids += hashlib.blake2b(raw, digest_size=_ID).digest()
        every = np.frombuffer(digests, dtype=f"S{_DIGEST}")
        first = np.unique(every, return_index=True)[1]  # in the order of the digests
        self._positions = np.sort(first)
        self._digests = every[self._positions].tobytes()
        self._sorted = np.searchsorted(self._positions, first)  # places, in the order of the digests
        of_distinct = np.frombuffer(ids, dtype=f"S{_ID}")[self._positions]
        self._again = np.ones(len(self), dtype=np.bool_)  # whether their id was another's before
        self._again[np.unique(of_distinct, return_index=True)[1]] = False
        self._last = -1

    def __len__(self) -> int:
        return len(self._positions)

    def __iter__(self) -> Iterator[str]:
        return (self._digest(place).hex() for place in range(len(self)))

    def __getitem__(self, key: str) -> int:
        digest = bytes.fromhex(key)
        place = self._last + 1
        if self._digest(place) != digest:  # not asked for in the order in which they stand
            number = bisect_left(self._sorted, digest, key=self._digest)
            if number == len(self):
                raise KeyError(key)
            place = int(self._sorted[number])
            if self._digest(place) != digest:
                raise KeyError(key)
        self._last = place
        return place

    def _digest(self, place: int) -> bytes:
        return self._digests[_DIGEST * place : _DIGEST * (place + 1)]

    def questions(self) -> Iterator[tuple[str, Question]]:
        """Yield content key and question as a reader sees it.

        Ids are the questions' own; where two that differ have one id (control arms), the later one's has the
        beginning of its key behind an ``@``.
        """
        for place, (key, question) in enumerate(zip(self, self._distinct(), strict=True)):
            yield key, unseen(question, f"{question.id}@{key[:12]}" if self._again[place] else None)

    def _distinct(self) -> Iterator[Question]:
        positions = iter(self._positions.tolist())
        wanted = next(positions, None)
        for position, question in enumerate(self._questions):
            if position == wanted:
                yield question
                wanted = next(positions, None)


class Answers(Mapping[str, Prediction]):
    """Content key -> prediction of what was asked, in its order; ids of predictions are empty."""

    def __init__(self, asked: DistinctQuestions) -> None:
        self._asked = asked
        self._texts: list[str | None] = [None] * len(asked)
        self._odds = array("d", bytes(8 * len(asked)))
        self._n_best: dict[int, tuple[Candidate, ...]] = {}
        self._known = 0

    def put(self, key: str, found: Prediction) -> None:
        """Keep the answer to what has this key."""
        place = self._asked[key]
        self._known += self._texts[place] is None
        self._texts[place] = found.text
        self._odds[place] = found.null_odds
        if found.n_best:
            self._n_best[place] = found.n_best

    def settle(self, odds: float) -> None:
        """Give answers without null odds (NaN) these."""
        for place, known in enumerate(self._odds):
            if math.isnan(known):
                self._odds[place] = odds

    @property
    def final(self) -> bool:
        """Whether no answer has null odds."""
        return all(map(math.isnan, self._odds))

    def __getitem__(self, key: str) -> Prediction:
        place = self._asked[key]
        text = self._texts[place]
        if text is None:
            raise KeyError(key)
        return Prediction("", text, self._odds[place], self._n_best.get(place, ()))

    def __iter__(self) -> Iterator[str]:
        return (key for key, text in zip(self._asked, self._texts, strict=True) if text is not None)

    def __len__(self) -> int:
        return self._known


def by_content(answers: Mapping[str, Prediction]) -> Callable[[Question], Prediction]:
    """Return what finds the prediction of a question."""
    return lambda question: answers[content_key(question.text, question.context)]
