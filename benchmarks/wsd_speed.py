"""Words disambiguated per second: our methods and nltk.wsd.lesk, in one run, on one core.

    ROBUST_DATA=... NLTK_DATA=... python benchmarks/wsd_speed.py [--repeat 10]

Every instance of senseval2, senseval3 and semeval2007 in its sentence, building the context included.
``first`` is the first pass in a fresh process, signatures not yet cached. ``cached`` sums each sentence's
best time of the later passes: other work on the machine weighs less so. NLTK needs its wordnet under
NLTK_DATA. pywsd is not here: its import needs tokenizer data that only NLTK's downloader brings.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from robust.words import senses
from robust.words.lexicon import Lexicon
from robust.words.senses import raganato

SETS = ("senseval2", "senseval3", "semeval2007")
Work = Callable[[raganato.Sentence], None]


def ours(method: senses.Disambiguator, sentence: raganato.Sentence) -> None:
    """Rank the senses of every word asked about in a sentence."""
    context = senses.Context.of(sentence.tokens)
    for instance in sentence.instances:
        method.rank(instance.lemma, instance.pos, context, instance.position)


def nltk_lesk() -> Work | None:
    """Return nltk.wsd.lesk over a sentence's instances; None where NLTK or its wordnet is not installed."""
    try:
        from nltk.corpus import wordnet
        from nltk.wsd import lesk

        wordnet.ensure_loaded()
    except (ImportError, LookupError):
        return None

    def work(sentence: raganato.Sentence) -> None:
        lemmas = [token.lemma for token in sentence.tokens]
        for instance in sentence.instances:
            lesk(lemmas, instance.lemma, instance.pos)

    return work


def seconds(work: Work, sentences: list[raganato.Sentence]) -> list[float]:
    """Return the time that each sentence takes."""
    times = []
    for sentence in sentences:
        start = time.perf_counter()
        work(sentence)
        times.append(time.perf_counter() - start)
    return times


def main() -> None:
    """Time every method, first and cached, beside nltk.wsd.lesk."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=10)
    parser.add_argument("--semantic", action="store_true", help="the one with sentence vectors too")
    settings = parser.parse_args()

    folder = Path(os.environ["ROBUST_DATA"]) / "wsd"
    sentences = [s for name in SETS for s in raganato.read_data(folder / name / f"{name}.data.xml")]
    words = sum(len(sentence.instances) for sentence in sentences)
    lexicon = Lexicon.open()
    names = [name for name in senses.METHODS if settings.semantic or not name.endswith("semantic")]
    methods: dict[str, Work] = {name: partial(ours, senses.get(name, lexicon)) for name in names}
    if peer := nltk_lesk():
        methods["nltk.wsd.lesk"] = peer
    first, best = {}, {}
    for name, work in methods.items():
        first[name] = sum(seconds(work, sentences))
        passes = [seconds(work, sentences) for _ in range(settings.repeat)]
        best[name] = sum(map(min, zip(*passes, strict=True)))

    print(f"{words:,} words in {len(sentences)} sentences; words/s")
    print(f"{'method':22}{'first':>10}{'cached':>10}")
    for name in methods:
        print(f"{name:22}{words / first[name]:10,.0f}{words / best[name]:10,.0f}")
    if not peer:
        print("nltk.wsd.lesk left out: no wordnet under NLTK_DATA")


if __name__ == "__main__":
    main()
