"""Amounts as people write them."""

from __future__ import annotations

import pytest

from robust.cli.amounts import check_threshold, seconds, tokens
from robust.errors import UserError


@pytest.mark.parametrize(
    ("text", "value"), [("90s", 90), ("20m", 1200), ("1.5h", 5400), ("45", 45), ("0", 0)]
)
def test_a_budget_is_read_with_its_unit(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("500k", 500_000), ("1.5M", 1_500_000), ("2B", 2 * 10**9), ("7", 7)]
)
def test_a_number_of_tokens_is_read_with_its_unit(text: str, value: int) -> None:
    assert tokens(text) == value


@pytest.mark.parametrize("text", ["soon", "", "-5", "nan", "inf", "5x", "m"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="expected a time such as"):
        seconds(text)
    with pytest.raises(UserError, match="expected a number such as"):
        tokens(text)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_threshold_is_a_number(value: float) -> None:
    check_threshold(None)
    check_threshold(-3.5)
    with pytest.raises(UserError, match=f"--threshold {value}: expected a number"):
        check_threshold(value)
