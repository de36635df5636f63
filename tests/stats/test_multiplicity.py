"""Corrections for several tests against the papers' own examples."""

from __future__ import annotations

import math

import pytest

from robust.stats.multiplicity import benjamini_hochberg, holm

# Benjamini & Hochberg 1995, section 3.2: fifteen tests of thrombolysis after infarction
INFARCTION = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0),
]


def test_the_paper_s_fifteen_tests_give_four_findings_and_three_by_holm():
    assert sum(p <= 0.05 for p in benjamini_hochberg(INFARCTION)) == 4
    assert sum(p <= 0.05 for p in holm(INFARCTION)) == 3


def test_adjusted_values_are_those_of_statsmodels():
    """multipletests(..., "holm") and "fdr_bh" of statsmodels 0.15."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert holm(INFARCTION)[:6] == pytest.approx([0.0015, 0.0056, 0.0247, 0.114, 0.2211, 0.278])
    assert benjamini_hochberg(INFARCTION)[3:7] == pytest.approx([0.035625, 0.0603, 0.0638571, 0.0638571])


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_one_test_needs_no_correction_and_none_gives_none(adjust):
    assert adjust([0.03]) == [0.03]
    assert adjust([]) == []


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
@pytest.mark.parametrize("wrong", [-0.1, 1.1, math.nan])
def test_what_is_no_probability_is_refused(adjust, wrong):
    with pytest.raises(ValueError, match="expected 0 to 1"):
        adjust([0.5, wrong])
