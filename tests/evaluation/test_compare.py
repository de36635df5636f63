"""Runs side by side: figures against the obvious computation, and refusals of what is not comparable."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from robust.errors import UserError
from robust.evaluation.compare import COLUMNS, SCHEMA, compare
from robust.evaluation.floor import NO_ANSWERS
from robust.stats.clustered import ClusteredMean
from robust.stats.multiplicity import holm
from robust.stats.resampling import bootstrap, randomisation
from robust.stats.seeds import crossed_interval, seeds_interval
from tests.evaluation.made_up import random_rows, rows, run


@pytest.fixture(scope="module")
def two():
    one = random_rows(1, 0.15, model="falls far")
    other = random_rows(2, 0.02, model="falls little")
    return one, other


def row(found, **wanted):
    frame = found.rows
    for key, value in wanted.items():
        frame = frame[frame[key] == value]
    assert len(frame) == 1, wanted
    return frame.iloc[0]


def by_hand(frame: pd.DataFrame, column: str, *, answerable: bool) -> pd.Series:
    """Return the drop of each question in points."""
    half = frame[frame["answerable"]] if answerable else frame
    wide = half.pivot_table(index="original_id", columns="condition", values=column)
    return 100 * (wide["clean"] - wide["perturbed"])


def test_a_difference_of_drops_is_that_of_each_question_clustered_by_article(two):
    found = compare([run(one) for one in two], figures=["HasAns_exact"])
    said = row(found, kind="difference of drops")
    drops = by_hand(two[0], "em", answerable=True) - by_hand(two[1], "em", answerable=True)
    article = two[0].drop_duplicates("original_id").set_index("original_id")["article"].loc[drops.index]
    # Miller (2024) with the factor G/(G-1), written out
    totals = (drops - drops.mean()).groupby(article).sum()
    error = np.sqrt(6 / 5 * (totals**2).sum()) / len(drops)
    reach = stats.t.ppf(0.975, 5) * error
    assert said["value"] == pytest.approx(drops.mean())
    assert [said["low"], said["high"]] == pytest.approx([drops.mean() - reach, drops.mean() + reach])
    assert (said["model"], said["other"]) == ("falls far", "falls little")
    assert (said["questions"], said["clusters"], said["seeds"]) == (90, 6, 1)
    assert said["p"] == randomisation(drops.to_numpy(), article.tolist())
    assert said["low_paragraph"] != said["low"]
    assert pd.isna(said["b"])


def test_each_model_has_clean_perturbed_and_drop_and_the_sums_agree(two):
    found = compare([run(one) for one in two])
    for model in found.models:
        for figure in ("exact", "f1", "HasAns_span_exact"):
            value = {
                kind: row(found, kind=kind, model=model, figure=figure, other="")["value"]
                for kind in ("clean", "perturbed", "drop")
            }
            assert value["clean"] - value["perturbed"] == pytest.approx(value["drop"])
    levels = found.rows[found.rows["kind"].isin(["clean", "perturbed"])]
    assert levels["p"].isna().all()  # nobody asks whether a score is zero
    assert levels["low"].notna().all()


def test_right_and_wrong_are_counted_as_mcnemar_wants_them():
    clean = [1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1]
    after = [0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 0, 1]
    found = compare([run(rows(clean, after))], figures=["exact", "f1"])
    said = row(found, kind="drop", figure="exact")
    assert (said["b"], said["c"]) == (5, 1)
    # binomial(6, 1/2), by hand: 2 (1 + 6) / 64 less P(1) = 6 / 64
    assert said["mid_p"] == pytest.approx(14 / 64 - 6 / 64)
    assert pd.isna(row(found, kind="drop", figure="f1")["mid_p"])  # F1 is no count


def test_variants_and_seeds_are_means_and_not_counted_as_right_and_wrong():
    two_variants = rows([1, 0, 1, 1], [0, 0, 1, 1])
    more = two_variants[two_variants["condition"] == "perturbed"].copy()
    more["id"] = more["original_id"] + "#2"
    more["em"] = 1.0
    found = compare([run(two_variants, more)], figures=["exact"])
    said = row(found, kind="drop")
    assert said["value"] == pytest.approx(100 * (3 / 4 - (0.5 + 0.5 + 1 + 1) / 4))
    assert pd.isna(said["b"])


def test_p_is_corrected_over_sets_figures_and_pairs_and_controls_apart(two):
    sets = [[pd.concat([one, one.assign(set="paper")]) for one in two], two]
    frames = [pd.concat([frame, frame.assign(arm="random-sense")]) for frame in sets[0]]
    found = compare([run(frame) for frame in frames], figures=["exact", "f1"])
    rows_ = found.rows[(found.rows["kind"] == "drop") & (found.rows["arm"] == "main")]
    assert len(rows_) == 8
    assert rows_["p_adjusted"].tolist() == pytest.approx(holm(rows_["p"].tolist()))
    assert set(rows_["family"]) == {"drop: 8"}
    apart = found.rows[(found.rows["kind"] == "drop") & (found.rows["arm"] == "random-sense")]
    assert set(apart["family"]) == {"drop, controls: 8"}
    still = [pd.concat([frame, frame[frame["arm"] == "main"].assign(arm="identity")]) for frame in frames]
    found = compare([run(frame) for frame in still], figures=["exact", "f1"])
    unchanged = found.rows[(found.rows["kind"] == "drop") & (found.rows["arm"] == "identity")]
    assert len(unchanged) == 8
    assert unchanged["p_adjusted"].isna().all()  # what cannot differ is no test, and makes none harder
    apart = found.rows[(found.rows["kind"] == "drop") & (found.rows["arm"] == "random-sense")]
    assert set(apart["family"]) == {"drop, controls: 8"}
    bare = compare([run(frame) for frame in frames], figures=["exact"], controls=False)
    assert set(bare.rows["arm"]) == {"main"}


def test_every_pair_of_three_is_compared(two):
    third = random_rows(3, 0.05, model="third")
    found = compare([run(one) for one in (*two, third)], figures=["exact"])
    pairs = found.rows[found.rows["kind"] == "difference of drops"]
    assert len(pairs) == 3
    one, other, across = (
        pairs.set_index(["model", "other"])["value"].loc[pair]
        for pair in (("falls far", "falls little"), ("falls little", "third"), ("falls far", "third"))
    )
    assert one + other == pytest.approx(across)


def test_several_seeds_widen_the_interval_of_both_models(two):
    seeds = [
        pd.concat([random_rows(10 * m + s, 0.1, model=f"m{m}", seed=s) for s in range(3)]) for m in (1, 2)
    ]
    found = compare([run(frame) for frame in seeds], figures=["exact"])
    said = row(found, kind="difference of drops")
    assert said["seeds"] == 3
    assert said["high_seeds"] - said["low_seeds"] > 0
    spread = []
    for frame in seeds:
        drops = [by_hand(frame[frame["seed"] == s], "em", answerable=False).mean() for s in range(3)]
        spread.append((float(np.std(drops, ddof=1)), 3))
    level = ClusteredMean(said["value"], said["error"], 6, None, None)
    assert [said["low_seeds"], said["high_seeds"]] == pytest.approx(crossed_interval(level, spread))
    mixed = compare([run(seeds[0]), run(two[1])], figures=["exact"])
    said = row(mixed, kind="difference of drops")
    assert pd.isna(said["low_seeds"])  # the spread of one seed is not known
    assert said["seeds"] == 1


def test_variances_of_two_trainings_add():
    found = ClusteredMean(2.0, 1.0, 35, 0.0, 4.0)
    low, high = crossed_interval(found, [(3.0, 3), (2.0, 4)])
    total = 1 + 3 + 1
    freedom = total**2 / (1 / 34 + 9 / 2 + 1 / 3)
    assert high - low == pytest.approx(2 * stats.t.ppf(0.975, freedom) * np.sqrt(total))
    assert crossed_interval(found, [(3.0, 3)]) == seeds_interval(found, 3.0, 3)
    assert crossed_interval(found, []) is None


def test_runs_on_other_questions_are_refused_with_run_set_number_and_ids(two):
    fewer = two[1][~two[1]["original_id"].isin(["q3", "q4", "q5", "q6"])]
    with pytest.raises(UserError) as error:
        compare([run(two[0]), run(fewer)])
    said = str(error.value)
    assert said.startswith(
        "falls little, set safe: 8 of the 240 questions of falls far are missing (q3, q4, q5"
    )
    assert "\n" not in said


def test_the_same_ids_with_other_texts_are_refused(two):
    moved = two[1].copy()
    moved.loc[moved["id"].isin(["q7#1", "q9#1"]), "key"] = "other words"
    with pytest.raises(
        UserError, match=r"set safe: 2 of 240 questions have another text.*q7#1, q9#1.*differently"
    ):
        compare([run(two[0]), run(moved)])


def test_the_same_texts_with_other_gold_are_refused(two):
    moved = two[1].copy()
    moved.loc[moved["original_id"] == "q7", "answerable"] ^= True
    with pytest.raises(UserError, match="2 of 240 questions are answerable in one run"):
        compare([run(two[0]), run(moved)])


def test_order_of_rows_does_not_matter(two):
    shuffled = two[1].sample(frac=1, random_state=0)
    one = compare([run(two[0]), run(two[1])], figures=["exact"]).rows
    other = compare([run(two[0]), run(shuffled)], figures=["exact"]).rows
    pd.testing.assert_frame_equal(one, other)


def test_sets_of_one_run_alone_are_noted_and_sets_of_none_refused(two):
    more = pd.concat([two[0], two[0].assign(set="paper")])
    found = compare([run(more), run(two[1])], figures=["exact"])
    assert set(found.rows["set"]) == {"safe"}
    assert found.notes == ("paper: only in falls far, not compared",)
    with pytest.raises(UserError, match="no set that two of the runs have"):
        compare([run(two[0]), run(two[1].assign(set="paper"))])
    with pytest.raises(UserError, match="--set nowhere: in none of the runs; they have safe"):
        compare([run(two[0]), run(two[1])], sets=["nowhere"])


def test_an_arm_of_one_run_alone_is_noted(two):
    more = pd.concat([two[0], two[0].assign(arm="random-sense")])
    found = compare([run(more), run(two[1])], figures=["exact"])
    assert set(found.rows["arm"]) == {"main"}
    assert "safe, control random-sense: not in falls little, not compared" in found.notes


def test_a_figure_that_a_run_does_not_have_is_noted_and_unknown_ones_refused(two):
    final = two[1].assign(span_em=np.nan)
    found = compare([run(two[0]), run(final)], figures=["exact", "HasAns_span_exact"])
    assert set(found.rows["figure"]) == {"exact"}
    assert "HasAns_span_exact: not compared, as the answers of falls little are final" in found.notes[0]
    answerable = [run(frame[frame["answerable"]]) for frame in two]
    said = compare(answerable, figures=["exact", "NoAns_exact"]).notes
    assert "safe, NoAns_exact: no unanswerable questions, not compared" in said
    with pytest.raises(UserError, match="--figure em: no such figure; one of exact"):
        compare([run(two[0])], figures=["em"])
    with pytest.raises(UserError, match="nothing to compare"):
        compare([run(final)], figures=["HasAns_span_exact"])


def test_a_plain_data_file_has_scores_and_differences_alone():
    plain = [rows([1, 0, 1, 1, 0, 1, 1, 1], model=m) for m in ("a", "b")]
    found = compare([run(one) for one in plain], figures=["exact"])
    assert found.rows["kind"].tolist() == ["clean", "clean", "difference of clean"]


def test_readers_called_alike_are_told_apart(two):
    found = compare([run(two[0]), run(two[0])], figures=["exact"])
    assert found.models == ("falls far (1)", "falls far (2)")
    assert row(found, kind="difference of drops")["p"] == 1.0


def test_the_json_has_its_schema_and_loads_as_the_frame(two):
    found = compare([run(one) for one in two])
    told = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert told["schema"] == SCHEMA == "robust-comparison/1"  # another number when columns change their sense
    assert list(told) == ["schema", "models", "notes", "test", "floors", "rows"]
    assert list(told["rows"][0]) == list(COLUMNS)
    assert (
        *("set", "arm", "figure", "kind", "model", "other", "value", "error", "low", "high"),
        *("low_bootstrap", "high_bootstrap"),
        *("low_paragraph", "high_paragraph", "low_seeds", "high_seeds", "p", "p_adjusted", "family", "mid_p"),
        *("b", "c", "questions", "clusters", "seeds", "minimum_detectable"),
    ) == COLUMNS
    assert len(told["rows"]) == len(found.rows) == 4 * (2 * 3 + 2)
    assert told["rows"][0]["p"] is None


def many(models: int) -> list[pd.DataFrame]:
    """Return readers on 36 articles, each losing one question an article more than the one before."""
    frames = []
    for lost in range(models):
        clean = np.ones(36 * (models + 1))
        after = np.array([float(k // 36 >= lost or k % 36 == 0) for k in range(len(clean))])
        frame = rows(clean, after, model=f"m{lost}").assign(abstained=False, span_em=np.nan)
        frame["article"] = [f"a{int(i[1:]) % 36}" for i in frame["original_id"]]
        frames.append(frame)
    return frames


def test_among_many_tests_p_is_one_that_can_still_show_something():
    """24 readers, 276 pairs: 10,000 sign flips times Holm's 276 could not fall below 0.028."""
    frames = many(24)
    found = compare([run(frame) for frame in frames], figures=["exact"])
    pairs = found.rows[found.rows["kind"] == "difference of drops"]
    assert len(pairs) == 276
    assert pairs["p_adjusted"].min() < 1e-6
    assert found.test == "Student's t"
    assert "about 276 tests of one kind: too many for sign flips, so p is Student's t's" in found.notes
    few = compare([run(frame) for frame in frames[:3]], figures=["exact"])
    assert few.test == "sign flips"
    assert few.notes == ()


