"""Our side of the search benchmark: questions an hour that a search attacks, and how often it succeeds.

    python benchmarks/attack_search.py OUT.json [--model M] [--data D] [--questions N] [--theirs THEIRS.json]

The head rows are our ``wordnet-swap.v1``, which finds its places and words in the timed part, under three
searches: ``same``, TextAttack's own (greedy, importance by "[UNK]" in a word's place); ``unscreened``, ours
with the reader alone (greedy in the order of the words' overlap with the context, one edit at a time until
one is enough); and ``default``, the same with a screen: what `robust attack` does on a CPU. ``bfloat16``
is the default with the reader itself in bfloat16 (`robust attack --dtype bfloat16`); what it found is asked
again in float32 afterwards, untimed, and ``holds`` counts the outcomes that are the same there.
``THEIRS.json`` is what `attack_search_textattack.py` wrote where TextAttack is installed: then further rows
have the very places and words that its transformation and constraints gave, read and not found, and ratios to
it are shown. Ours protects more words (names, numbers, answers), so those rows alone have the same
candidates on both sides. ``--only default`` leaves the other searches out, to be run several times in turn
with TextAttack's side.

Search alone is timed, not loading; wall and processor time both, since machines are shared. Questions that
the reader has wrong when clean do not count, though asking them once is in the time, on both sides. Each side
is bound by the reader's forward passes, which are the same code on both: compare ``reader_answered``;
``screened`` counts the passes of the screen, over part of the paragraph.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import torch

from robust.attack.records import Edit, apply_edits
from robust.attack.registry import make
from robust.attack.scene import Scene
from robust.attack.scorers import NO_SCORERS
from robust.attack.search import Plan, SearchOutcome, make_strategy, search
from robust.attack.sites import Site, SiteAttack
from robust.build.sample import stratified_sample
from robust.reader.gold_loss import ReaderLoss
from robust.reader.predict import PredictSettings
from robust.reader.short_loss import ShortLoss
from robust.reader.threshold import single
from robust.squad.catalogue import resolve
from robust.squad.io import read_questions
from robust.squad.records import Question
from robust.stats.wilson import wilson
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


SEARCHES: dict[str, dict[str, Any]] = {
    "same": {"importance": "unknown", "at_a_time": 0},
    "unscreened": {},
    "default": {},
    "bfloat16": {},
}
SCREENED = ("default", "bfloat16")


def run(
    questions: Sequence[Question], attack: Any, losses: dict[str, ReaderLoss], screen: ShortLoss, name: str
) -> dict[str, Any]:
    """Search all questions and return the figures; ``losses`` has the reader's by number format."""
    loss = losses["bfloat16" if name == "bfloat16" else "float32"]
    # those of TextAttack have no budget either
    strategy = make_strategy("greedy", **SEARCHES[name])
    plan, cheap = Plan(attack, strategy, 1_000_000), screen if name in SCREENED else None
    wall, cpu = time.perf_counter(), time.process_time()
    found = search(questions, plan, loss, NO_SCORERS, screen=cheap, at_once=96)
    outcomes = {one.question_id: one for one in found}
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    row = {"attack": attack.name, "search": name, "settings": strategy.settings()}
    row["screen"] = screen.about if cheap is not None else None
    if name == "bfloat16":
        row["holds"] = holds(questions, outcomes, losses["float32"])
    return row | figures([outcomes[q.id] for q in questions], wall, cpu)


def holds(
    questions: Sequence[Question], outcomes: dict[str, SearchOutcome], exact: ReaderLoss
) -> dict[str, list[int]]:
    """Return [how many are the same in float32, of how many]: right or wrong before, and what was found."""
    before = exact.loss(questions)
    same = [(loss <= 0) == outcomes[q.id].clean_right for q, loss in zip(questions, before, strict=True)]
    found = [q for q in questions if outcomes[q.id].success]
    texts = [replace(q, text=apply_edits(q.text, outcomes[q.id].edits)) for q in found]
    fooled = [first <= 0 < after for first, after in zip(exact.loss(found), exact.loss(texts), strict=True)]
    return {"before": [sum(same), len(same)], "found": [sum(fooled), len(fooled)]}


