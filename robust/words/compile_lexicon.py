"""Compile a WordNet database into the one file that `robust.words.lexicon` maps into memory.

The same database gives the same bytes from whatever copy it is read; see docs/lexicon.md for the layout.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from robust.errors import UserError
from robust.files import sha256_file
from robust.words.array_file import AnyArray, write_arrays
from robust.words.gloss import gloss_bags, likeliest_lemma
from robust.words.lexicon_layout import (
    FORMAT,
    MAGIC,
    MOST_SYNSETS,
    MOST_WORDS,
    RELATIONS,
    SYNSET_TYPES,
    pack_member,
    pack_pointer,
)
from robust.words.morphology import POS_ORDER, base_forms
from robust.words.wordnet_files import FILE_OF_POS, Database, SynsetEntry, read_database, sense_key


def compile_lexicon(source: Path, out: Path) -> str:
    """Compile the WordNet at ``source`` (folder, zip or tar) into ``out`` and return the result's SHA-256.

    Raises UserError where no readable WordNet is at ``source`` or ``out`` cannot be written.
    """
    database = read_database(source)
    _check_limits(source, database)
    lemmas = sorted({lemma for lemma, _ in database.index})
    lemma_id = {lemma: at for at, lemma in enumerate(lemmas)}
    header = {
        "lexnames": list(database.lexnames),
        "notice": database.notice,
        "pos_starts": _pos_starts(database.synsets),
        "relations": list(RELATIONS),
        "version": database.version,
    }
    arrays = {
        **_strings("lemma", lemmas),
        **_sense_index(database, lemmas),
        **_synsets(database, lemma_id),
        **_relations(database.synsets),
        **_frames(database.synsets),
        **_glosses(database),
        **_exceptions(database),
    }
    write_arrays(out, MAGIC, FORMAT, header, arrays)
    return sha256_file(out)


def _check_limits(source: Path, database: Database) -> None:
    for entry in database.synsets:
        pos = "a" if entry.type == "s" else entry.type
        for word in entry.words:
            if (word.form.lower(), pos) not in database.index:
                name = FILE_OF_POS[pos]
                raise UserError(
                    f"{source}: data.{name} has {word.form!r}, index.{name} has not; "
                    "take both files from one version of WordNet"
                )
    longest = max(len(entry.words) for entry in database.synsets)
    if len(database.synsets) > MOST_SYNSETS or longest > MOST_WORDS:
        raise UserError(
            f"{source}: {len(database.synsets):,} synsets, at most {longest} words in one: a lexicon holds "
            f"{MOST_SYNSETS:,} synsets of {MOST_WORDS} words; compile a smaller WordNet"
        )


def _pos_starts(synsets: Sequence[SynsetEntry]) -> list[int]:
    """Return the number of the first synset of each part of speech, and the number of synsets."""
    counts = Counter("a" if entry.type == "s" else entry.type for entry in synsets)
    return [0, *np.cumsum([counts[pos] for pos in POS_ORDER]).tolist()]


def _sense_index(database: Database, lemmas: Sequence[str]) -> dict[str, AnyArray]:
    """Return each lemma's synsets: nouns first, then v, a, r, each in WordNet's order of senses."""
    rows = [[s for pos in POS_ORDER for s in database.index.get((lemma, pos), ())] for lemma in lemmas]
    return _rows("sense_synset", rows, np.uint32)


def _synsets(database: Database, lemma_id: Mapping[str, int]) -> dict[str, AnyArray]:
    """Return the synsets' types and files, and their members: words, capitals, tagged counts."""
    members = [(at, word) for at, entry in enumerate(database.synsets) for word in entry.words]
    capitals = [tuple(i for i, c in enumerate(word.form) if c != c.lower()) for _, word in members]
    patterns = sorted(set(capitals))
    number = {pattern: at for at, pattern in enumerate(patterns)}
    counts = [database.counts.get(sense_key(database, at, word), 0) for at, word in members]
    packed = [pack_member(lemma_id[word.form.lower()], word.lex_id, word.marker) for _, word in members]
    return {
        "synset_type": np.array([SYNSET_TYPES.index(e.type) for e in database.synsets], np.uint8),
        "synset_lexfile": np.array([e.lexfile for e in database.synsets], np.uint8),
        "member": np.array(packed, np.uint32),
        "member_length": np.array([len(e.words) for e in database.synsets], np.uint8),
        "member_capitals": np.array([number[c] for c in capitals], np.uint16),
        "member_count": np.array(np.minimum(counts, 0xFFFF), np.uint16),
        **_rows("capital_position", patterns, np.uint8),
    }


