"""Questions and answers, as every later stage sees them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """A gold answer: its text, and where it starts in the context (code points, from 0)."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Return the offset just past the answer's last character."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Question:
    """One question about one paragraph.

    ``context`` is the untouched paragraph; every offset counts Unicode code points in it. ``article``
    and ``paragraph_id`` name the clusters that statistics resample: they come from the original data
    set and are kept by perturbed copies, whatever happens to their context. ``title`` is the article's
    name as the data set prints it; ``article`` is unique per article even where titles repeat.
    """

    id: str
    text: str
    context: str
    answers: tuple[Answer, ...]
    title: str
    answerable: bool
    paragraph_id: str
    article: str
