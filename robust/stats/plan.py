"""What a planned comparison could show: questions needed, the least drop seen, the chance of seeing one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from robust.stats.power import least_difference, power_of, questions_in_clusters, questions_needed


@dataclass(frozen=True, slots=True)
class Study:
    """What is known of a paired comparison before it is made; its clusters are articles.

    ``discordance`` is the share of questions that turn, either way. ``effect`` is a design effect that holds
    for any number of questions; where it is None, it grows with their number, from ``correlation`` (of two
    questions of an article) and ``inequality`` (an article's typical size over its average size).
    """

    discordance: float
    articles: int | None = None
    effect: float | None = 1.0
    correlation: float = 0.0
    inequality: float = 1.0

    @property
    def share(self) -> float:
        """The typical article's share of all questions."""
        return self.inequality / self.articles if self.articles else 0.0

    @property
    def freedom(self) -> float:
        """The degrees of freedom of its t test."""
        return self.articles - 1 if self.articles else math.inf

    def effect_at(self, questions: float) -> float:
        """Return the design effect of so many questions."""
        if self.effect is not None:
            return self.effect
        return max(1.0, 1 + (questions * self.share - 1) * self.correlation)


def plan(
    study: Study, drop: float | None, questions: int | None, *, power: float = 0.8, alpha: float = 0.05
) -> dict[str, Any]:
    """Return what a comparison could show, each figure as if ``independent`` and ``clustered``.

    ``needed``: the questions that show ``drop`` (points) with chance ``power``; None where no number of them
    does, and then ``articles_needed`` is the least number of articles of which enough questions do.
    ``detectable``: the least drop that ``questions`` show, in points, or None. ``chance``: that they show
    ``drop``, 0 to 1. A figure is None where what it needs is not given. Raises ValueError for a drop above
    the discordance, and unless ``power`` is above ``alpha``: so often a test finds what is not there.
    """
    if power <= alpha:
        raise ValueError(f"power {power:g}, alpha {alpha:g}: expected the power to be greater")
    found: dict[str, Any] = {"needed": None, "articles_needed": None, "detectable": None, "chance": None}
    pd, both = study.discordance, {"power": power, "alpha": alpha}
    if drop is not None:
        clustered, articles = _needed(study, drop / 100, both)
        found["needed"] = {"independent": questions_needed(drop / 100, pd, **both), "clustered": clustered}
        found["articles_needed"] = articles
    if questions is not None:
        way = {"design_effect": study.effect_at(questions), "degrees_of_freedom": study.freedom}
        found["detectable"] = {
            "independent": _points(least_difference(questions, pd, **both)),
            "clustered": _points(least_difference(questions, pd, **both, **way)),
        }
        if drop is not None:
            found["chance"] = {
                "independent": power_of(questions, drop / 100, pd, alpha=alpha),
                "clustered": power_of(questions, drop / 100, pd, alpha=alpha, **way),
            }
    return found


def _needed(study: Study, difference: float, both: dict[str, float]) -> tuple[int | None, int | None]:
    """Return the clustered questions needed, or None and the articles needed."""
    effect = 1.0 if study.effect is None else study.effect
    alone = questions_needed(
        difference, study.discordance, design_effect=effect, degrees_of_freedom=study.freedom, **both
    )
    if study.effect is not None:
        return alone, None
    number = questions_in_clusters(alone, study.correlation, study.share)
    if number is not None:
        return max(alone, number), None
    return None, _least_articles(study, difference, both, alone)


def _least_articles(study: Study, difference: float, both: dict[str, float], alone: int) -> int:
    """Return the least number of articles that show the difference, with enough questions.

    More articles are more degrees of freedom as well, so fewer questions are needed: those needed with the
    articles at hand, ``alone``, give a number that is enough, and the least is found between the two.
    """
    enough = math.floor(alone * study.correlation * study.inequality) + 1
    few = study.articles or 1
    while enough - few > 1:
        articles = (few + enough) // 2
        trial = replace(study, articles=articles)
        needed = questions_needed(difference, study.discordance, degrees_of_freedom=trial.freedom, **both)
        if questions_in_clusters(needed, study.correlation, trial.share) is None:
            few = articles
        else:
            enough = articles
    return enough


def _points(share: float | None) -> float | None:
    return None if share is None else 100 * share
