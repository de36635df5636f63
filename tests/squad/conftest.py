"""A small SQuAD document of our own, for every test of this room."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BAKERY = "The bakery on Mill Lane opened in 1904. Its founder, Ada Holt, sold rye bread."
HARBOUR = "Zoë\u0301’s harbour 🚢 froze twice; the ferry to Ärsk waited 🧊 until March."


def small_document() -> dict[str, Any]:
    """Return two articles, three paragraphs, five questions, with emoji and combining marks."""
    return {
        "version": "v2.0",
        "data": [
            {
                "title": "Bakery",
                "paragraphs": [
                    {
                        "context": BAKERY,
                        "qas": [
                            {
                                "id": "b1",
                                "question": "When did the bakery open?",
                                "answers": [
                                    {"text": "1904", "answer_start": 34},
                                    {"text": "in 1904", "answer_start": 31},
                                ],
                                "is_impossible": False,
                            },
                            {
                                "id": "b2",
                                "question": "When did the bakery close?",
                                "answers": [],
                                "plausible_answers": [{"text": "1904", "answer_start": 34}],
                                "is_impossible": True,
                            },
                        ],
                    },
                    {
                        "context": "Rye keeps for a week.",
                        "qas": [
                            {
                                "id": "b3",
                                "question": "How long does rye keep?",
                                "answers": [{"text": "a week", "answer_start": 14}],
                                "is_impossible": False,
                            }
                        ],
                    },
                ],
            },
            {
                "title": "Harbour",
                "paragraphs": [
                    {
                        "context": HARBOUR,
                        "qas": [
                            {
                                "id": "h1",
                                "question": "Where did the ferry go?",
                                "answers": [{"text": "Ärsk", "answer_start": HARBOUR.index("Ärsk")}],
                                "is_impossible": False,
                            },
                            {"id": "h2", "question": "Who sank it?", "answers": [], "is_impossible": True},
                        ],
                    }
                ],
            },
        ],
    }


@pytest.fixture
def document() -> dict[str, Any]:
    return small_document()


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes text, bytes or a JSON value to a file and returns its path."""

    def write(content: object, name: str = "data.json") -> Path:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
            path.write_text(text, encoding="utf-8", newline="")
        return path

    return write


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point ROBUST_HOME and ROBUST_DATA at empty folders; return their parent."""
    for name in ("home", "data"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(f"ROBUST_{name.upper()}", str(tmp_path / name))
    return tmp_path
