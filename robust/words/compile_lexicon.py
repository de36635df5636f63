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
from robust.words.morphology import POS_ORDER, base_forms
from robust.words.wordnet_files import (
    RELATION_OF_SYMBOL,
    Database,
    SynsetEntry,
    read_database,
    sense_key,
)

MAGIC = b"ROBUSTLX"
FORMAT = 1
RELATIONS: tuple[str, ...] = tuple(RELATION_OF_SYMBOL.values())
MARKERS: tuple[str, ...] = ("", "a", "p", "ip")
SYNSET_TYPES = "nvasr"


def compile_lexicon(source: Path, out: Path) -> str:
    """Compile the WordNet at ``source`` (folder, zip or tar) into ``out`` and return the SHA-256 of the result.

    Raises UserError where no readable WordNet is at ``source`` or ``out`` cannot be written.
    """
    database = read_database(source)
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
        **_glosses(database),
        **_exceptions(database),
    }
    write_arrays(out, MAGIC, FORMAT, header, arrays)
    return sha256_file(out)


def _pos_starts(synsets: Sequence[SynsetEntry]) -> list[int]:
    """Return the number of the first synset of each part of speech, and the number of synsets."""
    counts = Counter("a" if entry.type == "s" else entry.type for entry in synsets)
    return [0, *np.cumsum([counts[pos] for pos in POS_ORDER]).tolist()]


def _sense_index(database: Database, lemmas: Sequence[str]) -> dict[str, AnyArray]:
    """Return each lemma's synsets: nouns first, then v, a, r, each in WordNet's order of senses."""
    rows = [[s for pos in POS_ORDER for s in database.index.get((lemma, pos), ())] for lemma in lemmas]
    return _rows("sense_synset", rows, np.uint32)


def _synsets(database: Database, lemma_id: Mapping[str, int]) -> dict[str, AnyArray]:
    """Return the synsets' members: lemma, lex_id and syntactic marker in one number, capitals, tagged count."""
    members = [(at, word) for at, entry in enumerate(database.synsets) for word in entry.words]
    capitals = [tuple(i for i, c in enumerate(word.form) if c != c.lower()) for _, word in members]
    patterns = sorted(set(capitals))
    number = {pattern: at for at, pattern in enumerate(patterns)}
    counts = [database.counts.get(sense_key(database, at, word), 0) for at, word in members]
    packed = [
        lemma_id[word.form.lower()] << 6 | word.lex_id << 2 | MARKERS.index(word.marker)
        for _, word in members
    ]
    return {
        "synset_type": np.array([SYNSET_TYPES.index(e.type) for e in database.synsets], np.uint8),
        "synset_lexfile": np.array([e.lexfile for e in database.synsets], np.uint8),
        "member": np.array(packed, np.uint32),
        "member_length": np.array([len(e.words) for e in database.synsets], np.uint8),
        "member_capitals": np.array([number[c] for c in capitals], np.uint16),
        "member_count": np.array(counts, np.uint16),
        **_rows("capital_position", patterns, np.uint8),
    }


def _relations(synsets: Sequence[SynsetEntry]) -> dict[str, AnyArray]:
    """Return the pointers in the order of the database, each in one number.

    17 bits for the target and 5 each for the relation, the source word and the target word (from 1; 0 and 0 for a
    pointer between whole synsets).
    """
    if len(synsets) >= 1 << 17 or max(len(entry.words) for entry in synsets) >= 1 << 5:
        raise UserError(
            "this WordNet has more synsets (131,071) or more words in one (31) than a lexicon can hold"
        )
    number = {name: at for at, name in enumerate(RELATIONS)}
    rows = [
        [p.target << 15 | number[p.relation] << 10 | p.source << 5 | p.member for p in entry.pointers]
        for entry in synsets
    ]
    return {
        "pointer": np.array([value for row in rows for value in row], np.uint32),
        "pointer_length": np.array([len(row) for row in rows], np.uint16),
    }


def _glosses(database: Database) -> dict[str, AnyArray]:
    """Return the bags of gloss terms, two rows a synset: definition, examples; sorted, a repeated term repeats."""
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
    """Return morphy's exceptions as one text, `pos form lemma...` a line, without lemmas that are not there."""
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


def _rows(name: str, rows: Sequence[Sequence[int]], dtype: type[np.unsignedinteger]) -> dict[str, AnyArray]:
    return {
        name: np.array([value for row in rows for value in row], dtype),
        f"{name}_length": np.array([len(row) for row in rows], np.uint8),
    }
