"""Breakdowns of small runs whose answers can be counted by hand."""

import numpy as np
import pandas as pd
import pytest

from robust.breakdown.accepted import Judged
from robust.breakdown.breakdown import COLUMNS, breakdown
from robust.breakdown.curves import worst_of
from robust.breakdown.flips import flips
from robust.breakdown.levels import NONE, Trait, by_level
from robust.breakdown.material import AskedQuestion, Material
from robust.breakdown.pairs import pair_rows
from robust.breakdown.threshold_drift import threshold_drift
from robust.breakdown.validity import adjusted, valid_only, valid_share
from robust.runs import Run
from robust.stats.clustered import clustered_mean
from robust.stats.contrast import clustered_difference


def frame(questions, *, seed=0, arm="main", name="s"):
    """Return score rows; a question is (id, article, answerable, clean, [variants]).

    An outcome is R (right), W (wrong span), A (abstained, the best span right), a (abstained, span wrong).
    """
    rows = []
    for identifier, article, answerable, clean, variants in questions:
        for k, outcome in enumerate([clean, *variants]):
            abstains = outcome in "Aa"
            em = float(outcome == "R" if answerable else abstains)
            rows.append(
                {
                    "model": "m",
                    "seed": seed,
                    "set": name,
                    "arm": arm,
                    "condition": "perturbed" if k else "clean",
                    "id": f"{identifier}#{k}" if k else identifier,
                    "original_id": identifier,
                    "article": article,
                    "paragraph_id": f"{article}:1",
                    "answerable": answerable,
                    "em": em,
                    "f1": em,
                    "abstained": abstains,
                    "span_em": float(answerable and outcome in "RA"),
                    "span_f1": float(answerable and outcome in "RA"),
                    "null_odds": 1.0 if abstains else -1.0,
                    "threshold": 0.0,
                    "fold": int(article) % 5,
                }
            )
    return pd.DataFrame(rows)


FOUR = [
    ("a", "1", True, "R", ["R"]),
    ("b", "1", True, "R", ["A"]),
    ("c", "2", True, "R", ["W"]),
    ("d", "2", True, "W", ["R"]),
    ("e", "3", False, "A", ["W"]),
    ("f", "3", False, "W", ["A"]),
]


def values(found, figure, breakdown=None):
    return {
        row.level: row.value for row in found if row.figure == figure and breakdown in (None, row.breakdown)
    }


def test_answers_are_counted_by_what_they_were_and_became():
    found = flips(pair_rows(frame(FOUR)))
    shares = values(found, "HasAns_share", "flips")
    assert shares["right -> right"] == shares["right -> abstained"] == shares["right -> wrong span"] == 25
    assert shares["wrong span -> right"] == 25
    assert sum(shares.values()) == pytest.approx(100)
    fate = values(found, "HasAns_share_of_right", "flips")
    assert fate == pytest.approx(dict.fromkeys(fate, 100 / 3))
    assert values(found, "NoAns_share") == pytest.approx(
        {"right -> right": 0, "right -> answered": 50, "answered -> right": 50, "answered -> answered": 0}
    )


def test_with_the_null_off_an_abstained_right_span_stayed_right():
    shares = values(flips(pair_rows(frame(FOUR))), "HasAns_share", "flips, null off")
    assert shares["right -> right"] == 50
    assert shares["right -> wrong span"] == 25


def test_what_is_newly_wrong_less_what_is_newly_right_is_the_drop():
    pairs = pair_rows(frame(FOUR))
    shares = values(flips(pairs), "HasAns_share", "flips")
    lost = shares["right -> abstained"] + shares["right -> wrong span"]
    gained = shares["wrong span -> right"] + shares["abstained -> right"]
    drop = pairs.mean(pairs.drop("em"), pairs.of_half("HasAns"))[0].mean
    assert lost - gained == pytest.approx(drop) == pytest.approx(25)


def test_several_variants_are_one_question_and_count_by_their_mean():
    rows = frame([("a", "1", True, "R", ["R", "W", "W", "W"]), ("b", "2", True, "R", ["R"])])
    row = next(r for r in flips(pair_rows(rows)) if r.level == "right -> wrong span")
    assert (row.value, row.questions, row.clusters) == (pytest.approx(37.5), 2, 2)


