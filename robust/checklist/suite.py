"""Reading a suite: one TOML file a capability, and word lists that its templates draw from.

Shipped are robust/checklist/data/*.toml; lists.toml among them has no tests, and its lists are known to
every file. docs/checklist.md describes the format.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from robust.checklist.records import KINDS, Change, Item, Kind, Lists, Template, Test
from robust.checklist.slots import slots_of, texts_of
from robust.errors import UserError
from robust.zoo.catalogue import nearest

LISTS = "lists.toml"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_LIST_NAME = re.compile(r"[a-z_]+")
_WHERE = re.compile(r"([a-z_]+\d*) (<|!=) ([a-z_]+\d*)")
_FILE = ("about", "control", "lists", "test")
_TEST = ("name", "type", "about", "by", "template", "change")
_TEMPLATE = ("context", "question", "answer", "answers", "where", "change")
_CHANGE = ("about", "context", "question", "answer", "answers", "slots", "swap", "attack", "settings")


def shipped() -> Path:
    """Return the folder of the shipped suite."""
    return Path(str(resources.files("robust"))) / "checklist" / "data"


def read_suite(path: Path | None = None) -> list[Test]:
    """Return the tests of a file, or of every .toml in a folder by name; None: the shipped suite.

    Raises UserError with file, test, slot and what was expected.
    """
    place = shipped() if path is None else path
    files = sorted(file for file in place.glob("*.toml") if file.name != LISTS) if place.is_dir() else [place]
    if not files:
        raise UserError(f"{place}: holds no .toml file; expected one for each capability")
    lists = _lists_of(shipped() / LISTS)
    beside = (place if place.is_dir() else place.parent) / LISTS
    if path is not None and beside.is_file():
        lists = {**lists, **_lists_of(beside)}
    return [test for file in files for test in _read_file(file, lists)]


def choose(tests: Sequence[Test], capabilities: Iterable[str] = (), names: Iterable[str] = ()) -> list[Test]:
    """Return the tests of the named capabilities and of the names (``test`` or ``capability/test``).

    All where neither is given. Raises UserError with the nearest for a name that is none.
    """
    wanted: set[str] = set()
    known = list(dict.fromkeys(test.capability for test in tests))
    for name in capabilities:
        if name not in known:
            raise UserError(f"--capability {name}: not in the suite; expected one of {', '.join(known)}")
        wanted |= {test.full_name for test in tests if test.capability == name}
    for name in names:
        found = {test.full_name for test in tests if name in (test.name, test.full_name)}
        if not found:
            near = nearest(name, [test.name for test in tests]) or nearest(
                name, [test.full_name for test in tests]
            )
            said = f"did you mean {near[0]}?" if near else "see: robust checklist --list"
            raise UserError(f"--test {name}: not in the suite; {said}")
        wanted |= found
    return [test for test in tests if test.full_name in wanted] if wanted else list(tests)


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); expected a suite file (TOML)") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:  # says line and column
        raise UserError(f"{path}: not TOML ({error}); see docs/checklist.md for a suite file") from error


def _lists_of(path: Path) -> dict[str, tuple[Item, ...]]:
    table = _load(path)
    _check_keys(str(path), table, ("about", "lists"))
    return _lists(str(path), table.get("lists", {}))


def _read_file(path: Path, shared: Lists) -> list[Test]:
    table = _load(path)
    where = str(path)
    _check_keys(where, table, _FILE)
    if not _NAME.fullmatch(path.stem):
        raise UserError(f"{where}: the file's name is the capability's; expected a-z, 0-9 and hyphens")
    lists = {**shared, **_lists(where, table.get("lists", {}))}
    control = table.get("control", False)
    if not isinstance(control, bool):
        raise UserError(f"{where}: control is {_short(control)}, expected true or false")
    found = [
        _test(where, number, one, lists, control=control)
        for number, one in enumerate(_tables(where, table, "test"), 1)
    ]
    if not found:
        raise UserError(f"{where}: no test, expected at least one [[test]]; see docs/checklist.md")
    names = [test.name for test in found]
    if twice := [name for name in names if names.count(name) > 1]:
        raise UserError(f"{where}: two tests are called {twice[0]!r}; give each a name of its own")
    return found


def _lists(where: str, table: Any) -> dict[str, tuple[Item, ...]]:
    if not isinstance(table, Mapping):
        raise UserError(f"{where}: lists is {_short(table)}, expected a table [lists]")
    found = {}
    for name, value in table.items():
        place = f"{where}: list {name}"
        if not _LIST_NAME.fullmatch(name):
            raise UserError(f"{place}: expected a name of a-z and _ (numbers tell its slots apart)")
        if isinstance(value, Mapping):
            found[name] = _range(place, value)
            continue
        if not isinstance(value, list) or not value:
            raise UserError(f"{place}: is {_short(value)}, expected words, or {{ from = 2, to = 9 }}")
        found[name] = tuple(_item(place, item) for item in value)
        forms = {tuple(sorted(set(item) - {"a"})) for item in found[name]}
        if len(forms) > 1:
            raise UserError(f"{place}: its words have different forms; expected the same of all")
    return found


def _range(place: str, value: Mapping[str, Any]) -> tuple[Item, ...]:
    numbers = [value.get(key, 1) for key in ("from", "to", "step")]
    if not set(value) <= {"from", "to", "step"} or not all(type(n) is int for n in numbers) or numbers[2] < 1:
        raise UserError(f"{place}: is {_short(dict(value))}, expected {{ from = 2, to = 9 }}, step if any")
    first, last, step = numbers
    if last < first:
        raise UserError(f"{place}: from {first} to {last} is empty; expected from below to")
    return tuple({"text": str(n)} for n in range(first, last + 1, step))


def _item(place: str, item: Any) -> Item:
    if isinstance(item, str) and item:
        return {"text": item}
    if isinstance(item, Mapping) and "text" in item and all(isinstance(v, str) and v for v in item.values()):
        return dict(item)
    raise UserError(
        f'{place}: {_short(item)} is no word; expected "word" or {{ text = "word", form = "..." }}'
    )


def _test(file: str, number: int, table: Mapping[str, Any], lists: Lists, *, control: bool) -> Test:
    name = table.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UserError(f"{file}: test {number}: name is {_short(name)}, expected a-z, 0-9 and hyphens")
    where = f"{file}: test {name}"
    _check_keys(where, table, _TEST)
    kind = next((one for one in KINDS if one == table.get("type")), None)
    if kind is None:
        raise UserError(f"{where}: type is {_short(table.get('type'))}, expected {', '.join(KINDS)}")
    about = _text(where, table, "about")
    shared = _tables(where, table, "change")
    templates = tuple(
        _template(f"{where}, template {k}", one, shared, lists, kind)
        for k, one in enumerate(_tables(where, table, "template"), 1)
    )
    if not templates:
        raise UserError(f"{where}: no template, expected at least one [[test.template]]")
    by = table.get("by")
    if by is not None:
        if not isinstance(by, str):
            raise UserError(f'{where}: by is {_short(by)}, expected a slot, such as "name.origin"')
        for template in templates:
            if by.partition(".")[0] not in _keys(template):
                raise UserError(f"{where}: by names {by!r}, which is no slot of every template")
        _check_slots(where, f"{{{by}}}", lists)
    return Test(Path(file).stem, name, kind, about or "", templates, lists, file, control, by)


def _keys(template: Template) -> set[str]:
    """Return the slots of a template and of its changes."""
    return {slot.key for text in texts_of(template) for slot in slots_of(text)}


def _template(
    where: str, table: Mapping[str, Any], shared: Sequence[Mapping[str, Any]], lists: Lists, kind: Kind
) -> Template:
    _check_keys(where, table, _TEMPLATE)
    context, question = _text(where, table, "context"), _text(where, table, "question")
    answers = _answers(where, table)
    if not context or not question or answers is None:
        missing = next(
            key
            for key, value in (("context", context), ("question", question), ("answer", answers))
            if not value
        )
        raise UserError(f'{where}: no {missing}; expected a text (answer = "": the reader must abstain)')
    conditions = table.get("where", [])
    if not isinstance(conditions, list) or not all(
        isinstance(one, str) and _WHERE.fullmatch(one) for one in conditions
    ):
        raise UserError(f'{where}: where is {_short(conditions)}, expected ["number1 < number2"] or !=')
    tables = [*shared, *_tables(where, table, "change")]
    if (kind == "MFT") == bool(tables):
        told = "has a change, which MFT has none of" if tables else f"has no change, which {kind} needs"
        raise UserError(f"{where}: {told}; correct its type, or the change")
    changes = tuple(_change(f"{where}, change {k}", one, lists, kind) for k, one in enumerate(tables, 1))
    if kind == "DIR" and not answers:
        raise UserError(f'{where}: answer is "", expected one that the change then takes away or turns')
    for text in (context, question, *answers):
        _check_slots(where, text, lists)
    template = Template(context, question, answers, tuple(conditions), changes)
    _check_drawn(where, template)
    return template


def _check_drawn(where: str, template: Template) -> None:
    """Raise UserError where a condition or a change names a slot that stands in none of the texts."""
    named = [key for one in template.where for key in _WHERE.findall(one)[0][::2]]
    for change in template.changes:
        named += [*change.slots, *(change.swap or ())]
    known = _keys(template)
    for key in named:
        if key not in known:
            raise UserError(f"{where}: slot {{{key}}} is in none of its texts; put it there, or correct it")


def _change(where: str, table: Mapping[str, Any], lists: Lists, kind: Kind) -> Change:
    _check_keys(where, table, _CHANGE)
    slots, swap, attack = table.get("slots", {}), table.get("swap"), table.get("attack")
    if not isinstance(slots, Mapping) or not all(isinstance(name, str) for name in slots.values()):
        raise UserError(f'{where}: slots is {_short(slots)}, expected {{ name = "list to draw from" }}')
    for key, name in slots.items():
        _check_slots(where, f"{{{name}}}", lists)
        old = key.rstrip("0123456789")
        if old in lists and not set(lists[old][0]) <= set(lists[name][0]) | {"a"}:
            raise UserError(f"{where}: list {name} lacks forms that {old} has")
    if swap is not None and not (
        isinstance(swap, list) and len(swap) == 2 and all(isinstance(key, str) for key in swap)
    ):
        raise UserError(f'{where}: swap is {_short(swap)}, expected two slots: ["name1", "name2"]')
    if attack is not None and not isinstance(attack, str):
        raise UserError(f"{where}: attack is {_short(attack)}, expected a name; see: robust list attacks")
    settings = table.get("settings", {})
    if not isinstance(settings, Mapping):
        raise UserError(f"{where}: settings is {_short(settings)}, expected a table of the attack's settings")
    if swap is not None:
        forms = [
            sorted(lists[key.rstrip("0123456789")][0]) for key in swap if key.rstrip("0123456789") in lists
        ]
        if forms[1:] and forms[0] != forms[1]:
            raise UserError(f"{where}: swap of {' and '.join(swap)}, whose lists have different forms")
    context, question = _text(where, table, "context"), _text(where, table, "question")
    if not (context or question or slots or swap or attack):
        raise UserError(f"{where}: changes nothing; expected context, question, slots, swap or attack")
    answers = _answers(where, table)
    if (kind == "INV") == (answers is not None):
        told = "INV asks for the same answer" if kind == "INV" else 'DIR needs the new answer ("": abstain)'
        raise UserError(f"{where}: {told}; {'leave answer out' if kind == 'INV' else 'give answer'}")
    for text in (context or "", question or "", *(answers or ())):
        _check_slots(where, text, lists)
    about = _text(where, table, "about") or attack or "changed"
    pair = (swap[0], swap[1]) if swap else None
    return Change(about, context, question, answers, dict(slots), pair, attack, dict(settings))


def _answers(where: str, table: Mapping[str, Any]) -> tuple[str, ...] | None:
    if "answer" in table and "answers" in table:
        raise UserError(f"{where}: both answer and answers; expected one of them")
    if (one := _text(where, table, "answer")) is not None:
        return (one,) if one else ()
    several = table.get("answers")
    if several is None:
        return None
    if not (isinstance(several, list) and several and all(isinstance(a, str) and a for a in several)):
        raise UserError(f"{where}: answers is {_short(several)}, expected texts, each of them right")
    return tuple(several)


def _check_slots(where: str, text: str, lists: Lists) -> None:
    try:
        slots = slots_of(text)
    except ValueError as error:
        raise UserError(
            f"{where}: {error}; expected {{list}}, {{list2}}, {{list.form}} or {{a:list}}"
        ) from None
    for slot in slots:
        if slot.list_name not in lists:
            near = nearest(slot.list_name, list(lists)) or sorted(lists)[:8]
            raise UserError(f"{where}: slot {{{slot.key}}}: no such list; the nearest: {', '.join(near)}")
        if slot.form not in lists[slot.list_name][0]:
            forms = ", ".join(lists[slot.list_name][0])
            raise UserError(f"{where}: slot {{{slot.key}.{slot.form}}}: no such form; expected {forms}")


def _check_keys(where: str, table: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in table:
        if key not in known:
            raise UserError(f"{where}: unknown key {key!r}, expected {', '.join(known)}")


def _tables(where: str, table: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise UserError(f"{where}: {key} is {_short(found)}, expected [[{key}]] tables")
    return found


def _text(where: str, table: Mapping[str, Any], key: str) -> str | None:
    found = table.get(key)
    if found is not None and not isinstance(found, str):
        raise UserError(f"{where}: {key} is {_short(found)}, expected a text")
    return found


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
