"""Means over seeds whose questions differ from seed to seed."""

from __future__ import annotations

import pandas as pd
import pytest

from robust.evaluation.over_seeds import mean_over_seeds, pair_seeds, spread_over_seeds


def series(**seeds):
    return pd.concat({number: pd.Series(own) for number, own in enumerate(seeds.values())})


def test_a_question_of_one_seed_does_not_count_as_much_as_one_of_all():
    values = series(a={"q1": 1.0, "q2": 1.0, "q3": 0.0}, b={"q1": 1.0}, c={"q1": 0.0, "q4": 1.0})
    found = mean_over_seeds(values)
    assert list(found.index) == ["q1", "q2", "q3", "q4"]
    assert found.mean() == pytest.approx((2 / 3 + 1 + 1 / 2) / 3)
    assert spread_over_seeds(values) == (pytest.approx(pd.Series([2 / 3, 1, 1 / 2]).std()), 3)


def test_one_seed_and_equal_questions_are_a_plain_mean():
    assert mean_over_seeds(series(a={"q1": 1.0, "q2": 0.5})).tolist() == [1.0, 0.5]
    both = series(a={"q1": 1.0, "q2": 0.0}, b={"q1": 0.0, "q2": 0.0})
    assert mean_over_seeds(both).tolist() == [0.5, 0.0]
    assert spread_over_seeds(series(a={"q1": 1.0})) == (0.0, 1)


def test_seeds_are_paired_by_number_and_else_in_order():
    assert pair_seeds([0, 1, 2], [2, 0, 5]) == [(0, 0), (2, 2)]
    assert pair_seeds([0], [3]) == [(0, 3)]
    assert pair_seeds([0, 1], [3, 4, 5]) == [(0, 3), (1, 4)]
