"""Why a question was reworded as it was: every word, its senses, its substitutes, every reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from robust.attack.decision import Decision
from robust.attack.records import apply_edits
from robust.attack.scene import Scene
from robust.attack.substitution import Substitution
from robust.squad.records import Question
from robust.words.lexicon import Lexicon

# Takes a synset's name (city.n.01), gives its gloss.
Gloss = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class SenseLine:
    """One sense of a word: its name, its rank in WordNet (from 1), its score, its gloss ("" if unknown)."""

    sense: str
    rank: int
    score: float
    gloss: str


@dataclass(frozen=True, slots=True)
class SubstituteLine:
    """One word looked at: form, sense, safety (None: not weighed), why it was refused ("": usable)."""

    word: str
    sense: str
    safety: float | None
    refused: str


@dataclass(frozen=True, slots=True)
class WordLine:
    """One word of the question: what became of it (``replaced``, or why not) and all that was weighed.

    ``reason`` is "" for a word that was replaced or could have been.
    """

    word: str
    lemma: str
    tag: str
    replaced_by: str
    reason: str
    senses: tuple[SenseLine, ...]
    substitutes: tuple[SubstituteLine, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A question before and after (None: it cannot be reworded), and every word of it in order."""

    id: str
    before: str
    after: str | None
    words: tuple[WordLine, ...]


def explain(
    attack: Substitution, question: Question, seed: int = 0, gloss: Gloss = lambda name: ""
) -> Explanation:
    """Return why ``attack`` rewords the question as it does; function words are left out."""
    scene = Scene(question, attack.lexicon_path)
    decisions = attack.decide(scene, seed, fully=True)
    made = attack.select(decisions)
    edits = tuple(d.edit for d in made if d.edit is not None)
    return Explanation(
        question.id,
        question.text,
        apply_edits(question.text, edits) if edits else None,
        tuple(_word(scene, decision, made, gloss, weighed=attack.filters.strict) for decision in decisions),
    )


def _word(
    scene: Scene, decision: Decision, made: Sequence[Decision], gloss: Gloss, *, weighed: bool
) -> WordLine:
    token = scene.tokens[decision.index]
    lexicon = scene.lexicon
    order = lexicon.senses(token.lemma, scene.pos(decision.index)) if decision.ranked else ()
    senses = [
        SenseLine(lexicon.name(s.synset), order.index(s.synset) + 1, s.score, gloss(lexicon.name(s.synset)))
        for s in decision.ranked
    ]
    reason = decision.reason
    if decision.edit is not None and decision not in made:
        reason = "another word is surer" if made else "too few words to replace"
    return WordLine(
        token.text,
        token.lemma,
        token.tag,
        decision.edit.after if decision.edit is not None and decision in made else "",
        reason,
        tuple(senses),
        _substitutes(lexicon, decision, weighed),
    )


def _substitutes(lexicon: Lexicon, decision: Decision, weighed: bool) -> tuple[SubstituteLine, ...]:
    usable = [
        SubstituteLine(c.substitute.form, lexicon.name(c.synset), c.safety if weighed else None, "")
        for c in decision.pick.choices
    ]
    refused = [
        SubstituteLine(r.name.replace("_", " "), lexicon.name(r.synset), None, r.reason)
        for r in decision.pick.refused
    ]
    return (*usable, *refused)
