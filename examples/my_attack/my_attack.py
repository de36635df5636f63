"""An attack of one's own: `pip install .` here, and `robust build shout.v1 --data FILE --out DIR` works."""

from dataclasses import dataclass
from typing import ClassVar

from robust.attack.records import Edit
from robust.attack.sites import Site, SiteAttack


@dataclass(frozen=True, kw_only=True, repr=False)
class Shout(SiteAttack):
    """One word of the question in capitals: what is asked stays the same."""

    name: ClassVar[str] = "shout.v1"

    def sites(self, scene, seed, rejected):
        """Return a place for each lower-case word that no attack must leave alone."""
        words = [t for i, t in enumerate(scene.tokens) if i not in scene.untouchable and t.text.islower()]
        return [Site((Edit("question", t.start, t.end, t.text, t.text.upper()),)) for t in words]
