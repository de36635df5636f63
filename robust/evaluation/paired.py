"""Score rows question by question: what every paired figure, test and breakdown is taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robust.evaluation.scores import CLEAN, PERTURBED
from robust.evaluation.sets import MAIN

if TYPE_CHECKING:
    import pandas as pd

# figure -> (column of the score rows, which questions: all, HasAns or NoAns)
FIGURES: dict[str, tuple[str, str]] = {
    "exact": ("em", ""),
    "f1": ("f1", ""),
    "HasAns_exact": ("em", "HasAns"),
    "HasAns_f1": ("f1", "HasAns"),
    "NoAns_exact": ("em", "NoAns"),
    "NoAns_f1": ("f1", "NoAns"),
    "HasAns_abstained": ("abstained", "HasAns"),
    "HasAns_span_exact": ("span_em", "HasAns"),
    "HasAns_span_f1": ("span_f1", "HasAns"),
}
# the columns of the score rows that are numbers, as figures need them
COLUMNS = tuple(sorted({column for column, _ in FIGURES.values()}))
_OF_QUESTION = ("article", "paragraph_id", "answerable")
# the columns of the score rows that ``by_question`` reads
ROWS = ("original_id", *COLUMNS, *_OF_QUESTION)


def by_question(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a question, indexed by its original id: the mean over its variants (and seeds).

    Columns: ``COLUMNS``, in [0, 1], and ``article``, ``paragraph_id``, ``answerable``. ``rows`` are the score
    rows of one model, set, arm and condition.
    """
    typed = rows[list(ROWS)].astype(dict.fromkeys(COLUMNS, float))
    if typed["original_id"].is_unique:  # one variant and one seed each: a mean of one
        return typed.set_index("original_id")
    grouped = typed.groupby("original_id", sort=False)
    return grouped[list(COLUMNS)].mean().join(grouped[list(_OF_QUESTION)].first())


def drop_by_question(rows: pd.DataFrame, arm: str = MAIN) -> pd.DataFrame:
    """Return clean minus perturbed, question by question, as ``by_question`` has them; of one set's rows.

    Positive where the reader fell (of ``abstained``: negative where it abstains more often).
    """
    own = rows[rows["arm"] == arm]
    clean, perturbed = (by_question(own[own["condition"] == one]) for one in (CLEAN, PERTURBED))
    return difference(clean, perturbed)


def difference(clean: pd.DataFrame, perturbed: pd.DataFrame) -> pd.DataFrame:
    """Return ``clean`` minus ``perturbed``, both as ``by_question`` gives them."""
    found = clean.copy()
    found[list(COLUMNS)] = clean[list(COLUMNS)] - perturbed.loc[clean.index, list(COLUMNS)]
    return found


def select(questions: pd.DataFrame, half: str) -> pd.DataFrame:
    """Return the questions of a half: HasAns, NoAns, or all of them ("")."""
    if not half:
        return questions
    wanted = questions["answerable"].astype(bool)
    return questions[wanted if half == "HasAns" else ~wanted]
