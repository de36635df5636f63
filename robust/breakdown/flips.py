"""What became of the answers: right to wrong span, right to abstained, wrong to right and so on.

Of answerable questions a state is right, wrong span or abstained; of unanswerable ones it is right (it
abstains) or answered. ``flips`` are shares of all questions of the half, in percent. ``fate`` looks at the
questions that were right alone: what share of them stayed right, and how the others went wrong. With the
null switched off (``flips, null off``) the best span of an answerable question is right or wrong.
"""

from __future__ import annotations

import numpy as np

from robust.breakdown.pairs import BreakdownRow, Flags, Floats, Pairs, find

FLIPS, FLIPS_NULL_OFF = "flips", "flips, null off"
RIGHT, WRONG, ABSTAINED, ANSWERED = "right", "wrong span", "abstained", "answered"


def flips(pairs: Pairs) -> list[BreakdownRow]:
    """Return the share of questions in each pair of states, and the fate of those that were right.

    Figures: ``HasAns_share``, ``NoAns_share`` (percent of the half's questions), ``HasAns_share_of_right``,
    ``NoAns_share_of_right`` (percent of those that were right). What went from right to not right, less
    what came the other way, is the drop of exact match.
    """
    found: list[BreakdownRow] = []
    for half, states in (("HasAns", _answerable), ("NoAns", _unanswerable)):
        before, after = states(pairs.clean), states(pairs.perturbed)
        found += _table(pairs, FLIPS, half, before, after)
    if not np.isnan(pairs.clean["span_em"]).any():
        before, after = _span(pairs.clean), _span(pairs.perturbed)
        found += _table(pairs, FLIPS_NULL_OFF, "HasAns", before, after)
    return found


def _table(
    pairs: Pairs, breakdown: str, half: str, before: dict[str, Flags], after: dict[str, Flags]
) -> list[BreakdownRow]:
    rows = pairs.of_half(half)
    found: list[BreakdownRow] = []
    for was, first in before.items():
        for became, second in after.items():
            level = f"{was} -> {became}"
            both = (first & second).astype(np.float64)
            found += find(pairs, 100 * both, rows, breakdown=breakdown, level=level, figure=f"{half}_share")
            if was == RIGHT:
                figure = f"{half}_share_of_right"
                found += find(
                    pairs, 100 * both, rows & first, breakdown=breakdown, level=level, figure=figure
                )
    return found


def _answerable(scores: dict[str, Floats]) -> dict[str, Flags]:
    right, abstained = scores["em"] == 1, scores["abstained"] == 1
    return {RIGHT: right, WRONG: ~right & ~abstained, ABSTAINED: abstained}


def _unanswerable(scores: dict[str, Floats]) -> dict[str, Flags]:
    right = scores["em"] == 1
    return {RIGHT: right, ANSWERED: ~right}


def _span(scores: dict[str, Floats]) -> dict[str, Flags]:
    right = scores["span_em"] == 1
    return {RIGHT: right, WRONG: ~right}
