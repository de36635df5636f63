"""Words in another inflection, after Morpheus (Tan et al. 2020)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from robust.attack.choice import editable
from robust.attack.scene import Scene
from robust.attack.sites import Site, SiteAttack
from robust.attack.substitution import word_edit
from robust.words.inflect import inflect

# The forms of each part of speech; the degrees of adjectives change what is asked, and are left out.
_TAGS = {"n": ("NN", "NNS"), "v": ("VB", "VBZ", "VBG", "VBD", "VBN")}


@dataclass(frozen=True, kw_only=True, repr=False)
class Inflect(SiteAttack):
    """One noun or verb in another number, tense or person, as learners and speakers of other Englishes write.

    All other forms of the word are the edits of its place, so that a search can look for the worst, as
    Morpheus does. The outcome is often not standard English (*What did the storm destroyed*), which is the
    point: a person still knows what is asked. Degrees of adjectives are left alone (*large*, *largest* ask
    for different things).
    """

    name: ClassVar[str] = "inflect.v1"
    source: ClassVar[str] = "Morpheus (Tan et al. 2020, ACL)"

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the nouns and verbs that have other forms, and these."""
        sites = []
        for index in editable(scene, rejected, "nv"):
            token = scene.tokens[index]
            forms = _other_forms(token.lemma, scene.pos(index), token.text.lower())
            if not forms:
                rejected["word: has one form"] += 1
                continue
            made = (word_edit(scene, index, form, reason=f"{token.tag} > {tag}") for tag, form in forms)
            sites.append(Site(tuple(made)))
        return sites


@lru_cache(maxsize=50_000)
def _other_forms(lemma: str, pos: str, form: str) -> tuple[tuple[str, str], ...]:
    """Return (tag, form) of the word's other forms, each form once; () unless this one is among its own."""
    forms = {tag: inflect(lemma, tag) for tag in _TAGS[pos]}
    if form not in forms.values():
        return ()
    first = {found: tag for tag, found in reversed(forms.items()) if found and found != form}
    return tuple((tag, found) for tag, found in forms.items() if found and first.get(found) == tag)
