"""A small corpus of our own: sentences made of a few patterns, so that a model can learn them."""

from __future__ import annotations

from random import Random

NOUNS = ("harbour", "baker", "river", "teacher", "garden", "winter", "painter", "village", "bridge")
VERBS = ("built", "sold", "painted", "crossed", "visited", "described", "repaired", "watched", "opened")
PLACES = ("Veldmond", "Karst", "Ostrava", "Lund", "Tarsk", "Breno", "Salm", "Quill")


def sentence(random: Random) -> str:
    """Return one made-up sentence."""
    one, other = random.sample(NOUNS, 2)
    place, year = random.choice(PLACES), random.randint(1700, 1999)
    return f"The {one} of {place} {random.choice(VERBS)} the {other} in {year}."


def made_documents(count: int = 40, seed: int = 0) -> list[tuple[str, ...]]:
    """Return documents of two to four paragraphs, each of three sentences."""
    random = Random(seed)
    return [
        tuple(" ".join(sentence(random) for _ in range(3)) for _ in range(random.randint(2, 4)))
        for _ in range(count)
    ]
