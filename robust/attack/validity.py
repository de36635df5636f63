"""How often people accept what an attack puts in a word's place: measured on SWORDS.

SWORDS (Lee et al. 2021, "Swords: a benchmark for lexical substitution with improved data coverage and
quality", NAACL) shows a word in a short text and asks three to ten people of each of many other words
whether it may stand in its place. Here the attack is asked for its one substitute of that word in that text:
the word is given, so the rules by which an attack chooses words (names, quotations, hazards) are not asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

from robust.attack.base import Attack
from robust.attack.control import SenseControl
from robust.attack.scene import Scene
from robust.attack.scorers import NO_SCORERS, Scorers
from robust.attack.sites import SiteAttack
from robust.attack.substitution import Substitution, edited_token
from robust.errors import UserError
from robust.json_text import parse_json
from robust.squad.records import Question
from robust.squad.source import read_text
from robust.words.lemmatise import lemmatise

POS = {"NOUN": "n", "VERB": "v", "ADJ": "a", "ADV": "r"}
# The text is cut where a sentence ends or a line is empty: the sentence of the word is the question.
_CUT = re.compile(r"(?<=[.!?])[\"”’)\]]*\s+|\n\s*\n\s*")
_EXPECTED = "expected SWORDS 1.1 (swords-v1.1_dev.json.gz of github.com/p-lambda/swords)"


@dataclass(frozen=True, slots=True)
class Target:
    """A word to be replaced, at ``start`` in the question, which is its sentence; the context is the text.

    ``pos`` is n, v, a or r; ``votes`` gives the share of the people who accept each lemma they judged.
    """

    question: Question
    start: int
    pos: str
    votes: Mapping[str, float]


class Answer(NamedTuple):
    """What an attack puts in a target's place: the lemma, and how sure it is (the higher, the surer)."""

    lemma: str
    rank: float


@dataclass(frozen=True, slots=True)
class Validity:
    """How an attack fares over ``targets`` targets.

    ``answered`` of them get a substitute, ``judged`` of these substitutes were judged by people, ``accepted``
    of those by at least half of the people, ``accepted_by_most`` by more than half.
    """

    targets: int
    answered: int
    judged: int
    accepted: int
    accepted_by_most: int

    @property
    def coverage(self) -> float:
        """The share of the targets that get a substitute, 0 to 1."""
        return self.answered / self.targets if self.targets else 0.0

    @property
    def precision_judged(self) -> float | None:
        """The share accepted of the substitutes that were judged; None where none was."""
        return self.accepted / self.judged if self.judged else None

    @property
    def precision_all(self) -> float | None:
        """The share accepted of all substitutes, those that nobody judged counted as wrong."""
        return self.accepted / self.answered if self.answered else None

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as JSON values, intervals being Wilson's at 95 %."""
        return {
            "precision_judged": self.precision_judged,
            "interval_judged": interval(self.accepted, self.judged),
            "precision_all": self.precision_all,
            "interval_all": interval(self.accepted, self.answered),
            "precision_most": self.accepted_by_most / self.judged if self.judged else None,
            "coverage": self.coverage,
            "answered": self.answered,
            "judged": self.judged,
            "accepted": self.accepted,
            "targets": self.targets,
        }


def read_targets(path: Path) -> list[Target]:
    """Return the targets of a SWORDS file (JSON, plain or gzipped), in its order.

    Raises UserError for a file that is missing, unreadable or of another layout.
    """
    try:
        data = parse_json(read_text(path))
    except (UserError, ValueError) as error:
        reason = "no JSON, or damaged" if path.is_file() else "No such file"
        raise UserError(f"{path}: cannot be read ({reason}); {_EXPECTED}") from error
    try:
        votes: dict[str, dict[str, float]] = {}
        for key, entry in data["substitutes"].items():
            labels = data["substitute_labels"][key]
            share = sum(label == "TRUE" for label in labels) / len(labels)
            votes.setdefault(entry["target_id"], {})[entry["substitute"].lower()] = share
        return [
            _target(key, target, data["contexts"][target["context_id"]]["context"], votes.get(key, {}))
            for key, target in data["targets"].items()
        ]
    except (KeyError, TypeError, AttributeError, ZeroDivisionError) as error:
        raise UserError(f"{path}: not the layout of SWORDS, at {error}; {_EXPECTED}") from error


def is_weighted(attack: Attack) -> bool:
    """Return whether the attack ranks by weights that were fitted on SWORDS: its own, or those of its arm."""
    ranks = attack.arm if isinstance(attack, SenseControl) else attack
    fitted = any(field.name == "cross_fitted" for field in fields(ranks))
    return fitted and isinstance(ranks, Substitution) and ranks.filters.strict


def with_settings(attack: Attack, **changes: Any) -> Attack:
    """Return the attack with other settings; a control's arm has them."""
    if isinstance(attack, SenseControl):
        return replace(attack, arm=replace(attack.arm, **changes))
    return replace(attack, **changes)


