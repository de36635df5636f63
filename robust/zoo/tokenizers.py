"""Loading a tokenizer, and making sure that it is the model's."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from robust.errors import UserError, first_line

# Embeddings are often padded to a multiple of 64 or 128; a larger gap means the wrong vocabulary.
_PADDING_ROWS = 1024
# what holds a tokenizer's words, by family
_VOCABULARIES = ("tokenizer.json", "vocab.*", "*.model", "*.tiktoken", "merges.txt")


def load_tokenizer(folder: Path, name: str) -> Any:
    """Return the fast tokenizer of a checkpoint, with truncation and padding switched off.

    Raises UserError where there is none, or only a slow one (without offsets answers cannot be cut).
    """
    from transformers import AutoTokenizer

    if not any(next(folder.glob(one), None) for one in _VOCABULARIES):  # transformers would make one up
        raise UserError(
            f"{name}: no tokenizer in {folder} (tokenizer.json, or a vocabulary); copy the model's own"
        )
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, use_fast=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, ImportError, TypeError, AttributeError) as error:
        raise UserError(
            f"{name}: no usable tokenizer in {folder} ({first_line(error)}); copy the model's own"
        ) from error
    if not getattr(tokenizer, "is_fast", False):
        raise UserError(
            f"{name}: only a slow tokenizer in {folder}; expected tokenizer.json, which knows offsets"
        )
    # sentence encoders carry "cut at 128 tokens" in their tokenizer.json
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    return tokenizer


def save_tokenizer(tokenizer: Any, folder: Path) -> None:
    """Write a fast tokenizer's files to ``folder`` so that transformers 4.57 and 5 open them.

    Version 5 calls a tokenizer of no family TokenizersBackend, a name that 4.57 does not know; both know the
    older one.
    """
    tokenizer.save_pretrained(folder)
    file = folder / "tokenizer_config.json"
    config = json.loads(file.read_text(encoding="utf-8"))
    if config.get("tokenizer_class") == "TokenizersBackend":
        config["tokenizer_class"] = "PreTrainedTokenizerFast"
        file.write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def check_tokenizer(tokenizer: Any, rows: int, name: str, vocabulary: str | None = None) -> None:
    """Raise UserError unless the tokenizer fits a model whose embedding has ``rows`` rows.

    ``vocabulary`` is the SHA-256 the reader was saved with, where it is known.
    """
    size = len(tokenizer)
    highest = max(tokenizer.get_vocab().values(), default=-1)
    if highest >= rows:
        raise UserError(
            f"{name}: the tokenizer does not match: its highest id is {highest}, the model's embedding has "
            f"{rows} rows; copy the tokenizer files of this very model"
        )
    if size < rows - _PADDING_ROWS:
        raise UserError(
            f"{name}: the tokenizer does not match: it knows {size} tokens, the model's embedding has "
            f"{rows} rows; copy the tokenizer files of this very model"
        )
    for role in ("cls", "sep", "pad"):
        if getattr(tokenizer, f"{role}_token_id", None) is None:
            raise UserError(
                f"{name}: the tokenizer has no {role} token; copy the tokenizer files of this very model"
            )
    if vocabulary is not None and vocabulary != vocabulary_sha256(tokenizer):
        raise UserError(
            f"{name}: the tokenizer does not match: its vocabulary is not the one this reader was made with; "
            "copy the tokenizer files of this very model"
        )


def vocabulary_sha256(tokenizer: Any) -> str:
    """Return the SHA-256 of the vocabulary, tokens in the order of their ids."""
    digest = hashlib.sha256()
    for token, index in sorted(tokenizer.get_vocab().items(), key=lambda item: (item[1], item[0])):
        digest.update(f"{index}\t{token}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def tokenizer_sha256(tokenizer: Any) -> str:
    """Return the SHA-256 of the whole tokenizer: vocabulary, normaliser, added tokens and all."""
    return hashlib.sha256(tokenizer.backend_tokenizer.to_str().encode()).hexdigest()


def lower_cases(tokenizer: Any) -> bool:
    """Say whether the tokenizer treats upper and lower case alike."""
    return bool(tokenizer("Paris")["input_ids"] == tokenizer("paris")["input_ids"])
