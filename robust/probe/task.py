"""A cloze task is data: items with a label, patterns with a gap, and the words that stand for a label.

This is pattern and verbaliser as in PET (Schick & Schuetze 2021, "Exploiting cloze questions for few-shot
text classification and natural language inference", EACL), read from one TOML file (docs/probe.md).
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from robust.errors import UserError
from robust.files import sha256_file
from robust.zoo.catalogue import nearest

GAP = "[MASK]"
SLOT = re.compile(r"\{(\w+)\}")
_KEYS = ("about", "patterns", "verbaliser", "items")
_ITEM = re.compile(r"^\s*(?:items\s*=\s*\[\s*)?(?:\[\[\s*items\s*\]\]|\{)")


@dataclass(frozen=True, slots=True)
class Item:
    """One case: the texts for the slots of a pattern, by name, and the right label."""

    slots: Mapping[str, str]
    label: str


@dataclass(frozen=True, slots=True)
class Task:
    """A task: ``patterns`` hold slots (``{text}``) and one ``[MASK]``, ``verbaliser`` maps label -> words.

    Labels are in the verbaliser's order; every label has at least one item. ``sha256`` is the file's.
    """

    name: str
    about: str
    patterns: tuple[str, ...]
    verbaliser: Mapping[str, tuple[str, ...]]
    items: tuple[Item, ...]
    sha256: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the verbaliser's order."""
        return tuple(self.verbaliser)

    @property
    def chance(self) -> float:
        """The accuracy of a blind guess: one over the number of labels."""
        return 1 / len(self.verbaliser)

    @property
    def majority(self) -> float:
        """The accuracy of who always says the most frequent label."""
        return max(Counter(item.label for item in self.items).values()) / len(self.items)


def shipped_tasks() -> dict[str, Path]:
    """Return name -> file of the tasks that travel with the package, by name."""
    folder = Path(str(resources.files("robust"))) / "probe" / "tasks"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def find_task(name_or_path: str) -> Task:
    """Return a shipped task by its name, or the task in a file.

    Raises UserError for a name nobody knows (with the nearest), and as ``read_task`` does.
    """
    shipped = shipped_tasks()
    if name_or_path in shipped:
        return read_task(shipped[name_or_path])
    path = Path(name_or_path).expanduser()
    if path.is_file():
        return read_task(path)
    near = nearest(name_or_path, list(shipped)) or list(shipped)
    raise UserError(f"--task {name_or_path}: no such task or file; the shipped ones: {', '.join(near)}")


