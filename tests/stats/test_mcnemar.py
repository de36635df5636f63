"""McNemar's test against published tables and the binomial distribution by hand."""

from __future__ import annotations

from math import comb

import pytest

from robust.stats.mcnemar import mcnemar


@pytest.mark.parametrize(
    ("b", "c", "exact", "mid_p"),
    [
        # Fagerland, Lydersen & Laake 2013, BMC Med Res Methodol 13:91, table 1 (airway hyper-responsiveness
        # before and after stem cell transplantation, Bentur et al.): exact 0.070, mid-p 0.039
        pytest.param(1, 7, 0.070, 0.039, id="fagerland-airways"),
        # by hand: all of 5 one way is 2 / 2^5, of which the mid-p takes half
        pytest.param(5, 0, 2 / 32, 1 / 32, id="five-to-none"),
        pytest.param(0, 0, 1.0, 1.0, id="nothing-turned"),
        pytest.param(4, 4, 1.0, 1.0, id="even"),
    ],
)
def test_published_tables_are_met(b, c, exact, mid_p):
    found = mcnemar(b, c)
    assert (found.exact, found.mid_p) == (pytest.approx(exact, abs=5e-4), pytest.approx(mid_p, abs=5e-4))
    assert mcnemar(c, b).exact == found.exact
    assert (found.b, found.c) == (b, c)


@pytest.mark.parametrize(
    ("b", "c", "p"),
    [
        # contingency_tables.mcnemar(exact=True) of statsmodels 0.15; the first are the prime minister's
        # approval ratings, Agresti 2002 "Categorical Data Analysis", table 10.1
        (150, 86, 3.7159361e-05),
        (10, 25, 0.016673847800120715),
        (59, 25, 0.00026645108697203506),
    ],
)
def test_the_exact_p_is_that_of_other_programs(b, c, p):
    assert mcnemar(b, c).exact == pytest.approx(p, rel=1e-4)


@pytest.mark.parametrize(("b", "c"), [(3, 9), (1, 2), (20, 31)])
def test_mid_p_is_the_exact_p_less_the_chance_of_what_was_seen(b, c):
    seen = comb(b + c, b) / 2 ** (b + c)
    found = mcnemar(b, c)
    assert found.mid_p == pytest.approx(found.exact - seen)


def test_thousands_of_questions_are_no_burden():
    assert mcnemar(5_000, 5_200).exact == pytest.approx(0.0484, abs=5e-4)  # the normal with correction


def test_a_count_below_nothing_is_refused():
    with pytest.raises(ValueError, match="none below 0"):
        mcnemar(-1, 3)
