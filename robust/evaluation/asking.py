"""Asking a reader of the user's own: each question once, answers checked, and kept where they may be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from numbers import Integral
from typing import Any

from robust.errors import UserError, first_line
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
    size = _batch(reader)
    known = cache.get(asked) if cache is not None else {}
    for key, one in known.items():
        checked.batch([asked[key]], [one])
    if known and notice is not None:
        notice(f"{reader.name}: {len(known):,} of {len(asked):,} answers are kept from an earlier run")
    check(checked.odds)
    todo = [key for key in asked if key not in known]
    if progress is not None:
        progress(len(known), len(asked))
    waiting: dict[str, Prediction] = {}
    written = time.monotonic()
    try:
        for first in range(0, len(todo), size):
            keys = todo[first : first + size]
            questions = [asked[key] for key in keys]
            waiting |= zip(keys, checked.batch(questions, _answers(reader, questions)), strict=True)
            check(checked.odds)
            if time.monotonic() - written > _FLUSH_SECONDS:
                _keep(cache, waiting, known)
                waiting, written = {}, time.monotonic()
            if progress is not None:
                progress(len(known) + len(waiting), len(asked))
    finally:  # what was answered stays, whatever stopped the rest
        _keep(cache, waiting, known)
    return {key: known[key] for key in asked}


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


def _keep(
    cache: PredictionCache | None, found: Mapping[str, Prediction], known: dict[str, Prediction]
) -> None:
    known |= found
    if cache is not None:
        cache.put(found)


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