def test_seeds_are_averaged_question_by_question():
    one = frame([("a", "1", True, "R", ["W"]), ("b", "2", True, "R", ["R"])], seed=1)
    two = frame([("a", "1", True, "W", ["W"]), ("b", "2", True, "R", ["R"])], seed=2)
    pairs = pair_rows(pd.concat([one, two], ignore_index=True))
    found, questions = pairs.mean(pairs.drop("em"), pairs.of_half("HasAns"))
    assert (found.mean, questions) == (25, 2)


@pytest.mark.parametrize("figure", ["HasAns_exact", "exact"])
def test_levels_weighted_by_their_questions_make_up_the_drop(figure):
    pairs = pair_rows(frame(FOUR))
    labels = np.array(["x", "y", "x", "y", "x", NONE], dtype=object)
    found = [row for row in by_level(pairs, Trait("t", labels, ("x", "y"))) if row.figure == figure]
    whole = pairs.mean(pairs.drop("em"), pairs.of_half("HasAns" if figure == "HasAns_exact" else ""))
    assert sum(row.value * row.questions for row in found) / whole[1] == pytest.approx(whole[0].mean)


def test_a_level_where_no_question_changed_has_no_interval():
    rows = frame([("a", "1", True, "R", ["R"]), ("b", "2", True, "W", ["W"])])
    row = next(r for r in by_level(pair_rows(rows), Trait("t", np.array(["x", "x"], dtype=object), ("x",))))
    assert (row.value, row.low, row.high, row.clusters) == (0, None, None, 2)


def test_a_level_in_one_article_has_no_interval():
    rows = frame([("a", "1", True, "R", ["W"]), ("b", "1", True, "W", ["W"])])
    row = next(r for r in by_level(pair_rows(rows), Trait("t", np.array(["x", "x"], dtype=object), ("x",))))
    assert (row.value, row.low, row.clusters) == (50, None, 1)


def test_the_difference_of_two_groups_is_welch_s_where_nothing_is_clustered():
    random = np.random.default_rng(0)
    first, second = random.normal(1, 1, 4000), random.normal(0, 2, 6000)
    found = clustered_difference(first, np.arange(4000), second, np.arange(4000, 10000))
    assert found.mean == pytest.approx(first.mean() - second.mean())
    assert found.error == pytest.approx((first.var() / 4000 + second.var() / 6000) ** 0.5, rel=1e-3)


def test_articles_shared_by_two_groups_cancel_in_their_difference():
    article = np.repeat(np.arange(10), 2)
    shift = np.repeat(np.random.default_rng(0).normal(size=10), 2)
    found = clustered_difference(1 + shift, article, shift, article)
    assert (found.mean, found.error) == (pytest.approx(1), pytest.approx(0, abs=1e-9))


def shifted(gap):
    """Return a run whose null odds rose, by 3 where there is no answer, so that all are refused."""
    questions = [(f"q{i}", str(i), i % 2 == 0, "R" if i % 2 == 0 else "A", ["R"]) for i in range(20)]
    rows = frame(questions)
    answerable, clean = rows["answerable"], rows["condition"] == "clean"
    rows["null_odds"] = np.where(answerable, -2.0, 2.0) + np.where(clean, 0, np.where(answerable, gap, 3.0))
    rows["span_em"] = answerable.astype(float)
    refused = rows["null_odds"] > 0
    rows["abstained"] = refused
    rows["em"] = np.where(answerable, ~refused, refused).astype(float)
    return pair_rows(rows)


def test_a_shift_of_all_null_odds_is_given_back_whole_by_a_new_threshold():
    found = threshold_drift(shifted(3.0))
    drops = values(found, "exact", "threshold drift")
    assert drops["kept"] == 50
    assert drops["re-tuned (cross-fitted)"] == drops["re-tuned (oracle)"] == 0
    assert drops["given back (oracle)"] == 50
    odds = {row.figure: row.value for row in found if row.breakdown == "null odds"}
    assert odds == pytest.approx({"HasAns_null_odds": 3, "NoAns_null_odds": 3, "null_odds_gap": 0})
    thresholds = values(found, "threshold", "thresholds")
    assert thresholds["kept"] == 0
    assert 1 < thresholds["re-tuned (oracle)"] < 5


