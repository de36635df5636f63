"""What the demo says of two readers."""

from __future__ import annotations

import math

from rich.console import Console

from robust.evaluation.compare import compare
from robust.report.side_by_side import _further, control_drops, headline, side_by_side, who_falls_further
from tests.evaluation.made_up import random_rows, rows, run


def result(drop: float, low: float, high: float) -> dict:
    figures = {"exact": 50.0, "HasAns_span_exact": 60.0, "HasAns_abstained": 10.0}
    after = {"exact": 50.0 - drop, "HasAns_span_exact": 60.0 - drop, "HasAns_abstained": 10.0 + drop}
    drops = {key: figures[key] - after[key] for key in figures}
    arm = {"drop": {"exact": drop}, "drop_interval": {"exact": [low, high]}}
    summary = {
        "original": figures,
        "perturbed": after,
        "drop": drops,
        "drop_interval": {"HasAns_span_exact": [low, high], "HasAns_abstained": [-high, -low]},
        "controls": {"questions": 7, "arms": {"identity": arm, "main": arm}},
    }
    return {"model": "reader [one]", "sets": {"qads": summary}}


def shown(renderable: object) -> str:
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(renderable)
    return console.export_text()


def test_a_drop_is_said_with_its_interval():
    said = headline(result(4.0, 1.0, 7.0), "qads")
    assert "60.0 % of answerable questions, 56.0 % in other words: a drop of 4.0 points" in said
    assert "+1.0 to +7.0" in said
    assert "chance" not in said


def test_a_drop_of_several_seeds_is_said_with_the_interval_over_seeds_too():
    found = result(4.0, 1.0, 7.0)
    found["sets"]["qads"]["seeds"] = {
        "numbers": [1, 2, 3],
        "sd": {},
        "interval": {"HasAns_span_exact": [-2.0, 10.0], "HasAns_abstained": None},
    }
    said = headline(found, "qads")
    assert "interval of the drop -2.0 to +10.0 over articles and seeds" in said
    assert said.endswith("too little to tell from chance, mean of 3 seeds.")
    assert "-2.0 to +10.0" in shown(side_by_side([found], "qads"))


def test_a_change_that_may_be_chance_is_called_so():
    assert "a gain of 2.0 points" in headline(result(-2.0, -5.0, 1.0), "qads")
    assert "too little to tell from chance" in headline(result(-2.0, -5.0, 1.0), "qads")


def test_no_change_is_no_change():
    assert "no change" in headline(result(0.0, 0.0, 0.0), "qads")


def test_a_set_without_answerable_questions_says_nothing_of_them():
    found = result(4.0, 1.0, 7.0)
    del found["sets"]["qads"]["drop"]["HasAns_span_exact"]
    assert "answerable" not in headline(found, "qads")


def test_more_abstaining_is_shown_as_a_rise_and_names_are_shown_as_they_are():
    text = shown(side_by_side([result(4.0, 1.0, 7.0)], "qads"))
    assert "reader [one]" in text
    (line,) = (row for row in text.splitlines() if "abstained" in row)
    assert line.split()[-4:] == ["+4.0", "+1.0", "to", "+7.0"]


def test_controls_stand_beside_the_set():
    table = control_drops([result(4.0, 1.0, 7.0)], "qads")
    text = shown(table)
    assert "chosen sense (QADS)" in text
    assert "identity" in text
    assert "7 questions" in text


def test_a_set_without_controls_has_no_such_table():
    found = result(4.0, 1.0, 7.0)
    found["sets"]["qads"]["controls"] = None
    assert control_drops([found], "qads") is None


def further(first: float, second: float) -> str:
    runs = [run(random_rows(n, drop, questions=600, model=f"m{n}")) for n, drop in ((1, first), (2, second))]
    found = compare(runs, figures=("HasAns_span_exact",), controls=False)
    assert who_falls_further(found, "another set") == []
    (line,) = who_falls_further(found, "safe")
    return line


def test_who_falls_further_is_said_from_the_side_of_the_one_that_does():
    one, other = further(0.3, 0.02), further(0.02, 0.3)
    assert one.startswith("m1's drop is ") and "more than m2's" in one and "tell" not in one
    assert other.startswith("m2's drop is ") and "more than m1's" in other and "tell" not in other
    low, high = other.partition("interval ")[2].partition(",")[0].split(" to ")
    size = float(other.partition("drop is ")[2].partition(" points")[0])
    assert 0 < float(low) < size < float(high)
    assert "on the same 450 questions" in one  # the answerable ones of 600


def test_a_difference_that_may_be_chance_is_called_so():
    assert "too little to tell the two apart" in further(0.1, 0.1)


def test_two_that_fall_alike_do():
    both = [run(rows([1.0] * 80, [0.0, 1.0] * 40, model=f"m{n}")) for n in (1, 2)]
    found = compare(both, figures=("HasAns_span_exact",), controls=False)
    assert who_falls_further(found, "safe") == ["m1 and m2 fall alike on the same 60 questions."]


def test_where_articles_are_alike_and_seeds_are_not_the_interval_over_seeds_is_told():
    row = {"model": "m1", "other": "m2", "value": 5.0, "questions": 60, "low": math.nan, "high": math.nan}
    of_seeds = row | {"low_seeds": 1.0, "high_seeds": 9.0}
    assert "95 % interval +1.0 to +9.0 over articles and seeds" in _further(of_seeds, "-")
    none = row | {"low_seeds": math.nan, "high_seeds": math.nan}
    assert _further(none, "-").endswith("articles too few, or too alike, for an interval.")


def test_nothing_is_said_of_a_reader_that_has_nothing_to_lose():
    never = rows([0.0] * 200, [0.0] * 200, model="never")
    found = compare(
        [run(never), run(random_rows(1, 0.2, questions=200, model="m"))],
        figures=("HasAns_span_exact",),
        controls=False,
    )
    assert ("safe", "never") in found.floors
    assert who_falls_further(found, "safe") == []


def test_seeds_widen_the_interval_that_is_told():
    def of(model: str, number: int, drops: tuple[float, ...]) -> list:
        return [
            random_rows(number + seed, drop, questions=600, model=model, seed=seed)
            for seed, drop in enumerate(drops)
        ]

    runs = [run(*of("m1", 1, (0.5, 0.02, 0.3))), run(*of("m2", 9, (0.02, 0.02, 0.02)))]
    found = compare(runs, figures=("HasAns_span_exact",), controls=False)
    (line,) = who_falls_further(found, "safe", "\u2212")
    assert "over articles and seeds" in line and "95 % interval \u2212" in line
    assert "too little to tell the two apart" in line
