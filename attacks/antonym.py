"""A word of the question replaced by its antonym: *the largest city*, *the smallest city*."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.changed import MeaningChange
from robust.attack.choice import hazard, off_limits
from robust.attack.records import Edit
from robust.attack.scene import Scene, disambiguator
from robust.attack.sites import Site
from robust.attack.substitution import word_edit
from robust.attack.vocabulary import LIGHT_VERBS, blocked
from robust.errors import UserError
from robust.words.closed_class import word_set
from robust.words.frequency import zipf
from robust.words.inflect import inflect

# Opposites of words that WordNet has none for, or that the rules about words call function words.
_CLOSED = {"before": "after", "after": "before", "above": "below", "below": "above", "most": "least"}
_CLOSED |= {"inside": "outside", "outside": "inside", "more": "less", "less": "more", "least": "most"}
_CLOSED |= {"first": "last", "last": "first"}
# Words whose opposite does not stand in their place ("the same year", "the different year").
_LEFT = word_set(
    "same other different own only such main full live right native natural public real current recent "
    "present certain common total human internal general major specific special particular foreign past "
    "human civil legal military social political economic physical man men woman women people day night "
    "well back even still together away now always never ever also especially usually actually born "
    "act hit miss suffer correct recognize include contain exist consider describe top bottom left better "
    "best worse worst scientific open leader addition multiple single change equal "
    "specifically mediate resist advance concrete parent commonality constitutional surrender complexity"
)
# What stands before "most" as a superlative; elsewhere it may count: "in most organic matter".
_BEFORE_MOST = word_set("the 's ’s is are was were be been its his her their our your my")
# What is said of more things than persons.
_RATHER = {("old", "young"): "new"}
# What only replacing by a synonym has to fear (robust.attack.choice.hazard).
_NO_HAZARD = frozenset(("placing adjective",))


@dataclass(frozen=True, kw_only=True, repr=False)
class Antonym(MeaningChange):
    """Replace a word by the antonym of its sense, inflected as it was: *increase*, *decrease*.

    The sense is chosen by ``sense`` (a disambiguation method), the antonym is WordNet's for that word in that
    sense; for a dozen function words (*before*, *most* before an adjective) it is a table's, and those come
    first; then adjectives, adverbs, verbs and nouns (``pos`` has their letters in that order).
    ``zipf_floor`` is the least frequency of the antonym (log10 per billion words). Where the replaced word
    only describes (*the old harbour*, of which there is one), a lenient reader may still answer; no rule
    tells those apart, see docs/undersensitivity.md for how many there are.
    """

    name: ClassVar[str] = "antonym.v1"
    source: ClassVar[str] = "CheckList, Ribeiro et al. 2020; SQuAD 2.0, Rajpurkar et al. 2018"
    ranks: ClassVar[bool] = True

    pos: str = "arvn"
    sense: str = "enhanced-lesk-2014"
    zipf_floor: float = 3.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.pos or not set(self.pos) <= set("nvar"):
            raise UserError(f"{self.name}: pos {self.pos!r}: expected letters out of a, r, v, n")
        disambiguator(self.sense, self.lexicon_path)

    def changes(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the words that have an antonym: by part of speech in the order of ``pos``."""
        found: list[tuple[int, int, Site]] = []
        for index in range(len(scene.tokens)):
            if edit := _closed(scene, index):
                found.append((-1, index, Site((edit,))))
                continue
            reason = off_limits(scene, index, self.pos)
            if reason is None:
                continue
            if not reason and (reason := hazard(scene, index)) in _NO_HAZARD:
                reason = ""
            if not reason:
                edits = tuple(self._antonyms(scene, index))
                reason = "" if edits else "no antonym in its sense"
                if edits:
                    found.append((self.pos.index(scene.pos(index)), index, Site(edits)))
            if reason:
                rejected[f"word: {reason}"] += 1
        return [site for _, _, site in sorted(found, key=lambda one: one[:2])]

    def _antonyms(self, scene: Scene, index: int) -> Iterator[Edit]:
        """Yield an edit for each antonym of a word in its likeliest sense."""
        token, pos = scene.tokens[index], scene.pos(index)
        lemma = token.lemma
        if index and scene.tokens[index - 1].text.lower() == "well":
            return
        if lemma in _LEFT or token.text.lower() in _LEFT or (pos == "v" and lemma in LIGHT_VERBS):
            return
        if not any(scene.lexicon.antonyms(lemma, sense) for sense in scene.lexicon.senses(lemma, pos)):
            return
        chosen = disambiguator(self.sense, self.lexicon_path).rank(lemma, pos, scene.context, index)[0]
        after = scene.tokens[index + 1].tag if index + 1 < len(scene.tokens) else ""
        if pos == "v" and after == "TO":  # "begin to grow", but "end growing"
            return
        frames = set(scene.lexicon.frames(lemma, chosen.synset))
        opposites = scene.lexicon.lexically_related(lemma, chosen.synset, "antonyms")
        for antonym, synset in sorted(opposites, key=lambda one: -zipf(one[0])):  # of early: late, not middle
            if frames and frames.isdisjoint(scene.lexicon.frames(antonym, synset)):
                continue  # "equal something", but "differ from something"
            form = inflect(_RATHER.get((lemma, antonym), antonym), token.tag)
            if form is None or not form.isalpha() or form in blocked() or zipf(form) < self.zipf_floor:
                continue
            if form in scene.lemmas or form in scene.answer_words:
                continue
            yield word_edit(
                scene, index, form, synset=chosen.synset, score=chosen.score, reason=f"antonym of {lemma}"
            )


def _superlative(scene: Scene, index: int) -> bool:
    """Return whether *most* says how, as in *the most common* and *most often used*, and counts no noun."""
    if scene.tokens[index - 1].text.lower() in _BEFORE_MOST:
        return True
    rest = (token.tag for token in scene.tokens[index + 1 :])
    after = next((tag for tag in rest if tag not in ("RB", "JJ", "VBN")), "")
    return not after.startswith("NN")


def _closed(scene: Scene, index: int) -> Edit | None:
    """Return the edit of a function word that has an opposite where it stands, else None."""
    token = scene.tokens[index]
    word = token.text.lower()
    if word not in _CLOSED or word in scene.answer_words or _CLOSED[word] in scene.lemmas or not index:
        return None
    after = scene.tokens[index + 1] if index + 1 < len(scene.tokens) else token
    before = scene.tokens[index - 1].text.lower()
    if word in ("most", "least", "more", "less"):
        later = scene.tokens[min(index + 2, len(scene.tokens) - 1)].tag  # "more poor people": fewer
        fits = after.tag in ("JJ", "RB", "VBN") and before not in ("at", "than", "how", "much")
        fits &= _superlative(scene, index) if word.endswith("st") else later != "NNS"
    elif word in ("first", "last"):
        fits = before == "the" and after.tag in ("NN", "NNS", "JJ")
    else:
        fits = token.tag == "IN" and after.tag in ("DT", "PRP$", "CD", "NN", "NNS", "NNP", "VBG")
        fits &= before not in ("from", "named", "name", "just", "long", "shortly", "one", "other", "called")
    if not fits or token.text != word or scene.untouchable.get(index) in ("quotation", "name"):
        return None
    return Edit(
        field="question",
        start=token.start,
        end=token.end,
        before=token.text,
        after=_CLOSED[word],
        lemma=word,
        tag="r",
        reason=f"antonym of {word}",
    )
