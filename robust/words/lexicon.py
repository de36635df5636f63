"""English words and their senses: WordNet 3.0, compiled into one file that is mapped into memory.

Synsets are numbers: nouns, verbs, adjectives (with satellites), adverbs, each in the order of WordNet's
data files. Opening takes milliseconds; answers are kept, so that asking twice costs a dictionary look-up.
docs/lexicon.md tells the layout of the file and how to compile another WordNet.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from robust.words.array_file import open_arrays
from robust.words.gloss import likeliest_lemma
from robust.words.lexicon_layout import (
    FORMAT,
    MAGIC,
    SENSE_TYPE,
    SYNSET_TYPES,
    member_lemma,
    member_lex_id,
    member_marker,
    unpack_pointer,
)
from robust.words.morphology import POS_ORDER, base_forms
from robust.words.packed import Rows, Strings, keep

SHIPPED_SHA256 = "065272cd390624a66fec5fcc2c10d20e4c79e92063507554dab9c7df47234ad4"
"""SHA-256 of the lexicon we ship, compiled from WordNet 3.0."""

_REMEDY = "name a file made by `python tools/compile_lexicon.py WORDNET OUT`"
_NO_SENSES: Mapping[str, tuple[int, ...]] = dict.fromkeys(POS_ORDER, ())
_opened: dict[Path | None, Lexicon] = {}


class Lexicon:
    """A WordNet in memory; open it with `Lexicon.open`.

    Lemmas are lower-case with underscores (``united_states``); a part of speech is n, v, a (satellites too)
    or r. A word that is not in the lexicon gives an empty tuple, None or 0, never an error. A synset out of
    range raises IndexError; a part of speech, a name or a relation that does not exist, ValueError.
    Pickling keeps the path alone.
    """

    def __init__(self, path: Path, header: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> None:
        self.path = path
        self.version: str = header["version"]
        self.notice: str = header["notice"]
        self.lexnames: tuple[str, ...] = tuple(header["lexnames"])
        self.relations: tuple[str, ...] = tuple(header["relations"])
        self._pos_range = {
            pos: (header["pos_starts"][at], header["pos_starts"][at + 1]) for at, pos in enumerate(POS_ORDER)
        }
        self._arrays = arrays
        self._lemma_text = Strings(arrays, "lemma_text")
        self._term_text = Strings(arrays, "term_text")
        self._capitals = Rows(arrays, "capital_position")
        self._sense_rows = Rows(arrays, "sense_synset")
        self._member_rows = Rows(arrays, "member")
        self._pointer_rows = Rows(arrays, "pointer")
        self._gloss_rows = Rows(arrays, "gloss_term")
        self._member_capitals = arrays["member_capitals"].data
        self._frame_sets = Rows(arrays, "frame_set")
        self._verb_frames = arrays["verb_frames"].data
        self._member_count = arrays["member_count"].data
        self._type = arrays["synset_type"].data
        self._lexfile = arrays["synset_lexfile"].data
        self._senses: dict[str, Mapping[str, tuple[int, ...]]] = {}
        self._lemmas: dict[int, tuple[str, ...]] = {}
        self._related: dict[tuple[int, str | None], tuple[int, ...]] = {}
        self._lexical: dict[tuple[str, int, str], tuple[tuple[str, int], ...]] = {}
        self._gloss_terms: dict[tuple[int, bool], tuple[tuple[int, int], ...]] = {}
        self._morphy: dict[tuple[str, str], tuple[str, ...]] = {}
        self._likeliest: dict[str, str | None] = {}
        self._count: dict[tuple[str, int], int] = {}

    @classmethod
    def open(cls, path: Path | None = None) -> Lexicon:
        """Return the lexicon at ``path``, the shipped one by default; opened once in a process.

        Raises UserError for a file that is missing, foreign, truncated or damaged.
        """
        if path is None and None in _opened:  # resolving a path costs as much as a hundred look-ups
            return _opened[None]
        place = (path or shipped_path()).resolve()
        if place not in _opened:
            _opened[place] = cls(place, *open_arrays(place, MAGIC, FORMAT, "a lexicon", _REMEDY))
        if path is None:
            _opened[None] = _opened[place]
        return _opened[place]

    def __reduce__(self) -> tuple[Callable[[Path], Lexicon], tuple[Path]]:
        return Lexicon.open, (self.path,)

    def __len__(self) -> int:
        return len(self._type)

    def __repr__(self) -> str:
        return f"Lexicon.open({str(self.path)!r})"

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file, for manifests."""
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    # Lemmas and senses

    def known(self, lemma: str) -> bool:
        """Return whether ``lemma`` has a sense in any part of speech."""
        return self._lemma_text.find(lemma) is not None

    def senses(self, lemma: str, pos: str) -> tuple[int, ...]:
        """Return the synsets of ``lemma`` as ``pos``, most frequent first (WordNet's order)."""
        by_pos = self._senses.get(lemma)
        if by_pos is None:
            by_pos = keep(self._senses, lemma, self._read_senses(lemma))
        return by_pos[pos] if pos in by_pos else by_pos["a" if pos == "s" else self._known_pos(pos)]

    def all_lemmas(self, pos: str | None = None) -> Iterator[str]:
        """Yield every lemma, or those that have a sense as ``pos``, in the order of their bytes."""
        if pos is None:
            yield from self._lemma_text
            return
        low, high = self._range(pos)
        for at, lemma in enumerate(self._lemma_text):
            if any(low <= synset < high for synset in self._sense_rows[at]):
                yield lemma

    def all_synsets(self, pos: str | None = None) -> range:
        """Return every synset, or those of one part of speech (``a`` has the satellites)."""
        return range(len(self)) if pos is None else range(*self._range(pos))

    def lemmas(self, synset: int) -> tuple[str, ...]:
        """Return the synset's words in WordNet's order and capitals, with underscores."""
        found = self._lemmas.get(synset)
        if found is None:
            start = self._member_rows.start(synset)
            found = tuple(
                self._capitalised(self._lemma_text[member_lemma(member)], self._member_capitals[start + at])
                for at, member in enumerate(self._member_rows[synset])
            )
            self._lemmas[synset] = found
        return found

    def count(self, lemma: str, synset: int) -> int:
        """Return how often ``lemma`` was tagged with ``synset`` in WordNet's corpora (cntlist.rev)."""
        key = (lemma, synset)
        found = self._count.get(key)
        if found is None:
            at = self._member(lemma, synset)
            value = 0 if at is None else self._member_count[self._member_rows.start(synset) + at]
            found = keep(self._count, key, value)
        return found

    def marker(self, lemma: str, synset: int) -> str:
        """Return where an adjective must stand: "a" before its noun, "ip" right after it, "p" after a verb.

        "" where it is free or is no adjective.
        """
        at = self._member(lemma, synset)
        return "" if at is None else member_marker(self._member_rows[synset][at])

    def frames(self, lemma: str, synset: int) -> tuple[int, ...]:
        """Return the numbers of the verb's sentence frames in this sense (wninput(5WN)), () if it is no verb.

        8 is ``Somebody ----s something``, 2 ``Somebody ----s``: verbs that share no frame do not stand for
        another.
        """
        at = self._member(lemma, synset)
        if at is None or self.pos(synset) != "v":
            return ()
        first = self._member_rows.start(self._pos_range["v"][0])
        return tuple(self._frame_sets[self._verb_frames[self._member_rows.start(synset) - first + at]])

    def morphy(self, form: str, pos: str) -> tuple[str, ...]:
        """Return lemmas of ``pos`` that ``form`` may inflect (WordNet's morphy), itself first if one."""
        key = (form, pos)
        found = self._morphy.get(key)
        if found is None:
            part = "a" if pos == "s" else pos
            found = base_forms(
                form, part, self._exceptions[part], lambda lemma, p: bool(self.senses(lemma, p))
            )
            keep(self._morphy, key, found)
        return found

    def likeliest_lemma(self, form: str) -> str | None:
        """Return the lemma of ``form`` whatever its part of speech, by the rule of the gloss terms, or None.

        See `robust.words.gloss.likeliest_lemma`.
        """
        if form not in self._likeliest:
            keep(self._likeliest, form, likeliest_lemma(form, self.morphy, self._tagged))
        return self._likeliest[form]

    # Synsets

    def pos(self, synset: int) -> str:
        """Return the synset's type: n, v, a, s (satellite adjective) or r."""
        return SYNSET_TYPES[self._type[_row(synset)]]

    def lexname(self, synset: int) -> str:
        """Return the lexicographer file of the synset, such as ``noun.animal``."""
        return self.lexnames[self._lexfile[_row(synset)]]

    def name(self, synset: int) -> str:
        """Return ``lemma.type.number``, such as ``dog.n.01``: the first word in lower case and its sense
        number.

        NLTK's names. (From 3.10 on NLTK counts only the satellites to number a satellite; here, as before
        and as in WordNet, all senses of the adjective count.)
        """
        lemma = self.lemmas(synset)[0].lower()
        kind = self.pos(synset)
        return f"{lemma}.{kind}.{self.senses(lemma, kind).index(synset) + 1:02d}"

    def synset(self, name: str) -> int:
        """Return the synset with this `name`; any of its lemmas with its sense number will do.

        Raises ValueError if there is none.
        """
        try:
            lemma, kind, number = name.rsplit(".", 2)
            place = int(number) - 1
            found = self.senses(lemma.lower(), kind)[place]
        except (IndexError, ValueError) as error:
            raise ValueError(f"no synset is named {name!r}") from error
        if place < 0 or (self.pos(found) != kind and kind != "a"):
            raise ValueError(f"no synset is named {name!r}")
        return found

    def sense_key(self, lemma: str, synset: int) -> str:
        """Return the sense key of ``lemma`` in ``synset``, as gold standards name it.

        Raises ValueError if the lemma is not in the synset.
        """
        at = self._member(lemma, synset)
        if at is None:
            raise ValueError(f"{lemma!r} is not in {self.name(synset)}")
        return self._key(synset, self._member_rows[synset][at])

    def from_sense_key(self, key: str) -> int | None:
        """Return the synset that a sense key names, None if there is none (keys of other versions, say)."""
        lemma, _, fields = key.partition("%")
        kind = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "s"}.get(fields[:1])
        if kind is None:
            return None
        for synset in self.senses(lemma, kind):
            if self.pos(synset) == kind:
                for member in self._member_rows[synset]:
                    if self._lemma_text[member_lemma(member)] == lemma and self._key(synset, member) == key:
                        return synset
        return None

    # Relations

    def related(self, synset: int, relation: str | None = None) -> tuple[int, ...]:
        """Return the synsets that ``relation`` leads to, in the order of the database, each once.

        The relations are those of NLTK (``relations``). One between words, such as derivationally related
        forms, pertainyms and antonyms, leads from every word of the synset. None: all relations but
        antonyms.
        """
        key = (synset, relation)
        found = self._related.get(key)
        if found is None:
            pointers = map(unpack_pointer, self._pointer_rows[synset])
            number = self._relation_number(relation or "antonyms")
            targets = (
                target for target, name, _, _ in pointers if (name == number) == (relation is not None)
            )
            found = self._related[key] = tuple(dict.fromkeys(targets))
        return found

    def lexically_related(self, lemma: str, synset: int, relation: str) -> tuple[tuple[str, int], ...]:
        """Return the words, each with its synset, that ``relation`` between words leads to from ``lemma``."""
        key = (lemma, synset, relation)
        found = self._lexical.get(key)
        if found is None:
            at = self._member(lemma, synset)
            wanted = self._relation_number(relation)
            row = () if at is None else self._pointer_rows[synset]
            found = tuple(
                (self.lemmas(target)[word - 1], target)
                for target, name, source, word in map(unpack_pointer, row)
                if name == wanted and at is not None and source == at + 1
            )
            keep(self._lexical, key, found)
        return found

    def antonyms(self, lemma: str, synset: int) -> tuple[str, ...]:
        """Return the antonyms of ``lemma`` itself in this sense, not those of the synset's other words."""
        return tuple(word for word, _ in self.lexically_related(lemma, synset, "antonyms"))

    # Glosses

    def gloss_terms(self, synset: int, *, examples: bool = True) -> tuple[tuple[int, int], ...]:
        """Return (term id, count) of the content-word lemmas of the gloss, by term id.

        The examples of the gloss count too, unless ``examples`` is false.
        """
        key = (synset, examples)
        found = self._gloss_terms.get(key)
        if found is None:
            counts = Counter(self._gloss_rows[2 * synset])
            if examples:
                counts.update(self._gloss_rows[2 * synset + 1])
            found = self._gloss_terms[key] = tuple(sorted(counts.items()))
        return found

    def term(self, number: int) -> str:
        """Return the gloss term with this id (0 .. `n_terms` - 1)."""
        return self._term_text[number]

    def term_id(self, term: str) -> int | None:
        """Return the id of a gloss term, None if no gloss has it."""
        return self._term_text.find(term)

    @property
    def n_terms(self) -> int:
        """How many different terms the glosses have."""
        return len(self._term_text)

    # Arrays, for those who work on all synsets at once

    @cached_property
    def gloss_arrays(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """All glosses, examples included, as a sparse matrix synsets x terms: indptr, term ids, counts."""
        starts = self._gloss_rows.starts_array[::2]
        rows = np.repeat(np.arange(len(self)), np.diff(starts))
        pairs, counts = np.unique(rows * self.n_terms + self._arrays["gloss_term"], return_counts=True)
        indptr = np.searchsorted(pairs, np.arange(len(self) + 1) * self.n_terms)
        return indptr, pairs % self.n_terms, counts

    @cached_property
    def relation_arrays(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """All pointers, those between words included, as a sparse matrix: indptr, targets, relation numbers.

        A relation's number is its place in ``relations``; a target may come several times.
        """
        pointers = self._arrays["pointer"].astype(np.int64)
        return self._pointer_rows.starts_array, pointers >> 15, pointers >> 10 & 31

    # Within

    def _read_senses(self, lemma: str) -> Mapping[str, tuple[int, ...]]:
        """Return the synsets of ``lemma`` for each part of speech."""
        at = self._lemma_text.find(lemma)
        if at is None:
            return _NO_SENSES
        row = self._sense_rows[at]
        return {
            pos: tuple([synset for synset in row if low <= synset < high])
            for pos, (low, high) in self._pos_range.items()
        }

    @cached_property
    def _exceptions(self) -> dict[str, dict[str, list[str]]]:
        table: dict[str, dict[str, list[str]]] = {pos: {} for pos in POS_ORDER}
        for line in self._arrays["exceptions"].tobytes().decode("utf-8").splitlines():
            pos, form, *bases = line.split(" ")
            table[pos][form] = bases
        return table

    def _capitalised(self, lemma: str, pattern: int) -> str:
        positions = self._capitals[pattern]
        if not positions:
            return lemma
        letters = list(lemma)
        for at in positions:
            letters[at] = letters[at].upper()
        return "".join(letters)

    def _member(self, lemma: str, synset: int) -> int | None:
        """Return the place of ``lemma`` in the synset: spelled just so, else in any capitals."""
        words = self.lemmas(synset)
        if lemma in words:
            return words.index(lemma)
        lowered = [word.lower() for word in words]
        return lowered.index(lemma.lower()) if lemma.lower() in lowered else None

    def _key(self, synset: int, member: int) -> str:
        kind = self.pos(synset)
        head = ":"
        if kind == "s":
            for target in self.related(synset, "similar_tos")[:1]:
                first = self._member_rows[target][0]
                head = f"{self._lemma_text[member_lemma(first)]}:{member_lex_id(first):02d}"
        numbers = f"{SENSE_TYPE[kind]}:{self._lexfile[synset]:02d}:{member_lex_id(member):02d}"
        return f"{self._lemma_text[member_lemma(member)]}%{numbers}:{head}"

    def _range(self, pos: str) -> tuple[int, int]:
        return self._pos_range["a" if pos == "s" else self._known_pos(pos)]

    def _known_pos(self, pos: str) -> str:
        if pos not in self._pos_range:
            raise ValueError(f"no part of speech {pos!r}: n, v, a or r")
        return pos

    def _relation_number(self, relation: str) -> int:
        try:
            return self.relations.index(relation)
        except ValueError:
            raise ValueError(f"no relation {relation!r}: one of {', '.join(self.relations)}") from None

    def _tagged(self, lemma: str, pos: str) -> int:
        return sum(self.count(lemma, synset) for synset in self.senses(lemma, pos))


def _row(synset: int) -> int:
    if synset < 0:
        raise IndexError(f"no synset {synset}")
    return synset


def shipped_path() -> Path:
    """Return the place of the lexicon that comes with the package."""
    return Path(str(resources.files("robust.words"))) / "data" / "wordnet-3.0.lexicon"