def test_readers_with_nothing_to_lose_are_told_by_set_and_reason(two):
    silent = two[1].assign(model="silent", em=0.0, span_em=0.0, abstained=True)
    weak = two[1].assign(model="weak", em=0.0, span_em=0.0, abstained=False)
    found = compare([run(two[0]), run(silent), run(weak)], figures=["exact"])
    assert found.floors == {
        ("safe", "silent"): "abstains on 100 % of answerable questions",
        ("safe", "weak"): "right on 0.0 % only",
    }
    assert "safe: the drop of silent says nothing: abstains on 100 % of answerable questions" in found.notes
    refusals = two[0][~two[0]["answerable"]]
    assert compare([run(refusals)], figures=["exact"]).floors == {("safe", "falls far"): NO_ANSWERS}


def test_the_bootstrap_stands_beside_student_s_interval_of_drops(two):
    found = compare([run(one) for one in two], figures=["exact"])
    drops = by_hand(two[0], "em", answerable=False)
    article = two[0].drop_duplicates("original_id").set_index("original_id")["article"].loc[drops.index]
    expected = bootstrap(drops.to_numpy(), article.tolist())
    said = row(found, kind="drop", model="falls far")
    assert [said["low_bootstrap"], said["high_bootstrap"]] == pytest.approx([expected.low, expected.high])
    assert pd.isna(row(found, kind="clean", model="falls far")["low_bootstrap"])


def test_two_runs_of_one_name_are_refused_and_none_is_lost(two):
    with pytest.raises(UserError, match="x: two runs of this name"):
        compare([run(one) for one in two], names=["x", "x"])
