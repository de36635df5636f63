"""Inflected forms of 40,000 English words: lemminflect's table, made from the NIH SPECIALIST lexicon.

lemminflect itself copies its tables at every question (0.1 ms a word) and guesses unknown words with a
pickled model, which we never load; its table of forms is a plain text file, and all that is used here.
"""

from __future__ import annotations

import gzip
import importlib.util
from functools import lru_cache
from pathlib import Path

Forms = dict[str, dict[str, tuple[str, ...]]]
_COLUMNS = {
    "noun": ("NNS",),
    "adj": ("JJR", "JJS"),
    "adv": ("RBR", "RBS"),
    "verb": ("VBD", "VBN", "VBG", "VBZ"),
}
_BASES = {"noun": ("NN",), "adj": ("JJ",), "adv": ("RB",), "verb": ("VB", "VBP")}


# What the table leaves out.
_IRREGULAR: Forms = {
    "be": {
        "VB": ("be",),
        "VBP": ("are", "am"),
        "VBZ": ("is",),
        "VBD": ("was", "were"),
        "VBN": ("been",),
        "VBG": ("being",),
    },
    "do": {
        "VB": ("do",),
        "VBP": ("do",),
        "VBZ": ("does",),
        "VBD": ("did",),
        "VBN": ("done",),
        "VBG": ("doing",),
    },
}


def table_path() -> Path:
    """Return the file of lemminflect's table; ModuleNotFoundError where it is not installed."""
    spec = importlib.util.find_spec("lemminflect")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("lemminflect is not installed; pip install 'lemminflect>=0.2.3'")
    return Path(next(iter(spec.submodule_search_locations))) / "resources" / "infl_lu.csv.gz"


@lru_cache(maxsize=1)
def forms_by_lemma() -> Forms:
    """Return lemma -> tag -> forms, preferred form first; all lower-case."""
    table: Forms = {}
    with gzip.open(table_path(), "rt", encoding="utf-8") as lines:
        for line in lines:
            lemma, category, *columns = line.rstrip("\n").lower().split(",")
            entry = table.setdefault(lemma, {})
            for tag in _BASES[category]:
                entry[tag] = (lemma,)
            last: tuple[str, ...] = ()
            for tag, cell in zip(_COLUMNS[category], columns, strict=False):
                # An empty participle is the past form.
                forms = tuple(cell.split("/")) if cell else (last if tag == "VBN" else ())
                if forms:
                    entry[tag] = forms
                last = forms
    return table | _IRREGULAR


@lru_cache(maxsize=1)
def readings_by_form() -> dict[str, tuple[tuple[str, str], ...]]:
    """Return form -> its (lemma, tag) readings: the inverse of ``forms_by_lemma``."""
    inverse: dict[str, list[tuple[str, str]]] = {}
    for lemma, entry in forms_by_lemma().items():
        for tag, forms in entry.items():
            for form in forms:
                inverse.setdefault(form, []).append((lemma, tag))
    return {form: tuple(readings) for form, readings in inverse.items()}


def regular_form(lemma: str, tag: str) -> str | None:
    """Return the regular plural, past, participle or third person of a word that the table does not list."""
    stem_y = lemma[:-1] + "i" if lemma.endswith("y") and lemma[-2:-1] not in "aeiou" else None
    form: str | None = None
    if tag in ("NNS", "VBZ"):
        hisses = lemma.endswith(("s", "x", "z", "ch", "sh"))
        form = stem_y + "es" if stem_y else lemma + ("es" if hisses else "s")
    elif tag in ("VBD", "VBN"):
        form = stem_y + "ed" if stem_y else (lemma + "d" if lemma.endswith("e") else _doubled(lemma) + "ed")
    elif tag == "VBG":
        if lemma.endswith("ie"):
            form = lemma[:-2] + "ying"
        elif lemma.endswith("e") and not lemma.endswith(("ee", "oe", "ye")):
            form = lemma[:-1] + "ing"
        else:
            form = _doubled(lemma) + "ing"
    return form


def _doubled(lemma: str) -> str:
    """Double the last consonant of a one-syllable word in consonant-vowel-consonant (*blog*, *blogged*)."""
    vowels = [i for i, c in enumerate(lemma) if c in "aeiou"]
    if len(lemma) > 2 and vowels == [len(lemma) - 2] and lemma[-1] not in "aeiouwxy":
        return lemma + lemma[-1]
    return lemma
