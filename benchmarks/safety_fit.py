"""Fit the weights of robust/attack/safety.py on people's judgements, and measure how well they predict.

    python benchmarks/safety_fit.py SWORDS-DEV.json.gz [--write]

Every usable single-word synonym of every target of SWORDS (Lee et al. 2021; CC BY 3.0 US) that people judged
is an example; its label is the share of the people who accept it. The weights come from a logistic regression
on these shares with a ridge of 20 on the standardised evidence.

Prints the weights, and how the best substitute of each target fares, targets in the order of its estimated
safety, by ten-fold cross-validation over the LEMMAS of the targets (so that nothing is learnt of *say* from
another *say*), averaged over 20 ways of dealing the lemmas. ``--write`` stores the weights, and those fitted
without each tenth of the lemmas, in robust/attack/data/safety.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from robust.attack.candidates import offers
from robust.attack.choice import delicacy
from robust.attack.registry import make
from robust.attack.safety import FOLDS, Evidence, Model, fold
from robust.attack.scene import Scene
from robust.attack.validity import interval, place, read_targets
from robust.files import write_text

RIDGE = 20.0
COVERAGES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
STORED = Path(__file__).parent.parent / "robust" / "attack" / "data" / "safety.json"


def examples(targets):
    """Return for each usable substitute: target's number and lemma, evidence, delicacy, votes (or NaN)."""
    attack = make("qads.v1")
    rows = []
    for number, target in enumerate(targets):
        scene = Scene(target.question)
        index = place(scene, target)
        if index is None:
            continue
        ranked = attack.senses(scene, index)
        offered = offers(scene, index, attack.filters)[0]
        more = delicacy(scene, index)[1]
        for substitute, _, evidence in attack.weighed(scene, index, ranked, offered):
            share = target.votes.get(substitute.lemma, float("nan"))
            rows.append((number, scene.tokens[index].lemma, evidence, more, share))
    return rows


def fit(evidence, shares):
    """Return bias and weights of the ridge logistic regression, by Newton's method."""
    mean, deviation = evidence.mean(0), evidence.std(0) + 1e-9
    x = np.c_[np.ones(len(evidence)), (evidence - mean) / deviation]
    ridge = np.r_[1e-6, np.full(evidence.shape[1], RIDGE)]
    w = np.zeros(x.shape[1])
    for _ in range(15):
        p = 1 / (1 + np.exp(-x @ w))
        w -= np.linalg.solve((x.T * (p * (1 - p))) @ x + np.diag(ridge), x.T @ (p - shares) + ridge * w)
    return np.r_[w[0] - (w[1:] * mean / deviation).sum(), w[1:] / deviation].round(4)


def cross_fitted(evidence, shares, folds):
    """Return the safety of every example by weights fitted without its fold."""
    found = np.zeros(len(shares))
    for k in np.unique(folds):
        held_out = folds == k
        bias, *weights = fit(evidence[~held_out & ~np.isnan(shares)], shares[~held_out & ~np.isnan(shares)])
        found[held_out] = 1 / (1 + np.exp(-bias - evidence[held_out] @ np.array(weights)))
    return found


def best(numbers, safety):
    """Return the index of each target's safest substitute, the safest target first."""
    order = np.lexsort((np.arange(len(safety)), -safety))
    return order[np.sort(np.unique(numbers[order], return_index=True)[1])]


def main(path, write):
    """Fit on all judgements, cross-fit, print both; with ``write``, ship the weights."""
    targets = read_targets(Path(path))
    rows = examples(targets)
    numbers = np.array([row[0] for row in rows])
    lemmas = np.array([row[1] for row in rows])
    evidence = np.array([row[2] for row in rows])
    more = np.array([row[3] for row in rows])
    shares = np.array([row[4] for row in rows])
    judged = ~np.isnan(shares)
    print(
        f"{len(rows)} usable substitutes of {len(set(numbers))} of {len(targets)} targets; {judged.sum()} "
        f"were judged, {np.mean(shares[judged] >= 0.5):.1%} of them accepted"
    )
    stored = fit(evidence[judged], shares[judged])
    print("bias", stored[0], dict(zip(Evidence._fields, stored[1:].tolist(), strict=True)))
    parts = np.array([fold(lemma) for lemma in lemmas])
    if write:
        without = [fit(evidence[judged & (parts != k)], shares[judged & (parts != k)]) for k in range(FOLDS)]
        value = {
            "evidence": list(Evidence._fields),
            "all": stored.tolist(),
            "without": [weights.tolist() for weights in without],
        }
        write_text(STORED, json.dumps(value, indent=1) + "\n")
    names = np.unique(lemmas)
    table = []
    for seed in range(20):
        dealt = np.random.default_rng(seed).permutation(len(names)) % FOLDS
        folds = dealt[np.searchsorted(names, lemmas)]
        chosen = best(numbers, cross_fitted(evidence, shares, folds) - more)
        table.append(figures(chosen, shares, len(targets)))
    fitted = Model(stored[0], Evidence(*stored[1:]))
    seen = best(numbers, np.array([fitted.safety(e) for e in evidence]) - more)
    print("coverage  cross-validated over lemmas, mean of 20 (sd)            on the data it was fitted on")
    for coverage, crossed, own in zip(
        COVERAGES, zip(*table, strict=True), figures(seen, shares, len(targets)), strict=True
    ):
        mean, deviation = np.mean(crossed, 0), np.std(crossed, 0)
        low, high = interval(round(mean[0] * mean[3]), round(mean[3]))
        print(
            f"{coverage:6.0%}    {mean[0]:.1%} ({deviation[0]:.1%}) [{low:.1%}, {high:.1%}] of {mean[3]:.0f} "
            f"judged, {mean[1]:.1%} unjudged wrong, {mean[2]:.1%} by most    {own[0]:.1%} of {own[3]}"
        )


def figures(chosen, shares, targets):
    """Return (accepted of judged, of all, by most of judged, judged) at each coverage."""
    found = []
    for coverage in COVERAGES:
        share = shares[chosen[: round(coverage * targets)]]
        known = share[~np.isnan(share)]
        accepted = np.sum(known >= 0.5)
        found.append((accepted / len(known), accepted / len(share), np.mean(known > 0.5), len(known)))
    return found


if __name__ == "__main__":
    main(sys.argv[1], "--write" in sys.argv)