def figures(found: Sequence[SearchOutcome], wall: float, cpu: float) -> dict[str, Any]:
    """Return what is compared."""
    tried = [one for one in found if one.clean_right]
    n = max(1, len(tried))
    succeeded, queries = sum(one.success for one in tried), sum(one.queries for one in tried)
    return {
        "questions": len(found),
        "wrong_before": len(found) - len(tried),
        "attacked": len(tried),
        "succeeded": succeeded,
        "success_rate": succeeded / n,
        "interval": wilson(succeeded, n),
        "queries": queries,
        "queries_per_question": queries / n,
        "places_per_question": sum(one.places for one in tried) / n,
        "reader_answered": sum(one.queries for one in found),
        "screened": sum(one.screened for one in found),
        "wall_seconds": round(wall, 1),
        "cpu_seconds": round(cpu, 1),
        "questions_per_hour": round(3600 * len(tried) / wall, 1),
        "questions_per_cpu_hour": round(3600 * len(tried) / cpu, 1),
        "outcomes": {one.question_id: [one.clean_right, one.success, one.queries] for one in found},
    }


def faster(row: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Return how many times more questions an hour than TextAttack, and why: passes and their price."""
    price, own_price = (side["cpu_seconds"] / side["reader_answered"] for side in (theirs, row))
    return {
        "by_cpu": round(row["questions_per_cpu_hour"] / theirs["questions_per_cpu_hour"], 2),
        "by_wall": round(row["questions_per_hour"] / theirs["questions_per_hour"], 2),
        "fewer_passes": round(theirs["reader_answered"] / row["reader_answered"], 2),
        "cheaper_passes_cpu": round(price / own_price, 2),
        "within_interval": theirs["interval"][0] <= row["success_rate"] <= theirs["interval"][1],
    }


def main() -> None:
    """Run the searches, write their figures as JSON and print them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", default="minilm-squad2")
    parser.add_argument("--data", default="squad2:dev")
    parser.add_argument("--questions", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--theirs", type=Path)
    parser.add_argument("--only", choices=SEARCHES, help="one search, and the last rows alone")
    given = parser.parse_args()

    answerable = [one for one in read_questions(resolve(given.data)) if one.answerable]
    questions = stratified_sample(answerable, given.questions, given.seed)
    theirs: dict[str, Any] = json.loads(given.theirs.read_text()) if given.theirs else {}
    if theirs:
        THEIR_SITES.update(theirs["sites"])
        questions = [question for question in questions if question.id in theirs["outcomes"]]
    reader = load_reader(given.model)
    if theirs and theirs["model_sha256"] != reader.sha256:
        raise SystemExit(f"{given.theirs}: made with another reader; run both with the same")
    threshold = reader.settings.null_threshold
    thresholds = single(0.0 if threshold is None else threshold)
    losses = {
        dtype: ReaderLoss(reader, thresholds, PredictSettings(device=given.device, dtype=dtype))
        for dtype in ("float32", "bfloat16")
    }
    screen = ShortLoss(reader, thresholds, given.device)
    own = make("wordnet-swap.v1")
    warm_up = [one for one in answerable if one not in questions][:8]
    run(warm_up, own, losses, screen, "default")  # the first calls pay for what is loaded late

    searches = [given.only] if given.only else list(SEARCHES)
    rows = [run(questions, own, losses, screen, name) for name in searches]
    card: dict[str, Any] = {
        "side": f"robust, transformers {version('transformers')}, torch {version('torch')}",
        "machine": f"{platform.processor() or platform.machine()}, {len(os.sched_getaffinity(0))} cores",
        "threads": torch.get_num_threads(),
        "device": given.device,
        "model": reader.name,
        "model_sha256": reader.sha256,
        "data": given.data,
        "seed": given.seed,
        "rows": rows,
    }
    if theirs:
        rows += [run(questions, TheirSwap(), losses, screen, name) for name in searches]
        for row in rows:
            row["times_faster"] = faster(row, theirs)
        card["theirs"] = {key: value for key, value in theirs.items() if key not in ("sites", "outcomes")}
        # no search can do with less than the question as it is and, where it succeeds, one candidate
        fewest = theirs["questions"] + theirs["succeeded"]
        card["most_by_fewer_passes"] = round(theirs["reader_answered"] / fewest, 2)
    card["load_average"] = os.getloadavg()
    given.out.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    for row in rows:
        row.pop("outcomes")
    print(json.dumps(card, indent=1))


if __name__ == "__main__":
    main()
