"""The official metric on the whole SQuAD 2.0 dev set, beside the usual way of writing it.

    ROBUST_DATA=... python benchmarks/metric.py

Scores Google's BERT predictions (11,873 questions, 20,302 gold answers). The peer is the metric as the
official script and its many copies have it: a regular expression and two Counters for each pair of
answers. Both must give the same scores. Best of five, processor time, caches emptied before each run.
"""

from __future__ import annotations

import json
import re
import string
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from robust.home import data_home
from robust.squad import metric
from robust.squad.io import read_questions
from robust.squad.records import Question

ARTICLES = re.compile(r"\b(a|an|the)\b")
PUNCTUATION = set(string.punctuation)


def normalise(answer: str) -> str:
    """Return the answer without case, punctuation and articles, white space squeezed."""
    bare = "".join(character for character in answer.lower() if character not in PUNCTUATION)
    return " ".join(ARTICLES.sub(" ", bare).split())


def f1(gold: str, pred: str) -> float:
    """Return the F1 of two answers' words, as the usual scripts do."""
    gold_tokens, pred_tokens = normalise(gold).split(), normalise(pred).split()
    if not gold_tokens or not pred_tokens:
        return float(gold_tokens == pred_tokens)
    same = sum((Counter(gold_tokens) & Counter(pred_tokens)).values())
    return 2 * same / (len(gold_tokens) + len(pred_tokens))


def usual(questions: Sequence[Question], predictions: Mapping[str, str]) -> tuple[float, float]:
    """Return exact match and F1 in percent by the usual loop."""
    exact = total_f1 = 0.0
    for question in questions:
        golds = [gold.text for gold in question.answers if normalise(gold.text)] or [""]
        pred = predictions[question.id]
        exact += max(normalise(gold) == normalise(pred) for gold in golds)
        total_f1 += max(f1(gold, pred) for gold in golds)
    return 100 * exact / len(questions), 100 * total_f1 / len(questions)


def ours(questions: Sequence[Question], predictions: Mapping[str, str]) -> tuple[float, float]:
    """Return exact match and F1 in percent by this package, its cache emptied."""
    metric._tokens.cache_clear()
    found = metric.official(questions, predictions)
    return found["exact"], found["f1"]


def seconds(work: Callable[[], object]) -> float:
    """Return the seconds of processor of the fastest of five runs."""
    times = []
    for _ in range(5):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Score the official predictions both ways and print the speeds."""
    home = data_home()
    if home is None:
        sys.exit("set ROBUST_DATA to the folder of the real data sets")
    questions = read_questions(home / "squad2/dev-v2.0.json")
    path = home / "squad2/official-predictions/bert-single-google.json"
    predictions = json.loads(path.read_text(encoding="utf-8"))
    times = {}
    for name, score in (("usual", usual), ("ours", ours)):
        exact, total_f1 = score(questions, predictions)
        times[name] = seconds(lambda score=score: score(questions, predictions))
        rate = len(questions) / times[name]
        print(f"{name:6} exact {exact:.6f}  F1 {total_f1:.6f}  {times[name]:.3f} s  {rate:,.0f} questions/s")
    print(f"ours is {times['usual'] / times['ours']:.1f} times as fast")


if __name__ == "__main__":
    main()
