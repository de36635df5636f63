"""What ``--set`` names: a built robustness set, paired data such as AddSent, or a plain data file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from typing import Any

from robust.build.folder import RobustnessSet, is_set, read_set
from robust.build.sample import stratified_sample
from robust.errors import UserError, quoted
from robust.home import sets_home
from robust.squad.clusters import original_id
from robust.squad.packed import Packed, Sources
from robust.squad.records import Question

MAIN = "main"


@dataclass(frozen=True, slots=True)
class Arm:
    """Questions as they were and as they were rewritten; ``variant_of`` maps variant id to original id.

    ``expected`` is what a right answer to a rewritten one is: the same, abstention, or another.
    """

    original: Sequence[Question]
    perturbed: Sequence[Question]
    variant_of: Mapping[str, str]
    expected: str = "same"


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """One thing to evaluate on.

    ``arms`` holds the set itself under ``MAIN`` and its control arms by name; a plain data file is an arm
    without perturbed questions. ``sources`` are the files it was read from, ``manifest`` what its builder
    said of it.
    """

    name: str
    arms: dict[str, Arm]
    sources: tuple[Path, ...]
    manifest: dict[str, Any] = field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """Whether there is nothing to compare with: a plain data file."""
        return not self.arms[MAIN].perturbed


def open_set(
    name: str, resolve: Callable[[str], Path], *, controls: bool = True, limit: int | None = None
) -> EvaluationSet:
    """Return the evaluation set of a built folder, of a set's bare name, or of a data file.

    ``resolve`` finds data files by name. The set is called as its folder or file is, or by its catalogue
    name: by that name runs are compared. With ``limit``, that many questions are kept, stratified by
    article and answerability. Raises UserError where nothing of that name is to be had, and for a ``limit``
    under 1.
    """
    if limit is not None and limit < 1:
        raise UserError(f"limit {limit}: expected 1 or more questions, or None for all")
    path = Path(name).expanduser()
    if not path.exists() and (sets_home() / name).is_dir():
        path = sets_home() / name
    if path.is_dir():
        found = _built(path, controls)
    elif not path.exists() and name.startswith("qads"):
        raise UserError(
            f"{name}: no such set here; build it: robust build-qads --data squad2:dev "
            f"--out {quoted(sets_home() / name)}"
        )
    elif not path.exists() and (near := get_close_matches(name, ["qads", *_built_here()], n=3, cutoff=0.75)):
        raise UserError(f"{name}: no such set or data here; did you mean {' or '.join(near)}?")
    else:
        file = resolve(name)
        # a file has one name however its path is spelt; what only the catalogue or a hub knows keeps its own
        found = _data(path.name if path.exists() and path.resolve() == file.resolve() else name, file)
    return found if limit is None else _limited(found, limit)


def _built_here() -> list[str]:
    """Return the names of the sets under our home."""
    home = sets_home()
    return sorted(folder.name for folder in home.iterdir() if is_set(folder)) if home.is_dir() else []


def _built(path: Path, controls: bool) -> EvaluationSet:
    whole = read_set(path)
    arms = {MAIN: _arm(whole)}
    sources = [path / "original.json", path / "perturbed.json"]
    for name, folder in sorted(whole.controls.items()) if controls else ():
        if not is_set(folder):
            raise UserError(f"{folder}: an unfinished control arm; build the set again")
        arms[name] = _arm(read_set(folder))
        sources += [folder / "original.json", folder / "perturbed.json"]
    return EvaluationSet(path.resolve().name, arms, tuple(sources), whole.manifest)


def _arm(built: RobustnessSet) -> Arm:
    expected = str(built.manifest.get("expected") or "same")
    return Arm(built.original, built.perturbed, built.variant_of, expected)


def _data(name: str, path: Path) -> EvaluationSet:
    """Return a data file as a set: paired where it holds questions beside perturbed copies of them.

    Of paired files the originals without a copy are left out, as AddSent's are. Raises UserError where that
    would be most of the questions: ids that look like those of copies by chance must not hide the others.
    """
    from robust.squad.io import read_packed

    questions = read_packed(path)
    copies = {q.id: original for q in questions if (original := original_id(q.id)) != q.id}
    if copies:
        sources = Sources(questions)
        copies = {
            question.id: copies[question.id]
            for question in questions
            if question.id in copies
            and (found := sources.find(copies[question.id])) is not None
            and _is_copy(question, found[1])
        }
    if not copies:
        return EvaluationSet(name, {MAIN: Arm(questions, [], {})}, (path,))
    originals = set(copies.values())
    alone = len(questions) - len(copies) - len(originals - copies.keys())
    if alone > len(originals):
        first = next(iter(copies))
        raise UserError(
            f"{path}: {first!r} is taken for a copy of {copies[first]!r}, by its id; {alone:,} questions "
            f"have no copy and would be left out, {len(originals):,} have one; expected copies of half or "
            "more: give what is no copy another id (no # or -conf in it), or take out the questions without "
            "a copy"
        )
    arm = Arm(
        Packed(q for q in questions if q.id in originals),
        Packed(q for q in questions if q.id in copies),
        copies,
    )
    return EvaluationSet(name, {MAIN: arm}, (path,))


def _is_copy(question: Question, original: Question) -> bool:
    """Say whether what is a copy by its id has anything of its original: paragraph, question or answers."""
    return (
        question.context == original.context
        or question.text == original.text
        or {answer.text for answer in question.answers} == {answer.text for answer in original.answers}
    )


def _limited(found: EvaluationSet, limit: int) -> EvaluationSet:
    kept = {q.id for q in stratified_sample(found.arms[MAIN].original, limit, seed=0)}
    return EvaluationSet(
        found.name,
        {name: restrict(arm, kept) for name, arm in found.arms.items()},
        found.sources,
        found.manifest,
    )


def restrict(arm: Arm, kept: set[str]) -> Arm:
    """Return the part of an arm whose originals' ids are in ``kept``."""
    perturbed = Packed(q for q in arm.perturbed if arm.variant_of[q.id] in kept)
    return Arm(
        Packed(q for q in arm.original if q.id in kept),
        perturbed,
        {q.id: arm.variant_of[q.id] for q in perturbed},
        arm.expected,
    )


def check_names(names: Sequence[str]) -> None:
    """Raise UserError where there is no set, or two of one name: their figures could not be told apart."""
    if not names:
        raise UserError("no set to evaluate on; expected one or more: built folders, data files or names")
    double = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if double is not None:
        raise UserError(f"--set {double}: two sets of this name; expected different ones, rename one of them")


class Questions(Collection[Question]):
    """Every question of every arm of some sets, clean before perturbed; any number of times."""

    def __init__(self, sets: Sequence[EvaluationSet]) -> None:
        self._parts = [
            part for found in sets for arm in found.arms.values() for part in (arm.original, arm.perturbed)
        ]

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __contains__(self, question: object) -> bool:
        return any(question in part for part in self._parts)

    def __iter__(self) -> Iterator[Question]:
        return chain.from_iterable(self._parts)


def all_questions(sets: Sequence[EvaluationSet]) -> list[Question]:
    """Return every question of every arm, clean before perturbed, in a fixed order."""
    return [*Questions(sets)]
