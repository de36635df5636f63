"""TextAttack's side of `attack_search.py`: questions an hour under its search, and how often it succeeds.

    NLTK_DATA=... python benchmarks/attack_search_textattack.py OUT.json [--model M] [--questions N]

To be run where textattack is installed (it needs transformers < 5). Its greedy search by word importance
(`GreedyWordSwapWIR`, "unk") with its WordNet swap and its stop-word and repeat constraints, against one of
our readers. Search alone is timed, not loading; wall and CPU time both, since machines are shared.

What the other side must have in common for the comparison to mean anything, all of it in OUT.json:
- the questions: a stratified sample (`robust.build.sample`) of the answerable ones, the same ``--questions``
  and seed;
- the reader, in float32, its threshold, and the goal: a question answered rightly before is answered
  wrongly by exact match, abstention included. Questions wrong before are not searched (and not counted);
- the transformation: every single-word lemma of every synset of the word as it stands, in any part of speech,
  not inflected, the question alone; and the constraint: no word of NLTK's English stop words (in lower case,
  as TextAttack compares them), none twice. ``sites`` has what came of both: [start, end, [words]] each;
- what guides the search: the lead of the best rival over the gold span.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from robust.build.sample import stratified_sample
from robust.reader.predict import PredictSettings
from robust.reader.threshold import single
from robust.squad.catalogue import resolve
from robust.squad.io import read_questions
from robust.textattack.dataset import QuestionDataset
from robust.textattack.goal import WrongAnswer
from robust.textattack.library import no_downloads, textattack
from robust.textattack.reader import ReaderWrapper
from robust.textattack.recipes import sort_replacements
from robust.textattack.rules import question_only
from robust.textattack.run import attack_questions, summarise
from robust.textattack.words import spans
from robust.zoo.checkpoints import load_reader


def sites(attack: Any, data: QuestionDataset) -> dict[str, list[list[Any]]]:
    """Return question id -> its places, each [start, end, [words]], as the search sees them."""
    found = {}
    for columns, question_id in data:
        text = textattack.shared.AttackedText(columns)
        _, places = attack.get_indices_to_order(text)
        where = spans(columns["question"], text.words_per_input[0])
        found[question_id] = [
            [*where[i], attack.transformation._get_replacement_words(text.words[i])] for i in sorted(places)
        ]
    return found


def main() -> None:
    """Run the search and write its figures as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", default="minilm-squad2")
    parser.add_argument("--data", default="squad2:dev")
    parser.add_argument("--questions", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()

    answerable = [one for one in read_questions(resolve(given.data)) if one.answerable]
    questions = stratified_sample(answerable, given.questions, given.seed)
    data = QuestionDataset(questions)
    loaded = load_reader(given.model)
    threshold = loaded.settings.null_threshold
    wrapper = ReaderWrapper(loaded, PredictSettings(device="cpu", dtype="float32"))
    goal = WrongAnswer(wrapper, data, thresholds=single(0.0 if threshold is None else threshold))
    with no_downloads():
        swap = textattack.transformations.WordSwapWordNet()
    before = textattack.constraints.pre_transformation
    constraints = [before.RepeatModification(), before.StopwordModification(), question_only()]
    attack = textattack.Attack(goal, constraints, swap, textattack.search_methods.GreedyWordSwapWIR())
    sort_replacements(swap)
    places = sites(attack, data)
    others = [one for one in answerable if one not in questions][:8]
    wrapper([(one.text, one.context) for one in others])  # the first call pays for what is loaded late
    wrapper.asked = 0

    wall, cpu = time.perf_counter(), time.process_time()
    outcomes = attack_questions(attack, data, seed=given.seed)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu

    figures = summarise(outcomes)
    card = {
        "side": f"textattack {version('textattack')}, transformers {version('transformers')}, "
        f"torch {version('torch')}",
        "machine": f"{platform.processor() or platform.machine()}, {len(os.sched_getaffinity(0))} cores",
        "threads": torch.get_num_threads(),
        "load_average": os.getloadavg(),
        "model": wrapper.name,
        "model_sha256": loaded.sha256,
        "threshold": threshold,
        "data": given.data,
        "seed": given.seed,
        **figures,
        "reader_answered": wrapper.asked,
        "wall_seconds": round(wall, 1),
        "cpu_seconds": round(cpu, 1),
        "questions_per_hour": round(3600 * figures["attacked"] / wall, 1),
        "questions_per_cpu_hour": round(3600 * figures["attacked"] / cpu, 1),
    }
    results = {one.question_id: [one.status, one.queries] for one in outcomes}
    given.out.write_text(
        json.dumps({**card, "outcomes": results, "sites": places}, indent=0) + "\n", encoding="utf-8"
    )
    print(json.dumps(card, indent=1))


if __name__ == "__main__":
    main()
