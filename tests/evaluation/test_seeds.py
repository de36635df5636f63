"""The figures of several seeds: means, spread, and intervals against the obvious computation."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from scipy import stats

from robust.evaluation.evaluate import evaluate_reader, evaluate_seeds
from robust.evaluation.seeds import summarise_seeds
from robust.evaluation.sets import MAIN, Arm, EvaluationSet
from robust.evaluation.summary import summarise_set
from robust.reader.predict import PredictSettings
from robust.runs import read_run
from robust.stats.clustered import ClusteredMean, clustered_mean
from robust.stats.seeds import seeds_interval
from robust.zoo.checkpoints import LoadedReader

CPU = PredictSettings(device="cpu")


@pytest.fixture
def paired(tiny):
    questions = tiny.tiny_questions()
    variants = [
        dataclasses.replace(tiny.tiny_variant(q, k), text=f"Say {k}: {q.text}")
        for q in questions
        for k in (1, 2)
    ]
    names = {v.id: v.id.rpartition("#")[0] for v in variants}
    return EvaluationSet("pairs", {MAIN: Arm(questions, variants, names)}, ())


@pytest.fixture
def readers(tiny) -> list[LoadedReader]:
    """Return three readers of other random weights, as three seeds."""
    import torch

    found = []
    for seed in range(3):
        reader = tiny.tiny_reader()
        with torch.no_grad():
            reader.model.qa_outputs.weight.add_(0.5 * seed)
        settings = dataclasses.replace(reader.settings, training={"seed": seed}, null_threshold=0.5 * seed)
        found.append(dataclasses.replace(reader, settings=settings, sha256=f"{seed}" * 64))
    return found


def test_figures_are_means_over_seeds_and_their_spread_stands_beside(paired, readers, tmp_path):
    result = evaluate_seeds("family", readers, [paired], CPU, out=tmp_path / "run")
    summary = result["sets"]["pairs"]
    alone = [
        evaluate_reader(reader, [paired], CPU, out=tmp_path / f"{k}")["sets"]["pairs"]
        for k, reader in enumerate(readers)
    ]
    for part in ("original", "perturbed", "drop"):
        for key in ("exact", "HasAns_f1", "HasAns_abstained", "best_exact"):
            values = [one[part][key] for one in alone]
            assert summary[part][key] == pytest.approx(np.mean(values))
            assert summary["seeds"]["sd"][part][key] == pytest.approx(np.std(values, ddof=1))
    assert (summary["questions"], summary["variants"]) == (12, 24)
    assert summary["original"]["total"] == 12
    assert summary["worst"]["f1"] == pytest.approx(np.mean([one["worst"]["f1"] for one in alone]))
    assert summary["threshold"] == {"kind": "own", "by_seed": [[0.0] * 5, [0.5] * 5, [1.0] * 5]}

    run = read_run(tmp_path / "run")
    assert sorted(run.scores["seed"].unique()) == [0, 1, 2]
    assert set(run.scores["model"]) == {"family"}
    assert run.predictions.groupby("seed").size().tolist() == [36, 36, 36]
    assert [one["sha256"][0] for one in run.manifest["model"]["seeds"]] == ["0", "1", "2"]
    assert json.loads(json.dumps(summarise_seeds(run.scores)["drop"])) == run.summary["sets"]["pairs"]["drop"]


def test_the_interval_over_articles_is_that_of_the_means_over_seeds(paired, readers, tmp_path):
    result = evaluate_seeds("family", readers, [paired], CPU, out=tmp_path / "run")
    rows = read_run(tmp_path / "run").scores
    pivot = rows.groupby(["original_id", "article", "condition"])["f1"].mean().unstack()
    pivot = pivot["clean"] - pivot["perturbed"]
    found = clustered_mean(100 * pivot.to_numpy(), pivot.index.get_level_values("article").tolist())
    assert result["sets"]["pairs"]["drop_interval"]["f1"] == pytest.approx([found.low, found.high])


def test_one_seed_is_no_spread(paired, readers, tmp_path):
    result = evaluate_seeds("one", readers[:1], [paired], CPU, out=tmp_path / "run")
    rows = read_run(tmp_path / "run").scores
    assert "seeds" not in result["sets"]["pairs"]
    assert result["sets"]["pairs"]["drop"] == summarise_set(rows)["drop"]


def test_seeds_that_agree_leave_the_interval_as_it_was():
    error = 2.0 / stats.t.ppf(0.975, 34)
    low, high = seeds_interval(ClusteredMean(3.0, error, 35, 1.0, 5.0), 0.0, 3)
    assert (low, high) == pytest.approx((1.0, 5.0))


def test_seeds_that_differ_widen_it_as_satterthwaite_says():
    reach = stats.t.ppf(0.975, 34)
    found = ClusteredMean(3.0, 1.0, 35, 3.0 - reach, 3.0 + reach)
    low, high = seeds_interval(found, 3.0, 3)  # both variances: 1 and 3
    freedom = 16 / (1 / 34 + 9 / 2)
    assert high - low == pytest.approx(2 * 2 * stats.t.ppf(0.975, freedom))
    assert seeds_interval(ClusteredMean(3.0, None, 1, None, None), 1.0, 3) is None


def test_a_half_s_interval_counts_the_articles_of_that_half_alone(paired, readers, tmp_path):
    """Two articles lose their answerable questions: four clusters are left for the HasAns figures."""
    evaluate_seeds("family", readers, [paired], CPU, out=tmp_path / "run")
    rows = read_run(tmp_path / "run").scores
    few = sorted(rows["article"].unique())[:2]
    rows = rows[~(rows["article"].isin(few) & rows["answerable"])]
    summary = summarise_seeds(rows)
    half = rows[rows["answerable"].astype(bool)]
    pivot = half.groupby(["original_id", "article", "condition"])["f1"].mean().unstack()
    pivot = 100 * (pivot["clean"] - pivot["perturbed"])
    found = clustered_mean(pivot.to_numpy(), pivot.index.get_level_values("article").tolist())
    assert (summary["articles"], found.clusters) == (6, 4)
    expected = seeds_interval(found, summary["seeds"]["sd"]["drop"]["HasAns_f1"], 3)
    assert summary["seeds"]["interval"]["HasAns_f1"] == pytest.approx(expected)


def test_an_interval_that_takes_seeds_along_covers_new_seeds_and_articles():
    """A thousand small studies of which the truth is known: the wider interval holds it often enough."""
    random = np.random.default_rng(0)
    wide = narrow = 0
    for _ in range(400):
        seed_effect = random.normal(0, 1.0, 3)
        article = random.normal(0, 2.0, 20)
        scores = article[:, None] + seed_effect[None, :] + random.normal(0, 0.5, (20, 3))
        found = clustered_mean(scores.mean(1), [str(k) for k in range(20)])
        deviation = float(np.std(scores.mean(0), ddof=1))
        bounds = seeds_interval(found, deviation, 3)
        wide += bounds[0] <= 0 <= bounds[1]
        narrow += found.low <= 0 <= found.high
    assert wide / 400 > 0.93
    assert narrow < wide


def test_the_command_evaluates_a_folder_of_seeds(tiny, readers, tmp_path, monkeypatch, capsys):
    import sys

    from robust.cli.main import main
    from robust.squad.io import write_squad
    from robust.zoo.checkpoints import save_reader

    for seed, reader in enumerate(readers):
        save_reader(tmp_path / "family" / f"seed-{seed}", reader.model, reader.tokenizer, reader.settings)
    (tmp_path / "family" / "seeds.json").write_text(json.dumps({"seeds": [0, 1, 2]}))
    questions = tiny.tiny_questions()
    write_squad(tmp_path / "pairs.json", [*questions, *(tiny.tiny_variant(q) for q in questions)])
    monkeypatch.setattr("robust.cli.output.out._width", 160)
    arguments = ["eval", "--model", str(tmp_path / "family"), "--set", str(tmp_path / "pairs.json")]
    monkeypatch.setattr(sys, "argv", ["robust", *arguments, "--device", "cpu"])
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr().out
    assert not end.value.code, said
    assert "family, mean of 3 seeds; null threshold its own, 0.00 to 1.00" in said
    assert "sd of seeds" in said
    assert "other seeds too" in said
