"""What the raters decided, item by item and on the whole, and how far they agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from robust.review.agreement import cohen_kappa, krippendorff_alpha
from robust.review.items import CHECKS, MAIN, Item, Reviewable
from robust.review.labels import REASONS, VERDICTS
from robust.review.ratings import Rating
from robust.stats.share import share_interval
from robust.stats.wilson import wilson


@dataclass(frozen=True, slots=True)
class Decision:
    """The raters' verdict on an item of the set: accepted where more than half of those who judged it say so.

    A tie is a rejection (``tie`` tells), and "unsure" does not accept. ``reason`` is the one most often given
    against it ("" if none), the first of ``REASONS`` among equals.
    """

    item: Item
    accepts: int
    ratings: int
    reason: str

    @property
    def accepted(self) -> bool:
        """Whether the variant is kept."""
        return 2 * self.accepts > self.ratings

    @property
    def tie(self) -> bool:
        """Whether as many accept as do not."""
        return 2 * self.accepts == self.ratings


def decide(found: Reviewable, ratings: Sequence[Rating]) -> list[Decision]:
    """Return a decision on each variant of the set that was judged, in the set's order."""
    by_item: dict[str, list[Rating]] = {}
    for rating in ratings:
        if rating.verdict:
            by_item.setdefault(rating.item, []).append(rating)
    decisions = []
    for item in found.of_arm(MAIN):
        if votes := by_item.get(item.code):
            accepts = sum(vote.verdict == "accept" for vote in votes)
            reasons = Counter(vote.reason for vote in votes if vote.verdict != "accept" and vote.reason)
            reason = min(reasons, key=lambda r: (-reasons[r], REASONS.index(r)), default="")
            decisions.append(Decision(item, accepts, len(votes), reason))
    return decisions


def summarise(found: Reviewable, ratings: Sequence[Rating], decisions: Sequence[Decision]) -> dict[str, Any]:
    """Return what a review found, as JSON values; shares are fractions, intervals are 95 %.

    ``share`` is that of the judged variants which were accepted: ``wilson`` takes them as independent,
    ``by_article`` has articles as clusters, and stays within 0 and 1 (see ``share_interval``; None with one
    article). Control items count under ``raters`` alone, in ``checks``: the share of them that got the
    verdict they deserve; a rater's ``missing`` are the items in any of the files that have no verdict of
    theirs.
    """
    arms = {code: item.arm for code, item in found.items.items()}
    named = sorted({rating.rater for rating in ratings if rating.verdict})  # a column may be left blank
    of_rater = {name: [r for r in ratings if r.rater == name and r.verdict] for name in named}
    shown = {rating.item for rating in ratings}
    accepted = [decision.accepted for decision in decisions]
    articles = [decision.item.original.article for decision in decisions]
    values = np.array(accepted, dtype=np.float64)
    reasons = Counter(decision.reason or "none given" for decision in decisions if not decision.accepted)
    return {
        "raters": [_rater(name, of_rater[name], arms, len(shown)) for name in named],
        "variants": len(found.of_arm(MAIN)),
        "judged": len(decisions),
        "accepted": sum(accepted),
        "ties": sum(decision.tie for decision in decisions),
        "share": float(values.mean()),
        "wilson": wilson(sum(accepted), len(accepted)),
        "by_article": share_interval(values, articles),
        "articles": len(set(articles)),
        "rejected_for": dict(sorted(reasons.items())),
        "agreement": _agreement(found, of_rater),
    }


def _rater(name: str, ratings: Sequence[Rating], arms: Mapping[str, str], shown: int) -> dict[str, Any]:
    own = [rating for rating in ratings if arms[rating.item] == MAIN]
    verdicts = Counter(rating.verdict for rating in own)
    checks = {}
    for arm, right in CHECKS.items():
        said = [rating.verdict for rating in ratings if arms[rating.item] == arm]
        if said:
            checks[arm] = {"expected": right, "right": sum(v == right for v in said), "items": len(said)}
    return {
        "name": name,
        "kind": ratings[0].kind,
        "rated": len(ratings),
        "missing": shown - len(ratings),
        **{verdict: verdicts[verdict] for verdict in VERDICTS},
        "checks": checks,
    }


def _agreement(found: Reviewable, of_rater: Mapping[str, Sequence[Rating]]) -> dict[str, Any] | None:
    """Return kappa for each pair, its mean, and alpha for all; None with one rater, or nothing in common."""
    main = {item.code: item.original.article for item in found.of_arm(MAIN)}
    verdicts = {
        name: {rating.item: rating.verdict for rating in ratings if rating.item in main}
        for name, ratings in of_rater.items()
    }
    alpha = krippendorff_alpha(list(verdicts.values()), main)
    if alpha is None:
        return None
    pairs = []
    for first, second in combinations(verdicts, 2):
        if (kappa := cohen_kappa(verdicts[first], verdicts[second], main)) is not None:
            pairs.append({"raters": [first, second], **asdict(kappa)})
    values = [pair["value"] for pair in pairs if pair["value"] is not None]
    return {
        "cohen_kappa": pairs,
        "mean_kappa": float(np.mean(values)) if values else None,
        "krippendorff_alpha": asdict(alpha),
    }
