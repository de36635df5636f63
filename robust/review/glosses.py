"""Definitions of the senses chosen, for raters to read, where NLTK's WordNet is at hand."""

from __future__ import annotations

from collections.abc import Iterable

from robust.errors import UserError
from robust.words.definitions import Definitions


def read_glosses(senses: Iterable[str]) -> dict[str, str]:
    """Return synset name (``city.n.01``) -> definition; none where WordNet 3.0 is not installed for NLTK.

    Names that it does not know are left out.
    """
    try:
        definitions = Definitions.open()
    except UserError:
        return {}
    found: dict[str, str] = {}
    for sense in sorted(set(senses) - {""}):
        try:
            found[sense] = definitions.of(sense).text
        except KeyError:
            continue
    return found