def answer(attack: Attack, target: Target, seed: int = 0, scorers: Scorers = NO_SCORERS) -> Answer | None:
    """Return the attack's substitute for the target, or None.

    An attack that works place by place is asked for its best edit there (the one it draws where it does not
    rank), under its own rules of which words to touch. Raises UserError for an attack that can be asked for
    no substitute of a word.
    """
    scene = Scene(target.question, attack.lexicon_path, scorers)
    if isinstance(attack, SiteAttack):
        return _at_site(attack, scene, target, seed)
    if not isinstance(attack, Substitution | SenseControl):
        raise UserError(
            f"attack {attack.name!r}: puts no synonym in a given word's place; "
            "try qads.v1, first-sense.v1 or random-sense.v1"
        )
    index = place(scene, target)
    if index is None:
        return None
    decision = attack.substitute(scene, index, seed)
    if decision.edit is None:
        return None
    return Answer(decision.pick.choices[0].substitute.lemma, decision.rank)


def _at_site(attack: SiteAttack, scene: Scene, target: Target, seed: int) -> Answer | None:
    index = place(scene, target)
    if index is None:
        return None
    for site in attack.sites(scene, seed, Counter()):
        there = [edit for edit in site.edits if edited_token(scene, edit) == index]
        if there:
            random = attack.random(f"{target.question.id}:{index}", seed)
            edit = there[0] if attack.ranks else random.choice(there)
            # an article before the word belongs to the edit
            words = edit.after.split()
            form = " ".join(words[1:] if words[:1] and words[0].lower() in ("a", "an") else words).lower()
            lemma = form if form in target.votes else lemmatise(form, scene.tokens[index].tag)
            return Answer(lemma, edit.score)
    return None


def place(scene: Scene, target: Target) -> int | None:
    """Return the index of the target's token; None where the tagger takes it for another part of speech."""
    found = (i for i, token in enumerate(scene.tokens) if token.start == target.start)
    index = next(found, None)
    if index is None or scene.pos(index) != target.pos:
        return None
    return index if scene.lexicon.senses(scene.tokens[index].lemma, target.pos) else None


def score(targets: Sequence[Target], answers: Iterable[Answer | None]) -> Validity:
    """Return how the answers, one a target, fare."""
    given = [(t.votes.get(a.lemma), a) for t, a in zip(targets, answers, strict=True) if a is not None]
    judged = [share for share, _ in given if share is not None]
    return Validity(
        targets=len(targets),
        answered=len(given),
        judged=len(judged),
        accepted=sum(share >= 0.5 for share in judged),
        accepted_by_most=sum(share > 0.5 for share in judged),
    )


def curve(
    targets: Sequence[Target], answers: Sequence[Answer | None], steps: int = 20
) -> list[dict[str, Any]]:
    """Return the figures of the surest answers: of a twentieth of the targets, of two ... and of all.

    ``margin`` is the least rank among those that are kept.
    """
    order = sorted(
        (i for i, a in enumerate(answers) if a is not None),
        key=lambda i: (-(answers[i] or Answer("", 0.0)).rank, i),
    )
    points = []
    sizes = {round(len(targets) * k / steps) for k in range(1, steps + 1)}
    for size in sorted({n for n in sizes if 0 < n < len(order)} | ({len(order)} if order else set())):
        kept = set(order[:size])
        chosen = [a if i in kept else None for i, a in enumerate(answers)]
        margin = min(a.rank for a in chosen if a is not None)
        points.append({"margin": round(margin, 4), **score(targets, chosen).as_dict()})
    return points


def offered(targets: Sequence[Target], offers: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return how words fare that are offered for targets (by id) and not ranked, one drawn for each target.

    ``precision_judged`` and ``precision_all`` are means over a target's offers, then over the targets: the
    chance that a drawn one is accepted. ``interval_judged`` is Wilson's of that chance (to the nearest whole
    target) over the ``judged`` targets, those with a judged offer: a share varies no more than a draw.
    ``offers_judged`` and ``offers_accepted`` count the offers themselves.
    """
    shares = [[target.votes.get(word) for word in offers.get(target.question.id, ())] for target in targets]
    judged = [[share >= 0.5 for share in found if share is not None] for found in shares]
    known = [sum(found) / len(found) for found in judged if found]
    every = [sum(mine) / len(found) for mine, found in zip(judged, shares, strict=True) if found]
    return {
        "precision_judged": sum(known) / len(known) if known else None,
        "interval_judged": interval(round(sum(known)), len(known)),
        "precision_all": sum(every) / len(every) if every else None,
        "coverage": len(every) / len(targets) if targets else 0.0,
        "answered": len(every),
        "judged": len(known),
        "offers_judged": sum(map(len, judged)),
        "offers_accepted": sum(map(sum, judged)),
        "targets": len(targets),
    }


def interval(right: int, n: int) -> list[float] | None:
    """Return Wilson's 95 % interval of a share; None of nothing."""
    from scipy.stats import binomtest

    if not n:
        return None
    found = binomtest(right, n).proportion_ci(0.95, method="wilson")
    return [float(found.low), float(found.high)]


def _target(key: str, target: Mapping[str, Any], text: str, votes: Mapping[str, float]) -> Target:
    start, end = 0, len(text)
    for cut in _CUT.finditer(text):
        if cut.end() <= target["offset"]:
            start = cut.end()
        elif cut.start() >= target["offset"]:
            end = cut.start()
            break
    question = Question(key, text[start:end], text, (), "SWORDS", False, key, key)
    return Target(question, target["offset"] - start, POS[target["pos"]], votes)
