"""The work of a build: questions in shards, each made by some process and kept until the set is whole.

A shard is named by the SHA-256 of everything it depends on, so a killed build finds the shards it had
finished, and never one made with other settings.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeAlias

from robust import __version__
from robust.attack.base import Attack, canonical_json
from robust.attack.control import Control
from robust.attack.records import Edit, number
from robust.attack.scene import Scene
from robust.attack.scorers import NO_SCORERS, Scorers
from robust.build.identity import code_sha256, words_sha256
from robust.errors import UserError
from robust.files import write_text
from robust.scale.machines import Machines
from robust.squad.records import Question

MAIN = "main"
# Questions in a shard. It sets what a kill can cost (a second or two), never what comes out.
SHARD = 192
# Below this many questions, starting processes costs more than it saves.
WORTH_PROCESSES = 600
# shards that wait for each process, made into questions already
_WAITING = 4

Progress = Callable[[int, int], None]
# the places of a shard's questions among all
Piece: TypeAlias = "array[int]"


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


def chunks(questions: Sequence[Question]) -> Iterator[Piece]:
    """Yield the questions' places in pieces that keep a paragraph together, so that it is analysed once."""
    paragraphs: dict[tuple[str, str], Piece] = {}
    for place, question in enumerate(questions):
        paragraphs.setdefault((question.article, question.paragraph_id), array("L")).append(place)
    chunk = array("L")
    for members in paragraphs.values():
        if chunk and len(chunk) + len(members) > SHARD:
            yield chunk
            chunk = array("L")
        chunk += members
    if chunk:
        yield chunk


def work(
    job: Job,
    questions: Sequence[Question],
    pieces: Sequence[Piece],
    *,
    sha256: str,
    workers: int | None,
    progress: Progress,
    machines: Machines | None = None,
) -> list[Path]:
    """Make the missing shards; return the paths of all, in order. ``sha256`` is that of all questions.

    With ``machines`` they are made there, else by processes of this one.
    """
    known = canonical_json([job.key(), sha256])
    paths = [
        job.folder / f"{_shard_name(known, [questions[place].id for place in piece])}.shard"
        for piece in pieces
    ]
    missing = [(piece, path) for piece, path in zip(pieces, paths, strict=True) if not is_whole(path)]
    left = sum(len(piece) for piece, _ in missing)
    done = len(questions) - left
    progress(done, len(questions))
    waiting = (([questions[place] for place in piece], path) for piece, path in missing)
    count = 1 if job.scorers.sha256s() else min(workers or cores(), len(missing))
    if machines is not None:
        finished = _on_machines(job, waiting, [path for _, path in missing], machines)
    elif count <= 1 or (workers is None and left < WORTH_PROCESSES):
        finished = (_make_shard(job, chunk, path) for chunk, path in waiting)
    else:
        finished = _in_processes(job, waiting, count)
    for size in finished:
        done += size
        progress(done, len(questions))
    return paths


def write_shard(path: Path, text: str) -> None:
    """Write what was made of a piece, its SHA-256 in front."""
    write_text(path, f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}")


def is_whole(path: Path) -> bool:
    """Say whether a shard is there, and as it was written."""
    try:
        digest, _, text = path.read_bytes().partition(b"\n")
    except OSError:
        return False
    return hashlib.sha256(text).hexdigest().encode() == digest


def read_shard(path: Path) -> dict[str, Any]:
    """Return what was made of a piece: ``edits`` (question id -> arm -> variants), ``rejections`` by arm."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8").partition("\n")[2])
    return found


def _shard_name(known: str, ids: Sequence[str]) -> str:
    return hashlib.sha256(canonical_json([known, ids]).encode()).hexdigest()[:32]


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


def _in_processes(job: Job, chunks: Iterator[tuple[list[Question], Path]], count: int) -> Iterator[int]:
    from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
    from concurrent.futures.process import BrokenProcessPool

    pool = ProcessPoolExecutor(count, mp_context=prepare_workers(), initializer=start_worker)
    try:
        running: set[Future[int]] = set()
        for chunk, path in chunks:
            running.add(pool.submit(_make_shard, job, chunk, path))
            if len(running) >= _WAITING * count:  # the rest is not made into questions yet
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
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


def _on_machines(
    job: Job, chunks: Iterator[tuple[list[Question], Path]], paths: Sequence[Path], machines: Machines
) -> Iterator[int]:
    """Have the shards made by ``machines`` and write them here; models ask for a GPU where there is one."""
    gpus = 1 if job.scorers.sha256s() and machines.gpus else 0
    building = Building(job, canonical_json(job.key()), gpus)
    sizes: dict[int, int] = {}

    def counted() -> Iterator[list[Question]]:
        for place, (chunk, _) in enumerate(chunks):
            sizes[place] = len(chunk)
            yield chunk

    for place, text in machines.run(building, counted()):
        write_shard(paths[place], text)
        yield sizes.pop(place)


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
    write_shard(path, shard_text(job, chunk))
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
_values: Callable[[Edit], tuple[Any, ...]] = attrgetter(*(one.name for one in fields(Edit)))
