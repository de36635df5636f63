"""How to read the figures: what the words on the page mean."""

from __future__ import annotations

TERMS = (
    (
        "Drop",
        "Score on the questions as they were, less the score on the same questions rewritten, in points. "
        "Questions that could not be rewritten count in neither.",
    ),
    (
        "95 % interval",
        "Where the drop would lie on other articles. Questions on one article resemble one another, so whole "
        "articles (and beside them whole paragraphs) are the unit of chance. An interval that holds 0 means: "
        "these questions cannot tell the change from none.",
    ),
    (
        "Exact match (EM), F1",
        "Percent of the answers that are right, and how far an answer’s words are those of a right one. Of "
        "an unanswerable question either is 100 where the reader abstains, and 0 where it answers.",
    ),
    (
        "Right, wrong span, abstained",
        "An answer is right where it equals a gold answer (case, articles and punctuation aside). A reader "
        "abstains where its null odds are above its threshold; of an unanswerable question that is right.",
    ),
    (
        "Best span",
        "The reader’s best answer with abstaining switched off. A fall in exact match without one here is a "
        "reader that lost its nerve, not its answer.",
    ),
    (
        "Threshold",
        "The reader’s own, a given number, or cross-fitted on clean questions of other articles; the same "
        "one holds for rewritten questions. The oracle threshold has seen the answers: a bound, no result.",
    ),
    (
        "Control arms",
        "The same words of the same questions, changed otherwise: not at all, by a synonym of the first or "
        "of a random sense, by an unrelated word that is as frequent.",
    ),
    (
        "p and Holm",
        "p is how often a difference as large would show if there were none, with whole articles as the unit "
        "of chance. Of many tests some come out small by chance: Holm’s correction allows for all tests of "
        "one kind on this page, and is the one to read.",
    ),
    (
        "mid-p",
        "McNemar’s test of the questions that only one side gets right, as if questions were independent. It "
        "is shown as others report it; where it is far below p, articles matter.",
    ),
    (
        "Least seen",
        "The true effect, in points, that data like these would show with a power of 80 %. A smaller one may "
        "well be there and not show.",
    ),
    (
        "Coverage",
        "The share of the questions asked that could be rewritten. The drop speaks of these alone.",
    ),
)
