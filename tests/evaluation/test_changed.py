"""Sets that ask for something else: the shares against a hand count, and no drop anywhere."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from robust.breakdown.breakdown import breakdown
from robust.errors import UserError
from robust.evaluation.changed import changed_sets
from robust.evaluation.compare import compare
from robust.evaluation.scores import score_set
from robust.evaluation.seeds import summarise_seeds
from robust.evaluation.sets import Arm, EvaluationSet
from robust.evaluation.summary import summarise_set
from robust.reader.decode import Prediction
from robust.reader.threshold import single
from robust.report.comparison import as_markdown
from robust.report.leaderboard import entries_of
from robust.report.table import set_table
from robust.squad.records import Answer, Question
from tests.evaluation.made_up import rows, run

# Six questions, each in an article of its own. Of the clean ones the reader misses q4, and q5 has no answer.
CLEAN = ["Karel Brandt", "the mill", "Peru", "1742", "wrong", ""]
# after the change it keeps one (other words of the same answer), abstains on two, and answers one otherwise
AFTER = [("the Karel Brandt", 0.0), ("mill", 9.0), ("Peru", 9.0), ("1901", 0.0), ("owl", 0.0), ("", 9.0)]
GOLD = ["Karel Brandt", "the mill", "Peru", "1742", "owl", None]


def scored(expected: str = "abstain", model: str = "reader", seed: int = 0) -> pd.DataFrame:
    clean, after, variant_of, said = [], [], {}, {}
    for k, gold in enumerate(GOLD):
        context = f"{gold} is here."
        answers = (Answer(gold, 0),) if gold else ()
        clean.append(Question(f"q{k}", f"Which {k}?", context, answers, "T", bool(gold), f"A{k}:1", f"A{k}"))
        after.append(Question(f"q{k}#1", f"Which not {k}?", context, (), "T", False, f"A{k}:1", f"A{k}"))
        variant_of[f"q{k}#1"] = f"q{k}"
        said[f"q{k}"] = Prediction(f"q{k}", CLEAN[k] or "here", 9.0 if not CLEAN[k] else 0.0)
        said[f"q{k}#1"] = Prediction(f"q{k}#1", *AFTER[k])
    made = EvaluationSet("not", {"main": Arm(clean, after, variant_of, expected)}, ())
    return score_set(made, lambda q: said[q.id], single(1.0), model=model, seed=seed)


def test_shares_are_of_the_questions_that_were_right_when_clean() -> None:
    summary = summarise_set(scored())
    assert summary["expected"] == "abstain"
    assert (summary["questions"], summary["right"], summary["span_right"]) == (6, 4, 4)
    assert summary["changed"] == {
        "kept": 25.0,
        "abstained": 50.0,
        "other": 25.0,
        "span_kept": 75.0,  # the best spans behind the two abstentions are the old answers
        "span_other": 25.0,
    }
    # four questions, each its own article: the textbook error of 1, 0, 0, 0 and t(3) = 3.182
    error = 100 * np.std([1, 0, 0, 0], ddof=1) / math.sqrt(4)
    low, high = summary["changed_interval"]["kept"]
    assert 25 - 3.18245 * error < 0  # a share's interval ends at 0 and 100
    assert 25 + 3.18245 * error > 100
    assert (low, high) == (0, 100)


def test_a_share_that_every_article_has_alike_is_no_certainty() -> None:
    kept = scored()
    kept["kept"] = np.where(kept["condition"] == "perturbed", 1.0, kept["kept"])
    low, high = summarise_set(kept)["changed_interval"]["kept"]
    assert (round(low, 2), high) == (51.01, 100)  # Wilson's of 4 of 4
    (row,) = compare([run(kept)]).rows.query("figure == 'kept'").to_dict("records")
    assert (round(row["low"], 2), row["high"], row["high_paragraph"]) == (51.01, 100, 100)


def test_there_is_no_drop_in_the_summary_nor_in_what_is_printed() -> None:
    summary = summarise_set(scored())
    assert not {"drop", "drop_interval", "perturbed", "original"} & summary.keys()
    from rich.console import Console

    console = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(set_table("not", summary))
    said = console.export_text()
    assert "drop" not in said
    assert "keeps the old answer" in said
    assert "right is to abstain" in said


def test_a_set_whose_answers_stay_is_scored_as_before() -> None:
    found = scored(expected="same")
    assert "expected" not in found
    assert "drop" in summarise_set(found)


def test_seeds_are_averaged_and_their_spread_is_told() -> None:
    other = scored(seed=1)
    other.loc[other["id"] == "q0#1", ["kept", "abstained"]] = [0.0, True]
    summary = summarise_seeds(pd.concat([scored(), other], ignore_index=True))
    assert summary["changed"]["kept"] == 12.5
    assert summary["right"] == 4
    assert summary["seeds"]["numbers"] == [0, 1]
    assert summary["seeds"]["sd"]["kept"] == pytest.approx(np.std([25, 0], ddof=1))


def weaker(**about) -> pd.DataFrame:
    """Return a seed that was right on one question alone when it was clean, and kept that answer."""
    found = scored(**about)
    found.loc[(found["condition"] == "clean") & (found["id"] != "q0"), ["em", "span_em"]] = 0.0
    return found


def test_eval_and_compare_say_the_same_mean_over_seeds_of_each_seeds_share() -> None:
    """Not that of the questions: one that both seeds had right would count as much as each other one."""
    both = pd.concat([scored(), weaker(seed=1)], ignore_index=True)
    assert summarise_set(weaker())["changed"]["kept"] == 100
    assert summarise_seeds(both)["changed"]["kept"] == (25 + 100) / 2
    other = pd.concat([scored(model="two"), scored(model="two", seed=1)], ignore_index=True)
    found = compare([run(both), run(other)]).rows.query("figure == 'kept'").set_index(["model", "other"])
    assert found["value"]["reader", ""] == (25 + 100) / 2
    assert found["value"]["reader", "two"] == 0  # where both were right, each kept as many
    assert found["low_seeds"]["reader", ""] < found["low"]["reader", ""]
    assert found["seeds"]["reader", "two"] == 2


def test_a_seed_that_was_right_on_nothing_has_no_share_and_spoils_none() -> None:
    nothing = scored(seed=1)
    nothing.loc[nothing["condition"] == "clean", ["em", "span_em"]] = 0.0
    for frames in ([scored(), nothing], [nothing.assign(seed=0), scored(seed=1)]):
        summary = summarise_seeds(pd.concat(frames, ignore_index=True))
        assert summary["changed"]["kept"] == 25
        assert summary["seeds"]["sd"] == {}
        json.dumps(summary, allow_nan=False)


def test_a_comparison_has_shares_beside_the_drops_of_other_sets() -> None:
    frames = []
    for model in ("one", "two"):
        own = scored(model=model)
        if model == "two":
            own.loc[own["id"] == "q0#1", "kept"] = 0.0
            own.loc[own["id"] == "q0#1", "abstained"] = True
        frames.append(pd.concat([own, rows([1.0] * 12, [0.0] * 12, model=model)], ignore_index=True))
    found = compare([run(frame) for frame in frames], figures=["exact"])
    own = found.rows[found.rows["set"] == "not"]
    assert set(own["kind"]) == {"share", "difference of shares"}
    kept = own[own["figure"] == "kept"].set_index(["model", "other"])["value"]
    assert kept["one", ""] == 25
    assert kept["two", ""] == 0
    assert kept["one", "two"] == 25
    assert set(found.rows.loc[found.rows["set"] == "safe", "kind"]) >= {"drop"}
    text = as_markdown(found)
    assert "where something else is asked" in text
    assert "keeps the old answer" in text
    alone = compare([run(frame) for frame in frames], sets=["not"])
    assert set(alone.rows["set"]) == {"not"}


def test_a_set_that_no_run_has_is_told_where_all_sets_change_the_meaning() -> None:
    with pytest.raises(UserError, match="--set nowhere: in none of the runs; they have not"):
        compare([run(scored(model="one")), run(scored(model="two"))], sets=["nowhere"])


def test_only_shares_that_are_no_rest_of_another_are_tested() -> None:
    found = compare([run(scored(model="one")), run(scored(model="two"))]).rows
    pairs = found[found["kind"] == "difference of shares"].set_index("figure")
    assert set(pairs.index[pairs["p"].notna()]) == {"kept", "span_kept"}
    assert set(pairs["family"].dropna()) == {"difference of shares: 2"}
    # the readers do the same everywhere, which is no interval of no width
    assert pairs["low"].isna().all()
    assert set(pairs["value"]) == {0.0}


@pytest.mark.parametrize("other", ["same", "other"])
def test_two_sets_of_one_name_that_expect_different_answers_are_told(other: str) -> None:
    runs = [run(scored(model="one")), run(scored(other, model="two"))]
    for ordered in (runs, runs[::-1]):
        with pytest.raises(UserError, match="two sets of one name"):
            compare(ordered)


def test_nothing_else_takes_it_for_a_drop() -> None:
    both = pd.concat([scored(), rows([1.0] * 12, [0.0] * 12)], ignore_index=True)
    assert changed_sets(both) == {"not": "abstain"}
    assert [entry.set for entry in entries_of(run(both))] == ["safe"]
    assert set(breakdown(run(both), {})["set"]) == {"safe"}
    with pytest.raises(UserError, match="no perturbed questions"):
        entries_of(run(scored()))
