"""From what an attack needs, and the options of a command, to the models that the attack may ask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from robust.errors import UserError

if TYPE_CHECKING:
    from robust.attack.base import Attack
    from robust.attack.scorers import MaskedLm, Need, Scorers, SentenceVectors

MaskedLmName = Annotated[
    str | None,
    typer.Option(
        "--masked-lm",
        help="An encoder with its masked-LM head (name, folder or hub id), for attacks and constraints that "
        "ask one.",
    ),
]


def load_scorers(
    attack: Attack, masked_lm: str | None = None, *, device: str = "auto", more: Iterable[Need] = ()
) -> Scorers:
    """Return the scorers that an attack, its constraints, or what else is in ``more``, need, and no other.

    Raises UserError where --masked-lm is missing, is no such model, or is given to what asks none.
    """
    from robust.attack.constraints import needed
    from robust.attack.scorers import Scorers  # numpy, which --help does without

    needs = {need for need in (attack.needs, *needed(attack.constraints), *more) if need is not None}
    if "masked-lm" in needs and masked_lm is None:
        Scorers().need_masked_lm(attack.name if attack.needs else f"{attack.name}, constraint fluency-ratio")
    if "masked-lm" not in needs and masked_lm is not None:
        raise UserError(f"{attack.name}: asks no masked language model; leave --masked-lm out")
    return Scorers(
        masked_lm=_masked_lm(masked_lm, device) if masked_lm is not None else None,
        sentences=_sentences() if "sentences" in needs else None,
    )


def _masked_lm(name: str, device: str) -> MaskedLm:
    from robust.zoo.lookup import find_encoder

    find_encoder(name)  # a mistake is told before torch is imported, which takes seconds

    from robust.probe.filling import load_filler
    from robust.reader.predict import PredictSettings

    return load_filler(name, str(PredictSettings(device=device, dtype="float32").resolve().device))


def _sentences() -> SentenceVectors:
    from robust.words.sentence_encoder import SentenceEncoder

    return SentenceEncoder.open()