def test_what_a_badly_set_threshold_loses_before_any_rewording_is_not_given_back():
    """Nothing moved, but the reader's own threshold refuses every question, clean and perturbed."""
    pairs = shifted(0.0)
    for scores in (pairs.clean, pairs.perturbed):
        answerable = pairs.answerable[pairs.question]
        scores["threshold"] = np.full(20, -9.0)
        scores["null_odds"] = np.where(answerable, -2.0, 2.0)
        scores["em"] = (~answerable).astype(float)
    drops = values(threshold_drift(pairs), "exact", "threshold drift")
    assert drops["kept"] == 0
    assert drops["re-tuned (cross-fitted)"] == -50
    assert drops["given back (cross-fitted)"] == 50  # one-sided: the threshold was bad on clean ones too
    assert drops["cross-fitted on both"] == drops["given back (cross-fitted on both)"] == 0


def test_halves_that_moved_together_are_not_told_apart_by_any_threshold():
    found = threshold_drift(shifted(7.0))  # answerable and unanswerable ones have the same null odds now
    assert values(found, "exact", "threshold drift")["re-tuned (oracle)"] == 50
    assert next(row.value for row in found if row.figure == "null_odds_gap") == pytest.approx(4)


def test_without_unanswerable_questions_there_is_no_threshold_to_tune():
    rows = frame([question for question in FOUR if question[2]])
    assert set(values(threshold_drift(pair_rows(rows)), "exact", "threshold drift")) == {"kept"}


def test_final_answers_have_no_threshold_to_drift():
    rows = frame(FOUR).assign(null_odds=np.nan, span_em=np.nan)
    assert threshold_drift(pair_rows(rows)) == []
    assert {row.breakdown for row in flips(pair_rows(rows))} == {"flips"}


def test_worst_of_k_is_the_chance_that_k_drawn_variants_are_all_right():
    # one of four variants wrong: 1, 3/4, 3/6, 1/4, 0
    rows = frame([("a", "1", True, "R", ["W", "R", "R", "R"]), ("b", "2", True, "W", ["R"])])
    found = values(worst_of(pair_rows(rows)), "HasAns_exact")
    assert found == pytest.approx({"0": 50, "1": 37.5, "2": 25, "3": 12.5, "4": 0})


def material(verdict_articles):
    """Return the material of one-edit variants; the safety of variant i is i / 10."""
    ids = list(verdict_articles)
    edits = pd.DataFrame(
        {
            "variant_id": [f"{i}#1" for i in ids],
            "original_id": ids,
            "field": "question",
            "start": 0,
            "end": 4,
            "before": "what",
            "after": "that",
            "tag": "n",
            "sense_rank": 1,
            "margin": 0.2,
            "reason": [f"safety {n / 10:.2f}" for n in range(len(ids))],
        }
    )
    asked = {
        i: AskedQuestion("what is it?", "it is", article, True) for i, article in verdict_articles.items()
    }
    return Material(None, asked, {"main": edits})


def judged_run(outcomes, control=None):
    articles = {f"q{i}": str(i % 5) for i in range(len(outcomes))}
    rows = frame([(q, articles[q], True, "R", [o]) for q, o in zip(articles, outcomes, strict=True)])
    return pair_rows(rows), material(articles)


def test_only_edits_from_a_safety_on_are_counted():
    pairs, known = judged_run("WWWWWWRRRR")
    drops = values(valid_only(pairs, known, None), "HasAns_exact")
    assert drops["safety from 0.5"] == 20  # q5 to q9: one wrong
    assert drops["safety from 0.6"] == 0


def test_what_raters_accepted_is_set_against_what_they_rejected():
    pairs, known = judged_run("WWRRRRRRRR")
    verdicts = Judged({"q0#1": True, "q2#1": True, "q1#1": False})
    drops = values(valid_only(pairs, known, verdicts), "HasAns_exact")
    assert drops["accepted by raters"] == 50
    assert drops["rejected by raters"] == 100


