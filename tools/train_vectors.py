"""Make robust/words/data/unigrams.txt and vectors.npy + vectors.txt from English Wikipedia.

    nice python tools/train_vectors.py WIKI_FOLDER [--out robust/words/data] [--parts N]

WIKI_FOLDER holds ``part-NN.txt.xz``: a paragraph a line, a blank line between articles. Two things come out:

* word frequencies: the most frequent lower-cased forms with their counts, and how often each is written with
  a capital where no sentence begins (names);
* a distributional space: positive pointwise mutual information of lemmas within a window, with the context
  distribution smoothed (Levy, Goldberg & Dagan 2015, "Improving distributional similarity with lessons
  learned from word embeddings"), factorised by a seeded randomised SVD (Halko, Martinsson & Tropp 2011),
  word vectors U * sqrt(S) brought to unit length and stored as signed bytes with one scale a row.

numpy and scipy only; one thread; the same input and settings give the same bytes on the same BLAS.
"""

from __future__ import annotations

import argparse
import itertools
import lzma
import os
import re
import time
from collections import defaultdict
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from scipy import sparse  # noqa: E402

from robust.files import atomic_write, sha256_file, write_text  # noqa: E402
from robust.words.lexicon import Lexicon  # noqa: E402
from robust.words.stopwords import STOP_WORDS  # noqa: E402
from robust.words.vectors import ROW  # noqa: E402

UNIGRAMS = 50_000  # forms listed with their counts
WORDS = 40_000  # lemmas with a vector
DIMENSIONS = 100
WINDOW = 5  # content words on each side
SMOOTHING = 0.75  # exponent on the context counts
SHIFT = 1.0  # k of the shifted PPMI, log k is taken off; 1 is best under SVD (Levy et al. 2015, section 5)
RAREST_PAIR = 2  # pairs seen less often are dropped
OVERSAMPLING, POWER_ITERATIONS, SEED = 28, 5, 20_130_049

TOKEN = re.compile(r"\n|[.!?:;]|[^\W\d_]+(?:[-'’][^\W\d_]+)*")
POSSESSIVE = re.compile(r"['’]s\b")
Ints = NDArray[np.int32]
Floats = NDArray[np.float32]


def read_forms(folder: Path, parts: int | None) -> tuple[list[str], Ints]:
    """Return the distinct cased forms in order of appearance, and the corpus as indices into them.

    Sentence-ending marks and newlines (ends of paragraphs) are forms too.
    """
    files = sorted(folder.glob("part-*.txt.xz"))[:parts]
    if not files:
        raise SystemExit(f"{folder}: no part-NN.txt.xz here")
    number: defaultdict[str, int] = defaultdict(itertools.count().__next__)
    chunks = []
    for file in files:
        text = POSSESSIVE.sub(" ", lzma.decompress(file.read_bytes()).decode("utf-8"))
        tokens = TOKEN.findall(text)
        chunks.append(np.fromiter(map(number.__getitem__, tokens), np.int32, len(tokens)))
    return list(number), np.concatenate(chunks)


def unigrams(forms: list[str], corpus: Ints) -> tuple[str, int]:
    """Return the frequency table as text: ``# total N``, then ``form count percent-capitalised`` lines."""
    lower: dict[str, int] = {}
    lower_of = np.array([lower.setdefault(form.lower(), len(lower)) for form in forms])
    is_word = np.array([form[0].isalpha() for form in forms])
    capital = np.array([form[0].isupper() for form in forms])
    first = np.concatenate(
        ([True], ~is_word[corpus[:-1]])
    )  # a sentence may begin here: capitals mean nothing
    count = np.bincount(lower_of[corpus], minlength=len(lower))
    inside = corpus[~first]
    seen_inside = np.bincount(lower_of[inside], minlength=len(lower))
    capital_inside = np.bincount(lower_of[inside[capital[inside]]], minlength=len(lower))
    words = list(lower)
    ranked = sorted(
        (i for i, word in enumerate(words) if word[0].isalpha()), key=lambda i: (-int(count[i]), words[i])
    )[:UNIGRAMS]
    total = int(is_word[corpus].sum())
    lines = [f"# total {total}"]
    lines += [
        f"{words[i]} {count[i]} {round(100 * capital_inside[i] / max(1, seen_inside[i]))}" for i in ranked
    ]
    return "\n".join(lines) + "\n", total


def lemma_of(form: str, lexicon: Lexicon) -> str:
    """Return the form where WordNet's corpora have it as a lemma ("building"), else its likeliest lemma."""
    if any(lexicon.count(form, synset) for pos in "nvar" for synset in lexicon.senses(form, pos)):
        return form
    return lexicon.likeliest_lemma(form) or form


def lemmatise(forms: list[str], corpus: Ints, lexicon: Lexicon) -> tuple[list[str], Ints]:
    """Return the lemmas that get a vector, most frequent first, and the content words in order.

    In the second, -1 marks the end of a paragraph; function words, marks and rare words are gone.
    """
    lower: dict[str, int] = {}
    lower_of = np.array([lower.setdefault(form.lower(), len(lower)) for form in forms])
    count = np.bincount(lower_of[corpus], minlength=len(lower))
    lemmas: dict[str, int] = {}
    lemma_of_lower = np.full(len(lower), -2, np.int64)
    for form, i in lower.items():
        if form == "\n":
            lemma_of_lower[i] = -1
        elif form[0].isalpha() and len(form) > 1 and form not in STOP_WORDS and count[i] >= 5:
            lemma = lemma_of(form, lexicon)
            lemma_of_lower[i] = lemmas.setdefault(lemma, len(lemmas))
    names = list(lemmas)
    kept = lemma_of_lower >= 0
    total = np.bincount(lemma_of_lower[kept], weights=count[kept], minlength=len(names))
    ranked = sorted(range(len(names)), key=lambda i: (-int(total[i]), names[i]))[:WORDS]
    rank = np.full(len(names) + 2, -2, np.int32)  # the last two cells serve the codes -2 and -1
    rank[ranked] = np.arange(len(ranked))
    rank[-1] = -1
    content = rank[lemma_of_lower[lower_of[corpus]]]
    return [names[i] for i in ranked], content[content > -2]


