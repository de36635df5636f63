"""Batched prediction: questions in, best spans and null odds out.

Windows are sorted by length and batched by a budget of tokens, so that hardly any padding is computed.
In float32 the answers do not depend on the batching: batching changes logits by a few units in the last
place, and the few questions where that could change the answer or its null odds are computed once more,
each window alone and unpadded.
"""

from __future__ import annotations

import copy
import gc
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from robust.errors import UserError
from robust.reader.cache import PredictionCache, content_key
from robust.reader.decode import (
    Prediction,
    WindowSpans,
    assemble,
    beam_scores,
    decode_beam,
    decode_windows,
    is_close_call,
    span_scores,
)
from robust.reader.features import Windows, input_names, make_windows, pad_batch
from robust.scale.machines import Machines
from robust.squad.records import Question
from robust.zoo.checkpoints import LoadedReader
from robust.zoo.electra_head import JointReader

Dtype = Literal["auto", "float32", "bfloat16"]
# (windows, number of a window) -> its spans of interest: first and last tokens, of shape (spans, 2)
Targets = Callable[[Windows, int], NDArray[np.int64]]
# Questions whose windows are held in memory at once: some 20 MB of them.
_CHUNK = 4_000
# Predictions that wait for the cache at most: with their n-best lists some 5 kB each.
_FLUSH_QUESTIONS = 2_000
# How often what was predicted goes to the cache: all that a killed run loses.
_FLUSH_SECONDS = 10.0
# Tokens in a batch: enough to keep a GPU busy, and on a CPU few enough to stay in its caches (33 ms of a core
# for a window of MiniLM in batches of 1,024, 39 in those of 4,096).
_BATCH_TOKENS = {"cuda": 65_536, "cpu": 1_024}
# How far batching and padding may move a float32 span score, relative to the largest logit: the largest
# seen was 2.3e-6 (MiniLM, 198 dev questions, batches of 16 against windows alone), under ELECTRA's head
# 1.1e-6 (62 windows, batches of 12); with room to spare.
RELATIVE_ERROR = 6e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictSettings:
    """How to run a reader: none of this may change a float32 answer.

    ``device``: auto (CUDA where there is one), cpu, cuda, cuda:1, ...; ``dtype``: auto is bfloat16 on
    CUDA and float32 elsewhere; ``batch_tokens``: tokens in a batch, padding included (None: 65,536 on
    CUDA, 1,024 on a CPU).
    """

    device: str = "auto"
    dtype: Dtype = "auto"
    batch_tokens: int | None = None

    @property
    def resolved(self) -> bool:
        """Whether nothing is left to choose."""
        return self.device != "auto" and self.dtype != "auto" and self.batch_tokens is not None

    def resolve(self) -> PredictSettings:
        """Return the settings with nothing left to choose; UserError for a device that is not there."""
        device = self.device
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            kind = torch.device(device).type
        except RuntimeError as error:
            raise UserError(f"--device {device}: no such device; expected cpu, cuda or cuda:N") from error
        if kind == "cuda" and not torch.cuda.is_available():
            raise UserError(f"--device {device}: no CUDA device here; use --device cpu")
        dtype: Dtype = self.dtype
        if dtype == "auto":
            dtype = "bfloat16" if kind == "cuda" and torch.cuda.is_bf16_supported() else "float32"
        if dtype not in ("float32", "bfloat16"):
            raise UserError(f"--dtype {dtype}: expected float32 or bfloat16")
        tokens = self.batch_tokens or _BATCH_TOKENS.get(kind, _BATCH_TOKENS["cpu"])
        if tokens < 1:
            raise UserError(f"--batch-tokens {tokens}: expected a number above 0")
        return PredictSettings(device=device, dtype=dtype, batch_tokens=tokens)


def device_name(device: str) -> str:
    """Return what a manifest says of a device of this machine."""
    if torch.device(device).type == "cuda":
        return f"{device}: {torch.cuda.get_device_name(torch.device(device))}"
    return f"{device}: {platform.machine()}, {torch.get_num_threads()} threads"


def run_key(reader: LoadedReader, settings: PredictSettings) -> dict[str, Any]:
    """Return everything a prediction depends on beside the question, for the cache and the manifest."""
    import tokenizers
    import transformers

    own = reader.settings
    return {
        "model": reader.sha256,
        "inputs": sorted(input_names(reader.model, reader.tokenizer)),
        "max_length": own.max_length,
        "stride": own.stride,
        "max_question": own.max_question,
        "max_answer": own.max_answer,
        "n_best": own.n_best,
        "dtype": settings.dtype,
        "device": torch.device(settings.device).type,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "tokenizers": tokenizers.__version__,
    }


