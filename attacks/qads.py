"""QADS: questions with words replaced by WordNet synonyms, after Lin et al. 2020 (arXiv 2010.13049).

The paper does not say which words it replaced, how many, or how it filtered (its crowd did). So two
presets stand side by side: ``paper`` replaces every content word by the first synonym of its chosen sense;
``safe`` replaces only the word whose substitution people are likeliest to accept, and drops the question
where none is likely enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.base import Edits
from robust.attack.candidates import Filters, substitutes
from robust.attack.choice import content_words, delicacy, hazard
from robust.attack.records import Edit
from robust.attack.safety import safety, weigh
from robust.attack.scene import Scene, disambiguator
from robust.attack.substitution import Choice, Substitution, word_edit
from robust.errors import UserError
from robust.words.frequency import zipf
from robust.words.senses import Sense

ALL = "all"


@dataclass(frozen=True, slots=True)
class Preset:
    """What a preset sets where the user does not."""

    edits: int | str
    zipf_floor: float
    least_safety: float


PRESETS = {
    "safe": Preset(edits=1, zipf_floor=3.2, least_safety=0.6),
    "paper": Preset(edits=ALL, zipf_floor=0.0, least_safety=0.0),
}


@dataclass(frozen=True, kw_only=True, repr=False)
class Qads(Substitution):
    """Synonym substitution in the question; context and answers stay as they are.

    ``edits`` words are replaced in every variant ("all": as many as can be); ``pos`` are the parts of
    speech to touch; ``sense`` is the disambiguation method; ``zipf_floor`` the least frequency of a
    substitute (log10 per billion words) and ``least_safety`` the least chance that people accept it. None:
    as ``preset`` has it.
    """

    name: ClassVar[str] = "qads.v1"

    preset: str = "safe"
    edits: int | str | None = None
    pos: str = "nvar"
    sense: str = "enhanced-lesk-2014"
    zipf_floor: float | None = None
    least_safety: float | None = None

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise UserError(f"preset {self.preset!r}: not known, expected one of {', '.join(PRESETS)}")
        preset = PRESETS[self.preset]
        for setting in ("edits", "zipf_floor", "least_safety"):
            if getattr(self, setting) is None:
                object.__setattr__(self, setting, getattr(preset, setting))
        if self.edits != ALL and not (isinstance(self.edits, int) and self.edits >= 1):
            raise UserError(f"edits {self.edits!r}: expected a number from 1, or {ALL!r}")
        if not self.pos or not set(self.pos) <= set("nvar"):
            raise UserError(
                f"pos {self.pos!r}: expected letters out of n, v, a, r (noun, verb, adjective, adverb)"
            )
        disambiguator(self.sense, self.lexicon_path)

    @property
    def filters(self) -> Filters:
        """What a substitute must be."""
        return Filters(strict=self.preset == "safe", zipf_floor=self.zipf_floor or 0.0)

    def rewrite(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Edits]:
        """Return one variant's edits, or none where too few words can be replaced."""
        draw = seed if self.sense == "random-sense" else 0
        choose = disambiguator(self.sense, self.lexicon_path, draw)
        found: list[tuple[float, int, Edit]] = []
        for index in content_words(scene, self.pos, rejected):
            danger = hazard(scene, index) if self.filters.strict else ""
            if danger:
                rejected[f"word: {danger}"] += 1
                continue
            ranked = choose.rank(scene.tokens[index].lemma, scene.pos(index), scene.context, index)
            choice = self.pick(scene, index, ranked, rejected)
            if choice is None:
                rejected["word: no substitute in its sense"] += 1
                continue
            delicate, more = delicacy(scene, index) if self.filters.strict else ("", 0.0)
            least = self.least_safety or 0.0
            if choice.safety < least + more:
                rejected[f"word: {delicate if choice.safety >= least else 'not safe enough'}"] += 1
                continue
            margin = ranked[0].score - ranked[1].score if len(ranked) > 1 else ranked[0].score
            edit = word_edit(
                scene,
                index,
                choice.substitute.form,
                synset=ranked[0].synset,
                score=ranked[0].score,
                margin=margin,
                reason=f"safety {choice.safety:.2f}" if self.filters.strict else "chosen sense",
            )
            found.append((choice.safety if self.filters.strict else margin, index, edit))
        return self._best(found, rejected)

    def pick(
        self, scene: Scene, index: int, ranked: Sequence[Sense], rejected: Counter[str]
    ) -> Choice | None:
        """Return the first usable word of the sense (paper), or the safest one (safe)."""
        found = substitutes(scene, index, ranked[0].synset, self.filters, rejected)
        if not found:
            return None
        if not self.filters.strict:
            return Choice(found[0], 0.0)
        token = scene.tokens[index]
        word_zipf = zipf(token.text)
        word = (token.lemma, scene.pos(index))
        weighed = [Choice(s, safety(weigh(scene.lexicon, word, ranked, word_zipf, s))) for s in found]
        return max(weighed, key=lambda choice: choice.safety)

    def _best(self, found: list[tuple[float, int, Edit]], rejected: Counter[str]) -> Sequence[Edits]:
        wanted = len(found) if isinstance(self.edits, str) else self.edits or 0
        if not found or len(found) < wanted:
            rejected[
                "question: no word to replace" if not found else "question: too few words to replace"
            ] += 1
            return []
        best = sorted(found, key=lambda item: (-item[0], item[1]))[:wanted]
        return [tuple(edit for _, _, edit in sorted(best, key=lambda item: item[1]))]
