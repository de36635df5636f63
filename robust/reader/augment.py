"""Built sets as further training data: the variants of the training questions, and of no others.

A reader trained on questions in other words may fall less on such questions. For that to say anything, no
rewritten question may come from an article on which the reader's threshold is chosen, and none from
another data file (above all not the one it is evaluated on): a variant is taken only where the very
question it was made from is trained on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from robust.build.folder import read_set
from robust.errors import UserError
from robust.files import sha256_file
from robust.squad.records import Question


@dataclass(frozen=True, slots=True)
class Augmentation:
    """A built set opened for training: its variants, each in the clusters of its training question.

    ``variant_of`` maps a variant's id to the training question's; ``build_id``, ``attack`` and ``sha256``
    (of perturbed.json) say which set it is.
    """

    name: str
    attack: str
    build_id: str
    sha256: str
    variants: list[Question]
    variant_of: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Added:
    """What a set added: ``variants`` of ``questions`` trained on.

    Left out: variants of articles that are held out for the threshold, of questions that ``--limit`` left
    out, and those that another set had made already.
    """

    set: str
    attack: str
    build_id: str
    sha256: str
    variants: int
    questions: int
    left_out_held_out: int
    left_out_not_sampled: int
    left_out_repeated: int

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, for ``robust.json``."""
        return asdict(self)


def open_augmentation(path: Path, questions: Sequence[Question]) -> Augmentation:
    """Return the set in the folder ``path``, built over ``questions``: the whole training data.

    Raises UserError where it is no set, where one of its originals is not among ``questions`` (it was
    built over other data, perhaps those to be evaluated on), or where its attack changes the answers.
    """
    found = read_set(path)
    manifest = found.manifest
    if manifest.get("expected", "same") != "same":
        raise UserError(
            f"--augment {path}: the answers to its variants are not those of the originals (expected: "
            f"{manifest['expected']}); train on a set whose answers stay the same"
        )
    known = {q.id: q for q in questions}
    for q in found.original:
        own = known.get(q.id)
        if own is None or (own.text, own.context) != (q.text, q.context):
            raise UserError(
                f"--augment {path}: question {q.id!r} of {q.article!r} is not in the training data; expected "
                "a set built over the training data itself: robust build ATTACK --data with the same file"
            )
    variants = [
        replace(
            v,
            title=known[found.variant_of[v.id]].title,
            article=known[found.variant_of[v.id]].article,
            paragraph_id=known[found.variant_of[v.id]].paragraph_id,
        )
        for v in found.perturbed
    ]
    return Augmentation(
        str(path),
        str(manifest.get("attack")),
        str(manifest.get("build_id")),
        sha256_file(path / "perturbed.json"),
        variants,
        found.variant_of,
    )


def augment(
    training: Sequence[Question], held_articles: set[str], sets: Sequence[Augmentation]
) -> tuple[list[Question], list[Added]]:
    """Return the training questions and after them every variant of one of them; and what each set added.

    ``held_articles`` are never trained on. Raises UserError where a set adds nothing.
    """
    ids = {q.id for q in training}
    seen = {(q.text, q.context) for q in training}
    more: list[Question] = []
    added: list[Added] = []
    for one in sets:
        free = [v for v in one.variants if v.article not in held_articles]
        held = len(one.variants) - len(free)
        of_training = [v for v in free if one.variant_of[v.id] in ids]
        own = []
        for v in of_training:
            if (v.text, v.context) not in seen:
                seen.add((v.text, v.context))
                own.append(v)
        if not own:
            raise UserError(
                f"--augment {one.name}: adds nothing: of its {len(one.variants)} variants {held} are of "
                f"held-out articles, {len(free) - len(of_training)} of questions not sampled, "
                f"{len(of_training)} repeat what is trained on; raise --limit, or build another set"
            )
        more += own
        added.append(
            Added(
                one.name,
                one.attack,
                one.build_id,
                one.sha256,
                variants=len(own),
                questions=len({one.variant_of[v.id] for v in own}),
                left_out_held_out=held,
                left_out_not_sampled=len(free) - len(of_training),
                left_out_repeated=len(of_training) - len(own),
            )
        )
    return [*training, *more], added
