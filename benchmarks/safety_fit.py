"""Fit the weights of robust/attack/safety.py on people's judgements, and measure how well they predict.

    python benchmarks/safety_fit.py SWORDS-DEV.json.gz

SWORDS (Lee et al. 2021; CC BY 3.0 US) asks people whether a word may be replaced by another in its context. A
pair counts here if WordNet has both words in one synset; it is accepted if at least half of the people say
so. Prints the weights fitted on all pairs, and for pairs in the sense that enhanced Lesk chooses, by
ten-fold cross-validation over targets: the area under the ROC curve, and the share accepted at each
threshold.
"""

from __future__ import annotations

import gzip
import json
import sys

import numpy as np
from scipy.optimize import minimize

from robust.attack.candidates import Substitute
from robust.attack.safety import Evidence, weigh
from robust.attack.word_facts import spelling, standing
from robust.words.frequency import zipf
from robust.words.inflect import inflect
from robust.words.lexicon import Lexicon
from robust.words.senses import Context, get
from robust.words.tagger import analyse
from robust.words.tokens import coarse

POS = {"NOUN": "n", "VERB": "v", "ADJ": "a", "ADV": "r"}


def pairs(path):
    """Yield (target id, whether in the chosen sense, evidence, accepted) of each judged pair."""
    lexicon = Lexicon.open()
    lesk = get("enhanced-lesk-2014", lexicon)
    with gzip.open(path) as stream:
        swords = json.load(stream)
    judged = {}
    for key, entry in swords["substitutes"].items():
        votes = [label.startswith("TRUE") for label in swords["substitute_labels"][key]]
        judged.setdefault(entry["target_id"], {})[entry["substitute"]] = sum(votes) / len(votes) >= 0.5
    for target_id, target in swords["targets"].items():
        tokens = analyse(swords["contexts"][target["context_id"]]["context"])
        index = next((i for i, token in enumerate(tokens) if token.start == target["offset"]), None)
        if index is None:
            continue
        token, pos = tokens[index], POS[target["pos"]]
        form = token.text.lower()
        lemma = token.lemma if coarse(token.tag) == pos else (*lexicon.morphy(form, pos), form)[0]
        ranked = lesk.rank(lemma, pos, Context.of(tokens), index)
        seen = set()
        for rank, sense in enumerate(ranked):
            for name in lexicon.lemmas(sense.synset):
                usable = name in judged[target_id] and name not in seen and spelling(name) != spelling(lemma)
                if not usable or "_" in name:
                    continue
                seen.add(name)
                inflected = inflect(name, token.tag) or name
                facts = standing(lexicon, name, pos, sense.synset)
                substitute = Substitute(name, inflected, zipf(inflected), *facts)
                evidence = weigh(lexicon, (lemma, pos), ranked, zipf(token.text), substitute)
                yield target_id, rank == 0, evidence, judged[target_id][name]


def fit(features, accepted):
    """Return bias and weights of the logistic regression, with a unit ridge on standardised features."""
    mean, deviation = features.mean(0), features.std(0) + 1e-9
    scaled = (features - mean) / deviation

    def loss(w):
        z = w[0] + scaled @ w[1:]
        return np.sum(np.logaddexp(0, z) - accepted * z) + 0.5 * w[1:] @ w[1:]

    w = minimize(loss, np.zeros(features.shape[1] + 1)).x
    return w[0] - (w[1:] * mean / deviation).sum(), w[1:] / deviation


def main(path):
    rows = list(pairs(path))
    targets = np.array([row[0] for row in rows])
    chosen = np.array([row[1] for row in rows])
    features = np.array([row[2] for row in rows])
    accepted = np.array([row[3] for row in rows], float)
    bias, weights = fit(features, accepted)
    print(f"{len(rows)} judged pairs of {len(set(targets))} targets, {accepted.mean():.1%} accepted")
    print("bias", round(bias, 3), dict(zip(Evidence._fields, weights.round(3).tolist(), strict=True)))
    names = np.unique(targets)
    np.random.default_rng(0).shuffle(names)
    score = np.zeros(len(rows))
    for fold in range(10):
        held_out = np.isin(targets, names[fold::10])
        b, w = fit(features[~held_out], accepted[~held_out])
        score[held_out] = 1 / (1 + np.exp(-b - features[held_out] @ w))
    score, accepted = score[chosen], accepted[chosen]
    above = (score[accepted == 1][:, None] > score[accepted == 0]).mean()
    print(
        f"chosen sense: {len(score)} pairs, {accepted.mean():.1%} accepted; area under the curve {above:.3f}"
    )
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        kept = score >= threshold
        print(f"  safety >= {threshold}: {kept.sum():4} pairs, {accepted[kept].mean():.1%} accepted")


if __name__ == "__main__":
    main(sys.argv[1])
