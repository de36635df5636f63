"""Packing a corpus: megabytes of text a second of one core, beside the usual ways, on the same text.

    ROBUST_DATA=... python benchmarks/packing.py --tokenizer FOLDER [--repeat 3]

Text: the first of ``wiki/*.txt.xz``, unpacked. ``ours`` is ``robust corpus pack`` without its start: reading
the plain file, tokens, windows and sums on disk. ``encode_batch`` is the tokenizer alone, on documents that
are in memory already, nothing written. ``datasets.map`` is what transformers' run_mlm does: tokenise in
batches, then group_texts, both cached on disk; one process. Processor time (of all threads), the median of
``--repeat``; a fresh table of words each time. ``again`` is the tokens alone, with that table filled by the
same text: what long corpora come near to. ``overlap`` is the decontamination report against SQuAD 2.0 dev,
whose n-grams are taken first. The last column: how many times as long the way takes as ours.
"""

from __future__ import annotations

import argparse
import lzma
import os
import sys
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from robust.home import data_home
from robust.pretrain.contamination import Contamination, N, NGrams, without_overlap
from robust.pretrain.documents import Document, documents
from robust.pretrain.packing import pack
from robust.pretrain.tokens import WordTokens
from robust.squad.io import read_questions
from robust.zoo.tokenizers import load_tokenizer

LENGTH = 128


def usual(texts: list[Document], tokenizer: Any, folder: Path) -> None:
    """Pack as run_mlm does: two maps, batched."""
    import datasets

    def tokens(rows: dict[str, list[str]]) -> dict[str, list[list[int]]]:
        return {"input_ids": tokenizer(rows["text"], return_special_tokens_mask=True)["input_ids"]}

    def group_texts(rows: dict[str, list[list[int]]]) -> dict[str, list[list[int]]]:
        joined = list(chain.from_iterable(rows["input_ids"]))
        whole = len(joined) // LENGTH * LENGTH
        return {"input_ids": [joined[start : start + LENGTH] for start in range(0, whole, LENGTH)]}

    rows = datasets.Dataset.from_dict({"text": [" ".join(document) for document in texts]})
    settings: dict[str, Any] = {"batched": True, "load_from_cache_file": False}
    mapped = rows.map(tokens, remove_columns=["text"], cache_file_name=str(folder / "a.arrow"), **settings)
    mapped.map(group_texts, cache_file_name=str(folder / "b.arrow"), **settings)


def seconds(work: Callable[[Path], object]) -> float:
    """Return the processor time that ``work`` takes in an empty folder."""
    with TemporaryDirectory() as folder:
        start = time.process_time()
        work(Path(folder))
        return time.process_time() - start


def main() -> None:
    """Time every way in turn and print the medians."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--repeat", type=int, default=3)
    settings = parser.parse_args()
    home = data_home()
    if home is None:
        sys.exit("set ROBUST_DATA to the folder of the real data sets")
    import datasets

    datasets.disable_progress_bars()
    tokenizer = load_tokenizer(settings.tokenizer, str(settings.tokenizer))
    tokenizer.model_max_length = sys.maxsize  # no word on long documents
    with TemporaryDirectory() as folder:
        file = Path(folder) / "text.txt"
        first = min((home / "wiki").glob("*.txt.xz"))
        file.write_bytes(lzma.decompress(first.read_bytes()))
        size = file.stat().st_size / 1e6
        texts = list(documents([file]))
        joined = [" ".join(document) for document in texts]
        words = WordTokens(tokenizer)
        words.ids(joined)
        questions = read_questions(home / "squad2/dev-v2.0.json")
        ways: dict[str, Callable[[Path], object]] = {
            "ours": lambda out: pack(documents([file]), tokenizer, out / "pack", length=LENGTH),
            "again": lambda out: [words.ids(joined[n : n + 512]) for n in range(0, len(joined), 512)],
            "encode_batch": lambda out: tokenizer.backend_tokenizer.encode_batch(
                joined, add_special_tokens=False
            ),
            "datasets.map": lambda out: usual(texts, tokenizer, out),
            "overlap": lambda out: list(without_overlap(texts, NGrams(questions), Contamination(N))),
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(settings.repeat):
            for name, work in ways.items():
                times[name].append(seconds(work))
    print(f"{size:.1f} MB of text, {len(texts):,} documents, {len(tokenizer):,} entries; one core")
    print(f"{'way':14}{'MB/s':>8}{'spread':>16}{'takes':>10}")
    ours = median(times["ours"])
    for name, found in times.items():
        spread = f"{size / max(found):.1f} to {size / min(found):.1f}"
        print(f"{name:14}{size / median(found):8.1f}{spread:>16}{median(found) / ours:9.1f}x")


if __name__ == "__main__":
    main()
