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
from robust.attack.search.strategy import NOT_ALLOWED, CandidateEdits, Space, Strategy, Trial
from robust.attack.sites import Sited
from robust.squad.records import Question


@dataclass(frozen=True, slots=True)
class Plan:
    """What a search is, beside its questions and its reader.

    ``budget`` is how many texts of a question may be scored, by a screen or by the reader, the question as it
    is among them; ``most`` how
    many places may be edited at a time (None: all); of an attack without places, how many edits a variant
    may have.
    """

    attack: Attack
    strategy: Strategy
    budget: int
    most: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """What came of one question.

    ``before`` is the loss of the question as it is: above 0 it was answered wrongly from the start, and
    nothing was tried. ``after`` is that of the worst candidate, made by ``edits`` (none where there was no
    candidate); ``queries`` texts were scored until then, ``repeated`` were asked for again and cost nothing,
    and of the ``rejected`` those that begin with ``candidate:`` were not scored. ``places`` is how many can
    be edited. ``screened`` texts were given to a screen, those that the reader was asked among them.
    """

    question_id: str
    before: float
    after: float
    edits: Edits
    queries: int
    repeated: int
    places: int
    rejected: dict[str, int] = field(default_factory=dict)
    screened: int = 0

    @property
    def clean_right(self) -> bool:
        """Whether the question as it is was answered rightly."""
        return self.before <= 0

    @property
    def success(self) -> bool:
        """Whether a right answer was turned into a wrong one."""
        return self.clean_right and self.after > 0

    @property
    def candidates(self) -> int:
        """How many texts were scored beside the question itself, by the reader or by a screen."""
        return max(self.queries, self.screened) - 1


_Text = tuple[str, str]  # question and context: what a reader sees
# How many candidates that a screen takes for right the reader is asked about when the search is over: of 70
# dev questions typo.v1 turned 46 without a screen, 43 with 2 looks, 45 with 5; wordnet-swap.v1 37, 34 and 36.
_LAST_LOOKS = 5


