"""Sentence vectors of WordNet's glosses, kept on disk once they are worked out."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from multiprocessing.util import Finalize
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robust.errors import UserError
from robust.files import atomic_write
from robust.home import robust_home
from robust.words.definitions import Definitions
from robust.words.lexicon import SHIPPED_SHA256, Lexicon
from robust.words.senses.space import unit
from robust.words.sentence_encoder import SentenceEncoder

AT_ONCE = 500  # glosses are written in files of this many; a killed process loses at most the last file
FORM = "lemmas: definition; examples"  # belongs to the key: another text makes other vectors
Rows = NDArray[np.float32]


class GlossVectors:
    """Unit vectors of the text ``lemma, lemma: definition; example; example`` of synsets.

    Under ROBUST_HOME, in ``gloss-vectors/<key>``; the key is made of the SHA-256 of model and lexicon. A home
    that cannot be written costs time, not answers.
    """

    def __init__(self, lexicon: Lexicon, encoder: SentenceEncoder) -> None:
        if lexicon.sha256 != SHIPPED_SHA256:
            raise UserError(
                "sense method enhanced-lesk-semantic: reads WordNet 3.0's glosses, and the lexicon given is "
                "another; choose enhanced-lesk"
            )
        key = hashlib.sha256(f"{encoder.sha256}\n{lexicon.sha256}\n{FORM}".encode()).hexdigest()
        self.folder = robust_home() / "gloss-vectors" / key[:16]
        self._lexicon = lexicon
        self._encoder = encoder
        self._known = _read(self.folder)
        self._new: dict[int, Rows] = {}
        # Worker processes leave without the interpreter's own finalisers, but run multiprocessing's.
        Finalize(self, _write, (self.folder, self._new), exitpriority=1)

    def of(self, synsets: Iterable[int]) -> Rows:
        """Return the unit vectors of ``synsets``, shape (synsets, 384).

        Raises UserError where a gloss is yet to be read and NLTK's WordNet 3.0 is not here.
        """
        return np.array([self._one(synset) for synset in synsets], np.float32).reshape(
            -1, self._encoder.dimensions
        )

    def text(self, synset: int) -> str:
        """Return the text that stands for a synset."""
        gloss = self._definitions.of(self._lexicon.name(synset))
        lemmas = ", ".join(lemma.replace("_", " ") for lemma in self._lexicon.lemmas(synset))
        return f"{lemmas}: {'; '.join((gloss.text, *gloss.examples))}"

    @cached_property
    def _definitions(self) -> Definitions:
        return Definitions.open()  # seconds: only where a gloss is missing

    def _one(self, synset: int) -> Rows:
        found = self._known.get(synset)
        if found is None:
            found = unit(self._encoder.text(self.text(synset))).astype(np.float32)
            self._known[synset] = self._new[synset] = found
            if len(self._new) >= AT_ONCE:
                _write(self.folder, self._new)
        return found


def _read(folder: Path) -> dict[int, Rows]:
    known: dict[int, Rows] = {}
    for file in sorted(folder.glob("*.npz")):
        try:
            with np.load(file, allow_pickle=False) as arrays:
                known.update(zip(arrays["synsets"].tolist(), arrays["vectors"], strict=True))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise UserError(f"{file}: damaged ({error}); delete it, it is made again") from error
    return known


def _write(folder: Path, new: dict[int, Rows]) -> None:
    if not new:
        return
    synsets = np.array(sorted(new))
    name = hashlib.sha256(synsets.tobytes()).hexdigest()[:16]
    vectors = np.array([new[synset] for synset in synsets.tolist()])
    with (
        suppress(UserError),
        atomic_write(folder / f"{name}.npz") as temporary,
        temporary.open("wb") as stream,
    ):
        np.savez(stream, synsets=synsets, vectors=vectors)
    new.clear()
