"""Questions and paragraphs as windows of token ids, with the way back to the characters."""

from __future__ import annotations

import inspect
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from robust.reader.pairs import PairTemplate, pair_template, tokenise, window_ranges
from robust.squad.records import Question

if TYPE_CHECKING:
    import torch

OUTSIDE = -1  # offset of a token that is not part of the context


@dataclass(frozen=True)
class Windows:
    """Windows over questions and their contexts, unpadded; one entry a window in every field.

    ``input_ids[w]`` and ``token_type_ids[w]`` are int32 arrays of shape (tokens,); ``offsets[w]`` is an
    int32 array of shape (tokens, 2): where each token starts and ends in the context, in code points,
    and -1 for tokens outside it. ``question_index[w]`` is the question a window belongs to; the windows
    of a question follow one another. Token 0 of each window is the classification token.
    """

    input_ids: list[NDArray[np.int32]]
    token_type_ids: list[NDArray[np.int32]]
    offsets: list[NDArray[np.int32]]
    question_index: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.input_ids)


def make_windows(
    tokenizer: Any,
    questions: Sequence[Question],
    *,
    max_length: int = 384,
    stride: int = 128,
    max_question: int = 64,
    chunk: int = 512,
) -> Windows:
    """Return the windows of all questions, in order; each distinct context is tokenised once.

    SentencePiece's lone word mark is given no width: the tokenizer gives it the offsets of the letter behind.
    A window holds at most ``max_length`` tokens: classification token, question, context part. Where a
    context does not fit, windows follow each other and share ``stride`` tokens. Questions longer than
    ``max_question`` tokens are cut.
    """
    template = pair_template(tokenizer)
    found = _Found([], [], [], [])
    # tokenised contexts, of this call alone; the questions of a paragraph mostly follow one another
    contexts: dict[str, _Context] = {}
    for first in range(0, len(questions), chunk):
        part = questions[first : first + chunk]
        texts, question_ids = _cut_questions(tokenizer, [q.text.strip() for q in part], max_question)
        longest = max(len(ids) for ids in question_ids)
        if template is None or max_length - longest - template.special <= stride:
            _add_pairs(found, tokenizer, texts, part, first, max_length=max_length, stride=stride)
            continue
        fresh = list(dict.fromkeys(q.context for q in part if q.context not in contexts))
        for text, tokens, places in zip(fresh, *tokenise(tokenizer, fresh), strict=True):
            own = np.asarray(places, dtype=np.int32).reshape(-1, 2)
            contexts[text] = np.asarray(tokens, dtype=np.int32), own
        for place, (question, tokens) in enumerate(zip(part, question_ids, strict=True)):
            _add_windows(
                found,
                template,
                tokens,
                contexts[question.context],
                first + place,
                max_length=max_length,
                stride=stride,
            )
    mark = _lone_mark(tokenizer)
    if mark is not None:
        for ids, spans in zip(found.input_ids, found.offsets, strict=True):
            spans[ids == mark, 1] = spans[ids == mark, 0]
    lengths = np.asarray([len(ids) for ids in found.input_ids], dtype=np.int64)
    index = np.asarray(found.index, dtype=np.int64)
    return Windows(found.input_ids, found.token_types, found.offsets, index, lengths)


def _lone_mark(tokenizer: Any) -> int | None:
    """Return the id of SentencePiece's word mark as a token of its own; None for other tokenizers."""
    if type(tokenizer.backend_tokenizer.model).__name__ != "Unigram":
        return None
    found: int | None = tokenizer.get_vocab().get("▁")
    return found


_Context = tuple[NDArray[np.int32], NDArray[np.int32]]  # token ids, and offsets of shape (tokens, 2)


@dataclass(frozen=True, slots=True)
class _Found:
    """The windows made so far: the lists of ``Windows``."""

    input_ids: list[NDArray[np.int32]]
    token_types: list[NDArray[np.int32]]
    offsets: list[NDArray[np.int32]]
    index: list[int]


def _add_windows(
    found: _Found,
    template: PairTemplate,
    question: list[int],
    context: _Context,
    index: int,
    *,
    max_length: int,
    stride: int,
) -> None:
    """Add the windows of one question, put together from tokens."""
    ids, spans = context
    head = np.concatenate((template.before, np.asarray(question, dtype=np.int32), template.between))
    room = max_length - len(head) - len(template.after)
    sizes = [len(template.before), len(question), len(template.between), 0, len(template.after)]
    for first, last in window_ranges(len(ids), room, stride):
        sizes[3] = last - first
        offsets = np.full((sum(sizes), 2), OUTSIDE, dtype=np.int32)
        offsets[len(head) : len(head) + last - first] = spans[first:last]
        found.input_ids.append(np.concatenate((head, ids[first:last], template.after)))
        found.token_types.append(np.repeat(np.asarray(template.types, dtype=np.int32), sizes))
        found.offsets.append(offsets)
        found.index.append(index)


