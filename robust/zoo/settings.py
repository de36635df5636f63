"""What a reader needs to know beyond its weights: ``robust.json``, beside the Hugging Face files."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from robust.errors import UserError
from robust.json_text import read_json

SETTINGS_FILE = "robust.json"
# in a window of a question and a context: BERT has three, RoBERTa four
SPECIAL_TOKENS = 4
HEADS = ("plain", "electra")
# more than null odds can be; nan is not less either
_ANY_ODDS = 1e30


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderSettings:
    """How questions are cut into windows and logits into answers.

    ``max_length``, ``stride`` and ``max_question`` count tokens of a window, ``max_answer`` the tokens of
    an answer, ``n_best`` the answers kept. ``null_threshold`` is the reader's own no-answer threshold: it
    abstains where ``null_odds = null score - best span score`` is greater (None: it has none).
    ``head`` is ``plain`` (transformers' own: start and end apart) or ``electra`` (``electra_head.py``).
    ``lower_case`` says what the tokenizer does to its input (answers are cut from the untouched context
    all the same). ``recipe`` and ``training`` say how and on what it was made; ``extra`` holds the rest.
    """

    family: str = "bert"
    head: str = "plain"
    max_length: int = 384
    stride: int = 128
    max_question: int = 64
    max_answer: int = 30
    n_best: int = 20
    null_threshold: float | None = None
    lower_case: bool = True
    vocabulary_sha256: str | None = None
    recipe: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the text of ``robust.json``."""
        return json.dumps(dataclasses.asdict(self), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read_settings(path: Path) -> ReaderSettings:
    """Read ``robust.json``; raises UserError where it is not JSON or has a key or a value it should not."""
    try:
        values = read_json(path)
    except ValueError as error:
        raise UserError(f"{path}: not JSON ({error}); delete it or save the reader again") from error
    if not isinstance(values, dict):
        raise UserError(f"{path}: found {type(values).__name__}, expected an object; save the reader again")
    fields = {f.name: f for f in dataclasses.fields(ReaderSettings)}
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise UserError(f"{path}: unknown key {unknown[0]!r}; expected some of {', '.join(sorted(fields))}")
    for name in ("max_length", "stride", "max_question", "max_answer", "n_best"):
        if name in values and (type(values[name]) is not int or values[name] < 1):
            raise UserError(f"{path}: {name} is {values[name]!r}, expected a whole number above 0")
    for name in ("recipe", "training", "extra"):
        if not isinstance(values.get(name, {}), dict):
            raise UserError(f"{path}: {name} is {values[name]!r}, expected an object")
    if values.get("head", "plain") not in HEADS:
        raise UserError(f"{path}: head is {values['head']!r}, expected one of {', '.join(HEADS)}")
    threshold = values.get("null_threshold")
    if threshold is not None and (type(threshold) not in (int, float) or not abs(threshold) < _ANY_ODDS):
        raise UserError(f"{path}: null_threshold is {threshold!r}, expected a finite number or null")
    settings = ReaderSettings(**values)
    taken = settings.max_question + settings.stride + SPECIAL_TOKENS
    if taken >= settings.max_length:
        raise UserError(
            f"{path}: max_question {settings.max_question}, stride {settings.stride} and {SPECIAL_TOKENS} "
            f"special tokens leave nothing of max_length {settings.max_length}; expected more than {taken}"
        )
    return settings