def test_the_adjusted_drop_solves_the_mixture_of_valid_and_invalid():
    pairs, known = judged_run("WWWWRRRRRR")  # a drop of 40
    control, _ = judged_run("WWWWWWRRRR")  # 60 where an unrelated word stands
    verdicts = Judged({f"q{i}#1": i < 8 for i in range(10)})  # 8 of 10 valid
    drops = values(adjusted(pairs, control, known, verdicts), "HasAns_exact")
    assert drops["invalid like the rest"] == pytest.approx(40)
    assert drops["invalid cost nothing"] == pytest.approx(40 / 0.8)
    assert drops["invalid like unrelated words"] == pytest.approx((40 - 0.2 * 60) / 0.8)
    # two of the ten are invalid: at the least both fell (2 of 8 left), at the most neither (4 of 8)
    assert drops["nothing assumed, least"] == pytest.approx(25)
    assert drops["nothing assumed, most"] == pytest.approx(50)


def test_the_bounds_are_of_variants_and_not_of_the_means_of_questions():
    """Each question has one variant that fell and one that did not; half of them are valid: any half."""
    articles = {f"q{i}": str(i % 5) for i in range(10)}
    rows = frame([(q, article, True, "R", ["W", "R"]) for q, article in articles.items()])
    two_seeds = pd.concat([rows, rows.assign(seed=1)], ignore_index=True)
    verdicts = Judged({f"q{i}#1": i < 5 for i in range(10)})
    for known in (rows, two_seeds):
        drops = values(adjusted(pair_rows(known), None, material(articles), verdicts), "HasAns_exact")
        assert drops["invalid like the rest"] == pytest.approx(50)
        assert drops["nothing assumed, least"] == pytest.approx(0)
        assert drops["nothing assumed, most"] == pytest.approx(100)


def test_a_question_of_many_variants_weighs_one_in_the_bounds():
    """Of two questions one has three variants that fell: they are a half, so the lowest half fell by 0."""
    rows = frame([("q0", "0", True, "R", ["W", "W", "W"]), ("q1", "1", True, "R", ["R"])])
    verdicts = Judged({"q0#1": True, "q1#1": False})
    drops = values(
        adjusted(pair_rows(rows), None, material({"q0": "0", "q1": "1"}), verdicts), "HasAns_exact"
    )
    assert drops["nothing assumed, least"] == pytest.approx(0)
    assert drops["nothing assumed, most"] == pytest.approx(100)


def test_the_adjusted_interval_holds_the_errors_of_drop_and_share():
    pairs, known = judged_run("WWWWRRRRRR")
    verdicts = Judged({f"q{i}#1": i < 8 for i in range(10)})
    share = valid_share(known, verdicts, "HasAns")
    row = next(r for r in adjusted(pairs, None, known, verdicts) if r.level == "invalid cost nothing")
    drop = clustered_mean(100 * np.array([1.0] * 4 + [0.0] * 6), [str(i % 5) for i in range(10)])
    reach = 2.776 * np.hypot(drop.error / 0.8, 40 / 0.8**2 * share.error)
    assert row.high - row.value == pytest.approx(reach, rel=1e-3)
    # the delta method against drawing both: the middle 95 % of (drop / share)
    random = np.random.default_rng(0)
    drawn = 100 * random.normal(0.4, 0.02, 100_000) / random.normal(0.8, 0.02, 100_000)
    assert np.std(drawn) == pytest.approx(np.hypot(2 / 0.8, 40 / 0.8**2 * 0.02), rel=0.02)


def test_an_adjusted_drop_that_is_nought_everywhere_has_no_interval():
    pairs, known = judged_run("R" * 10)
    verdicts = Judged({f"q{i}#1": i < 8 for i in range(10)})
    found = [row for row in adjusted(pairs, None, known, verdicts) if row.level == "invalid like the rest"]
    assert {(row.value, row.low, row.high) for row in found} == {(0.0, None, None)}


def test_a_share_of_valid_edits_without_a_fault_is_still_uncertain():
    _, known = judged_run("W" * 10)
    share = valid_share(known, Judged({f"q{i}#1": True for i in range(10)}), "")
    assert share.share == 1
    assert share.error > 0.04
    assert share.interval()[1] == 1


def test_without_the_set_scores_alone_are_broken_down():
    run = Run({"sets": {"s": {}}}, pd.DataFrame(), frame(FOUR), {})
    found = breakdown(run, {})
    assert tuple(found.columns) == COLUMNS
    assert set(found["breakdown"]) == {
        "flips",
        "flips, null off",
        "answerable",
        "threshold drift",
        "null odds",
        "thresholds",
        "worst of k",
    }
    assert set(found["arm"]) == {"main"}
