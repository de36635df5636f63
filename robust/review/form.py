"""The form that raters open in a browser: one file, no network, nothing of the data run as code."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from itertools import accumulate
from typing import Any

from robust.attack.records import Edit
from robust.review.items import Item
from robust.review.labels import REASONS
from robust.review.sheet import NO_ANSWER, gold_texts


def render_form(items: Sequence[Item], set_sha256: str, glosses: Mapping[str, str], title: str) -> str:
    """Return the form over ``items``, in their order, as one HTML page.

    The data stand in a block of JSON that no browser runs; the page's own script and style are named by
    their SHA-256 in its content security policy, so nothing else can run or be fetched. ``glosses`` maps
    synsets to definitions. Progress is kept in the browser under a key of these very items.
    """
    files = resources.files("robust.review")
    page, style, script = (
        (files / f"form.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js")
    )
    parts = {
        "TITLE": html.escape(title),
        "STYLE": style,
        "STYLE_HASH": csp_hash(style),
        "SCRIPT": script,
        "SCRIPT_HASH": csp_hash(script),
        "DATA": json_block(_data(items, set_sha256, glosses)),
    }
    # One pass: what is put in is never looked through for marks again.
    return re.sub(r"@@([A-Z_]+)@@", lambda mark: parts[mark[1]], page)


def _data(items: Sequence[Item], set_sha256: str, glosses: Mapping[str, str]) -> dict[str, Any]:
    paragraphs = {context: i for i, context in enumerate(dict.fromkeys(i.rewritten.context for i in items))}
    sample = hashlib.sha256("|".join([set_sha256, *(item.code for item in items)]).encode()).hexdigest()
    return {
        "set_sha256": set_sha256,
        "sample": sample,
        "reasons": REASONS,
        "no_answer": NO_ANSWER,
        "paragraphs": list(paragraphs),
        "items": [
            {
                "item": item.code,
                "variant_id": item.variant_id,
                "question": item.original.text,
                "question_marks": marks(item.original.text, edit_spans(item.edits, moved=False)),
                "rewritten": item.rewritten.text,
                "rewritten_marks": marks(item.rewritten.text, edit_spans(item.edits, moved=True)),
                "meaning": "; ".join(glosses[sense] for sense in item.senses if sense in glosses),
                "answers": gold_texts(item),
                "answer_marks": marks(
                    item.rewritten.context, [(gold.start, gold.end) for gold in item.rewritten.answers]
                ),
                "paragraph": paragraphs[item.rewritten.context],
            }
            for item in items
        ],
    }


def edit_spans(edits: Sequence[Edit], *, moved: bool) -> list[tuple[int, int]]:
    """Return the spans of a question's edits, in the original or (``moved``) in the rewritten text."""
    found = []
    shift = 0
    for edit in sorted((e for e in edits if e.field == "question"), key=lambda e: e.start):
        start = edit.start + (shift if moved else 0)
        found.append((start, start + len(edit.after if moved else edit.before)))
        shift += len(edit.after) - len(edit.before)
    return found


def marks(text: str, spans: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return the spans merged, in order, in the UTF-16 units that a browser counts in."""
    units = [0, *accumulate(1 + (ord(character) > 0xFFFF) for character in text)]
    merged: list[list[int]] = []
    for start, end in sorted((units[start], units[end]) for start, end in spans):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def json_block(value: Mapping[str, Any]) -> str:
    """Return JSON that cannot end the element it stands in, nor look like markup."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def csp_hash(text: str) -> str:
    """Return the SHA-256 by which a content security policy names an inline script or style."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
