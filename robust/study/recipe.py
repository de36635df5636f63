"""The recipe of a study: which readers, which sets, which pair is compared on what."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robust.errors import UserError
from robust.study.judged import right_variants

_KEYS = ("title", "pair", "primary", "senses", "edits", "methods", "evaluate", "readers", "sets")


@dataclass(frozen=True, slots=True)
class RunRecipe:
    """An evaluation: the name of its folder, what ``--model`` names the reader by, the names of its sets."""

    name: str
    model: str
    sets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReaderRecipe:
    """A reader of the study: what the tables call it, and its evaluations.

    The first is of the reader itself, under its name; the pair is asked every set of the recipe. Each other
    is of further seeds of it, made later.
    """

    label: str
    runs: tuple[RunRecipe, ...]

    @property
    def sets(self) -> tuple[str, ...]:
        """The names of the sets that it is asked."""
        return self.runs[0].sets


@dataclass(frozen=True, slots=True)
class SetRecipe:
    """A set of the study: its command without ``--out`` (empty: it is a data file or in the catalogue).

    ``judged`` are files of what raters said of its variants, JSON lines with ``variant_id`` and a label for
    each ``rater_...``.
    """

    build: tuple[str, ...] = ()
    judged: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a study is made of.

    ``readers`` and ``sets`` by name, in the order of the tables. ``pair`` are the two readers that are
    compared, differences being the first's less the second's; ``primary`` the sets of the test that the study
    is about; ``senses`` those whose control arms are compared; ``edits`` those with ever more edits;
    ``methods`` those whose words' senses were chosen in another way each; ``evaluate`` the options that every
    evaluation has.
    """

    title: str
    readers: Mapping[str, ReaderRecipe]
    sets: Mapping[str, SetRecipe]
    pair: tuple[str, str]
    primary: tuple[str, ...]
    senses: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    evaluate: tuple[str, ...] = ()

    @property
    def runs(self) -> tuple[RunRecipe, ...]:
        """Every evaluation, of the readers in their order."""
        return tuple(run for reader in self.readers.values() for run in reader.runs)