class OneSearch:
    """A search under way. Ask for ``wanted``, give their losses to ``take``, until ``outcome`` is there.

    With ``screened`` candidates are scored by a screen first (`robust.attack.scorers.Screen`), and the
    strategy is guided by what it says, moved by as much as it is wrong about the question as it is. The
    reader is asked about the question as it is, about each candidate that the screen takes for wrong, and at
    the end, where none was, about the most promising. So what comes out rests on the reader's own losses.
    """

    def __init__(self, question: Question, plan: Plan, scorers: Scorers, *, screened: bool = False) -> None:
        self.outcome: SearchOutcome | None = None
        self._question, self._plan = question, plan
        self._known: dict[_Text, float] = {}
        self._guessed: dict[_Text, float] = {}
        self._screened = screened
        self._last_text = _text(question)  # the last that the reader was asked about
        self._looks = _LAST_LOOKS
        self._hopes: dict[_Text, Edits] = {}
        self._allowed: dict[Edits, Question | None] = {(): question}
        self._asked: list[CandidateEdits] = [CandidateEdits(())]
        self._trial: Trial | None = None
        self._over = False
        self._rejected: Counter[str] = Counter()
        self._repeated = self._places = 0
        self._best: tuple[float, Edits] | None = None
        self._start = 0.0
        self._spent = False
        self._scene = Scene(question, plan.attack.lexicon_path, scorers)
        self.wanted: list[Question] = [question]
        """The texts to be scored next, none twice, never more than the budget allows."""
        self.of_screen = False
        """Whether the screen is to score them, not the reader."""

    def take(self, losses: Sequence[float]) -> None:
        """Take the losses of ``wanted`` and go on until others are wanted, or the search is over."""
        scores = self._guessed if self.of_screen else self._known
        scores.update(zip(map(_text, self.wanted), losses, strict=True))
        if not self.of_screen:
            self._last_text = _text(self.wanted[-1])
        while self.outcome is None:
            if self._trial is None:
                self._begin(losses[0])
            elif self._judge():
                self._finish()
            elif self._look():
                return
            elif self._over or self._spent:
                self._finish()
            else:
                self._next(self._losses())
            if self.outcome is None and not self._over and self._want():
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
            if text in self._known or text in self._guessed or text in fresh:
                self._repeated += 1
            else:
                fresh[text] = candidate
        left = self._plan.budget - max(len(self._known), len(self._guessed))
        self.wanted = list(fresh.values())[: max(0, left)]
        self._spent = len(fresh) > left
        self.of_screen = self._screened
        if self.wanted and self._screened and not self._guessed:  # by how much is it wrong?
            self.wanted.insert(0, self._question)
        return bool(self.wanted)

    def _look(self) -> bool:
        """Note in ``wanted`` a screened candidate for the reader to judge, and return whether there is one.

        It is one that the screen takes for wrong, corrected by what the reader said last; when the search is
        over, one of the most promising.
        """
        if not self._screened:
            return False
        left = {text: edits for text, edits in self._hopes.items() if text not in self._known}
        guess = {text: self._guess(text, self._last_text) for text in left}
        wrong = [text for text in left if guess[text] > 0]
        if wrong:
            chosen = min(wrong, key=lambda text: (len(left[text]), -guess[text]))
        elif left and (self._over or self._spent) and self._looks:
            self._looks -= 1
            chosen = max(left, key=guess.__getitem__)
        else:
            return False
        candidate = self._allowed[left[chosen]]
        assert candidate is not None
        self.wanted, self.of_screen = [candidate], False
        return True

    def _guess(self, text: _Text, beside: _Text) -> float:
        """Return what the reader would say of a text, if the screen were as wrong of it as of ``beside``."""
        return round(self._guessed[text] + self._known[beside] - self._guessed[beside], 6)

    def _judge(self) -> bool:
        """Note the best of what was asked and the reader judged; return whether the search is over."""
        found = []
        for asked in self._asked:
            candidate = None if asked.probe else self._candidate(asked)
            if candidate is None or _text(candidate) == _text(self._question):
                continue
            text = _text(candidate)
            if text in self._guessed:
                self._hopes.setdefault(text, asked.edits)
            elif text in self._known:
                found.append((self._known[text], asked.edits))
        found += [(self._known[text], edits) for text, edits in self._hopes.items() if text in self._known]
        wrong = [one for one in found if one[0] > 0]
        if wrong:  # of several, the least change, then the worst
            self._best = min(wrong, key=lambda one: (len(one[1]), -one[0]))
            return True
        top = max(found, key=lambda one: one[0], default=None)
        if top is not None and (self._best is None or top[0] > self._best[0]):
            self._best = top
        return self._spent and not self._screened

    def _losses(self) -> list[float]:
        losses = (self._loss(asked) for asked in self._asked)
        return [NOT_ALLOWED if loss is None else loss for loss in losses]

    def _loss(self, asked: CandidateEdits) -> float | None:
        """Return the loss of a candidate; None where it was not scored, the budget being spent.

        Where the reader was not asked, it is what the screen lets expect.
        """
        candidate = self._candidate(asked)
        if candidate is None:
            return NOT_ALLOWED
        text = _text(candidate)
        if text in self._known or text not in self._guessed:
            return self._known.get(text)
        return self._guess(text, _text(self._question))

    def _next(self, losses: Sequence[float]) -> None:
        assert self._trial is not None
        try:
            self._asked = list(self._trial.send(losses))
        except StopIteration:
            self._over = True

    def _candidate(self, asked: CandidateEdits) -> Question | None:
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
        self.outcome = SearchOutcome(
            self._question.id,
            self._start,
            after,
            edits,
            len(self._known),
            self._repeated,
            self._places,
            dict(self._rejected),
            len(self._guessed),
        )


def throw_seed(seed: int, throw: int) -> int:
    """Return the seed of one throw of a search: no throw of another seed has it too."""
    return int.from_bytes(hashlib.sha256(f"{seed}|{throw}".encode()).digest()[:4], "big")


def _text(question: Question) -> _Text:
    return question.text, question.context