def predict(
    reader: LoadedReader,
    questions: Sequence[Question],
    settings: PredictSettings | None = None,
    *,
    cache: PredictionCache | None = None,
    lists: bool = True,
    progress: Callable[[int, int], None] | None = None,
    notice: Callable[[str], None] | None = None,
    machines: Machines | None = None,
) -> list[Prediction]:
    """Return a prediction for every question, in their order.

    Equal questions about equal contexts are computed once; with ``cache`` what it knows is not computed
    at all. Without ``lists`` the predictions carry no n-best lists: those are ten times the rest, and the
    cache has them. ``progress(done, total)`` counts distinct questions, ``notice`` takes one-line messages (a
    batch that had to be halved). With ``machines`` they do the work (``settings`` are then what
    `robust.reader.elsewhere.resolve_on` returned), and this process keeps what they answer. Raises UserError
    where a single window does not fit into CUDA memory.
    """
    chosen = settings if settings is not None and machines is not None else _resolved(settings)
    keys = [content_key(q.text, q.context) for q in questions]
    known = cache.get(dict.fromkeys(keys), lists=lists) if cache is not None else {}
    todo: dict[str, Question] = {}
    for key, question in zip(keys, questions, strict=True):
        if key not in known:
            todo.setdefault(key, question)
    total = len(known) + len(todo)
    if progress is not None:
        progress(len(known), total)
    # longest first over all chunks, so that a chunk's windows are of about one length
    names = sorted(todo, key=lambda key: (-len(todo[key].context) - len(todo[key].text), key))
    if machines is not None:
        from robust.reader.elsewhere import predictions

        answers = predictions(machines, reader, chosen, [todo[name] for name in names])
    else:
        answers = _predictions(Engine(reader, chosen, notice), [todo[name] for name in names])
    fresh: dict[str, Prediction] = {}
    written = time.monotonic()
    try:
        for place, prediction in answers:
            key = names[place]
            fresh[key] = prediction
            known[key] = prediction if lists else replace(prediction, n_best=())
            late = time.monotonic() - written > _FLUSH_SECONDS or len(fresh) >= _FLUSH_QUESTIONS
            if cache is not None and late:
                cache.put(fresh)
                fresh, written = {}, time.monotonic()
            if progress is not None:
                progress(len(known), total)
    finally:  # what was computed stays, whatever stopped the rest
        if cache is not None:
            cache.put(fresh)
    return [replace(known[key], id=q.id) for key, q in zip(keys, questions, strict=True)]


def _resolved(settings: PredictSettings | None) -> PredictSettings:
    return (settings or PredictSettings()).resolve()


def _predictions(engine: Engine, questions: Sequence[Question]) -> Iterator[tuple[int, Prediction]]:
    """Yield (place in ``questions``, prediction) as they are finished."""
    for first in range(0, len(questions), _CHUNK):
        for place, prediction in engine.run(questions[first : first + _CHUNK]):
            yield first + place, prediction


def _with_half_matrices(model: Any) -> Any:
    """Return a copy of a model whose matrices are bfloat16, those of its head apart.

    Autocast would make the same of them at every call, as no gradient is asked for: the numbers are the same.
    """
    half = copy.deepcopy(model)
    for name, module in half.named_modules():
        if isinstance(module, torch.nn.Linear) and name.partition(".")[0] not in ("qa_outputs", "head"):
            module.to(torch.bfloat16)
    return half