def _relations(synsets: Sequence[SynsetEntry]) -> dict[str, AnyArray]:
    """Return the pointers between synsets and between words, in the order of the database."""
    rows = [[pack_pointer(p.target, p.relation, p.source, p.member) for p in e.pointers] for e in synsets]
    return _rows("pointer", rows, np.uint32, np.uint16)


def _frames(synsets: Sequence[SynsetEntry]) -> dict[str, AnyArray]:
    """Return for each member of the verb synsets the number of its set of frames, and the sets."""
    of_member = [
        tuple(sorted({frame for frame, word in entry.frames if word in (0, at)}))
        for entry in synsets
        if entry.type == "v"
        for at in range(1, len(entry.words) + 1)
    ]
    sets = sorted(set(of_member))
    number = {frames: at for at, frames in enumerate(sets)}
    return {
        "verb_frames": np.array([number[frames] for frames in of_member], np.uint16),
        **_rows("frame_set", sets, np.uint8),
    }


def _glosses(database: Database) -> dict[str, AnyArray]:
    """Return the bags of gloss terms, two sorted rows a synset: definition and examples."""
    tagged: Counter[tuple[str, str]] = Counter()
    for at, entry in enumerate(database.synsets):
        for word in entry.words:
            pos = "a" if entry.type == "s" else entry.type
            tagged[word.form.lower(), pos] += database.counts.get(sense_key(database, at, word), 0)

    @cache
    def lemma_of(word: str) -> str | None:
        return likeliest_lemma(
            word,
            lambda form, pos: base_forms(
                form, pos, database.exceptions[pos], lambda lemma, p: (lemma, p) in database.index
            ),
            lambda lemma, pos: tagged[lemma, pos],
        )

    bags = [half for entry in database.synsets for half in gloss_bags(entry.gloss, lemma_of)]
    terms = sorted({term for half in bags for term in half})
    number = {term: at for at, term in enumerate(terms)}
    rows = [sorted(number[term] for term in half.elements()) for half in bags]
    return {
        **_strings("term", terms),
        **_rows("gloss_term", rows, np.uint16 if len(terms) <= 1 << 16 else np.uint32),
    }


def _exceptions(database: Database) -> dict[str, AnyArray]:
    """Return morphy's exceptions as one text, `pos form lemma...` a line, without unknown lemmas."""
    lines = []
    for pos in POS_ORDER:
        for form, bases in sorted(database.exceptions[pos].items()):
            known = [base for base in bases if (base, pos) in database.index]
            lines.append(" ".join((pos, form, *known)))
    return {"exceptions": np.frombuffer("\n".join(lines).encode("utf-8"), np.uint8)}


def _strings(name: str, strings: Iterable[str]) -> dict[str, AnyArray]:
    encoded = [string.encode("utf-8") for string in strings]
    return {
        f"{name}_text": np.frombuffer(b"".join(encoded), np.uint8),
        f"{name}_text_length": np.array([len(e) for e in encoded], np.uint8),
    }


def _rows(
    name: str,
    rows: Sequence[Sequence[int]],
    dtype: type[np.unsignedinteger],
    length_dtype: type[np.unsignedinteger] = np.uint8,
) -> dict[str, AnyArray]:
    return {
        name: np.array([value for row in rows for value in row], dtype),
        f"{name}_length": np.array([len(row) for row in rows], length_dtype),
    }
