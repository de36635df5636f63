"""A cheap stand-in for a reader's gold loss: what a search asks first, to know what to ask the reader itself.

Three things make it cheap on a CPU: the part of the paragraph around the gold answer and of the sentences
that share most words with the question, cut to ``length`` tokens with the question; bfloat16 where the
processor multiplies matrices of it (Intel's AMX); full batches. It orders candidates and is never an answer:
the search asks the reader, in float32 and about the whole paragraph, before it says that one succeeded.

Every batch has the same shape, rows and tokens, filled up with copies and padding, so that what a text gets
does not depend on what else was asked: in bfloat16 another shape would mean other last bits.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from robust.attack.sentences import Sentence, sentences
from robust.reader.decode import GRID
from robust.reader.features import OUTSIDE, Windows, make_windows
from robust.reader.gold_loss import Normaliser, gold_spans, gold_texts, margin
from robust.reader.predict import Dtype, Engine, PredictSettings, run_key
from robust.reader.threshold import Thresholds
from robust.squad.metric import normaliser
from robust.squad.records import Question
from robust.words.stopwords import STOP_WORDS
from robust.zoo.checkpoints import LoadedReader

# Tokens of a text: question, part of the paragraph, special tokens. 96 and 128 cost more and find no more
# (benchmarks/attack_search.txt).
LENGTH = 64
# Texts in a batch: on a CPU more gain nothing, and the last batch is filled up.
_ROWS = {"cuda": 64, "cpu": 8}
# No paragraph has more tokens; what is asked here is cut afterwards.
_ALL = 1_000_000
# Paragraphs whose gold spans are remembered.
_REMEMBERED = 4_096
_WORD = re.compile(r"\w+")


class ShortLoss:
    """A reader's loss over a part of the paragraph, on a grid of 0.01: a `robust.attack.scorers.Screen`.

    It is bfloat16 where matrices of it are quick (`has_quick_bfloat16`), else float32. Losses depend on the
    question, on nothing else that is asked; in bfloat16 on the kind of processor, too.
    """

    def __init__(
        self, reader: LoadedReader, thresholds: Thresholds, device: str = "cpu", *, length: int = LENGTH
    ) -> None:
        kind = torch.device(device).type
        dtype: Dtype = "bfloat16" if has_quick_bfloat16(kind) else "float32"
        chosen = PredictSettings(device=device, dtype=dtype).resolve()
        model: Any = copy.deepcopy(reader.model)
        if dtype == "bfloat16":
            model = model.to(torch.bfloat16)
            for name in ("qa_outputs", "head"):  # the engine computes heads in float32
                if hasattr(model, name):
                    getattr(model, name).float()
        self._reader = replace(reader, model=model)
        self._engine = Engine(self._reader, chosen)
        self._thresholds, self._length = thresholds, length
        self._rows = _ROWS.get(kind, _ROWS["cpu"])
        self._golds: dict[tuple[str, frozenset[str], Normaliser, bytes], NDArray[np.int64]] = {}
        self.about = {"kind": "short paragraph", "length": length, "rows": self._rows, "dtype": dtype}
        """What manifests say of it."""
        key = ["short-loss/2", run_key(reader, chosen), asdict(thresholds), self.about]
        self.sha256 = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
        """Identifies everything that a loss depends on beside the question."""

    def loss(self, questions: Sequence[Question]) -> list[float]:
        """Return for each question about how badly the gold answer does: higher is worse."""
        if not questions:
            return []
        golds = [gold_texts(question) for question in questions]
        normal = [normaliser(question.text) for question in questions]
        windows = self._windows(questions)

        def targets(windows: Windows, window: int) -> NDArray[np.int64]:
            offsets, context = windows.offsets[window], questions[window].context
            return self._gold_spans(offsets, context, golds[window], normal[window])

        losses = []
        for first in range(0, len(questions), self._rows):
            part = list(range(first, min(first + self._rows, len(questions))))
            filled = part + [first] * (self._rows - len(part))
            found = self._engine.decode(windows, filled, targets, length=self._length)
            for place, spans in zip(part, found, strict=False):
                question = questions[place]
                threshold = self._thresholds.of(question.article)
                raw = margin(
                    question.context,
                    [spans],
                    golds[place],
                    threshold,
                    null_alone=self._engine.joint,
                    normal=normal[place],
                )
                losses.append(round(round(raw / GRID) * GRID, 6))
        return losses

    def _windows(self, questions: Sequence[Question]) -> Windows:
        """Return one window a question, of ``length`` tokens at most."""
        own = self._reader.settings
        cut = min(own.max_question, self._length // 2)
        whole = make_windows(
            self._reader.tokenizer, questions, max_length=_ALL, stride=own.stride, max_question=cut
        )
        kept = [
            kept_tokens(question, offsets, self._length)
            for question, offsets in zip(questions, whole.offsets, strict=True)
        ]
        return Windows(
            [ids[keep] for ids, keep in zip(whole.input_ids, kept, strict=True)],
            [types[keep] for types, keep in zip(whole.token_type_ids, kept, strict=True)],
            [offsets[keep] for offsets, keep in zip(whole.offsets, kept, strict=True)],
            whole.question_index,
            np.asarray([len(keep) for keep in kept], dtype=np.int64),
        )

    def _gold_spans(
        self, offsets: NDArray[np.int32], context: str, golds: frozenset[str], normal: Normaliser
    ) -> NDArray[np.int64]:
        """Return the gold-consistent spans of a window: first and last tokens, of shape (spans, 2)."""
        inside = np.flatnonzero(offsets[:, 0] != OUTSIDE)
        if not len(inside) or golds == {""}:
            return np.empty((0, 2), dtype=np.int64)
        key = context, golds, normal, offsets[inside].tobytes()
        if key not in self._golds:
            if len(self._golds) >= _REMEMBERED:
                self._golds.clear()
            longest = self._reader.settings.max_answer
            self._golds[key] = gold_spans(offsets[inside], context, golds, longest, normal)
        return self._golds[key] + int(inside[0])


def has_quick_bfloat16(kind: str) -> bool:
    """Return whether a device of that kind (cpu, cuda) multiplies bfloat16 much faster than float32."""
    if kind == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    asked = getattr(torch.cpu, "_is_amx_tile_supported", None)  # public in no version yet
    return kind == "cpu" and asked is not None and bool(asked())


def kept_tokens(question: Question, offsets: NDArray[np.int32], length: int) -> NDArray[np.int64]:
    """Return which tokens of a window of the whole paragraph stay, in order: ``length`` of them at most.

    All outside the paragraph do. Of the paragraph the sentence of the first gold answer (as much around the
    answer as there is room for) and then, as long as they fit, those that share most words with the question.
    """
    inside = np.flatnonzero(offsets[:, 0] != OUTSIDE)
    outside = np.flatnonzero(offsets[:, 0] == OUTSIDE)
    room = length - len(outside)
    if len(inside) <= room:
        return np.arange(len(offsets))
    starts = offsets[inside, 0]
    gold = question.answers[0].start if question.answers else None
    words = _words(question.text)
    found = sentences(question.context) or (Sentence(0, len(question.context)),)
    shared = _sentence_words(question.context)
    ranked = sorted(
        range(len(found)),
        key=lambda k: (
            gold is None or not found[k].start <= gold < found[k].end,
            -len(words & shared[k]) if k < len(shared) else 0,
            k,
        ),
    )
    kept: list[NDArray[np.int64]] = []
    for k in ranked:
        begin, end = np.searchsorted(starts, [found[k].start, found[k].end])
        if end - begin > room and not kept:  # the first one is cut around the answer
            centre = int(np.searchsorted(starts, gold)) if gold is not None else int(begin)
            begin = max(int(begin), min(centre - room // 2, int(end) - room))
            end = begin + room
        if end - begin <= room:
            kept.append(inside[begin:end])
            room -= int(end - begin)
    return np.sort(np.concatenate([outside, *kept]))


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in _WORD.findall(text.lower()) if word not in STOP_WORDS)


@lru_cache(maxsize=64)
def _sentence_words(context: str) -> tuple[frozenset[str], ...]:
    return tuple(_words(context[one.start : one.end]) for one in sentences(context))
