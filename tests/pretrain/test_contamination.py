"""What a corpus shares with an evaluation set is found, counted and left out."""

from __future__ import annotations

import unicodedata

import pytest

from robust.pretrain.contamination import Contamination, NGrams, without_overlap, words
from robust.squad.records import Question

CONTEXT = (
    "The old harbour of Veldmond was built in 1742 by the engineer Karel Brandt, who also planned its quays."
)
OTHER = "Honey bees live in large colonies with a single queen and many workers, as every keeper knows well."
QUESTIONS = [
    Question("a", "Who built the old harbour of Veldmond?", CONTEXT, (), "V", False, "V:1", "V"),
    Question("b", "How many queens has a colony?", OTHER, (), "B", False, "B:1", "B"),
]
CLEAN = ("Rivers carry sand to the sea.", "Ships wait for the tide in the old harbour.")
COPIED = ("Some history.", f"As is told: {CONTEXT.upper().replace(',', ' -')} And more.")
NEAR = ("The old harbour of Veldmond was rebuilt in 1742 by the engineer Karel Brandt.",)


def test_a_copied_paragraph_is_found_whatever_its_case_and_punctuation() -> None:
    report = Contamination(8)
    kept = list(without_overlap([CLEAN, COPIED, NEAR], NGrams(QUESTIONS, 8), report))
    assert kept == [CLEAN, NEAR]
    assert (report.documents, report.overlapping) == (3, 1)
    assert (report.passages, report.passages_seen) == (2, 1)
    assert (report.questions, report.questions_seen) == (2, 0)
    n_words = len(CONTEXT.split())
    assert report.ngrams_seen == n_words - 8 + 1
    assert report.worst == ((1, "Some history.", n_words - 8 + 1),)


def test_shorter_ngrams_find_more() -> None:
    report = Contamination(4)
    kept = list(without_overlap([CLEAN, COPIED, NEAR], NGrams(QUESTIONS, 4), report, drop=False))
    assert kept == [CLEAN, COPIED, NEAR]
    assert report.overlapping == 2
    assert report.questions_seen == 1


def test_an_ngram_is_the_words_in_their_order() -> None:
    ngrams = NGrams(QUESTIONS, 3)
    found = ngrams.seen(
        [("harbour of Veldmond",), ("Veldmond of harbour",), ("harbour of unknownword Veldmond",), ("of",)]
    )
    assert list(map(len, found)) == [1, 0, 0, 0]
    assert list(map(len, ngrams.seen([("harbour of",), ("Veldmond",)]))) == [0, 0]


@pytest.mark.parametrize("corpus", ["NFC", "NFD"])
@pytest.mark.parametrize("asked", ["NFC", "NFD"])
def test_an_accent_is_found_however_it_is_written(corpus: str, asked: str) -> None:
    text = "Le café Élysée fut bâti à Besançon"
    question = Question("a", unicodedata.normalize(asked, text), CONTEXT, (), "V", False, "V:1", "V")  # type: ignore[arg-type]
    (found,) = NGrams([question], 7).seen([(unicodedata.normalize(corpus, text.upper()),)])  # type: ignore[arg-type]
    assert len(found) == 1
    assert words(unicodedata.normalize("NFD", "Café_1, là-bas")) == ["café_1", "là", "bas"]
