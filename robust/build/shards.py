"""The work of a build: questions in shards, each made by some process and kept until the set is whole.

A shard is named by the SHA-256 of everything it depends on, so a killed build finds the shards it had
finished, and never one made with other settings.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import platform
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import resources
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from operator import attrgetter
from pathlib import Path
from typing import Any

from robust import __version__
from robust.attack.base import Attack, canonical_json
from robust.attack.control import Control
from robust.attack.records import Edit, Variant, number
from robust.attack.scene import Scene
from robust.attack.scorers import NO_SCORERS, Scorers
from robust.errors import UserError
from robust.files import sha256_file, write_text
from robust.scale.machines import Machines
from robust.squad.records import Question

MAIN = "main"
# Questions in a shard. It sets what a kill can cost (a second or two), never what comes out.
SHARD = 192
# Below this many questions, starting processes costs more than it saves.
WORTH_PROCESSES = 600
# What belongs to the code; the large tables of words have a checksum of their own.
_OF_CODE = (".py", ".json", ".txt")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker needs: the attack, the control arms by name, the seed, and where shards go.

    With ``scorers`` one process of this machine does all the work: each would hold the models again.
    """

    attack: Attack
    controls: tuple[tuple[str, Control], ...]
    seed: int
    folder: Path
    scorers: Scorers = NO_SCORERS

    def key(self) -> dict[str, Any]:
        """Return what the edits depend on besides the questions."""
        arms = {name: control.settings_hash() for name, control in self.controls}
        asked = self.scorers.sha256s()
        return {
            **({"scorers": asked} if asked else {}),
            "robust": __version__,
            "attack": self.attack.settings_hash(),
            "controls": arms,
            "seed": self.seed,
            "words": words_sha256(),
            "code": code_sha256(*{type(one) for one in (self.attack, *dict(self.controls).values())}),
        }


def chunks(questions: Sequence[Question]) -> Iterator[list[Question]]:
    """Yield the questions in pieces that keep a paragraph's questions together, so it is analysed once."""
    paragraphs: dict[tuple[str, str], list[Question]] = {}
    for question in questions:
        paragraphs.setdefault((question.article, question.paragraph_id), []).append(question)
    chunk: list[Question] = []
    for members in paragraphs.values():
        if chunk and len(chunk) + len(members) > SHARD:
            yield chunk
            chunk = []
        chunk += members
    if chunk:
        yield chunk


def work(
    job: Job,
    pieces: list[list[Question]],
    sha256: str,
    workers: int | None,
    progress: Progress,
    *,
    machines: Machines | None = None,
) -> list[Path]:
    """Make the missing shards; return the paths of all, in order. ``sha256`` is that of all questions.

    With ``machines`` they are made there, else by processes of this one.
    """
    known = canonical_json([job.key(), sha256])
    paths = [job.folder / f"{_shard_name(known, chunk)}.json" for chunk in pieces]
    total = sum(map(len, pieces))
    missing = [(chunk, path) for chunk, path in zip(pieces, paths, strict=True) if not path.is_file()]
    left = sum(len(chunk) for chunk, _ in missing)
    done = total - left
    progress(done, total)
    if machines is not None:
        for size in _on_machines(job, missing, machines):
            done += size
            progress(done, total)
        return paths
    count = 1 if job.scorers.sha256s() else min(workers or cores(), len(missing))
    if count <= 1 or (workers is None and left < WORTH_PROCESSES):
        finished: Iterator[int] = (_make_shard(job, chunk, path) for chunk, path in missing)
    else:
        finished = _in_processes(job, missing, count)
    for size in finished:
        done += size
        progress(done, total)
    return paths


def _shard_name(known: str, chunk: Sequence[Question]) -> str:
    return hashlib.sha256(canonical_json([known, [q.id for q in chunk]]).encode()).hexdigest()[:32]


def cores() -> int:
    """Return the cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def prepare_workers() -> BaseContext:
    """Begin to load, in a process beside this one, what workers need; return what starts workers.

    On Linux workers are forked from a process that has the tables loaded already (``preload``) and no
    threads, as this one may have (torch, rich). Elsewhere each worker starts from nothing.
    """
    if sys.platform != "linux":
        return get_context("spawn")
    from multiprocessing.forkserver import ensure_running

    context = get_context("forkserver")
    context.set_forkserver_preload(["__main__", "robust.build.preload"])
    ensure_running()
    return context


def _in_processes(job: Job, missing: list[tuple[list[Question], Path]], count: int) -> Iterator[int]:
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    pool = ProcessPoolExecutor(count, mp_context=prepare_workers(), initializer=start_worker)
    try:
        futures = [pool.submit(_make_shard, job, chunk, path) for chunk, path in missing]
        for future in as_completed(futures):
            yield future.result()
    except BrokenProcessPool as error:
        raise UserError(
            f"{job.folder.parent}: a worker process died (out of memory, or called from a script without "
            'if __name__ == "__main__"); run the same again with fewer workers, it continues'
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


@dataclass(frozen=True, slots=True)
class Building:
    """The work of a build as machines share it: questions of a shard in, its text out.

    ``key`` is the job's, as the command's own process has it: an attack of other code there is refused.
    """

    job: Job
    key: str
    gpus: int = 0

    def open(self) -> Callable[[list[Question]], str]:
        """Return what attacks a shard's questions."""
        if canonical_json(self.job.key()) != self.key:
            raise UserError(
                f"node {platform.node()}: has other code of {self.job.attack.name}; install the same on all "
                "nodes"
            )
        job = replace(self.job, scorers=self.job.scorers.on("cuda")) if self.gpus else self.job
        return lambda chunk: shard_text(job, chunk)


