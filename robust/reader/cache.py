"""Predictions kept by content: the same question about the same paragraph is never predicted twice.

One SQLite file for each reader and way of running it, under ``$ROBUST_HOME/predictions``; a row is keyed
by what was asked. It is written to every few batches, so a killed run goes on where it stopped, and the
clean questions that many robustness sets share are predicted once.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from robust.errors import UserError
from robust.reader.decode import Candidate, Prediction

# Raise it when decoding changes: predictions of another version are then left alone.
VERSION = 1
_CHUNK = 500


def content_key(question: str, context: str) -> str:
    """Return the key of a question about a context: SHA-256 of both texts."""
    digest = hashlib.sha256()
    for text in (question, context):
        raw = text.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


class PredictionCache:
    """An open cache file. Use it as a context manager; a reader reads and writes it in one process.

    ``run_key`` holds everything that the predictions depend on beside the question: the reader's
    SHA-256, its window settings, number format, device type, library versions.
    """

    def __init__(self, folder: Path, run_key: Mapping[str, Any]) -> None:
        text = json.dumps({"version": VERSION, **run_key}, sort_keys=True)
        name = hashlib.sha256(text.encode()).hexdigest()[:32]
        self.path = folder / f"{name}.sqlite"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self.path, timeout=30.0)
            with self._database:
                self._database.execute("CREATE TABLE IF NOT EXISTS about (settings TEXT PRIMARY KEY)")
                self._database.execute("INSERT OR IGNORE INTO about VALUES (?)", (text,))
                self._database.execute(
                    "CREATE TABLE IF NOT EXISTS predictions (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
                ).fetchall()
        except (OSError, sqlite3.Error) as error:
            raise UserError(
                f"{self.path}: cannot keep predictions here ({error}); set ROBUST_HOME to a folder that "
                "can be written, or delete this file"
            ) from error

    def __enter__(self) -> PredictionCache:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; everything that was stored stays."""
        self._database.close()

    def get(self, keys: Iterable[str], *, lists: bool = True) -> dict[str, Prediction]:
        """Return the predictions that are known, by key; their ``id`` is empty.

        Without ``lists`` their n-best lists are left out, which are most of what they hold.
        """
        wanted = list(keys)
        found: dict[str, Prediction] = {}
        for first in range(0, len(wanted), _CHUNK):
            part = wanted[first : first + _CHUNK]
            marks = ",".join("?" * len(part))
            query = f"SELECT key, value FROM predictions WHERE key IN ({marks})"
            for key, value in self._database.execute(query, part):
                text, odds, n_best = json.loads(value)
                kept = tuple(Candidate(*c) for c in n_best) if lists else ()
                found[key] = Prediction("", text, odds, kept)
        return found

    def stream(self, keys: Sequence[str]) -> Iterator[tuple[str, Prediction]]:
        """Yield (key, prediction) of keys that are all known, in their order, few in memory at a time."""
        for first in range(0, len(keys), _CHUNK):
            part = keys[first : first + _CHUNK]
            found = self.get(part)
            yield from ((key, found[key]) for key in part)

    def put(self, predictions: Mapping[str, Prediction]) -> None:
        """Store predictions by key, all or none of them; raises UserError on a full or read-only disk."""
        rows = [
            (
                key,
                json.dumps(
                    [p.text, p.null_odds, [[c.text, c.start, c.score] for c in p.n_best]], ensure_ascii=True
                ),
            )
            for key, p in predictions.items()
        ]
        try:
            with self._database:
                self._database.executemany("INSERT OR REPLACE INTO predictions VALUES (?, ?)", rows)
        except sqlite3.Error as error:
            raise UserError(
                f"{self.path}: cannot write ({error}); free space, or set ROBUST_HOME to another disk"
            ) from error
