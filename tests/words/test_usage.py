"""What the shipped tables say of how words are used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from robust.words import usage
from robust.words.usage import FAR, Usage, follows, likeness, token_id


def test_words_that_belong_together_follow_each_other() -> None:
    assert follows("civil", "war") > 4
    assert follows("attempted", "to") > 2 > 0 > follows("attempted", "of")
    assert follows("regarded", "as") > follows("considered", "as")


@pytest.mark.parametrize(("form", "after"), [("qqq", "the"), ("the", "qqq"), ("?", "the")])
def test_what_is_unknown_is_neither_drawn_nor_shunned(form: str, after: str) -> None:
    assert follows(form, after) == 0.0


def test_marks_numbers_and_the_end_of_a_sentence_have_ids_of_their_own() -> None:
    kinds = [token_id(token) for token in ("qqq", "?", ",", "1,742", "'s")]
    assert kinds == [usage.UNKNOWN, usage.END, usage.MARK, usage.NUMBER, usage.POSSESSIVE]
    assert token_id("the") == usage.WORDS


def test_synonyms_used_in_the_same_places_are_near_and_share_frames() -> None:
    near, overlap = likeness("start", "begin", "v")
    far, none = likeness("begin", "get", "v")
    assert near < far
    assert overlap > none
    assert likeness("start", "begin", "v") == likeness("begin", "start", "v")
    assert likeness("qqq", "begin", "v") == (FAR, 0.0)
    assert likeness("begin", "river", "v") == (FAR, 0.0)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    one, other, third = (token_id(word) for word in ("doctor", "physician", "house"))
    times = np.ones(usage.WORDS + 50_000, np.int64)
    times[[one, other, third]] = [1000, 400, 90]
    keys = np.sort(np.array([one << 16 | third, one << 16 | other, other << 16 | third], np.uint64))
    empty: tuple[list[tuple[str, str]], np.ndarray, np.ndarray] = (
        [("a", "the")],
        np.array([9.0]),
        np.array([0.0]),
    )
    compared = dict.fromkeys("var", empty)
    compared["n"] = ([("doctor", "physician")], np.array([2.5]), np.array([0.2]))
    path = tmp_path / "usage.tables"
    usage.write(path, times, keys, np.array([8, 64, 512]), compared)
    again = Usage.read(path)
    assert again.distance("physician", "doctor", "n") == pytest.approx(2.5, abs=0.05)
    assert again.overlap("doctor", "physician", "n") == pytest.approx(0.2)
    expected = 1000 * 90 / times.sum()
    seen = 8 if third < other else 64
    assert again.follows("doctor", "house") == pytest.approx(np.log((seen + 1) / (expected + 1)), abs=0.02)
    assert again.follows("house", "doctor") == pytest.approx(-np.log(90 * 1000 / times.sum() + 1))
