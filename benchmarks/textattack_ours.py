"""Our attacks as transformations under TextAttack's greedy search: how often it succeeds, and its queries.

    NLTK_DATA=... python benchmarks/textattack_ours.py [--model M] [--questions N] [--attack A ...]

To be run where textattack is installed (it needs transformers < 5). Each attack is searched by
`GreedyWordSwapWIR` (words in the order of what replacing them by [UNK] does; the best edit of each kept
until the answer is wrong), on a stratified sample of the answerable questions, in the question alone, no
word twice, with all our rules about words. The reader never has to abstain
(``--threshold``: above these null odds).
Prints a row of a markdown table for each; seconds are wall time of the search alone.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

from robust.attack.registry import make
from robust.build.sample import stratified_sample
from robust.reader.predict import PredictSettings
from robust.reader.threshold import single
from robust.squad.catalogue import resolve
from robust.squad.io import read_questions
from robust.textattack.dataset import QuestionDataset
from robust.textattack.goal import WrongAnswer
from robust.textattack.library import textattack
from robust.textattack.reader import ReaderWrapper
from robust.textattack.rules import AnswerWords, Untouchable, question_only
from robust.textattack.run import attack_questions, summarise
from robust.textattack.transformation import Edited
from robust.zoo.checkpoints import load_reader

ATTACKS = ("qads.v1", "wordnet-swap.v1", "inflect.v1", "typo.v1")


def main() -> None:
    """Search with each attack and print its row."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="minilm-squad2")
    parser.add_argument("--data", default="squad2:dev")
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--threshold", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--attack", action="append")
    given = parser.parse_args()

    answerable = [one for one in read_questions(resolve(given.data)) if one.answerable]
    data = QuestionDataset(stratified_sample(answerable, given.questions, given.seed))
    wrapper = ReaderWrapper(load_reader(given.model), PredictSettings(device="cpu", dtype="float32"))
    goal = WrongAnswer(wrapper, data, thresholds=single(given.threshold))
    before = textattack.constraints.pre_transformation
    rules = [before.RepeatModification(), question_only(), AnswerWords(data), Untouchable(data)]
    print("| attack | succeeded | rate (95 %) | queries a question | accuracy | seconds |")
    print("|---|---|---|---|---|---|", flush=True)
    for name in given.attack or ATTACKS:
        attack = textattack.Attack(
            goal,
            rules,
            Edited(make(name), data, seed=given.seed),
            textattack.search_methods.GreedyWordSwapWIR(),
        )
        counted: Counter[str] = Counter()
        start = time.perf_counter()
        outcomes = attack_questions(attack, data, seed=given.seed, rejected=counted)
        seconds = time.perf_counter() - start
        found = summarise(outcomes)
        low, high = found["interval"] or (0.0, 0.0)
        print(
            f"| `{name}` | {found['succeeded']} of {found['attacked']} | {found['success_rate'] or 0:.0%} "
            f"({low:.0%} to {high:.0%}) | {found['queries_per_question'] or 0:.1f} | "
            f"{found['accuracy_before']:.0%} to {found['accuracy_after']:.0%} | {seconds:.0f} |",
            flush=True,
        )
        for reason, times in sorted(counted.items()):
            print(f"  {reason}: {times}")


if __name__ == "__main__":
    main()
