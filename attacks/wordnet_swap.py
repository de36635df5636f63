"""Any single word of any WordNet synset in a word's place: what attack suites call a WordNet swap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.choice import editable
from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.sites import Site, SiteAttack
from robust.words.inflect import match_case


@dataclass(frozen=True, kw_only=True, repr=False)
class WordNetSwap(SiteAttack):
    """Words replaced by any lemma of any of their synsets, in whatever part of speech, not inflected.

    A baseline, not an attack to draw conclusions from: it takes no notice of the sense, the form or the
    sentence, and most of what it makes is not English (``qads.v1`` does it with care). It stands here because
    searches are measured with it. Single words of letters and hyphens alone, the commonest sense's first.
    """

    name: ClassVar[str] = "wordnet-swap.v1"
    source: ClassVar[str] = "TextAttack's WordSwapWordNet (Morris et al. 2020); PWWS (Ren et al. 2019)"

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the words that may be replaced, in the question's order."""
        sites = []
        for index in editable(scene, rejected):
            token = scene.tokens[index]
            edits = tuple(
                Edit(
                    field="question",
                    start=token.start,
                    end=token.end,
                    before=token.text,
                    after=match_case(other, token.text),
                    lemma=token.lemma,
                    tag=scene.pos(index),
                    reason="any sense",
                )
                for other in dict.fromkeys(swaps(scene, token.text.lower()))
                if other.lower() not in scene.answer_words
            )
            if edits:
                sites.append(Site(edits))
            else:
                rejected["word: not in WordNet"] += 1
        return sites


def swaps(scene: Scene, word: str) -> Iterator[str]:
    """Yield the single words of all synsets of a word in lower case, other than itself; some may recur."""
    lexicon = scene.lexicon
    for pos in "nvar":
        for lemma in lexicon.morphy(word, pos):
            for synset in lexicon.senses(lemma, pos):
                for name in lexicon.lemmas(synset):
                    if name.lower() != word and name.replace("-", "").isalpha():
                        yield name
