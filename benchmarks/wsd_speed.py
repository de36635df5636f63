"""Words disambiguated per second: our methods, nltk.wsd.lesk and (in a venv of its own) pywsd, in one run.

    ROBUST_DATA=... NLTK_DATA=... python benchmarks/wsd_speed.py [--repeat 5] [--pywsd VENV/bin/python]

Every instance of senseval2, senseval3 and semeval2007 in its sentence, building the context included.
``first`` is the first pass in a fresh process, signatures not yet cached; ``cached`` the best of the later
ones, the peers' taken in turn with ours, on one core. NLTK needs its wordnet under NLTK_DATA; pywsd blocks
other packages, so name the interpreter of a venv that has it.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from robust.words import senses
from robust.words.lexicon import Lexicon
from robust.words.senses import raganato

SETS = ("senseval2", "senseval3", "semeval2007")
PEER_WORDS = 400  # what a slow peer is asked: enough for its rate
PYWSD = """
import json, sys, time
from pywsd.lesk import adapted_lesk, simple_lesk
jobs = json.load(sys.stdin)
for f in (simple_lesk, adapted_lesk):
    f("the bank of the river", "bank", pos="n")  # loads WordNet
    start = time.perf_counter()
    for context, lemma, pos in jobs:
        try:
            f(" ".join(context), lemma, pos=pos)
        except (IndexError, ValueError):
            pass  # pywsd raises on words it lacks
    print(f"pywsd {f.__name__}", len(jobs) / (time.perf_counter() - start), sep="\\t")
"""
Pass = Callable[[], object]


def ours(method: senses.Disambiguator, sentences: Iterable[raganato.Sentence]) -> None:
    for sentence in sentences:
        context = senses.Context.of(sentence.tokens)
        for instance in sentence.instances:
            method.rank(instance.lemma, instance.pos, context, instance.position)


def nltk_lesk(jobs: list[tuple[list[str], str, str]]) -> Pass | None:
    """Return a pass of nltk.wsd.lesk over the jobs; None where NLTK's wordnet is not installed."""
    from nltk.corpus import wordnet
    from nltk.wsd import lesk

    try:
        wordnet.ensure_loaded()
    except LookupError:
        return None
    return lambda: [lesk(context, lemma, pos) for context, lemma, pos in jobs]


def seconds(one_pass: Pass) -> float:
    start = time.perf_counter()
    one_pass()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--pywsd", type=Path, help="an interpreter that has pywsd")
    settings = parser.parse_args()

    folder = Path(os.environ["ROBUST_DATA"]) / "wsd"
    sentences = [s for name in SETS for s in raganato.read_data(folder / name / f"{name}.data.xml")]
    jobs = [
        ([token.lemma for token in sentence.tokens], instance.lemma, instance.pos)
        for sentence in sentences
        for instance in sentence.instances
    ]
    lexicon = Lexicon.open()
    passes: dict[str, Pass] = {
        name: partial(ours, senses.get(name, lexicon), sentences) for name in senses.METHODS
    }
    peer = nltk_lesk(jobs) if importlib.util.find_spec("nltk") else None
    if peer:
        passes["nltk.wsd.lesk"] = peer
    first = {name: seconds(one_pass) for name, one_pass in passes.items()}
    cached = {name: float("inf") for name in passes}
    for _ in range(settings.repeat):
        for name, one_pass in passes.items():
            cached[name] = min(cached[name], seconds(one_pass))

    print(f"{len(jobs):,} words in {len(sentences)} sentences; words/s")
    print(f"{'method':22}{'first':>10}{'cached':>10}")
    for name in passes:
        print(f"{name:22}{len(jobs) / first[name]:10,.0f}{len(jobs) / cached[name]:10,.0f}")
    if not peer:
        print("nltk.wsd.lesk          left out: no wordnet under NLTK_DATA")
    if settings.pywsd:
        asked = json.dumps(jobs[:: max(1, len(jobs) // PEER_WORDS)])
        answer = subprocess.run(
            [settings.pywsd, "-c", PYWSD], input=asked, stdout=subprocess.PIPE, text=True, check=True
        )
        for line in answer.stdout.splitlines():
            if "\t" in line:
                name, rate = line.split("\t")
                print(f"{name:22}{'':10}{float(rate):10,.0f}")


if __name__ == "__main__":
    main()
