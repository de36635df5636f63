"""Our side of the search benchmark: questions an hour that a search attacks, and how often it succeeds.

    python benchmarks/attack_search.py OUT.json [--model M] [--data D] [--questions N] [--theirs THEIRS.json]

``THEIRS.json`` is what `attack_search_textattack.py` wrote where TextAttack is installed: then the questions
are searched that it searched, with the very places and words that its transformation and constraints gave, by
the same greedy search (importance by "[UNK]" in a word's place), and both are shown side by side; without it,
with the places and words of our ``wordnet-swap.v1``. Both are searched again with our default, importance by
a place's first edit, which is a candidate at the same time. Search alone is timed, not loading; wall and CPU
time both, since machines are shared. Questions that the reader has wrong when clean do not count.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from robust.attack.records import Edit
from robust.attack.registry import make
from robust.attack.scene import Scene
from robust.attack.scorers import NO_SCORERS
from robust.attack.search import Outcome, Plan, make_strategy, search
from robust.attack.sites import Site, SiteAttack
from robust.build.sample import stratified_sample
from robust.reader.gold_loss import ReaderLoss
from robust.reader.predict import PredictSettings
from robust.reader.threshold import single
from robust.squad.catalogue import resolve
from robust.squad.io import read_questions
from robust.squad.records import Question
from robust.stats.clustered import clustered_mean
from robust.zoo.checkpoints import load_reader

# question id -> [start, end, words] of each place, as THEIRS.json has them
THEIR_SITES: dict[str, list[Any]] = {}


@dataclass(frozen=True, kw_only=True, repr=False)
class TheirSwap(SiteAttack):
    """The places and words that TextAttack gave."""

    name: ClassVar[str] = "their-swap.v1"

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the places of a question in its order."""
        text = scene.question.text
        found = []
        for start, end, words in THEIR_SITES.get(scene.question.id, ()):
            edits = [Edit("question", start, end, text[start:end], w) for w in words if w != text[start:end]]
            found.append(Site(tuple(edits)))
        return found


def run(questions: Sequence[Question], attack: Any, loss: ReaderLoss, importance: str) -> dict[str, Any]:
    """Search all questions and return the figures."""
    # those of TextAttack have no budget either
    plan = Plan(attack, make_strategy("greedy", importance=importance), 1_000_000)
    wall, cpu = time.perf_counter(), time.process_time()
    outcomes = {o.question_id: o for o in search(questions, plan, loss, NO_SCORERS, at_once=96)}
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return figures([(q, outcomes[q.id]) for q in questions], wall, cpu) | {"importance": importance}


def figures(found: Sequence[tuple[Question, Outcome]], wall: float, cpu: float) -> dict[str, Any]:
    """Return what is compared."""
    tried = [(q, o) for q, o in found if o.clean_right]
    queries = [o.queries for _, o in tried]
    return {
        "questions": len(found),
        "attacked": len(tried),
        "succeeded": sum(o.success for _, o in tried),
        "success": rate([o.success for _, o in tried], [q.article for q, _ in tried]),
        "mean_queries": round(float(np.mean(queries)), 2),
        "wall_seconds": round(wall, 1),
        "cpu_seconds": round(cpu, 1),
        "questions_per_hour": round(3600 * len(tried) / wall, 1),
        "questions_per_cpu_hour": round(3600 * len(tried) / cpu, 1),
        "outcomes": {q.id: [o.clean_right, o.success, o.queries] for q, o in found},
    }


def rate(won: Sequence[bool], articles: Sequence[str]) -> dict[str, Any]:
    """Return a share with its interval, clustered by article."""
    mean = clustered_mean(np.asarray(won, dtype=np.float64), articles)
    return {"rate": mean.mean, "low": mean.low, "high": mean.high}


def main() -> None:
    """Run the searches, write their figures as JSON and print them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", default="electra-tiny-squad2")
    parser.add_argument("--data", default="squad2:dev")
    parser.add_argument("--questions", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--theirs", type=Path)
    given = parser.parse_args()

    questions = stratified_sample(read_questions(resolve(given.data)), given.questions, given.seed)
    theirs: dict[str, Any] = json.loads(given.theirs.read_text()) if given.theirs else {}
    if theirs:
        THEIR_SITES.update(theirs["sites"])
        questions = [question for question in questions if question.id in theirs["outcomes"]]
    reader = load_reader(given.model)
    if theirs and theirs["model_sha256"] != reader.sha256:
        raise SystemExit(f"{given.theirs}: made with another reader; run both with the same")
    threshold = reader.settings.null_threshold
    settings = PredictSettings(device=given.device, dtype="float32")
    loss = ReaderLoss(reader, single(0.0 if threshold is None else threshold), settings)
    attack = TheirSwap() if theirs else make("wordnet-swap.v1")
    loss.loss(questions[:8])  # the first call pays for what is loaded late

    same, ours = (run(questions, attack, loss, importance) for importance in ("unknown", "edit"))
    card: dict[str, Any] = {
        "machine": f"{platform.processor() or platform.machine()}, {len(os.sched_getaffinity(0))} cores",
        "load_average": os.getloadavg(),
        "device": given.device,
        "model": reader.name,
        "model_sha256": reader.sha256,
        "attack": attack.name,
        "same_search": same,
        "default_search": ours,
    }
    if theirs:
        card["theirs"] = {key: value for key, value in theirs.items() if key not in ("sites", "outcomes")}
        card["times_faster_wall"] = round(same["questions_per_hour"] / theirs["questions_per_hour"], 2)
        card["times_faster_cpu"] = round(same["questions_per_cpu_hour"] / theirs["questions_per_cpu_hour"], 2)
        card["times_faster_default_wall"] = round(
            ours["questions_per_hour"] / theirs["questions_per_hour"], 2
        )
        card["times_faster_default_cpu"] = round(
            ours["questions_per_cpu_hour"] / theirs["questions_per_cpu_hour"], 2
        )
    given.out.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    for search_ in ("same_search", "default_search"):
        card[search_].pop("outcomes")
    print(json.dumps(card, indent=1))


if __name__ == "__main__":
    main()