def read_task(path: Path) -> Task:
    """Return the task in a TOML file; its name is the file's, without the ending.

    Raises UserError with file, line, what was found and what was expected.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        table = tomllib.loads(text)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); expected a task file (TOML)") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:  # says line and column
        raise UserError(f"{path}: not TOML ({error}); see docs/probe.md for a task file") from error
    _check_keys(path, table)
    about = table.get("about", "")
    if not isinstance(about, str):
        raise UserError(f"{path}: about is {about!r}, expected a text")
    verbaliser = _verbaliser(path, table["verbaliser"])
    patterns = _patterns(path, table["patterns"])
    items = _items(path, text, table["items"], patterns, verbaliser)
    return Task(path.stem, about, patterns, verbaliser, items, sha256_file(path))


def _check_keys(path: Path, table: Mapping[str, Any]) -> None:
    for key in table:
        if key not in _KEYS:
            raise UserError(f"{path}: unknown key {key!r}, expected {', '.join(_KEYS)}")
    for key in _KEYS[1:]:
        if not table.get(key):
            raise UserError(f"{path}: no {key}, expected at least one; see docs/probe.md for a task file")


def _verbaliser(path: Path, found: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(found, Mapping) or len(found) < 2:
        raise UserError(
            f"{path}: verbaliser is {_short(found)}, expected two labels or more, each with its words: "
            '{ yes = ["good"], no = ["bad"] }'
        )
    owner: dict[str, str] = {}
    for label, words in found.items():
        if not (isinstance(words, list) and words):
            raise UserError(f"{path}: verbaliser.{label} is {_short(words)}, expected a list of words")
        for word in words:
            if not (isinstance(word, str) and word and word.split() == [word]):
                raise UserError(f"{path}: verbaliser.{label} has {word!r}, expected one word")
            if word in owner:
                raise UserError(
                    f"{path}: verbaliser.{label} has {word!r}, which {owner[word]} has too; "
                    "expected each word once"
                )
            owner[word] = label
    return {label: tuple(words) for label, words in found.items()}


def _patterns(path: Path, found: Any) -> tuple[str, ...]:
    if not isinstance(found, list):
        raise UserError(f"{path}: patterns is {_short(found)}, expected a list of texts")
    for number, pattern in enumerate(found, 1):
        place = f"{path}: pattern {number}"
        if not isinstance(pattern, str):
            raise UserError(f"{place} is {_short(pattern)}, expected a text")
        if (gaps := pattern.count(GAP)) != 1:
            raise UserError(f"{place} has {gaps} {GAP}, expected one: {_short(pattern)}")
        if not SLOT.search(pattern):
            raise UserError(f"{place} has no slot such as {{text}}, expected one at least: {_short(pattern)}")
        if set("{}") & set(SLOT.sub("", pattern)):
            raise UserError(f"{place} has a brace outside a slot: {_short(pattern)}; a slot is {{name}}")
        before, _, after = pattern.partition(GAP)
        if before[-1:].isalnum() or after[:1].isalnum() or before[-1:] == "}" or after[:1] == "{":
            raise UserError(
                f"{place} has a letter or slot right beside {GAP}: {_short(pattern)}; put a space there"
            )
        if pattern in found[: number - 1]:
            raise UserError(f"{place} is there twice: {_short(pattern)}; take one out")
    return tuple(found)


def _items(
    path: Path,
    text: str,
    found: Any,
    patterns: tuple[str, ...],
    verbaliser: Mapping[str, tuple[str, ...]],
) -> tuple[Item, ...]:
    if not isinstance(found, list):
        raise UserError(f"{path}: items is {_short(found)}, expected a list of tables")
    wanted = {slot for pattern in patterns for slot in SLOT.findall(pattern)}
    lines = _lines(text, len(found))
    seen: dict[tuple[tuple[str, str], ...], str] = {}
    items = []
    for number, (entry, line) in enumerate(zip(found, lines, strict=True), 1):
        place = f"{path}, line {line}: item {number}" if line else f"{path}: item {number}"
        if not isinstance(entry, Mapping):
            raise UserError(f'{place} is {_short(entry)}, expected a table: {{ label = "...", ... }}')
        label = entry.get("label")
        if not (isinstance(label, str) and label in verbaliser):
            raise UserError(f"{place} has the label {label!r}, expected one of {', '.join(verbaliser)}")
        slots = {key: value for key, value in entry.items() if key != "label"}
        if slots.keys() != wanted:
            raise UserError(
                f"{place} has the slots {', '.join(slots) or 'none'}, the patterns use "
                f"{', '.join(sorted(wanted))}; expected the same"
            )
        for slot, value in slots.items():
            if not (isinstance(value, str) and value.strip()):
                raise UserError(f"{place}: {slot} is {value!r}, expected a text")
        content = tuple(sorted(slots.items()))
        if content in seen:
            raise UserError(f"{place} repeats {seen[content]}; expected different items, take one out")
        seen[content] = f"item {number}"
        items.append(Item(slots, label))
    if idle := [label for label in verbaliser if label not in {item.label for item in items}]:
        raise UserError(f"{path}: no item has the label {idle[0]!r}, expected at least one; add some")
    return tuple(items)


def _lines(text: str, count: int) -> list[int | None]:
    """Return the line each item begins in, where every item begins a line of its own; else no lines."""
    begun = [number for number, line in enumerate(text.splitlines(), 1) if _ITEM.match(line)]
    return list(begun) if len(begun) == count else [None] * count


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
