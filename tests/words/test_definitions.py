"""The glosses that NLTK reads are those of our synsets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from robust.errors import UserError
from robust.words import definitions
from robust.words.definitions import Definitions
from robust.words.lexicon import Lexicon


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Look for NLTK's data anew in each test."""
    definitions._reader.cache_clear()
    yield
    definitions._reader.cache_clear()


@pytest.mark.data
def test_every_gloss_speaks_of_our_synset(robust_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROBUST_DATA", str(robust_data))
    found, lexicon = Definitions.open(), Lexicon.open()
    for synset in list(lexicon.all_synsets())[::97]:
        text, examples = found.of(lexicon.name(synset))
        words = f"{text} {' '.join(examples)}".lower()
        terms = [lexicon.term(term) for term, _ in lexicon.gloss_terms(synset)]
        assert not terms or any(term.split("_")[0][:4] in words for term in terms)
    assert found.of("elastic.s.02").text == "able to adjust readily to different conditions"
    with pytest.raises(KeyError):
        found.of("nothing.n.77")


def test_without_nltks_wordnet_one_line_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nltk
    from nltk.corpus.reader.wordnet import WordNetCorpusReader
    from nltk.corpus.util import LazyCorpusLoader

    monkeypatch.setenv("ROBUST_DATA", str(tmp_path))
    monkeypatch.setattr(nltk.data, "path", [])
    monkeypatch.setattr(nltk.corpus, "wordnet", LazyCorpusLoader("wordnet", WordNetCorpusReader, None))
    with pytest.raises(UserError, match=r"not found; install it with: python -m nltk\.downloader wordnet"):
        Definitions.open()
