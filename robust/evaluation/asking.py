"""Asking a reader of the user's own: each question once, answers checked, and kept where they may be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from numbers import Integral
from typing import Any

from robust.errors import UserError, first_line
from robust.evaluation.asked import Answers, DistinctQuestions
from robust.home import robust_home
from robust.reader.cache import PredictionCache
from robust.reader.decode import Prediction
from robust.reader.own.endpoint import EndpointReader
from robust.reader.own.protocol import BATCH, Checked, Reader
from robust.squad.records import Question

# how often answers go to the disk: all that a killed run loses
_FLUSH_SECONDS = 1.0
# questions that are looked for together among the answers of an earlier run
_RECALLED = 500


def ask(
    reader: Reader,
    asked: DistinctQuestions,
    *,
    cache: PredictionCache | None,
    check: Callable[[bool | None], None],
    progress: Callable[[int, int], None] | None = None,
    notice: Callable[[str], None] | None = None,
) -> Answers:
    """Return the reader's answers to what is asked.

    Answers are kept as they come, those of a second at a time, and those before an error or a Ctrl-C too.
    ``check`` is told after each batch whether answers have null odds (None: all abstained so far), to stop
    early what cannot be scored. Raises UserError for an answer that is none.
    """
    checked = Checked(reader.name)
    size = _batch(reader)
    found = Answers(asked)
    if cache is not None:
        _recall(cache, asked, checked, found)
    if found and notice is not None:
        notice(f"{reader.name}: {len(found):,} of {len(asked):,} answers are kept from an earlier run")
    check(checked.odds)
    if progress is not None:
        progress(len(found), len(asked))
    todo = ((key, question) for key, question in asked.questions() if key not in found)
    waiting: dict[str, Prediction] = {}
    written = time.monotonic()
    try:
        while batch := list(islice(todo, size)):
            questions = [question for _, question in batch]
            for (key, _), one in zip(
                batch, checked.batch(questions, _answers(reader, questions)), strict=True
            ):
                found.put(key, one)
                if cache is not None:
                    waiting[key] = one
            check(checked.odds)
            if cache is not None and time.monotonic() - written > _FLUSH_SECONDS:
                cache.put(waiting)
                waiting, written = {}, time.monotonic()
            if progress is not None:
                progress(len(found), len(asked))
    finally:  # what was answered stays, whatever stopped the rest
        if cache is not None:
            cache.put(waiting)
    return found


def _recall(cache: PredictionCache, asked: DistinctQuestions, checked: Checked, found: Answers) -> None:
    """Take what is kept from an earlier run."""
    rest = asked.questions()
    while part := dict(islice(rest, _RECALLED)):
        for key, one in cache.get(part).items():
            checked.batch([part[key]], [one])
            found.put(key, one)


def _batch(reader: Reader) -> int:
    size = getattr(reader, "batch", BATCH)
    if not isinstance(size, Integral) or size < 1:
        raise UserError(f"{reader.name}: batch {size!r}; expected how many questions it takes, 1 or more")
    return int(size)


def _answers(reader: Reader, questions: Sequence[Question]) -> Sequence[Prediction]:
    try:
        return reader.answer(questions)
    except TypeError as error:
        if error.__traceback__ is None or error.__traceback__.tb_next is not None:
            raise  # from inside the reader: its traceback says where
        raise UserError(
            f"{reader.name}: answer cannot be called with a list of questions ({first_line(error)}); "
            "expected answer(self, questions)"
        ) from error


@contextmanager
def kept(reader: Reader, about: Mapping[str, Any], version: str | None) -> Iterator[PredictionCache | None]:
    """Yield where answers are kept: for good (a version is given), until the end (an endpoint), or nowhere.

    ``about`` tells one reader's answers from another's, and so does the digest of an endpoint's whole URL:
    what stands behind its ? may choose the model, and may be a key. What is left at an error stays for the
    next call.
    """
    if version is None and not isinstance(reader, EndpointReader):
        yield None
        return
    own = dict(about)
    if isinstance(reader, EndpointReader):
        own["url_sha256"] = reader.url_sha256
    with PredictionCache(robust_home() / "predictions", {"own": own}) as cache:
        yield cache
    if version is None:
        cache.path.unlink(missing_ok=True)
