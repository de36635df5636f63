"""The part of JSON Schema that our own schemas use, and no more: where a value breaks one, and how."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}
_KNOWN = {
    *("type", "const", "enum", "pattern", "minLength", "minimum", "maximum", "minItems", "maxItems", "items"),
    *("required", "properties", "additionalProperties", "minProperties", "$ref"),
    *("$schema", "$defs", "title", "description"),
}


def violation(value: Any, schema: Mapping[str, Any]) -> str | None:
    """Return the first place where ``value`` breaks ``schema``, as ``figures.exact: found 3, expected ...``.

    None where it holds. Raises ValueError for a keyword of JSON Schema that is not known here: to pass it
    over would be to hold nothing.
    """
    return _check(value, schema, schema, "")


def _check(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], place: str) -> str | None:
    if unknown := set(schema) - _KNOWN:
        raise ValueError(f"keywords {sorted(unknown)}: not known to this checker")
    if reference := schema.get("$ref"):
        return _check(value, root["$defs"][str(reference).rpartition("/")[2]], root, place)
    if expected := _itself(value, schema):
        return f"{place or 'the file'}: found {_told(value)}, expected {expected}"
    if isinstance(value, dict):
        return _object(value, schema, root, place)
    if isinstance(value, list) and "items" in schema:
        for k, item in enumerate(value):
            if found := _check(item, schema["items"], root, f"{place}[{k}]"):
                return found
    return None


def _itself(value: Any, schema: Mapping[str, Any]) -> str | None:
    """Return what was expected where the value itself, not a part of it, is wrong."""
    types = schema.get("type", list(_TYPES))
    types = [types] if isinstance(types, str) else types
    # to Python True is a number
    fits = any(isinstance(value, _TYPES[t]) and (t == "boolean") == isinstance(value, bool) for t in types)
    if not fits:
        return " or ".join(types)
    if "const" in schema and value != schema["const"]:
        return repr(schema["const"])
    if "enum" in schema and value not in schema["enum"]:
        return f"one of {', '.join(map(repr, schema['enum']))}"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return f"text that fits {schema['pattern']}"
    return _size(value, schema)


def _size(value: Any, schema: Mapping[str, Any]) -> str | None:
    """Return what was expected of a number, or of the number of a value's parts."""
    if isinstance(value, int | float):
        # Python's JSON reads NaN, Infinity and 1e999, which JSON does not have, and numbers of any length
        if not -sys.float_info.max <= value <= sys.float_info.max:
            return "a finite number"
        low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
        return None if low <= value <= high else f"{low} to {high}"
    if isinstance(value, str | list | dict):
        kind = {str: "Length", list: "Items", dict: "Properties"}[type(value)]
        least, most = schema.get(f"min{kind}", 0), schema.get(f"max{kind}", math.inf)
        return None if least <= len(value) <= most else f"{least} to {most} parts"
    return None


def _object(
    value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], place: str
) -> str | None:
    here = f"{place}." if place else ""
    for name in schema.get("required", ()):
        if name not in value:
            return f"{here}{name}: missing"
    parts, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name, part in value.items():
        if name in parts or isinstance(others, dict):
            if found := _check(part, parts.get(name, others), root, f"{here}{name}"):
                return found
        elif others is False:
            return f"{here}{name}: no such field; expected {', '.join(parts)}"
    return None


def _told(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