def cooccurrences(content: Ints, size: int) -> sparse.csr_matrix:
    """Return the symmetric counts (size x size) of lemmas at most WINDOW content words apart."""
    paragraph = np.cumsum(content < 0, dtype=np.int32)[content >= 0]
    word = content[content >= 0].astype(np.int64)
    step = 4_000_000  # content words counted at a time: bounds the memory
    keys: list[NDArray[np.int64]] = []
    counts: list[NDArray[np.int64]] = []
    for start in range(0, len(word), step):
        found = []
        for distance in range(1, WINDOW + 1):
            left = word[start : start + step]
            right = word[start + distance : start + step + distance]
            left = left[: len(right)]
            near = (
                paragraph[start : start + len(right)]
                == paragraph[start + distance : start + distance + len(right)]
            )
            near &= left != right
            low, high = np.minimum(left, right)[near], np.maximum(left, right)[near]
            found.append(low * size + high)
        key, count = np.unique(np.concatenate(found), return_counts=True)
        keys.append(key)
        counts.append(count)
        while len(keys) > 1 and (len(keys[-1]) * 2 > len(keys[-2]) or start + step >= len(word)):
            key, place = np.unique(np.concatenate(keys[-2:]), return_inverse=True)
            summed = np.bincount(place, weights=np.concatenate(counts[-2:])).astype(np.int64)
            keys[-2:], counts[-2:] = [key], [summed]
    often = counts[0] >= RAREST_PAIR
    key, count = keys[0][often], counts[0][often]
    upper = sparse.coo_matrix(
        (count.astype(np.float32), (key // size, key % size)), shape=(size, size)
    ).tocsr()
    return (upper + upper.T).tocsr()


def ppmi(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return max(0, log(p(w,c) / (p(w) p_smoothed(c))) - log SHIFT) at every seen pair."""
    by_word = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
    smoothed = by_word**SMOOTHING
    smoothed /= smoothed.sum()
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    value = np.log(counts.data / (np.maximum(by_word, 1)[rows] * smoothed[counts.indices])) - np.log(SHIFT)
    matrix = sparse.csr_matrix(
        (np.maximum(value, 0).astype(np.float32), counts.indices, counts.indptr), shape=counts.shape
    )
    matrix.eliminate_zeros()
    return matrix


def factorise(matrix: sparse.csr_matrix) -> Floats:
    """Return U * sqrt(S) of the truncated SVD; each column's entry of largest size is positive."""
    draw = np.random.default_rng(SEED).standard_normal(
        (matrix.shape[1], DIMENSIONS + OVERSAMPLING), dtype=np.float32
    )
    basis = np.linalg.qr(matrix @ draw)[0]
    for _ in range(POWER_ITERATIONS):  # the matrix is symmetric: its transpose is itself
        basis = np.linalg.qr(matrix @ basis)[0]
    left, singular, _ = np.linalg.svd((matrix @ basis).T.astype(np.float64), full_matrices=False)
    vectors = (basis @ left.astype(np.float32))[:, :DIMENSIONS] * np.sqrt(singular[:DIMENSIONS]).astype(
        np.float32
    )
    sign = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(DIMENSIONS)])
    return np.asarray(vectors * sign, dtype=np.float32)


def quantise(vectors: Floats) -> NDArray[np.void]:
    """Return unit-length rows as signed bytes with one scale each (dtype ``robust.words.vectors.ROW``)."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(length > 0, length, 1)
    scale = np.abs(unit).max(axis=1) / 127
    rows = np.zeros(len(unit), ROW)
    rows["scale"] = scale
    rows["values"] = np.rint(unit / np.where(scale > 0, scale, 1)[:, None])
    return rows


def main() -> None:
    """Read the folder, write the three files, print their SHA-256 sums."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("wiki", type=Path)
    parser.add_argument("--out", type=Path, default=Path("robust/words/data"))
    parser.add_argument("--parts", type=int, help="use only the first N files")
    settings = parser.parse_args()
    clock = time.process_time

    def say(what: str) -> None:
        print(f"{clock():7.1f} s CPU  {what}", flush=True)

    forms, corpus = read_forms(settings.wiki, settings.parts)
    say(f"{len(corpus):,} tokens of {len(forms):,} forms")
    table, total = unigrams(forms, corpus)
    write_text(settings.out / "unigrams.txt", table)
    say(f"unigrams of {total:,} words")
    words, content = lemmatise(forms, corpus, Lexicon.open())
    say(f"{len(words):,} lemmas, {len(content):,} content words")
    counts = cooccurrences(content, len(words))
    say(f"{counts.nnz:,} pairs")
    rows = quantise(factorise(ppmi(counts)))
    say("factorised")
    with atomic_write(settings.out / "vectors.npy") as temporary, temporary.open("wb") as stream:
        np.save(stream, rows)
    write_text(settings.out / "vectors.txt", "\n".join(words) + "\n")
    for name in ("unigrams.txt", "vectors.npy", "vectors.txt"):
        file = settings.out / name
        print(f"{sha256_file(file)}  {name}  {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