def _on_machines(job: Job, missing: list[tuple[list[Question], Path]], machines: Machines) -> Iterator[int]:
    """Have the shards made by ``machines`` and write them here; models ask for a GPU where there is one."""
    gpus = 1 if job.scorers.sha256s() and machines.gpus else 0
    building = Building(job, canonical_json(job.key()), gpus)
    for place, text in machines.run(building, (chunk for chunk, _ in missing)):
        chunk, path = missing[place]
        write_text(path, text)
        yield len(chunk)


def start_worker() -> None:
    """Leave Ctrl-C to the parent, and end with it even if it is killed outright."""
    import signal
    from multiprocessing import parent_process
    from threading import Thread

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=follow, daemon=True).start()


def _make_shard(job: Job, chunk: list[Question], path: Path) -> int:
    """Write one shard; return how many questions it is about."""
    write_text(path, shard_text(job, chunk))
    return len(chunk)


def shard_text(job: Job, chunk: Sequence[Question]) -> str:
    """Attack the questions of one shard with every arm; return the edits and rejections as JSON."""
    edits: dict[str, dict[str, list[list[Any]]]] = {}
    rejections: dict[str, Counter[str]] = {name: Counter() for name in (MAIN, *dict(job.controls))}
    for question in chunk:
        scene = Scene(question, job.attack.lexicon_path, job.scorers)
        attempt = job.attack.attempt_scene(scene, job.seed)
        rejections[MAIN].update(attempt.rejections)
        if not attempt.variants:
            continue
        arms = {MAIN: attempt}
        target = [variant.edits for variant in attempt.variants]
        for name, control in job.controls:
            arms[name] = control.attempt_beside(scene, job.seed, target)
            rejections[name].update(arms[name].rejections)
        edits[question.id] = {
            name: [[number(variant), [_values(edit) for edit in variant.edits]] for variant in found.variants]
            for name, found in arms.items()
        }
    return json.dumps({"edits": edits, "rejections": rejections}, ensure_ascii=False)


# A tenth of what asdict costs, which copies every value in depth.
_values: Callable[[Edit], tuple[Any, ...]] = attrgetter(*(field.name for field in fields(Edit)))


def gather(
    job: Job, shards: Sequence[Path], questions: Mapping[str, Question]
) -> tuple[dict[str, dict[str, list[Variant]]], dict[str, Counter[str]]]:
    """Return arm -> question id -> variants, and arm -> rejections, from the shards."""
    attacks: dict[str, Attack] = {MAIN: job.attack, **dict(job.controls)}
    variants: dict[str, dict[str, list[Variant]]] = {name: {} for name in attacks}
    rejections: dict[str, Counter[str]] = {name: Counter() for name in attacks}
    for path in shards:
        shard = json.loads(path.read_text(encoding="utf-8"))
        for name, counts in shard["rejections"].items():
            rejections[name].update(counts)
        for question_id, arms in shard["edits"].items():
            for name, found in arms.items():
                variants[name][question_id] = [
                    attacks[name].variant(
                        questions[question_id], k, tuple(Edit(*values) for values in edits), job.seed
                    )
                    for k, edits in found
                ]
    return variants, rejections


@cache
def words_sha256() -> str:
    """Return one SHA-256 over the shipped tagger, counts, vectors and lexicon: other ones, other edits."""
    folder = Path(str(resources.files("robust"))) / "words" / "data"
    files = sorted(file for file in folder.iterdir() if file.is_file())
    return hashlib.sha256(canonical_json([[f.name, sha256_file(f)] for f in files]).encode()).hexdigest()


@cache
def code_sha256(*attacks: type[Attack]) -> str:
    """Return one SHA-256 over the code that rewrites, with its weights and lists: words, attacks, these.

    With each attack come the modules beside it in its package, which it may build on. So that what was
    begun, or built, with other code is not taken for this code's.
    """
    package = Path(str(resources.files("robust")))
    rooms = [package / "attack", package / "words"]
    files = {file for room in rooms for file in room.rglob("*") if file.suffix in _OF_CODE}
    files.add(package / "squad" / "metric.py")  # which words are answer words
    named = {str(file.relative_to(package)): file for file in files}
    for attack in attacks:
        package_name, dot, _ = attack.__module__.rpartition(".")
        file = Path(inspect.getfile(attack))
        named[attack.__module__] = file
        if dot:
            named |= {f"{package_name}.{other.stem}": other for other in file.parent.glob("*.py")}
    sums = sorted([name, sha256_file(file)] for name, file in named.items())
    return hashlib.sha256(canonical_json(sums).encode()).hexdigest()


def questions_sha256(questions: Sequence[Question]) -> str:
    """Return a SHA-256 over everything that is known of the questions, in their order."""
    digest = hashlib.sha256()
    for q in questions:
        answers = [[answer.text, answer.start] for answer in q.answers]
        fields = [q.id, q.text, q.context, answers, q.title, q.answerable, q.paragraph_id, q.article]
        digest.update(json.dumps(fields, ensure_ascii=False).encode())
    return digest.hexdigest()