def _add_pairs(
    found: _Found,
    tokenizer: Any,
    texts: list[str],
    questions: Sequence[Question],
    first: int,
    *,
    max_length: int,
    stride: int,
) -> None:
    """Add the windows of some questions as the tokenizer makes them of pairs of texts."""
    encoded = tokenizer(
        texts,
        [q.context for q in questions],
        truncation="only_second",
        max_length=max_length,
        stride=stride,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        return_token_type_ids=True,
        padding=False,
    )
    for w, sample in enumerate(encoded["overflow_to_sample_mapping"]):
        spans = np.asarray(encoded["offset_mapping"][w], dtype=np.int32).reshape(-1, 2)
        in_context = np.fromiter((s == 1 for s in encoded.sequence_ids(w)), dtype=bool, count=len(spans))
        spans[~in_context] = OUTSIDE
        found.input_ids.append(np.asarray(encoded["input_ids"][w], dtype=np.int32))
        found.token_types.append(np.asarray(encoded["token_type_ids"][w], dtype=np.int32))
        found.offsets.append(spans)
        found.index.append(first + sample)


def _cut_questions(tokenizer: Any, texts: list[str], max_question: int) -> tuple[list[str], list[list[int]]]:
    """Return the questions, cut where they are too long, and their token ids."""
    ids, spans = tokenise(tokenizer, texts)
    cut, ids = list(texts), list(ids)
    long = [i for i, own in enumerate(spans) if len(own) > max_question]
    for i in long:
        cut[i] = texts[i][: spans[i][max_question - 1][1]]
    # a word that is cut in two is split into other tokens
    for i, own in zip(long, tokenise(tokenizer, [cut[i] for i in long])[0], strict=True):
        ids[i] = own
    return cut, ids


def answer_positions(windows: Windows, questions: Sequence[Question]) -> NDArray[np.int64]:
    """Return the training targets: int64 of shape (windows, 2), first and last token of the answer.

    The first gold answer is the target. A window that does not hold it whole, and every window of an
    unanswerable question, points to token 0: "no answer here".
    """
    targets = np.zeros((len(windows), 2), dtype=np.int64)
    for w, q in enumerate(windows.question_index):
        question = questions[q]
        if not question.answerable or not question.answers:
            continue
        gold = question.answers[0]
        starts, ends = windows.offsets[w][:, 0], windows.offsets[w][:, 1]
        inside = np.flatnonzero((starts != OUTSIDE) & (starts < gold.end) & (ends > gold.start))
        if not len(inside) or starts[inside[0]] > gold.start:
            continue
        # an accent on the last letter belongs to it, though a tokenizer that strips accents leaves it out
        if whole_letter(question.context, int(ends[inside[-1]])) >= gold.end:
            targets[w] = inside[0], inside[-1]
    return targets


def whole_letter(context: str, end: int) -> int:
    """Return ``end`` moved past the combining marks that belong to the last letter.

    A tokenizer that strips accents gives the offsets of the bare letter.
    """
    while end < len(context) and unicodedata.category(context[end]).startswith("M"):
        end += 1
    return end


def input_names(model: Any, tokenizer: Any) -> set[str]:
    """Return which of ``pad_batch``'s tensors a model takes.

    The model alone says whether it tells token types apart: a tokenizer's class changes with the version of
    transformers and with how it was stored (ALBERT's names none in transformers 5; DistilBERT, which knows
    none, often stands with BERT's).
    """
    names = {"input_ids", "attention_mask"}
    encoder = getattr(model, "base_model", model)
    taken = inspect.signature(encoder.forward).parameters
    if (getattr(model.config, "type_vocab_size", 0) or 0) > 1 and "token_type_ids" in taken:
        names.add("token_type_ids")
    return names


def pad_batch(
    windows: Windows, indices: Sequence[int], pad_id: int, length: int | None = None
) -> dict[str, torch.Tensor]:
    """Return the windows of ``indices`` padded to ``length``: int64 tensors of shape (batch, length).

    Without ``length`` they are padded to the longest of them.

    ``context``, which no model takes, is boolean: the tokens that stand for text of the context.
    """
    import torch  # here alone: scoring an outside system's answers needs no torch

    length = length or max(int(windows.lengths[i]) for i in indices)
    ids = np.full((len(indices), length), pad_id, dtype=np.int64)
    types = np.zeros((len(indices), length), dtype=np.int64)
    context = np.zeros((len(indices), length), dtype=bool)
    mask = np.zeros((len(indices), length), dtype=np.int64)
    for row, i in enumerate(indices):
        n = int(windows.lengths[i])
        ids[row, :n] = windows.input_ids[i]
        types[row, :n] = windows.token_type_ids[i]
        mask[row, :n] = 1
        spans = windows.offsets[i]
        context[row, :n] = spans[:, 1] > spans[:, 0]
    return {
        "input_ids": torch.from_numpy(ids),
        "token_type_ids": torch.from_numpy(types),
        "attention_mask": torch.from_numpy(mask),
        "context": torch.from_numpy(context),
    }
