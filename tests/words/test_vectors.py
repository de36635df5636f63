"""The shipped space and word frequencies: pinned, and about English."""

from __future__ import annotations

import importlib.util
import lzma
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy.sparse import csr_matrix

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


@pytest.fixture(scope="module")
def trainer() -> ModuleType:
    path = Path(__file__).parents[2] / "tools" / "train_vectors.py"
    spec = importlib.util.spec_from_file_location("train_vectors", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_training_counts_pairs_within_the_window_and_never_across_paragraphs(trainer: ModuleType) -> None:
    words = np.random.default_rng(0).integers(0, 6, 400)
    words[::37] = -1  # ends of paragraphs
    expected = np.zeros((6, 6), int)
    paragraphs = [part[part >= 0] for part in np.split(words, np.flatnonzero(words < 0))]
    for paragraph in paragraphs:
        for i, one in enumerate(paragraph):
            for other in paragraph[i + 1 : i + 1 + trainer.WINDOW]:
                if one != other:
                    expected[one, other] += 1
                    expected[other, one] += 1
    found = trainer.cooccurrences(words.astype(np.int32), 6).toarray()
    assert found.tolist() == np.where(expected >= trainer.RAREST_PAIR, expected, 0).tolist()


def test_training_weighs_pairs_by_smoothed_ppmi(trainer: ModuleType) -> None:
    counts = np.array([[0, 8, 1], [8, 0, 3], [1, 3, 0]], np.float32)
    total = counts.sum()
    by_word = counts.sum(axis=0)
    smoothed = by_word**0.75 / (by_word**0.75).sum()
    with np.errstate(divide="ignore"):
        expected = np.maximum(0, np.log(counts / total / np.outer(by_word / total, smoothed)))
    found = trainer.ppmi(csr_matrix(counts)).toarray()
    assert found == pytest.approx(expected, rel=1e-5)


def test_training_counts_words_and_their_capitals_inside_sentences(
    trainer: ModuleType, tmp_path: Path
) -> None:
    text = "The old city lies in Norway. City walls stand in Norway's north; the city\nNorway sleeps.\n"
    (tmp_path / "part-00.txt.xz").write_bytes(lzma.compress(text.encode()))
    table, total = trainer.unigrams(*trainer.read_forms(tmp_path, None))
    assert total == 16
    lines = table.splitlines()
    assert lines[0] == "# total 16"
    assert {"city 3 0", "norway 3 100", "the 2 0", "old 1 0"} < set(lines)
