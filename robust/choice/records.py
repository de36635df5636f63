"""An argument whose warrant is to be chosen, and its copy with the claim negated.

The task is that of Habernal et al. 2018 ("The Argument Reasoning Comprehension Task", NAACL, N18-1175): given
a reason and a claim, which of two warrants makes the one support the other? The wrong one would let the
reason speak against the claim, so that in the copy of Niven & Kao 2019 (ACL, P19-1459), whose claim is
negated, it is the right one.
"""

from __future__ import annotations

from dataclasses import dataclass

# What Niven & Kao put behind the id of a negated copy.
SUFFIX = "-adversarial"


@dataclass(frozen=True, slots=True)
class Item:
    """One argument; ``label`` (0 or 1) is the place of the right one among its two ``warrants``.

    ``negated``: it is a copy whose claim was negated, its id the original's and SUFFIX.
    """

    id: str
    warrants: tuple[str, str]
    label: int
    reason: str
    claim: str
    debate: str = ""
    about: str = ""
    negated: bool = False

    @property
    def original_id(self) -> str:
        """The id of the item that this one is a copy of; its own where it is none."""
        return self.id.removesuffix(SUFFIX) if self.negated else self.id

    @property
    def cluster(self) -> str:
        """What items that are no independent cases share: the debate, or the original where none is named."""
        return f"debate {self.debate}" if self.debate else f"item {self.original_id}"


@dataclass(frozen=True, slots=True)
class Pair:
    """An original and its copy with the claim negated."""

    original: Item
    negated: Item
