"""The shipped space and word frequencies: pinned, and about English."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from robust.errors import UserError
from robust.words import frequency
from robust.words.vectors import ROW, Vectors, check, cosine


def test_the_shipped_space_holds_forty_thousand_unit_vectors() -> None:
    space = Vectors.open()
    assert len(space.words) == len(set(space.words)) == 40_000
    lengths = np.linalg.norm(space.dequantise(range(40_000)), axis=1)
    assert np.all(np.abs(lengths - 1) < 0.02)


@pytest.mark.parametrize(
    ("word", "near", "far"),
    [
        ("river", "lake", "piano"),
        ("doctor", "hospital", "orbit"),
        ("guitar", "bass", "parliament"),
        ("army", "soldier", "flower"),
        ("planet", "orbit", "kitchen"),
        ("king", "queen", "molecule"),
        ("virus", "infection", "bishop"),
        ("train", "railway", "grammar"),
    ],
)
def test_words_of_one_topic_are_nearer_than_words_of_two(word: str, near: str, far: str) -> None:
    space = Vectors.open()
    assert space.similarity(word, near) > space.similarity(word, far) + 0.2


def test_joined_words_stand_for_the_sum_of_their_parts() -> None:
    space = Vectors.open()
    joined = "piano_parliament"
    assert len(space.rows(joined)) == 2
    both = space.vector("piano") + space.vector("parliament")  # type: ignore[operator]  # both are there
    assert cosine(space.vector(joined), both) == pytest.approx(1)  # type: ignore[arg-type]
    assert space.vector("qwxyz") is None
    assert space.similarity("qwxyz", "river") == 0.0


def test_rows_are_scaled_bytes() -> None:
    rows = np.zeros(2, ROW)
    rows["scale"] = (0.5, 0.25)
    rows["values"][:, 0] = (2, -4)
    space = Vectors(["one", "two"], rows)
    assert space.vector("one")[0] == 1.0  # type: ignore[index]  # it is there
    assert space.similarity("one", "two") == -1.0


def test_a_changed_or_missing_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "vectors.txt"
    with pytest.raises(UserError, match=r"vectors\.txt: missing from the installation"):
        check(file, "0" * 64)
    file.write_text("changed")
    with pytest.raises(UserError, match=r"vectors\.txt: SHA-256 d67e2e94.*expected 000000000000"):
        check(file, "0" * 64)


def test_frequencies_lie_on_zipfs_scale() -> None:
    assert 7.5 < frequency.zipf("the") < 8.0  # 7.7 to 7.8 in every large corpus of English
    assert frequency.zipf("The") == frequency.zipf("the")
    assert frequency.zipf("city") > frequency.zipf("metropolis") > frequency.zipf("conurbation") > 0
    assert frequency.zipf("qwxyz") == 0.0


def test_frequencies_agree_with_their_own_total() -> None:
    words = frequency.words()
    assert len(words) == 50_000
    share = sum(10 ** frequency.zipf(word) for word in words) / 1e9
    assert 0.9 < share <= 1.0
    assert frequency.zipf(words[0]) == max(map(frequency.zipf, words))


def test_names_are_written_with_a_capital_and_other_words_are_not() -> None:
    assert all(frequency.capital_share(name) > 0.9 for name in ("paris", "einstein", "german"))
    assert all(frequency.capital_share(word) < 0.35 for word in ("table", "discover", "yellow", "quickly"))
    assert frequency.capital_share("qwxyz") == 0.0
