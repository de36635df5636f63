"""Many questions in little memory: a million take some 250 MB, as objects a gigabyte."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from operator import eq
from typing import overload

from robust.squad.records import Answer, Question


class Packed(Sequence[Question]):
    """Questions that are made anew each time they are asked for, out of their texts in one buffer.

    A paragraph's context, title and names are kept once, and those of ``beside`` not again. What comes out
    equals what went in, also lone surrogates. A slice is a list.
    """

    def __init__(self, questions: Iterable[Question] = (), *, beside: Packed | None = None) -> None:
        # of each question: its id, its text, its answers' texts, one behind the other
        self._texts = bytearray()
        self._lengths = array("I")  # of each text, in characters
        # of each question: where it begins in _texts and in _lengths; one entry more closes the last
        self._begin = array("Q", [0])
        self._first = array("Q", [0])
        self._starts = array("q")  # where answers start, as many as texts of answers
        self._paragraph = array("I")
        self._answerable = bytearray()
        # context, title, article, paragraph id: their number, and by it
        self._paragraphs: dict[tuple[str, str, str, str], int] = (
            beside._paragraphs if beside is not None else {}
        )
        self._by_number: list[tuple[str, str, str, str]] = beside._by_number if beside is not None else []
        for question in questions:
            self.append(question)

    def append(self, question: Question) -> None:
        """Add a question at the end."""
        texts = [question.id, question.text, *(answer.text for answer in question.answers)]
        self._texts += "".join(texts).encode("utf-8", "surrogatepass")
        self._lengths.extend(map(len, texts))
        self._starts.extend(answer.start for answer in question.answers)
        self._begin.append(len(self._texts))
        self._first.append(len(self._lengths))
        about = (question.context, question.title, question.article, question.paragraph_id)
        number = self._paragraphs.setdefault(about, len(self._paragraphs))
        if number == len(self._by_number):
            self._by_number.append(about)
        self._paragraph.append(number)
        self._answerable.append(question.answerable)

    def __len__(self) -> int:
        return len(self._paragraph)

    def __iter__(self) -> Iterator[Question]:
        return self._questions(range(len(self)))

    def __eq__(self, other: object) -> bool:
        """Say whether ``other`` is a sequence of the same questions, a list too."""
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]  # questions can be added

    @overload
    def __getitem__(self, place: int) -> Question: ...
    @overload
    def __getitem__(self, place: slice) -> list[Question]: ...
    def __getitem__(self, place: int | slice) -> Question | list[Question]:
        every = range(len(self))
        if isinstance(place, slice):
            return [*self._questions(every[place])]
        return next(self._questions([every[place]]))

    def _questions(self, places: Iterable[int]) -> Iterator[Question]:
        texts, lengths, begins, firsts = self._texts, self._lengths, self._begin, self._first
        for place in places:
            joined = texts[begins[place] : begins[place + 1]].decode("utf-8", "surrogatepass")
            first, last = firsts[place], firsts[place + 1]
            ends = [*accumulate(lengths[first:last])]
            # two texts of each question before are no answers
            starts = self._starts[first - 2 * place : last - 2 * place - 2]
            answers = [
                Answer(joined[begin:end], start)
                for (begin, end), start in zip(pairwise(ends[1:]), starts, strict=True)
            ]
            context, title, article, paragraph_id = self._by_number[self._paragraph[place]]
            yield Question(
                joined[: ends[0]],
                joined[ends[0] : ends[1]],
                context,
                tuple(answers),
                title,
                bool(self._answerable[place]),
                paragraph_id,
                article,
            )


class Sources:
    """Questions of a sequence by their ids; ids that come in its order, again and again or not, cost little.

    Ids in another order cost an index of all, once.
    """

    def __init__(self, questions: Sequence[Question]) -> None:
        self._questions = questions
        self._last: tuple[int, Question] | None = None
        self._index: dict[str, int] | None = None

    def find(self, question_id: str) -> tuple[int, Question] | None:
        """Return the question's place, from 0, and the question; None where there is none of that id."""
        if self._last is not None and self._last[1].id == question_id:
            return self._last
        following = 0 if self._last is None else self._last[0] + 1
        if self._index is None:
            if following < len(self._questions):
                question = self._questions[following]
                if question.id == question_id:
                    self._last = following, question
                    return self._last
            self._index = {question.id: place for place, question in enumerate(self._questions)}
        place = self._index.get(question_id)
        if place is None:
            return None
        self._last = place, self._questions[place]
        return self._last
