"""Studies whose truth is known: intervals hold it 93 to 97 times of 100, tests of it reject about 5."""

from __future__ import annotations

import numpy as np
import pytest

from robust.stats.clustered import clustered_mean
from robust.stats.resampling import bootstrap, randomisation
from robust.stats.wild import wild_bootstrap

TRUTH, TURN, STUDIES, ARTICLES = 0.03, 0.19, 2_000, 35


@pytest.fixture(scope="module")
def studies():
    """Return 2,000 studies of 35 unequal articles (design effect about 2): values less the truth, names."""
    random = np.random.default_rng(7)
    names = np.array([f"article {a}" for a in range(ARTICLES)])
    found = []
    for _ in range(STUDIES):
        sizes = np.maximum(2, 12 * np.exp(random.normal(0, 0.5, ARTICLES))).astype(int)
        # every article falls by an amount of its own, between -0.10 and 0.16, about the truth
        drops = TRUTH + random.uniform(-0.13, 0.13, ARTICLES)
        member = np.repeat(np.arange(ARTICLES), sizes)
        chance = random.random(len(member))
        falls, rises = (TURN + drops[member]) / 2, (TURN - drops[member]) / 2
        values = (chance < falls).astype(float) - (chance > 1 - rises)
        found.append((values - TRUTH, names[member].tolist()))
    return found


def held(found) -> bool:
    return bool(found.low <= 0 <= found.high)


def test_the_bootstrap_interval_holds_the_truth_as_often_as_it_says(studies):
    assert 0.93 < np.mean([held(bootstrap(*one, resamples=399)) for one in studies]) < 0.97


def test_the_wild_interval_holds_the_truth_as_often_as_it_says(studies):
    found = [wild_bootstrap(*one, resamples=199) for one in studies]
    assert 0.93 < np.mean([held(one) for one in found]) < 0.97
    assert 0.03 < np.mean([one.p <= 0.05 for one in found]) < 0.07
    assert 0.08 < np.mean([one.p <= 0.1 for one in found]) < 0.12


def test_student_s_interval_holds_the_truth_as_often_as_it_says(studies):
    found = [clustered_mean(*one) for one in studies]
    assert 0.93 < np.mean([held(one) for one in found]) < 0.97
    assert 0.03 < np.mean([one.p <= 0.05 for one in found]) < 0.07


def test_sign_flips_reject_the_truth_five_times_of_a_hundred(studies):
    found = [randomisation(*one, resamples=199) for one in studies]
    assert 0.035 < np.mean([p <= 0.05 for p in found]) < 0.065
    assert 0.08 < np.mean([p <= 0.1 for p in found]) < 0.12


def test_questions_taken_for_independent_hold_it_too_rarely(studies):
    """What clustering is for: with a design effect of 2 the textbook interval is far too narrow."""
    found = [clustered_mean(values, [str(k) for k in range(len(values))]) for values, _ in studies[:500]]
    assert np.mean([held(one) for one in found]) < 0.92
