"""Make robust/words/data/usage.tables, how words are used beside others, from English Wikipedia.

    nice python tools/train_usage.py WIKI_FOLDER [--out robust/words/data/usage.tables]

WIKI_FOLDER holds ``part-NN.txt.xz``: a paragraph a line, a blank line between articles. Two tables come out,
read by robust/words/usage.py:

* ``next``: for every form of a word that has a synonym in WordNet, the words seen after it at least
  ``RAREST_PAIR`` times, with their counts;
* ``pairs``: for every two single words that share a synset, how near each is to the other among all words,
  and how much the frames (the words right before and after) they are used in overlap.

Nearness is measured in a space of *places*, not of topics: positive pointwise mutual information (context
distribution smoothed, as in Levy, Goldberg & Dagan 2015) of a form with the words at -2, -1, +1 and +2, each
place apart, factorised by a seeded randomised SVD. A word's vector is the sum of its forms', each weighted by
the log of its frequency.

numpy and scipy only; one thread; the same input gives the same bytes on the same BLAS.
"""

from __future__ import annotations

import argparse
import lzma
import math
import os
import re
import time
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from scipy import sparse  # noqa: E402

from robust.files import sha256_file  # noqa: E402
from robust.words import frequency, usage  # noqa: E402
from robust.words.inflect import inflect  # noqa: E402
from robust.words.lexicon import Lexicon  # noqa: E402

FORMS = 40_000  # forms with a vector, the most frequent
CONTEXTS = 20_000  # forms that count as context
PLACES = (-2, -1, 1, 2)
RAREST_PAIR = 3  # a word seen less often after another is left out of ``next``
SMOOTHING = 0.75  # exponent on the context counts
FRAME_SHIFT = math.log(30)  # taken off the mutual information of a form and a frame
DIMENSIONS, OVERSAMPLING, POWER_ITERATIONS, SEED = 150, 20, 3, 20_130_049
TAGS = {"n": ("NN", "NNS"), "v": ("VB", "VBZ", "VBD", "VBN", "VBG"), "a": ("JJ",), "r": ("RB",)}

TOKEN = re.compile(r"\n|[.!?:;,()\"]|'s\b|[^\W\d_]+(?:[-'’][^\W\d_]+)*|\d[\d.,]*")
POSSESSIVE = re.compile(r"['’]s\b")
Pair = tuple[str, str]


class _Ids(dict[str, int]):
    """The ids of tokens, worked out once each."""

    def __missing__(self, token: str) -> int:
        self[token] = found = usage.token_id(token)
        return found


def read_corpus(folder: Path) -> NDArray[np.uint16]:
    """Return the corpus as ids of `usage.token_id`."""
    files = sorted(folder.glob("part-*.txt.xz"))
    if not files:
        raise SystemExit(f"{folder}: no part-NN.txt.xz here")
    ids = _Ids()
    chunks = []
    for file in files:
        text = POSSESSIVE.sub(" 's ", lzma.decompress(file.read_bytes()).decode("utf-8")).lower()
        tokens = TOKEN.findall(text)
        chunks.append(np.fromiter(map(ids.__getitem__, tokens), np.uint16, len(tokens)))
    return np.concatenate(chunks)


