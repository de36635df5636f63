"""A masked language model as a scorer of attacks: words for gaps, and how fluent a text is.

Gaps are filled with whole words of the vocabulary only: one token that begins a word and needs no other.
Texts of like length share a batch. Log-probabilities are rounded to a thousandth, equal ones ordered by the
word, so that the order does not depend on what else was in the batch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import torch
from torch import Tensor

from robust.attack.scorers import Blank, Filling
from robust.files import sha256_file
from robust.pretrain.objectives.base import at, language_model_logits
from robust.zoo.architecture import positions
from robust.zoo.lookup import check_weights, find_encoder
from robust.zoo.masked_lm import LoadedMaskedLM, load_masked_lm
from robust.zoo.tokenizers import tokenizer_sha256

# Tokens in a batch; more do not fit the caches of a small machine.
_BATCH_TOKENS = 2_048
_DECIMALS = 3
# Enters the SHA-256 of a filler: count it up where the same model gets other fillings or scores.
_VERSION = "filler/1"
# What marks the first token of a word in byte-pair and in SentencePiece vocabularies.
_WORD_MARKS = ("Ġ", "▁")


class _Masked(NamedTuple):
    """Token ids with one mask, where it is, and the number of the text they belong to."""

    ids: list[int]
    place: int
    owner: int


class Filler:
    """A `robust.attack.scorers.MaskedLm` over an encoder with its head; ``sha256`` tells models apart."""

    def __init__(self, lm: LoadedMaskedLM, sha256: str, batch_tokens: int = _BATCH_TOKENS) -> None:
        self.sha256 = sha256
        self._model: Any = lm.model
        self._tokenizer: Any = lm.tokenizer
        self._batch_tokens = batch_tokens
        self._room = positions(lm.model.config)

    def on(self, device: str) -> Filler:
        """Return itself, its model moved to ``device``."""
        self._model.to(device)
        return self

    @cached_property
    def words(self) -> dict[int, str]:
        """Token id -> the word it is, as a text shows it, of every token that is a whole word of letters."""
        tokenizer = self._tokenizer
        vocabulary: dict[str, int] = tokenizer.get_vocab()
        counts = {mark: sum(token.startswith(mark) for token in vocabulary) for mark in _WORD_MARKS}
        mark = max(_WORD_MARKS, key=counts.__getitem__)
        if not counts[mark]:  # word pieces: a continuation begins with ##
            mark = ""
        special = set(tokenizer.all_special_ids)
        found: dict[int, str] = {}
        for token, number in vocabulary.items():
            if number in special or not token.startswith(mark):
                continue
            word = tokenizer.convert_tokens_to_string([token]).strip() if mark else token
            if word.isalpha() and (len(word) > 1 or word.lower() in ("a", "i")):
                found[number] = word
        return dict(sorted(found.items()))

    @cached_property
    def _vocabulary(self) -> tuple[Tensor, list[str]]:
        """The ids of the words and the words, in the order of their ids."""
        return torch.tensor(list(self.words)), list(self.words.values())

    def fill(self, blanks: Sequence[Blank], top: int) -> list[list[Filling]]:
        """Return the ``top`` likeliest whole words of each gap, likeliest first, with log-probabilities.

        A gap that is not between spaces or marks already is set apart by spaces. Where the text is longer
        than the model reads, what is around the gap is read.
        """
        if not blanks or not self.words:
            return [[] for _ in blanks]
        ids, names = self._vocabulary
        found: list[list[Filling]] = [[] for _ in blanks]
        for owner, logs in self._scores([self._with_gap(blank, i) for i, blank in enumerate(blanks)]):
            own = logs[ids]
            # a few more than wanted: of those that round to the same, the word decides
            best = own.topk(min(top + 5, len(names)))
            fillings = [
                Filling(names[place], round(score, _DECIMALS))
                for score, place in zip(best.values.tolist(), best.indices.tolist(), strict=True)
            ]
            found[owner] = sorted(fillings, key=lambda filling: (-filling.score, filling.word))[:top]
        return found

    def fluency(self, texts: Sequence[str]) -> list[float]:
        """Return the mean pseudo-log-likelihood of a token of each text, in nats; 0.0 for an empty text.

        Salazar et al. 2020 ("Masked language model scoring", ACL): every token is masked in turn, and the
        log-probability that the model gives it is summed. Of a text longer than the model reads, the
        beginning counts.
        """
        masked: list[_Masked] = []
        hidden: list[int] = []
        counts = [0] * len(texts)
        for owner, text in enumerate(texts):
            encoded = self._encode(text)
            ids, special = encoded["input_ids"], encoded["special_tokens_mask"]
            if len(ids) > self._room:
                ids, special = [*ids[: self._room - 1], ids[-1]], [*special[: self._room - 1], 1]
            for place, is_special in enumerate(special):
                if is_special:
                    continue
                counts[owner] += 1
                hidden.append(ids[place])
                masked.append(
                    _Masked([*ids[:place], self._tokenizer.mask_token_id, *ids[place + 1 :]], place, owner)
                )
        sums = [0.0] * len(texts)
        # the order of addition is that of the tokens, whatever the batches
        numbered = [_Masked(one.ids, one.place, number) for number, one in enumerate(masked)]
        logs = [0.0] * len(masked)
        for number, found in self._scores(numbered):
            logs[number] = float(found[hidden[number]])
        for one, log in zip(masked, logs, strict=True):
            sums[one.owner] += log
        return [
            round(total / count, _DECIMALS) if count else 0.0
            for total, count in zip(sums, counts, strict=True)
        ]

    def _with_gap(self, blank: Blank, owner: int) -> _Masked:
        mask = self._tokenizer.mask_token
        left, right = blank.text[: blank.start], blank.text[blank.end :]
        left += " " if left and left[-1].isalnum() else ""
        right = f" {right}" if right and right[0].isalnum() else right
        encoded = self._encode(left + mask + right)
        ids: list[int] = encoded["input_ids"]
        # byte-pair masks take the white space before them into their offsets
        place = next(
            place
            for place, (token, (_, end)) in enumerate(zip(ids, encoded["offset_mapping"], strict=True))
            if token == self._tokenizer.mask_token_id and end >= len(left) + len(mask)
        )
        if len(ids) > self._room:
            room = self._room - 2
            first = min(max(1, place - room // 2), len(ids) - 1 - room)
            ids, place = [ids[0], *ids[first : first + room], ids[-1]], place - first + 1
        return _Masked(ids, place, owner)

    def _encode(self, text: str) -> Any:
        return self._tokenizer(
            text, return_offsets_mapping=True, return_special_tokens_mask=True, verbose=False
        )

    @torch.inference_mode()
    def _scores(self, masked: Sequence[_Masked]) -> Iterator[tuple[int, Tensor]]:
        """Yield owner and log-probabilities (vocabulary,; float32, on the CPU) at each mask."""
        device = self._model.get_input_embeddings().weight.device
        pad = self._tokenizer.pad_token_id
        for batch in self._batches(masked):
            longest = max(len(one.ids) for one in batch)
            inputs = torch.tensor([[*one.ids, *[pad] * (longest - len(one.ids))] for one in batch])
            lengths = torch.tensor([len(one.ids) for one in batch])
            attended = (torch.arange(longest) < lengths[:, None]).long()
            places = torch.tensor([[one.place] for one in batch])
            states = self._model.base_model(
                input_ids=inputs.to(device), attention_mask=attended.to(device)
            ).last_hidden_state
            logits = language_model_logits(self._model, at(states, places.to(device)))[:, 0]
            for one, logs in zip(batch, logits.float().log_softmax(-1).cpu(), strict=True):
                yield one.owner, logs

    def _batches(self, masked: Sequence[_Masked]) -> Iterator[list[_Masked]]:
        """Yield the texts in batches, long ones first, of at most so many tokens with padding."""
        order = sorted(masked, key=lambda one: -len(one.ids))
        while order:
            size = max(1, self._batch_tokens // len(order[0].ids))
            yield order[:size]
            order = order[size:]


def load_filler(name_or_path: str, device: str = "cpu") -> Filler:
    """Return the encoder of that name, path or hub id as a scorer; raises UserError as ``load_masked_lm``."""
    lm = load_masked_lm(name_or_path)
    lm.model.to(device)
    folder = find_encoder(name_or_path)
    files = [*check_weights(folder, name_or_path), folder / "config.json"]
    sums = [_VERSION, *(sha256_file(file) for file in files), tokenizer_sha256(lm.tokenizer)]
    return Filler(lm, hashlib.sha256("".join(sums).encode()).hexdigest())
