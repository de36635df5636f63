"""Figures as they are shown."""

from robust.report.numbers import interval, number, signed


def test_what_rounds_to_nothing_has_no_minus():
    assert signed(-0.04) == "+0.0"
    assert number(-0.04) == "0.0"
    assert interval((-0.04, 0.02)) == "[+0.0, +0.0]"
    assert interval((-0.004, 0.5), "+.2f") == "[+0.00, +0.50]"
    assert number(-0.4, ".0f") == "0"


def test_what_is_not_known_is_a_dash():
    nan = float("nan")
    assert number(None) == number(nan) == signed(None) == "-"
    assert interval(None) == interval((None, 1.0)) == interval((nan, nan)) == interval(()) == "-"
