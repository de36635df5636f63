"""What the page says in words: how far, how sure, and every reason to doubt it."""

from __future__ import annotations

import pandas as pd
import pytest

from robust.evaluation.seeds import summarise_seeds
from robust.report.html.questions import Shown
from robust.report.html.story import Story, change, story
from robust.squad.records import Question
from tests.report.runs_of_our_own import falls_for, questions, run_of, shown


def told(arms: dict[str, Shown], answer: object, changed: str = "when asked anew") -> Story:
    run = run_of(arms, answer)  # type: ignore[arg-type]
    return story("reader-a", "small", run.summary["sets"]["small"], run.scores, changed)


def test_the_sentence_has_the_loss_and_its_interval() -> None:
    small = shown(questions())
    run = run_of({"main": small}, falls_for(0, 2, 4, 6, 8))  # 5 of 20 answerable ones: 25 points
    low, high = run.summary["sets"]["small"]["drop_interval"]["HasAns_span_exact"]
    said = told({"main": small}, falls_for(0, 2, 4, 6, 8)).sentence
    assert said.startswith(
        f"reader-a loses 25.0 points of its right spans (95 % interval {low:.1f} to {high:.1f})"
    )
    assert "100.0 % before, 75.0 % after" in said


def test_the_sentence_on_several_seeds_has_the_interval_over_seeds_too() -> None:
    """What is quoted of a model must not rest on the spread over articles of three sets of weights alone."""
    small = shown(questions())
    fell = [(0,), (0, 2, 4), tuple(range(0, 18, 2))]
    rows = [run_of({"main": small}, falls_for(*one)).scores.assign(seed=i) for i, one in enumerate(fell)]
    scores = pd.concat(rows, ignore_index=True)
    summary = summarise_seeds(scores)
    low, high = summary["seeds"]["interval"]["HasAns_span_exact"]
    assert low < summary["drop_interval"]["HasAns_span_exact"][0]
    said = story("reader-a", "small", summary, scores, "when asked anew")
    bounds = f"{low:.1f} to {high:.1f}".replace("-", "\N{MINUS SIGN}")
    assert f"(95 % interval {bounds} over articles and seeds)" in said.sentence
    assert said.sentence.endswith("abstaining switched off, mean of 3 seeds.")
    assert any("includes 0" in warning for warning in said.warnings) == (low <= 0)


def test_an_interval_that_holds_zero_is_said_plainly() -> None:
    one = told({"main": shown(questions())}, falls_for(0))
    assert any("includes 0" in warning for warning in one.warnings)
    many = told({"main": shown(questions())}, falls_for(*range(0, 40, 2)))
    assert not any("includes 0" in warning for warning in many.warnings)


def test_a_control_that_falls_as_much_is_a_caution() -> None:
    small = shown(questions())
    arms = {"main": small, "non-synonym": shown(small.arm.original, "blue")}
    said = told(arms, falls_for(0, 2, 4, 6, 8))
    assert any("unrelated word" in w and "cannot be told apart" in w for w in said.warnings)


def test_a_control_that_falls_further_is_told_without_one() -> None:
    small = shown(questions())

    def answer(arm: str, q: Question) -> tuple[str, float]:
        return falls_for(*(range(0, 40, 2) if arm == "non-synonym" else (0, 2)))(arm, q)

    said = told({"main": small, "non-synonym": shown(small.arm.original, "blue")}, answer)
    assert any("unrelated word" in line and "+100.0 points" in line for line in said.more)
    assert not any("unrelated" in w for w in said.warnings)


def test_an_identity_arm_that_falls_is_a_broken_run() -> None:
    small = shown(questions())
    arms = {"main": small, "identity": shown(small.arm.original, "big")}
    assert not any("identity" in w for w in told(arms, falls_for(0, 2)).warnings)

    def broken(arm: str, q: Question) -> tuple[str, float]:
        return falls_for(0, 2)("main", q)

    assert any("identity arm changes nothing" in w for w in told(arms, broken).warnings)


@pytest.mark.parametrize(("held", "warned"), [(range(0, 40, 2), True), (range(0), False)])
def test_a_reader_that_hardly_beats_always_abstaining_is_named(held: range, *, warned: bool) -> None:
    def answer(arm: str, q: Question) -> tuple[str, float]:
        text, odds = falls_for()(arm, q)
        return text, 1.0 if int(q.id.partition("#")[0][1:]) in held else odds

    said = told({"main": shown(questions())}, answer)
    assert any("Always abstaining would score 50.0 %" in w for w in said.warnings) is warned
    assert any("Judge it by its spans" in w for w in said.warnings) is warned


def test_of_final_answers_no_span_and_no_threshold_is_spoken_of() -> None:
    run = run_of({"main": shown(questions())}, lambda arm, q: ("", 0.0), final=True)
    said = story("reader-a", "small", run.summary["sets"]["small"], run.scores, "when asked anew")
    assert any("Judge it by its answers to answerable questions, and not" in w for w in said.warnings)
    assert any(line.startswith("Exact match over all questions goes from 50.0 %") for line in said.more)
    words = " ".join((said.sentence, *said.more, *said.warnings, *said.kept))
    assert "span" not in words and "threshold" not in words


def test_what_was_changed_is_told_from_the_edits() -> None:
    small = shown(questions())
    assert change(small, "qads.v1") == "when one word of the question is replaced by a synonym"
    assert change(small, "other.v1") == "when one word of the question is replaced"
    assert change(None, "qads.v1") == "on the changed questions"


def holds_back(*numbers: int) -> object:
    """Return a reader that knows every span, but abstains on the perturbed questions of these numbers."""

    def answer(arm: str, q: Question) -> tuple[str, float]:
        text, odds = falls_for()(arm, q)
        return text, 1.0 if "#" in q.id and int(q.id.partition("#")[0][1:]) in numbers else odds

    return answer


def test_a_reader_that_only_loses_its_nerve_is_said_to() -> None:
    said = told({"main": shown(questions())}, holds_back(*range(0, 40, 6)))
    (caution,) = (w for w in said.warnings if w.startswith("Its spans do not clearly change"))
    assert "(it is the same in every article)" in caution
    assert "falls by 35.0 points (95 % interval" in caution and caution.endswith("it abstains more.")
    assert any("answerable questions goes from 100.0 % to 65.0 %, drop +35.0" in line for line in said.kept)
    assert any("abstains on 0.0 % of" in line and "rise +35.0 points (95 %" in line for line in said.kept)
    calm = told({"main": shown(questions())}, falls_for(0))
    assert any("the change of its right spans cannot be told" in w for w in calm.warnings)
