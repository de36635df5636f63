"""Asking a reader of the user's own: each question once, answers checked, and kept where they may be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from robust.home import robust_home
from robust.reader.cache import PredictionCache, content_key
from robust.reader.decode import Prediction
from robust.reader.own.endpoint import EndpointReader
from robust.reader.own.protocol import BATCH, Checked, Reader, unseen
from robust.squad.records import Question

# how often answers go to the disk: all that a killed run loses
_FLUSH_SECONDS = 1.0


def distinct(questions: Sequence[Question]) -> dict[str, Question]:
    """Return content key -> question as a reader sees it, each once, in the order first met.

    Ids are the questions' own; where two that differ have one id (control arms), the later one's has the
    beginning of its key behind an ``@``.
    """
    asked: dict[str, Question] = {}
    taken: set[str] = set()
    for question in questions:
        key = content_key(question.text, question.context)
        if key not in asked:
            identifier = f"{question.id}@{key[:12]}" if question.id in taken else question.id
            taken.add(identifier)
            asked[key] = unseen(question, identifier)
    return asked


def ask(
    reader: Reader,
    asked: Mapping[str, Question],
    *,
    cache: PredictionCache | None,
    check: Callable[[bool | None], None],
    progress: Callable[[int, int], None] | None = None,
    notice: Callable[[str], None] | None = None,
) -> dict[str, Prediction]:
    """Return content key -> prediction, in the order of ``asked``.

    Answers are kept as they come, those of a second at a time, and those before an error or a Ctrl-C too.
    ``check`` is told after each batch whether answers have null odds (None: all abstained so far), to stop
    early what cannot be scored. Raises UserError for an answer that is none.
    """
    checked = Checked(reader.name)
    known = cache.get(asked) if cache is not None else {}
    for key, one in known.items():
        checked.batch([asked[key]], [one])
    if known and notice is not None:
        notice(f"{reader.name}: {len(known):,} of {len(asked):,} answers are kept from an earlier run")
    check(checked.odds)
    todo = [key for key in asked if key not in known]
    size = max(1, int(getattr(reader, "batch", BATCH)))
    if progress is not None:
        progress(len(known), len(asked))
    waiting: dict[str, Prediction] = {}
    written = time.monotonic()
    try:
        for first in range(0, len(todo), size):
            keys = todo[first : first + size]
            questions = [asked[key] for key in keys]
            waiting |= zip(keys, checked.batch(questions, reader.answer(questions)), strict=True)
            check(checked.odds)
            if time.monotonic() - written > _FLUSH_SECONDS:
                _keep(cache, waiting, known)
                waiting, written = {}, time.monotonic()
            if progress is not None:
                progress(len(known) + len(waiting), len(asked))
    finally:  # what was answered stays, whatever stopped the rest
        _keep(cache, waiting, known)
    return {key: known[key] for key in asked}


def _keep(
    cache: PredictionCache | None, found: Mapping[str, Prediction], known: dict[str, Prediction]
) -> None:
    known |= found
    if cache is not None:
        cache.put(found)


@contextmanager
def kept(reader: Reader, about: Mapping[str, Any], version: str | None) -> Iterator[PredictionCache | None]:
    """Yield where answers are kept: for good (a version is given), until the end (an endpoint), or nowhere.

    ``about`` tells one reader's answers from another's. What is left at an error stays for the next call.
    """
    if version is None and not isinstance(reader, EndpointReader):
        yield None
        return
    with PredictionCache(robust_home() / "predictions", {"own": dict(about)}) as cache:
        yield cache
    if version is None:
        cache.path.unlink(missing_ok=True)
