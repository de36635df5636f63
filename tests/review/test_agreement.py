"""Agreement beyond chance: the textbooks' own examples."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest

from robust.review.agreement import Agreement, cohen_kappa, krippendorff_alpha

JUDGED = Path(__file__).parents[2] / "docs" / "judged"


def raters_of(table: list[list[int]]) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return two raters whose cross table is ``table``, every item in an article of its own."""
    cells = [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]
    first = {str(n): str(i) for n, (i, _) in enumerate(cells)}
    second = {str(n): str(j) for n, (_, j) in enumerate(cells)}
    return first, second, {item: item for item in first}


def kappa_of(table: list[list[int]]) -> Agreement:
    found = cohen_kappa(*raters_of(table))
    assert found is not None
    return found


def test_cohens_kappa_of_the_usual_example_is_two_fifths() -> None:
    # 50 proposals, 20 yes/yes, 15 no/no (the example in most introductions)
    found = kappa_of([[20, 5], [10, 15]])
    assert found.value == pytest.approx(0.4)
    assert found.observed == pytest.approx(0.7)
    assert found.items == 50


def test_kappa_and_its_error_are_those_of_fleiss_1981() -> None:
    # Fleiss, Statistical Methods for Rates and Proportions, 1981: 100 diagnoses, kappa .68, error .087
    found = kappa_of([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    assert found.value == pytest.approx(0.68, abs=0.005)
    assert found.low is not None and found.high is not None
    assert (found.high - found.low) / (2 * 1.984) == pytest.approx(0.087, rel=0.05)  # t(99)


def test_cohens_kappa_is_that_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    random = Random(0)
    first = {str(n): random.choice("abc") for n in range(300)}
    second = {n: label if random.random() < 0.6 else random.choice("abcd") for n, label in first.items()}
    found = cohen_kappa(first, second, dict.fromkeys(first, "one"))
    assert found is not None
    expected = metrics.cohen_kappa_score(list(first.values()), list(second.values()))
    assert found.value == pytest.approx(expected, abs=1e-12)


def column(text: str) -> dict[str, str]:
    return {str(n): label for n, label in enumerate(text.replace(" ", "")) if label != "."}


@pytest.mark.parametrize(
    ("raters", "alpha"),
    [
        (["0100000010", "1110010000"], 0.095),
        (["123321412...", "123322412 5.3", ".333234225 1.", "123324412 51."], 0.743),
    ],
    ids=["two raters", "four raters with gaps"],
)
def test_krippendorffs_alpha_is_that_of_his_own_examples(raters: list[str], alpha: float) -> None:
    # Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, data A and C (nominal)
    columns = [column(text) for text in raters]
    found = krippendorff_alpha(columns, {str(n): "one" for n in range(12)})
    assert found is not None
    assert found.value == pytest.approx(alpha, abs=0.0005)


def test_what_all_call_the_same_has_no_kappa() -> None:
    found = kappa_of([[12]])
    assert (found.observed, found.value, found.low, found.high) == (1.0, None, None, None)
    assert cohen_kappa({"a": "x"}, {"b": "x"}, {}) is None
    assert krippendorff_alpha([{"a": "x"}, {"b": "x"}], {}) is None


def test_an_interval_takes_articles_as_clusters() -> None:
    first, second, alone = raters_of([[40, 10], [10, 40]])
    apart = cohen_kappa(first, second, alone)
    # The same hundred judgements five times over are no more than they were.
    times = range(5)
    many = [
        {f"{item}/{n}": label for item, label in rater.items() for n in times} for rater in (first, second)
    ]
    together = cohen_kappa(*many, {f"{item}/{n}": item for item in first for n in times})
    assert apart is not None and together is not None
    assert (together.low, together.high) == (pytest.approx(apart.low), pytest.approx(apart.high))
    one = cohen_kappa(first, second, dict.fromkeys(first, "one"))
    assert one is not None and one.low is None


@pytest.mark.parametrize(("preset", "observed", "kappa"), [("safe", 0.95, 0.88), ("paper", 0.93, 0.88)])
def test_the_kappas_in_docs_results_come_out_of_the_labels_in_docs(
    preset: str, observed: float, kappa: float
) -> None:
    if not JUDGED.is_dir():
        pytest.skip("not in a checkout")
    rows = [json.loads(line) for line in (JUDGED / f"{preset}.jsonl").read_text().splitlines()]
    raters = [
        {str(n): row[name] for n, row in enumerate(rows) if row.get(name)} for name in ("rater_a", "rater_b")
    ]
    found = cohen_kappa(raters[0], raters[1], {str(n): str(n) for n in range(len(rows))})
    assert found is not None and found.value is not None
    assert np.round([found.observed, found.value], 2).tolist() == [observed, kappa]
