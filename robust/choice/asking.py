"""Who chooses the warrants, asked: choices, scores where there are any, and what a result tells of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from robust.attack.scorers import MaskedLm, SentenceVectors
from robust.choice.bag import choose, choose_cross_fitted, fit
from robust.choice.cues import check_word, choose_by_cue, cue
from robust.choice.records import Item
from robust.choice.scorers import Scores, fluency_scores, higher, sentence_scores
from robust.errors import UserError


@dataclass(frozen=True, slots=True)
class Given:
    """A choice (None: none was made) and scores (None: there are none) for each item, in their order."""

    chosen: Sequence[int | None]
    scores: Sequence[Scores | None]
    about: dict[str, Any]


def by_cue(items: Sequence[Item], word: str) -> Given:
    """Take the warrant that alone has the word; its figures are those of the originals.

    Raises UserError for what the tokenizer cuts into several words.
    """
    word = check_word(items, word)
    originals = [item for item in items if not item.negated] or items
    found = cue(originals, word)
    about = {"name": "cue", "word": word, "productivity": found.productivity, "coverage": found.coverage}
    return Given(choose_by_cue(items, word), [None] * len(items), about)


def by_bag(items: Sequence[Item], train: Sequence[Item] | None = None) -> Given:
    """Choose by the words of the warrants, fitted to the originals of ``train`` (None: of other debates).

    Of ``train``, items that are asked about are left out; UserError where none is left.
    """
    if train is None:
        about: dict[str, Any] = {"name": "bag", "fitted": "to other debates"}
        return Given(choose_cross_fitted(items), [None] * len(items), about)
    asked = {item.original_id for item in items}
    used = [item for item in train if not item.negated and item.id not in asked]
    if not used:
        raise UserError("--train: holds no original that is not asked about; name another file")
    about = {"name": "bag", "fitted": f"to {len(used)} items"}
    return Given(choose(fit(used), items), [None] * len(items), about)


def by_fluency(items: Sequence[Item], lm: MaskedLm, name: str, beside: str = "both") -> Given:
    """Take the warrant with which the argument is the more fluent text to a masked LM called ``name``.

    ``beside``: what is read beside the warrant, one of ``scorers.BESIDE``.
    """
    scores = fluency_scores(items, lm, beside)
    about = {"name": "fluency", "beside": beside, "masked_lm": name, "sha256": lm.sha256}
    return Given([higher(one) for one in scores], scores, about)


def by_sentences(items: Sequence[Item], encoder: SentenceVectors, beside: str = "both") -> Given:
    """Take the warrant whose vector is the nearer to that of reason and claim, or of one of them."""
    scores = sentence_scores(items, encoder, beside)
    about = {"name": "sentences", "beside": beside, "sha256": encoder.sha256}
    return Given([higher(one) for one in scores], scores, about)
