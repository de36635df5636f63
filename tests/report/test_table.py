"""The terminal table says what it must, in 80 columns."""

from rich.console import Console

from robust.report.table import set_table

_HALF = {
    "exact": 70.0,
    "f1": 75.0,
    "HasAns_exact": 60.0,
    "HasAns_abstained": 20.0,
    "best_exact": 72.0,
    "total": 90,
}
_DROP = {
    "exact": 5.04,
    "f1": -0.04,
    "HasAns_exact": 6.0,
    "HasAns_abstained": -3.0,
    "best_exact": 1.0,
    "total": 90,
}
_ARM = {
    "questions": 90,
    "variants": 90,
    "articles": 7,
    "original": _HALF,
    "perturbed": {key: _HALF[key] - _DROP[key] for key in _HALF},
    "drop": _DROP,
    "drop_interval": {"exact": [1.0, 9.0], "f1": None, "HasAns_abstained": [-4.0, -2.0]},
}
_SET = {
    **_ARM,
    "coverage": 0.5,
    "asked": 180,
    "controls": {"questions": 44, "arms": {"main": _ARM, "identity": _ARM, "random-sense": _ARM}},
}


def _text(summary, width=80):
    console = Console(width=width, record=True, force_terminal=False)
    with console.capture() as captured:
        console.print(set_table("qads", summary, "a heading"))
    return captured.get()


def test_a_paired_table_shows_clean_perturbed_drop_and_interval():
    text = _text(_SET)
    assert "qads: 90 questions in 7 articles (50.0 % of the 180 asked)" in text
    row = next(line.split() for line in text.splitlines() if line.startswith("EM "))
    assert row == ["EM", "70.0", "65.0", "+5.0", "[+1.0,", "+9.0]"]
    assert "EM, oracle threshold" in text
    rise = next(line.split() for line in text.splitlines() if line.startswith("HasAns abstained, rise"))
    assert rise[-5:] == ["20.0", "23.0", "+3.0", "[+2.0,", "+4.0]"]


def test_controls_stand_beside_on_the_shared_questions_and_fit_80_columns():
    text = _text(_SET)
    assert "on the 44 questions that all arms rewrite" in text
    row = next(line.split() for line in text.splitlines() if line.startswith("identity"))
    assert row == ["identity", "70.0", "65.0", "+5.0", "[+1.0,", "+9.0]", "+0.0", "+6.0", "+3.0"]
    assert "…" not in text


def test_no_figure_is_minus_zero_and_no_interval_is_invented():
    text = _text(_SET)
    assert "-0.0" not in text
    row = next(line.split() for line in text.splitlines() if line.startswith("F1 "))
    assert row[-1] == "-"


def test_a_plain_file_has_scores_alone():
    text = _text({**_HALF, "articles": 7, "interval": {"exact": [66.0, 74.0]}})
    assert "90 questions" in text
    assert "[66.0, 74.0]" in text
    assert "perturbed" not in text


def test_the_worst_of_several_variants_is_told():
    assert "worst of a question and its variants: EM 31.0, F1 40.5" in _text(
        {**_ARM, "variants": 180, "worst": {"exact": 31.0, "f1": 40.5}}
    )
