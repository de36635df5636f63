"""What WordNet says of a sense, in its own words: the lexicon keeps bags of terms only."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from robust.errors import UserError
from robust.home import data_home

_HINT = "install it with: python -m nltk.downloader wordnet, or name a folder that has it with NLTK_DATA"


class Definition(NamedTuple):
    """A gloss: the definition, and the examples of use, if any."""

    text: str
    examples: tuple[str, ...]


class Definitions:
    """The glosses of WordNet 3.0 by synset name (``city.n.01``), as NLTK's corpus reader has them."""

    def __init__(self, wordnet: Any) -> None:
        self._wordnet = wordnet

    @staticmethod
    def open() -> Definitions:
        """Return the glosses of the WordNet that NLTK finds, or of the copy under ``ROBUST_DATA``.

        Raises UserError where there is none, or where it is not 3.0.
        """
        return Definitions(_reader())

    def of(self, synset: str) -> Definition:
        """Return the gloss of the synset of that name; KeyError if WordNet 3.0 has none."""
        from nltk.corpus.reader.wordnet import WordNetError

        try:
            # NLTK 3.10 counts satellites apart (elastic.s.01) where others, and we, do not (elastic.s.02);
            # under "a" every version finds them by the common count
            found = self._wordnet.synset(synset.replace(".s.", ".a."))
        except WordNetError as error:
            raise KeyError(synset) from error
        return Definition(found.definition(), tuple(found.examples()))


@cache
def _reader() -> Any:
    import nltk

    home = data_home()
    folder = str((home / "nltk" if home else Path()).absolute())
    if home and folder not in nltk.data.path:
        nltk.data.path.append(folder)  # NLTK reads from registered folders only
    from nltk.corpus import wordnet

    try:
        wordnet.ensure_loaded()  # now: NLTK's lazy loading is not safe in threads and forks
    except (LookupError, PermissionError, OSError) as error:
        raise UserError(f"NLTK's WordNet: not found; {_HINT}") from error
    if wordnet.get_version() != "3.0":
        raise UserError(f"NLTK's WordNet: version {wordnet.get_version()}, expected 3.0; {_HINT}")
    return wordnet