def read_recipe(path: Path) -> Recipe:
    """Return the recipe in a TOML file; paths in it are relative to it.

    Raises UserError for a file that is none, and for names of readers or sets that it does not have.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:  # says line and column
        raise UserError(f"{path}: no TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: no text in UTF-8 ({error.reason} at byte {error.start})") from error
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); see docs/study.md") from error
    _check_keys(path, "", table, _KEYS)
    sets = {name: _set(path, name, own) for name, own in _tables(path, table, "sets").items()}
    readers = {name: _reader(path, name, own, sets) for name, own in _tables(path, table, "readers").items()}
    folders = [run.name for reader in readers.values() for run in reader.runs]
    if twice := [name for name in folders if folders.count(name) > 1]:
        raise UserError(f"{path}: readers.{twice[0]}: the run of another's seeds is called so; rename it")
    pair = _names(path, "pair", table.get("pair", []), readers)
    if len(pair) != 2 or pair[0] == pair[1]:
        raise UserError(f"{path}: pair: expected two readers, found {list(pair)}")
    for name in pair:
        if readers[name].sets != tuple(sets):
            raise UserError(f"{path}: readers.{name}: leave out sets; the pair is asked every set")
    named = {
        key: _names(path, key, table.get(key, []), sets) for key in ("primary", "senses", "edits", "methods")
    }
    if not named["primary"]:
        raise UserError(f"{path}: primary: expected the sets that the study is decided on, found none")
    return Recipe(
        title=_text(path, "the recipe", "title", table),
        readers=readers,
        sets=sets,
        pair=(pair[0], pair[1]),
        evaluate=tuple(
            _words(
                path,
                "evaluate",
                table.get("evaluate", ""),
                ("--out", "-o", "--set", "-s", "--model", "-m", "--json"),
            )
        ),
        **named,
    )


def _reader(path: Path, name: str, own: Mapping[str, Any], sets: Mapping[str, SetRecipe]) -> ReaderRecipe:
    where = f"readers.{name}"
    _check_keys(path, where, own, ("label", "model", "sets", "more"))
    more = own.get("more", [])
    if not isinstance(more, list) or not all(isinstance(one, dict) for one in more):
        raise UserError(f"{path}: {where}.more: expected tables [[{where}.more]], found {more!r}")
    runs = [_run(path, where, name, own, sets)]
    for number, one in enumerate(more, 2):
        place = f"{where}.more[{number - 2}]"
        _check_keys(path, place, one, ("model", "sets"))
        runs.append(_run(path, place, f"{name}.{number}", one, sets))
    return ReaderRecipe(_text(path, where, "label", own), tuple(runs))


def _run(
    path: Path, where: str, name: str, own: Mapping[str, Any], sets: Mapping[str, SetRecipe]
) -> RunRecipe:
    asked = _names(path, f"{where}.sets", own.get("sets", list(sets)), sets)
    if not asked:
        raise UserError(f"{path}: {where}.sets: expected names of sets, found none")
    return RunRecipe(name, _text(path, where, "model", own), asked)


def _set(path: Path, name: str, own: Mapping[str, Any]) -> SetRecipe:
    _check_keys(path, f"sets.{name}", own, ("build", "judged"))
    words = _words(path, f"sets.{name}.build", own.get("build", ""), ("--out", "-o", "--json"))
    if words and words[0] not in ("build", "build-qads"):
        raise UserError(
            f"{path}: sets.{name}.build: expected a line of build or build-qads, found {words[0]!r}"
        )
    judged = own.get("judged", [])
    named = [judged] if isinstance(judged, str) else judged
    if not isinstance(named, list) or not all(isinstance(one, str) and one for one in named):
        raise UserError(f"{path}: sets.{name}.judged: expected a path or a list of them, found {judged!r}")
    files = tuple(path.parent / one for one in named)
    right_variants(files)  # a broken one is told now, and not after hours of evaluating
    return SetRecipe(tuple(words), files)


def _tables(path: Path, table: Mapping[str, Any], key: str) -> dict[str, Mapping[str, Any]]:
    found = table.get(key)
    if not isinstance(found, dict) or not found or not all(isinstance(own, dict) for own in found.values()):
        raise UserError(
            f"{path}: {key}: expected tables [{key}.NAME], found {'none' if found is None else repr(found)}"
        )
    return found


def _check_keys(path: Path, where: str, own: Mapping[str, Any], known: Sequence[str]) -> None:
    if unknown := [key for key in own if key not in known]:
        place = f"{path}: {where}" if where else str(path)
        raise UserError(f"{place}: unknown key {unknown[0]!r}; expected {', '.join(known)}")


def _text(path: Path, where: str, key: str, own: Mapping[str, Any]) -> str:
    value = own.get(key)
    if not isinstance(value, str) or not value:
        raise UserError(f"{path}: {where}: expected a text {key}, found {value!r}")
    return value


def _words(path: Path, where: str, value: Any, own: Collection[str]) -> list[str]:
    """Return the words of a line; ``own`` are the options that the study itself gives."""
    if not isinstance(value, str):
        raise UserError(f"{path}: {where}: expected a command line as one text, found {value!r}")
    try:
        words = shlex.split(value)
    except ValueError as error:
        raise UserError(f"{path}: {where}: {error}") from error
    for word in words:
        if word.partition("=")[0] in (*own, "--help", "-h"):
            raise UserError(f"{path}: {where}: leave out {word.partition('=')[0]}; the study gives its own")
    return words


def _names(path: Path, where: str, found: Any, known: Mapping[str, Any]) -> tuple[str, ...]:
    if (
        not isinstance(found, Sequence)
        or isinstance(found, str)
        or not all(isinstance(n, str) for n in found)
    ):
        raise UserError(f"{path}: {where}: expected a list of names, found {found!r}")
    if strange := [name for name in found if name not in known]:
        raise UserError(
            f"{path}: {where}: {strange[0]!r} is not described here; there are {', '.join(known)}"
        )
    return tuple(found)
