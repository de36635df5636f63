"""Many questions in little memory: a million take some 250 MB, as objects a gigabyte."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
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
        return map(self._question, range(len(self)))

    @overload
    def __getitem__(self, place: int) -> Question: ...
    @overload
    def __getitem__(self, place: slice) -> list[Question]: ...
    def __getitem__(self, place: int | slice) -> Question | list[Question]:
        every = range(len(self))
        return (
            self._question(every[place]) if isinstance(place, int) else [*map(self._question, every[place])]
        )

    def _question(self, place: int) -> Question:
        first, last = self._first[place], self._first[place + 1]
        joined = self._texts[self._begin[place] : self._begin[place + 1]].decode("utf-8", "surrogatepass")
        texts = []
        begin = 0
        for length in self._lengths[first:last]:
            texts.append(joined[begin : begin + length])
            begin += length
        begun = first - 2 * place  # two texts of each question before are no answers
        starts = self._starts[begun : begun + len(texts) - 2]
        context, title, article, paragraph_id = self._by_number[self._paragraph[place]]
        return Question(
            texts[0],
            texts[1],
            context,
            tuple(map(Answer, texts[2:], starts)),
            title,
            bool(self._answerable[place]),
            paragraph_id,
            article,
        )


class Places:
    """Where in a sequence the question of an id stands; ids that come in its order cost next to nothing.

    Of ids that are there twice it is the last. Ids in another order cost an index of all, once.
    """

    def __init__(self, questions: Sequence[Question]) -> None:
        self._questions = questions
        self._last = 0
        self._index: dict[str, int] | None = None

    def find(self, question_id: str) -> int | None:
        """Return the place of the question, from 0; None where there is none."""
        if self._index is None:
            for place in (self._last, self._last + 1):
                if place < len(self._questions) and self._questions[place].id == question_id:
                    self._last = place
                    return place
            self._index = {question.id: place for place, question in enumerate(self._questions)}
        return self._index.get(question_id)
