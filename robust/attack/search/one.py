"""The search of one question: what its strategy asks, what of it has to be scored, and what was found."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from robust.attack.base import Attack, Edits
from robust.attack.constraints import broken
from robust.attack.rewritten import rewritten
from robust.attack.scene import Scene
from robust.attack.scorers import Scorers
from robust.attack.search.strategy import NOT_ALLOWED, Asked, Space, Strategy, Trial
from robust.attack.sites import Sited
from robust.squad.records import Question


@dataclass(frozen=True, slots=True)
class Plan:
    """What a search is, beside its questions and its reader.

    ``budget`` is how many texts of a question may be scored, the question as it is among them; ``most`` how
    many places may be edited at a time (None: all); of an attack without places, how many edits a variant
    may have.
    """

    attack: Attack
    strategy: Strategy
    budget: int
    most: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question.

    ``before`` is the loss of the question as it is: above 0 it was answered wrongly from the start, and
    nothing was tried. ``after`` is that of the worst candidate, made by ``edits`` (none where there was no
    candidate); ``queries`` texts were scored until then, ``repeated`` were asked for again and cost nothing,
    and of the ``rejected`` those that begin with ``candidate:`` were not scored. ``places`` is how many can
    be edited.
    """

    question_id: str
    before: float
    after: float
    edits: Edits
    queries: int
    repeated: int
    places: int
    rejected: dict[str, int] = field(default_factory=dict)

    @property
    def clean_right(self) -> bool:
        """Whether the question as it is was answered rightly."""
        return self.before <= 0

    @property
    def success(self) -> bool:
        """Whether a right answer was turned into a wrong one."""
        return self.clean_right and self.after > 0


_Text = tuple[str, str]  # question and context: what a reader sees


class OneSearch:
    """A search under way. Ask for ``wanted``, give their losses to ``take``, until ``outcome`` is there."""

    def __init__(self, question: Question, plan: Plan, scorers: Scorers) -> None:
        self.outcome: Outcome | None = None
        self._question, self._plan = question, plan
        self._known: dict[_Text, float] = {}
        self._allowed: dict[Edits, Question | None] = {(): question}
        self._asked: list[Asked] = [Asked(())]
        self._trial: Trial | None = None
        self._rejected: Counter[str] = Counter()
        self._repeated = self._places = 0
        self._best: tuple[float, Edits] | None = None
        self._start = 0.0
        self._spent = False
        self._scene = Scene(question, plan.attack.lexicon_path, scorers)
        self.wanted: list[Question] = [question]
        """The texts to be scored next, none twice, never more than the budget allows."""

    def take(self, losses: Sequence[float]) -> None:
        """Take the losses of ``wanted`` and go on until others are wanted, or the search is over."""
        self._known.update(zip(map(_text, self.wanted), losses, strict=True))
        while self.outcome is None:
            if self._trial is None:
                self._begin(losses[0])
            elif self._judge():
                self._finish()
            else:
                self._next(self._losses())
            if self.outcome is None and self._want():
                return

    def _begin(self, start: float) -> None:
        """Open the search of a question that is answered rightly as it is."""
        self._start = start
        if start > 0:
            self._finish()
            return
        plan = self._plan
        scene = self._scene
        sites = []
        if isinstance(plan.attack, Sited):
            sites = [site for site in plan.attack.sites(scene, plan.seed, self._rejected) if site.edits]
        self._places = len(sites)
        space = Space(
            tuple(sites),
            self._question.context if plan.attack.edits_field == "context" else self._question.text,
            start,
            plan.attack.random(f"{plan.strategy.name}|{self._question.id}", plan.seed),
            len(sites) if plan.most is None else min(plan.most, len(sites)),
            self._draw,
            self._question.context,
        )
        if not sites and (plan.strategy.needs_sites or isinstance(plan.attack, Sited)):
            self._finish()
            return
        self._trial = plan.strategy.trial(space)
        try:
            self._asked = list(next(self._trial))
        except StopIteration:
            self._finish()

    def _draw(self, throw: int) -> Sequence[Edits]:
        """Return the attack's own variants for one more throw, those with too many edits left out.

        What every throw refuses counts once.
        """
        rejected: Counter[str] = Counter()
        seed = throw_seed(self._plan.seed, throw)
        found = self._plan.attack.rewrite(self._scene, seed, rejected)
        most = self._plan.most
        kept = [edits for edits in found if most is None or len(edits) <= most]
        if len(kept) < len(found):
            rejected["candidate: too many edits"] = len(found) - len(kept)
        self._rejected |= rejected
        return kept

    def _want(self) -> bool:
        """Note in ``wanted`` what of the asked has to be scored, and return whether anything has."""
        fresh: dict[_Text, Question] = {}
        for asked in self._asked:
            candidate = self._candidate(asked)
            if candidate is None:
                continue
            text = _text(candidate)
            if text in self._known or text in fresh:
                self._repeated += 1
            else:
                fresh[text] = candidate
        left = self._plan.budget - len(self._known)
        self.wanted = list(fresh.values())[: max(0, left)]
        self._spent = len(fresh) > left
        return bool(self.wanted)

    def _judge(self) -> bool:
        """Note the best of what was asked; return whether the search is over."""
        found = []
        for asked in self._asked:
            loss = self._loss(asked)
            if loss is not None and loss > NOT_ALLOWED and not asked.probe:
                candidate = self._candidate(asked)
                if candidate is not None and _text(candidate) != _text(self._question):
                    found.append((loss, asked.edits))
        wrong = [one for one in found if one[0] > 0]
        if wrong:  # of several, the least change, then the worst
            self._best = min(wrong, key=lambda one: (len(one[1]), -one[0]))
            return True
        top = max(found, key=lambda one: one[0], default=None)
        if top is not None and (self._best is None or top[0] > self._best[0]):
            self._best = top
        return self._spent

    def _losses(self) -> list[float]:
        losses = (self._loss(asked) for asked in self._asked)
        return [NOT_ALLOWED if loss is None else loss for loss in losses]

    def _loss(self, asked: Asked) -> float | None:
        """Return the loss of a candidate; None where it was not scored, the budget being spent."""
        candidate = self._candidate(asked)
        return NOT_ALLOWED if candidate is None else self._known.get(_text(candidate))

    def _next(self, losses: Sequence[float]) -> None:
        assert self._trial is not None
        try:
            self._asked = list(self._trial.send(losses))
        except StopIteration:
            self._finish()

    def _candidate(self, asked: Asked) -> Question | None:
        """Return the question that edits make; None, counted once, where a constraint forbids them."""
        if asked.edits not in self._allowed:
            attack = self._plan.attack
            reason = "" if asked.probe else broken(attack.constraints, self._scene, asked.edits)
            if reason:
                self._rejected[f"candidate: {reason}"] += 1
            variant = None if reason else attack.variant(self._question, 1, asked.edits, self._plan.seed)
            self._allowed[asked.edits] = None if variant is None else rewritten(self._question, variant)
        return self._allowed[asked.edits]

    def _finish(self) -> None:
        if self._trial is not None:
            self._trial.close()
        after, edits = self._best or (self._start, ())
        self.wanted = []
        self.outcome = Outcome(
            self._question.id,
            self._start,
            after,
            edits,
            len(self._known),
            self._repeated,
            self._places,
            dict(self._rejected),
        )


def throw_seed(seed: int, throw: int) -> int:
    """Return the seed of one throw of a search: no throw of another seed has it too."""
    return int.from_bytes(hashlib.sha256(f"{seed}|{throw}".encode()).digest()[:4], "big")


def _text(question: Question) -> _Text:
    return question.text, question.context