def counted(keys: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the distinct keys, sorted, and how often each occurs."""
    keys.sort()
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    return keys[first], np.diff(np.append(first, len(keys)))


def synonyms(lexicon: Lexicon) -> dict[str, list[Pair]]:
    """Return by part of speech the pairs of single words that share a synset, both in the frequency table."""
    known = set(frequency.words())
    found: dict[str, list[Pair]] = {}
    for pos in "nvar":
        pairs: set[Pair] = set()
        for synset in lexicon.all_synsets(pos):
            words = sorted({name for name in lexicon.lemmas(synset) if name in known})
            pairs.update((one, other) for i, one in enumerate(words) for other in words[i + 1 :])
        found[pos] = sorted(pairs)
    return found


def forms_of(lemma: str, pos: str) -> list[int]:
    """Return the ids of the lemma's forms that have a vector."""
    forms = dict.fromkeys(inflect(lemma, tag) for tag in TAGS[pos])
    ids = dict.fromkeys(usage.token_id(form) for form in forms if form)
    return [i for i in ids if usage.WORDS <= i < usage.WORDS + FORMS]


def place_vectors(corpus: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Return a unit row for each id below WORDS + FORMS."""
    rows, width = usage.WORDS + FORMS, usage.WORDS + CONTEXTS
    blocks = []
    for place in PLACES:
        word = corpus[max(0, -place) : len(corpus) - max(0, place)].astype(np.uint64)
        context = corpus[max(0, place) : len(corpus) - max(0, -place)].astype(np.uint64)
        kept = (word >= usage.WORDS) & (word < rows) & (context > 0) & (context < width)
        key, count = counted(word[kept] * np.uint64(width) + context[kept])
        key, count = key[count >= 2], count[count >= 2]
        at = (key // np.uint64(width)).astype(np.int64), (key % np.uint64(width)).astype(np.int64)
        blocks.append(sparse.csr_matrix((count.astype(np.float64), at), shape=(rows, width)))
    counts = sparse.hstack(blocks).tocsr()
    by_word = np.asarray(counts.sum(axis=1)).ravel()
    smoothed = np.asarray(counts.sum(axis=0)).ravel() ** SMOOTHING
    row = np.repeat(np.arange(rows), np.diff(counts.indptr))
    information = np.log(counts.data * smoothed.sum() / (by_word[row] * smoothed[counts.indices]))
    matrix = sparse.csr_matrix(
        (np.maximum(information, 0).astype(np.float32), counts.indices, counts.indptr), shape=counts.shape
    )
    matrix.eliminate_zeros()
    return unit(factorise(matrix))


def factorise(matrix: sparse.csr_matrix) -> NDArray[np.float32]:
    """Return U * sqrt(S) of the truncated SVD (Halko, Martinsson & Tropp 2011)."""
    draw = np.random.default_rng(SEED)
    transposed = matrix.T.tocsr()
    basis = np.linalg.qr(
        matrix @ draw.standard_normal((matrix.shape[1], DIMENSIONS + OVERSAMPLING), np.float32)
    )[0]
    for _ in range(POWER_ITERATIONS):
        basis = np.linalg.qr(matrix @ np.linalg.qr(transposed @ basis)[0])[0]
    left, singular, _ = np.linalg.svd((transposed @ basis).T.astype(np.float64), full_matrices=False)
    kept = left[:, :DIMENSIONS].astype(np.float32)
    return np.asarray(basis @ kept * np.sqrt(singular[:DIMENSIONS]).astype(np.float32), np.float32)


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the rows at length 1, zero rows as they are."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def word_sums(forms: list[list[int]], times: NDArray[np.int64]) -> sparse.csr_matrix:
    """Return the matrix that sums the rows of each word's forms, each times the log of its frequency."""
    row = np.repeat(np.arange(len(forms)), [len(found) for found in forms])
    column = np.array([i for found in forms for i in found], np.int64)
    weight = np.log1p(times[column]).astype(np.float32)
    return sparse.csr_matrix((weight, (row, column)), shape=(len(forms), len(times)))


def frame_matrix(
    corpus: NDArray[np.uint16], wanted: NDArray[np.bool_], times: NDArray[np.int64]
) -> sparse.csr_matrix:
    """Return the positive mutual information of the wanted forms and their frames, less FRAME_SHIFT."""
    at = np.flatnonzero(wanted[corpus])
    at = at[(at > 0) & (at < len(corpus) - 1)]
    word, before, after = (corpus[at + step].astype(np.uint64) for step in (0, -1, 1))
    kept = (before > 0) & (after > 0)
    key = word << np.uint64(32) | before << np.uint64(16) | after
    found, count = counted(key[kept])
    word_of = (found >> np.uint64(32)).astype(np.int64)
    _, frame = np.unique(found & np.uint64(0xFFFFFFFF), return_inverse=True)
    total = np.bincount(frame, count) ** SMOOTHING
    information = np.log(count * float(len(corpus)) / (total[frame] * times[word_of])) - FRAME_SHIFT
    matrix = sparse.csr_matrix(
        (np.maximum(information, 0).astype(np.float32), (word_of, frame)), shape=(len(times), frame.max() + 1)
    )
    matrix.eliminate_zeros()
    return matrix


def compare(
    pairs: list[Pair], pos: str, vectors: NDArray[np.float32], frames: sparse.csr_matrix, times: NDArray
) -> tuple[list[Pair], NDArray[np.float64], NDArray[np.float64]]:
    """Return the pairs that have vectors, their distances and the overlap of their frames.

    The distance is log(1 + r) + log(1 + r'), r being the number of forms nearer to the one than the other
    is, r' the reverse; the overlap is a cosine.
    """
    forms = {word: forms_of(word, pos) for pair in pairs for word in pair}
    words = [word for word, found in forms.items() if found]
    number = {word: i for i, word in enumerate(words)}
    kept = [pair for pair in pairs if pair[0] in number and pair[1] in number]
    sums = word_sums([forms[word] for word in words], times)
    in_space = unit(np.asarray(sums[:, : len(vectors)] @ vectors))
    in_frames = (sums @ frames).tocsr()
    length = np.sqrt(np.asarray(in_frames.multiply(in_frames).sum(axis=1)).ravel()) + 1e-9
    one = np.array([number[pair[0]] for pair in kept])
    other = np.array([number[pair[1]] for pair in kept])
    distance = np.zeros(len(kept))
    cosine = np.einsum("pd,pd->p", in_space[one], in_space[other])
    for side in (one, other):
        order = np.argsort(side, kind="stable")
        for block in np.array_split(order, max(1, len(order) // 500)):
            near = in_space[side[block]] @ vectors[usage.WORDS :].T
            distance[block] += np.log1p((near > cosine[block, None]).sum(axis=1))
    overlap = np.zeros(len(kept))
    for block in np.array_split(np.arange(len(kept)), max(1, len(kept) // 2000)):
        shared = in_frames[one[block]].multiply(in_frames[other[block]]).sum(axis=1)
        overlap[block] = np.asarray(shared).ravel() / (length[one[block]] * length[other[block]])
    return kept, distance, overlap


def main() -> None:
    """Read the folder, write the tables, print their SHA-256."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("wiki", type=Path)
    parser.add_argument("--out", type=Path, default=Path("robust/words/data/usage.tables"))
    settings = parser.parse_args()

    def say(what: str) -> None:
        print(f"{time.process_time():7.1f} s CPU  {what}", flush=True)

    corpus = read_corpus(settings.wiki)
    times = np.bincount(corpus, minlength=usage.WORDS + len(frequency.words()))
    say(f"{len(corpus):,} tokens")
    pairs = synonyms(Lexicon.open())
    wanted = np.zeros(len(times), bool)
    for pos, found in pairs.items():
        wanted[[i for word in {word for pair in found for word in pair} for i in forms_of(word, pos)]] = True
    say(f"{sum(map(len, pairs.values())):,} pairs, {wanted.sum():,} forms")
    pair_key = (corpus[:-1].astype(np.uint64) << np.uint64(16)) | corpus[1:]
    key, count = counted(pair_key[wanted[corpus[:-1]] & (corpus[1:] > 0)])
    key, count = key[count >= RAREST_PAIR], count[count >= RAREST_PAIR]
    say(f"{len(key):,} pairs of neighbours")
    vectors = place_vectors(corpus)
    say("factorised")
    frames = frame_matrix(corpus, wanted, times)
    say(f"{frames.nnz:,} frames of forms")
    compared = {pos: compare(found, pos, vectors, frames, times) for pos, found in pairs.items()}
    usage.write(settings.out, times, key, count, compared)
    say(f"{sum(len(found) for found, _, _ in compared.values()):,} pairs of synonyms")
    print(f"{sha256_file(settings.out)}  {settings.out.name}  {settings.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