class Engine:
    """A reader on its device, and the batch size it has learnt to fit; ``settings`` are resolved ones."""

    def __init__(
        self, reader: LoadedReader, settings: PredictSettings, notice: Callable[[str], None] | None = None
    ) -> None:
        self._reader = reader
        self._device = torch.device(settings.device)
        self._bfloat16 = settings.dtype == "bfloat16"
        self._tokens = settings.batch_tokens or 1
        self._notice = notice or (lambda message: None)
        model = _with_half_matrices(reader.model) if self._bfloat16 else reader.model
        self._model = model.to(self._device).eval()
        self._names = input_names(reader.model, reader.tokenizer)
        # ELECTRA's head has a logit for "no answer", which is not weighed against the best span
        self.joint = isinstance(reader.model, JointReader)

    def run(self, questions: Sequence[Question]) -> Iterator[tuple[int, Prediction]]:
        """Yield (place in ``questions``, prediction) as questions are finished; every place once."""

        def unsure(place: int, found: list[WindowSpans]) -> bool:
            return is_close_call(found, questions[place].context, RELATIVE_ERROR, null_alone=self.joint)

        n_best = self._reader.settings.n_best
        for place, found in self.spans(questions, unsure):
            context = questions[place].context
            yield place, assemble("", context, found, n_best=n_best, null_alone=self.joint)

    def spans(
        self,
        questions: Sequence[Question],
        unsure: Callable[[int, list[WindowSpans]], bool],
        targets: Targets | None = None,
    ) -> Iterator[tuple[int, list[WindowSpans]]]:
        """Yield (place in ``questions``, its windows' spans) as questions are finished; every place once.

        In float32, windows of which ``unsure`` says that rounding could matter are computed once more, alone.
        ``targets`` names spans of a window whose best score is to be noted (``WindowSpans.target``).
        """
        own = self._reader.settings
        windows = make_windows(
            self._reader.tokenizer,
            questions,
            max_length=own.max_length,
            stride=own.stride,
            max_question=own.max_question,
        )
        of_question: list[list[int]] = [[] for _ in questions]
        for window, question in enumerate(windows.question_index):
            of_question[int(question)].append(window)
        waiting = [len(own_windows) for own_windows in of_question]
        spans: dict[int, WindowSpans] = {}
        again: list[int] = []
        # longest first: memory runs out at once or not at all
        order = np.argsort(-windows.lengths, kind="stable").tolist()
        while order:
            size = min(len(order), max(1, self._tokens // int(windows.lengths[order[0]])))
            batch, order = order[:size], order[size:]
            found = self._try(windows, batch, targets)
            if found is None:
                order = batch + order
                continue
            for window, decoded in zip(batch, found, strict=True):
                spans[window] = decoded
                question = int(windows.question_index[window])
                waiting[question] -= 1
                if waiting[question]:
                    continue
                own_spans = [spans.pop(w) for w in of_question[question]]
                if not self._bfloat16 and unsure(question, own_spans):
                    again.append(question)
                else:
                    yield question, own_spans
        for question in again:
            yield question, [self.decode(windows, [w], targets)[0] for w in of_question[question]]

    def _try(self, windows: Windows, batch: list[int], targets: Targets | None) -> list[WindowSpans] | None:
        """Return the spans of a batch, or None after CUDA ran out of memory and the budget was halved."""
        try:
            return self.decode(windows, batch, targets)
        except torch.OutOfMemoryError as error:
            if len(batch) == 1:
                raise UserError(
                    f"{self._reader.name}: a window of {int(windows.lengths[batch[0]])} tokens does not fit "
                    f"into the memory of {self._device}; use --device cpu, or a smaller max_length"
                ) from error
        # outside the except clause: the traceback no longer holds the batch's tensors
        longest = int(windows.lengths[batch[0]])
        self._tokens = max(longest, len(batch) * longest // 2)
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        self._notice(f"{self._device}: out of memory; going on with batches of {self._tokens} tokens")
        return None

    def decode(
        self, windows: Windows, batch: list[int], targets: Targets | None, *, length: int | None = None
    ) -> list[WindowSpans]:
        """Return the spans of each window of a batch, padded to ``length`` tokens (None: to its longest)."""
        own = self._reader.settings
        offsets = [windows.offsets[w] for w in batch]
        wanted = [targets(windows, w) for w in batch] if targets is not None else []
        if self.joint:
            beam = self._beam(windows, batch, length)
            self._check_finite(beam["peak"])
            found = decode_beam(offsets=offsets, n_best=own.n_best, **beam)
            scores = beam_scores(beam["starts"], beam["scores"], beam["edge"], wanted)
        else:
            start, end = self._logits(windows, batch, length)
            self._check_finite(start, end)
            found = decode_windows(start, end, offsets, max_answer=own.max_answer, n_best=own.n_best)
            scores = span_scores(start, end, wanted)
        return [replace(w, target=s) for w, s in zip(found, scores, strict=True)] if wanted else found

    def _check_finite(self, *values: NDArray[np.float32]) -> None:
        if not all(np.isfinite(value).all() for value in values):
            raise UserError(
                f"{self._reader.name}: its scores are not finite (a diverged training run, or "
                "numbers too large for bfloat16); try --dtype float32, or fine-tune it again"
            )

    def _inputs(
        self, windows: Windows, batch: list[int], length: int | None
    ) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """Return what the model takes, and which tokens are context, on the device."""
        tensors = pad_batch(windows, batch, self._reader.tokenizer.pad_token_id, length)
        on_device = {k: v.to(self._device) for k, v in tensors.items()}
        return {k: v for k, v in on_device.items() if k in self._names}, on_device["context"]

    def _beam(self, windows: Windows, batch: list[int], length: int | None) -> dict[str, NDArray[Any]]:
        """Return the parts of a joint head's beam by name; the head is computed in float32."""
        inputs, context = self._inputs(windows, batch, length)
        with torch.inference_mode():
            if self._bfloat16:
                with torch.autocast(self._device.type, dtype=torch.bfloat16):
                    hidden = self._model(**inputs)
            else:
                hidden = self._model(**inputs)
            beam = self._model.head.beam(hidden.float(), context, self._reader.settings.max_answer)
        return {f.name: getattr(beam, f.name).cpu().numpy() for f in fields(beam)}

    def _logits(
        self, windows: Windows, batch: list[int], length: int | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return start and end logits, each float32 of shape (windows, tokens)."""
        inputs, _ = self._inputs(windows, batch, length)
        with torch.inference_mode():
            if not self._bfloat16:
                output = self._model(**inputs)
                return output.start_logits.cpu().numpy(), output.end_logits.cpu().numpy()
            # bfloat16 has 8 bits: near 9 it knows sixteenths only, so the head is computed in float32
            head, hidden = self._model.qa_outputs, []
            hook = head.register_forward_pre_hook(lambda module, given: hidden.append(given[0]))
            try:
                with torch.autocast(self._device.type, dtype=torch.bfloat16):
                    self._model(**inputs)
            finally:
                hook.remove()
            logits = torch.nn.functional.linear(hidden[0].float(), head.weight, head.bias)
        start, end = logits.cpu().unbind(-1)
        return start.contiguous().numpy(), end.contiguous().numpy()
