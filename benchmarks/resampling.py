"""10,000 resamples of whole clusters over the SQuAD 2.0 dev set, beside scipy.stats.bootstrap.

    ROBUST_DATA=... python benchmarks/resampling.py

Resamples the exact match of Google's BERT predictions (11,873 questions, 35 articles, 1,204 paragraphs). The
peer is scipy's bootstrap of the ratio of two sums, over (sum, size) pairs of clusters: the same statistic,
percentile and BCa intervals, for it has no bootstrap-t. Best of five (of the peer: one), processor time.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats

from robust.home import data_home
from robust.squad.io import read_questions
from robust.squad.metric import score
from robust.stats.clustered import clustered_mean
from robust.stats.clusters import cluster_sums
from robust.stats.resampling import bootstrap, randomisation
from robust.stats.wild import wild_bootstrap


def seconds(work: Callable[[], Any], times: int) -> tuple[float, Any]:
    """Return the seconds of processor of the fastest run, and what it found."""
    best, found = float("inf"), None
    for _ in range(times):
        start = time.process_time()
        found = work()
        best = min(best, time.process_time() - start)
    return best, found


def peer(values: np.ndarray, clusters: list[str], method: str) -> Any:
    """Return scipy's interval of the mean over clusters, whole clusters drawn."""
    sums = cluster_sums(values, clusters)
    return stats.bootstrap(
        (sums.totals, sums.sizes),
        lambda totals, sizes, axis: totals.sum(axis=axis) / sizes.sum(axis=axis),
        n_resamples=10_000,
        paired=True,
        vectorized=True,
        method=method,
        batch=1_000,
        rng=np.random.default_rng(0),
    ).confidence_interval


def main() -> None:
    """Time every kind by article and by paragraph."""
    home = data_home()
    if home is None:
        sys.exit("set ROBUST_DATA to the folder of the real data sets")
    questions = read_questions(home / "squad2/dev-v2.0.json")
    path = home / "squad2/official-predictions/bert-single-google.json"
    em = 100 * score(questions, json.loads(path.read_text(encoding="utf-8"))).em
    for name, clusters in (
        ("article", [q.article for q in questions]),
        ("paragraph", [q.paragraph_id for q in questions]),
    ):
        print(f"{len(em):,} questions by {name}: {len(set(clusters)):,} clusters, 10,000 resamples")
        for kind, times, work in (
            ("bootstrap-t", 5, lambda c: bootstrap(em, c)),
            ("wild bootstrap", 5, lambda c: wild_bootstrap(em, c, resamples=9_999)),
            ("sign flips", 5, lambda c: randomisation(em - 80, c)),
            ("Student's t", 5, lambda c: clustered_mean(em, c)),
            ("scipy percentile", 1, lambda c: peer(em, c, "percentile")),
            ("scipy BCa", 1, lambda c: peer(em, c, "BCa")),
        ):
            spent, found = seconds(lambda work=work, clusters=clusters: work(clusters), times)
            said = f"p {found:.3f}" if isinstance(found, float) else f"[{found.low:.2f}, {found.high:.2f}]"
            print(f"  {kind:16} {1000 * spent:8.1f} ms   {said}", flush=True)


if __name__ == "__main__":
    main()
