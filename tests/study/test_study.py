"""``robust study``: from a recipe and run folders to tables that can be worked out by hand."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from robust.errors import UserError
from robust.runs import read_scores, write_run
from robust.stats.student import t_quantile
from robust.study.contrast import Compared, of_both_right, share_lost
from robust.study.judged import right_variants
from robust.study.kept import keep
from robust.study.lost_answers import PARTS, parts_of
from robust.study.material import Material
from robust.study.recipe import read_recipe
from robust.study.scoring import ways
from robust.study.steps import STEPS, Step, missing, run_steps
from robust.study.tables import study_tables
from tests.evaluation.made_up import random_rows, rows

RECIPE = """
title = "Which falls further?"
pair = ["electra", "bert"]
primary = ["safe"]
senses = ["safe"]
edits = ["one", "safe"]
methods = ["safe", "lesk"]
evaluate = "--threshold cross-fit"
[readers.electra]
label = "ELECTRA"
model = "pair-electra"
[readers.bert]
label = "BERT"
model = "pair-bert"
[readers.other]
label = "Another"
model = "another"
sets = ["safe", "one"]
[sets.dev]
[sets.safe]
build = "build-qads --data dev.json"
judged = "judged.jsonl"
[sets.one]
build = "build qads.v1 --data dev.json --setting edits=1"
[sets.lesk]
build = "build-qads --data dev.json --sense lesk"
"""
SEEDS = (0, 1, 2)
DROPS = {"bert": 0.05, "electra": 0.25, "other": 0.5}
PAIR = ("electra", "bert")
SETS = ("dev", "safe", "one", "lesk")
ASKED = {"electra": SETS, "bert": SETS, "other": ("safe", "one")}


def reader_rows(model: str) -> pd.DataFrame:
    """Return the rows of three seeds: a plain file, a set with a control, fewer edits, another method."""
    frames = []
    for seed in SEEDS:
        one = {"model": model, "seed": seed, "questions": 600}
        number = 10 * seed + len(model)
        frames.append(random_rows(number, DROPS[model], name="safe", **one))
        frames.append(random_rows(number, DROPS[model] + 0.1, name="safe", arm="non-synonym", **one))
        frames.append(random_rows(number, DROPS[model] / 2, name="one", **one))
        frames.append(random_rows(number, DROPS[model] + 0.05, name="lesk", **one))
        plain = random_rows(number, 0.0, name="dev", **one)
        frames.append(plain[plain["condition"] == "clean"])
    every = pd.concat(frames, ignore_index=True)
    return every[every["set"].isin(ASKED[model])].reset_index(drop=True)


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(RECIPE)
    labels = [{"variant_id": f"q{k}#1", "rater_a": "right", "rater_kind": "model"} for k in range(0, 600, 2)]
    (tmp_path / "judged.jsonl").write_text("".join(json.dumps(line) + "\n" for line in labels))
    return path


@pytest.fixture
def folder(tmp_path, recipe):
    """The study's folder with both runs, of all sets, and no set: tables need none."""
    for model in DROPS:
        sets = {name: {} for name in ASKED[model]}
        about = {"command": "robust eval", "sets": sets}
        summary = {"model": model, "sets": sets}
        write_run(tmp_path / "study" / "runs" / model, about, [], reader_rows(model), summary)
    return tmp_path / "study"


@pytest.fixture
def material(recipe):
    return Material(read_recipe(recipe), {model: reader_rows(model) for model in DROPS})


def pair(clean, perturbed, **more):
    """Return two readers' answers to a set: the first's, and one that never falls."""
    return Compared.of(
        {"a": rows(clean, perturbed, model="a", **more), "b": rows(clean, clean, model="b", **more)}, "safe"
    )


def test_the_difference_of_drops_is_that_of_the_questions(material):
    table = next(one for one in study_tables(material) if one.name == "primary")
    found = table.rows[0]
    falls = {}
    for model, scores in material.pair.items():
        own = scores[
            (scores["set"] == "safe") & (scores["arm"] == "main") & scores["answerable"].astype(bool)
        ]
        mean = own.groupby("condition")["span_em"].mean() * 100
        falls[model] = mean["clean"] - mean["perturbed"]
        assert found["own"][model]["value"] == pytest.approx(falls[model])
    gap = found["difference"]
    assert gap["value"] == pytest.approx(falls["electra"] - falls["bert"])
    assert gap["low"] < gap["value"] < gap["high"]
    assert gap["low_seeds"] <= gap["low"] + 1e-9
    assert gap["p"] == gap["p_adjusted"]  # one primary set: nothing to correct


def test_every_table_is_there_and_only_those_of_the_sets(material):
    assert [one.name for one in study_tables(material)] == [
        *("readers", "seeds", "primary", "others", "lost", "abstention", "lost-answers", "whole"),
        *("senses-safe", "arms-safe", "edits", "methods", "thresholds", "collapse", "outside"),
    ]


def test_a_drop_of_exact_match_is_abstention_and_wrong_spans_and_nothing_else(material):
    found = {
        row["what"]: row for row in next(t for t in study_tables(material) if t.name == "abstention").rows
    }
    whole, rise, wrong = (
        found[f"safe: {what}"] for what in ("drop of EM", "rise of abstention", "rise of wrong spans")
    )
    for model in PAIR:
        parts = rise["own"][model]["value"] + wrong["own"][model]["value"]
        assert parts == pytest.approx(whole["own"][model]["value"])


def test_what_is_lost_less_what_is_gained_is_the_drop(material):
    tables = {
        one.name: {row["what"]: row for row in one.rows if "what" in row} for one in study_tables(material)
    }
    for model in PAIR:
        parts = [tables["lost-answers"][f"safe: {said}"]["own"][model]["value"] for said in PARTS.values()]
        assert max(parts) > 0
        whole = tables["abstention"]["safe: drop of EM"]["own"][model]["value"]
        assert sum(parts[:3]) - parts[3] == pytest.approx(whole)


def test_parts_of_lost_answers_are_told_by_what_was_answered():
    was = rows([1, 1, 1, 1, 0, 0], [0, 0, 0, 1, 1, 0])
    after = was["condition"] == "perturbed"
    was.loc[after, "abstained"] = [True, True, False, False, False, True]
    was.loc[after, "span_em"] = [1.0, 0.0, 0.0, 1.0, 1.0, 0.0]
    was["answerable"] = True
    found = parts_of(was).to_numpy()
    assert found.tolist() == [
        [100, 0, 0, 0],
        [0, 100, 0, 0],
        [0, 0, 100, 0],
        [0] * 4,
        [0, 0, 0, 100],
        [0] * 4,
    ]


def test_over_all_questions_the_threshold_is_kept_and_unanswerable_ones_count(material):
    table = next(one for one in study_tables(material) if one.name == "whole")
    own = material.scores["bert"].query("set == 'safe' and arm == 'main'")
    mean = own.groupby("condition")["em"].mean() * 100
    assert table.rows[0]["own"]["bert"]["value"] == pytest.approx(mean["clean"] - mean["perturbed"])
    assert table.rows[0]["difference"]["questions"] == 600


def test_arms_are_told_apart_where_their_words_differ(material):
    scores = dict(material.scores)
    for model in DROPS:  # in the first hundred questions the control has the set's own words
        number = scores[model]["original_id"].str.removeprefix("q").astype(int)
        control = (scores[model]["arm"] == "non-synonym") & (scores[model]["condition"] == "perturbed")
        as_the_set = scores[model]["key"].str.replace("non-synonym", "main")
        other = scores[model]["key"].mask(control & (number < 100), as_the_set)
        scores[model] = scores[model].assign(key=other)
    table = next(t for t in study_tables(Material(material.recipe, scores)) if t.name == "arms-safe")
    assert [(row["arm"], row["reader"]) for row in table.rows] == [("non-synonym", one) for one in DROPS]
    own = scores["bert"].query("set == 'safe' and answerable")
    own = own[own["original_id"].str.removeprefix("q").astype(int) >= 100]
    mean = own.groupby(["arm", "condition"])["span_em"].mean() * 100
    drops = {arm: mean[arm, "clean"] - mean[arm, "perturbed"] for arm in ("main", "non-synonym")}
    found = table.rows[0]
    assert found["more"]["questions"] == 375 and found["share"] == pytest.approx(100 * 375 / 450)
    assert found["drops"] == pytest.approx({"set": drops["main"], "arm": drops["non-synonym"]})
    assert found["more"]["value"] == pytest.approx(drops["non-synonym"] - drops["main"])


def test_each_seed_has_its_own_row_and_their_mean_is_the_readers(material):
    tables = {one.name: one for one in study_tables(material)}
    rows = tables["seeds"].rows
    assert [(row["reader"], row["seed"]) for row in rows] == [
        (model, seed) for model in PAIR for seed in SEEDS
    ]
    (primary,) = tables["primary"].rows
    (ability,) = (row for row in tables["readers"].rows if row["reader"] == "bert")
    of_bert = [row for row in rows if row["reader"] == "bert"]
    assert np.mean([row["sets"]["safe"]["drop"] for row in of_bert]) == pytest.approx(
        primary["own"]["bert"]["value"]
    )
    for figure in ("exact", "HasAns_span_exact", "HasAns_abstained"):
        assert np.mean([row[figure] for row in of_bert]) == pytest.approx(ability[figure])
    one = {model: rows_[rows_["seed"] == 0] for model, rows_ in material.scores.items()}
    assert "seeds" not in {table.name for table in study_tables(Material(material.recipe, one))}


@pytest.fixture
def with_more(recipe, folder):
    """The recipe with two later seeds of one reader, asked the primary set and the plain file alone."""
    asked = ("dev", "safe")
    more = f'[[readers.bert.more]]\nmodel = "pair-bert-later"\nsets = {json.dumps(asked)}\n'
    recipe.write_text(RECIPE.replace("[readers.other]", more + "[readers.other]"))
    later = reader_rows("bert")
    later = later[later["set"].isin(asked) & (later["arm"] == "main") & (later["seed"] < 2)]
    write_later(folder, later.assign(seed=later["seed"] + 3, model="pair-bert-later"))
    return read_recipe(recipe)


def write_later(folder, rows_):
    about = {"command": "robust eval", "sets": {"dev": {}, "safe": {}}}
    write_run(
        folder / "runs" / "bert.2", about, [], rows_, {"model": "pair-bert-later", "sets": about["sets"]}
    )


def test_seeds_that_were_made_later_count_wherever_they_were_asked(with_more, folder):
    tables = {one.name: one for one in study_tables(Material.read(with_more, folder))}
    by_name = {row["reader"]: row for row in tables["readers"].rows}
    assert (by_name["bert"]["seeds"], by_name["electra"]["seeds"]) == (5, 3)
    assert [r["seed"] for r in tables["seeds"].rows if r["reader"] == "bert"] == [0, 1, 2, 3, 4]
    (primary,) = tables["primary"].rows
    drops = [r["sets"]["safe"]["drop"] for r in tables["seeds"].rows if r["reader"] == "bert"]
    assert primary["own"]["bert"]["value"] == pytest.approx(np.mean(drops))
    # tables of several sets or arms: the seeds that were asked all of them
    (row,) = (r for r in tables["methods"].rows if r["set"] == "safe")
    assert row["own"]["bert"]["value"] == pytest.approx(np.mean(drops[:3]))
    arms = {row["arm"]: row for row in tables["senses-safe"].rows}
    assert arms["QADS (the set)"]["own"]["bert"]["value"] == pytest.approx(np.mean(drops[:3]))
    assert {step.makes.name: str(step) for step in missing(with_more, folder)}["bert.2"].startswith(
        "robust eval --model pair-bert-later --threshold cross-fit --set dev --set "
    )


def test_a_later_seed_without_the_plain_file_has_no_score_there(with_more, folder):
    rows_ = read_scores(folder / "runs" / "bert.2")
    write_later(folder, rows_[rows_["set"] == "safe"])
    seeds = next(one for one in study_tables(Material.read(with_more, folder)) if one.name == "seeds")
    assert [row["exact"] is None for row in seeds.rows if row["reader"] == "bert"] == [False] * 3 + [True] * 2
    write_later(folder, rows_[rows_["set"] == "dev"])
    seeds = next(one for one in study_tables(Material.read(with_more, folder)) if one.name == "seeds")
    assert seeds.rows[-1]["sets"]["safe"] == {"drop": None, "abstains": None}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows_: rows_.assign(seed=2), "bert.2: seed 2 is in an earlier run of this reader"),
        (
            lambda rows_: rows_.assign(key="another wording"),
            "have another text than in the reader's first run",
        ),
    ],
)
def test_later_seeds_must_be_others_and_asked_the_same(with_more, folder, change, said):
    write_later(folder, change(read_scores(folder / "runs" / "bert.2")))
    with pytest.raises(UserError, match=said):
        Material.read(with_more, folder)


def test_methods_are_compared_where_all_of_them_rewrite(material):
    scores = dict(material.scores)
    for model in PAIR:  # the method leaves the first sixty questions as they are
        number = scores[model]["original_id"].str.removeprefix("q").astype(int)
        scores[model] = scores[model][(scores[model]["set"] != "lesk") | (number >= 60)]
    cut = Material(material.recipe, scores)
    table = next(one for one in study_tables(cut) if one.name == "methods")
    assert [row["set"] for row in table.rows] == ["safe", "lesk"]
    assert {row["difference"]["questions"] for row in table.rows} == {405}  # three in four of 540
    other_sets = next(one for one in study_tables(cut) if one.name == "others")
    assert [row["set"] for row in other_sets.rows] == ["one"]  # a method's set has its own table


def without(material, name, wanted):
    """Return the study with the rows of a set that ``wanted`` says."""
    scores = {
        model: rows_[(rows_["set"] != name) | wanted(rows_)] for model, rows_ in material.scores.items()
    }
    return Material(material.recipe, scores)


def test_tables_without_a_question_to_compare_on_are_left_out(material, tmp_path):
    number = lambda rows_: rows_["original_id"].str.removeprefix("q").astype(int)  # noqa: E731
    cut = without(material, "safe", lambda rows_: number(rows_) < 300)
    cut = without(cut, "lesk", lambda rows_: number(rows_) >= 300)
    assert "methods" not in {one.name for one in study_tables(cut)}
    cut = without(material, "one", lambda rows_: ~rows_["answerable"].astype(bool))
    tables = {one.name: one for one in study_tables(cut)}
    assert not {"edits", "others"} & set(tables)
    assert [(row["reader"], row["set"]) for row in tables["outside"].rows] == [("other", "safe")]
    with pytest.raises(UserError, match="primary: safe has no answerable question"):
        study_tables(without(material, "safe", lambda rows_: ~rows_["answerable"].astype(bool)))


def test_a_reader_beside_the_pair_has_its_drops_and_no_test(material):
    table = next(one for one in study_tables(material) if one.name == "outside")
    assert [(row["reader"], row["set"]) for row in table.rows] == [("other", "safe"), ("other", "one")]
    scores = material.scores["other"]
    own = scores[(scores["set"] == "safe") & (scores["arm"] == "main") & scores["answerable"].astype(bool)]
    mean = own.groupby("condition")[["span_em", "em", "abstained"]].mean() * 100
    fell = mean.loc["clean"] - mean.loc["perturbed"]
    found = table.rows[0]
    assert found["clean"]["value"] == pytest.approx(mean.loc["clean", "span_em"])
    assert found["drop"]["value"] == pytest.approx(fell["span_em"])
    assert found["exact"]["value"] == pytest.approx(fell["em"])
    assert found["abstains"]["value"] == pytest.approx(-fell["abstained"])
    assert found["drop"]["p"] is None and found["drop"]["low_seeds"] is not None


def test_what_raters_called_right_is_a_row_of_its_own_questions(material):
    arms = {
        row["arm"]: row for row in next(t for t in study_tables(material) if t.name == "senses-safe").rows
    }
    judged = arms["variants that raters called right"]["difference"]
    # q0, q2, ... of 600: every fourth question, an odd one, is unanswerable, so all of the even ones count
    assert judged["questions"] == 300
    assert arms["QADS (the set)"]["difference"]["questions"] == 450


def test_the_share_lost_is_the_drop_over_the_clean_score():
    clean = [1, 1, 1, 1, 0, 0, 1, 1] * 30
    perturbed = [1, 0, 1, 1, 0, 0, 0, 1] * 30
    found = share_lost(pair(clean, perturbed))
    answerable = [k for k in range(240) if k % 4 != 3]
    right = sum(clean[k] for k in answerable)
    fell = sum(clean[k] - perturbed[k] for k in answerable)
    assert found.own["a"].value == pytest.approx(100 * fell / right)
    assert found.own["b"].value == 0


def test_where_both_were_right_only_those_questions_count():
    clean_a = np.array([1, 1, 0, 0] * 60)
    frames = {
        "a": rows(clean_a, np.array([0, 1, 0, 0] * 60), model="a"),
        "b": rows(np.array([1, 0, 1, 0] * 60), np.array([1, 0, 0, 0] * 60), model="b"),
    }
    found = of_both_right(Compared.of(frames, "safe"))
    assert found is not None
    assert found.difference.questions == 60  # every fourth: right in both
    assert (found.own["a"].value, found.own["b"].value) == (100, 0)
    nobody = {"a": rows([1, 0] * 30, [1, 0] * 30, model="a"), "b": rows([0, 1] * 30, [0, 1] * 30, model="b")}
    assert of_both_right(Compared.of(nobody, "safe")) is None


def test_where_both_were_right_the_figure_is_the_mean_over_seeds_of_each_seeds_own(material):
    found = of_both_right(material.compared("safe"))
    right = {}
    for model, scores in material.pair.items():
        own = scores.query("set == 'safe' and arm == 'main' and answerable")
        right[model] = own.pivot_table(index=["seed", "original_id"], columns="condition", values="span_em")
    both = (right["electra"]["clean"] == 1) & (right["bert"]["clean"] == 1)
    for model in PAIR:
        falls = 100 * (right[model]["clean"] - right[model]["perturbed"])[both].groupby(level="seed").mean()
        assert found.own[model].value == pytest.approx(falls.mean())
        assert falls.min() < found.own[model].value < falls.max()
    gaps = {
        model: 100 * (r["clean"] - r["perturbed"])[both].groupby("seed").mean() for model, r in right.items()
    }
    spread = (gaps["electra"] - gaps["bert"]).std(ddof=1)
    gap = found.difference
    error = ((gap.high - gap.value) / t_quantile(0.975, gap.clusters - 1)) ** 2
    freedom = (error + spread**2 / 3) ** 2 / (error**2 / (gap.clusters - 1) + (spread**2 / 3) ** 2 / 2)
    half = t_quantile(0.975, freedom) * (error + spread**2 / 3) ** 0.5
    assert gap.high_seeds - gap.value == pytest.approx(half)


def test_luck_of_the_choice_does_not_count_where_another_seed_is_measured():
    """Two seeds that are right at random, and never fall but by what chance gave them at first."""
    draws = np.random.default_rng(0)
    frames = {}
    for model in ("a", "b"):
        sides = [draws.integers(0, 2, 2000).astype(float) for _ in range(4)]
        both = [rows(*sides[:2], model=model, seed=0), rows(*sides[2:], model=model, seed=1)]
        frames[model] = pd.concat(both, ignore_index=True)
    compared = Compared.of(frames, "safe")
    lucky, elsewhere = of_both_right(compared), of_both_right(compared, in_another_seed=True)
    for model in ("a", "b"):
        assert lucky.own[model].value == pytest.approx(50, abs=6)  # all that was right was luck
        assert elsewhere.own[model].value == pytest.approx(0, abs=6)
    assert elsewhere.difference.low_seeds is None and elsewhere.difference.p is not None
    assert (
        of_both_right(pair([1, 0] * 60, [0, 0] * 60), in_another_seed=True) is None
    )  # one seed has no other


def test_a_seed_that_the_other_reader_has_not_is_left_out_where_both_were_right(material):
    scores = dict(material.scores)
    scores["bert"] = scores["bert"][scores["bert"]["seed"] != 1]
    found = of_both_right(Material(material.recipe, scores).compared("safe"))
    same = {model: rows_[rows_["seed"] != 1] for model, rows_ in material.scores.items()}
    assert found == of_both_right(Material(material.recipe, same).compared("safe"))


def test_a_hundred_answerable_questions_are_needed_for_a_test():
    few, many = pair([1] * 120, [0, 1] * 60), pair([1] * 160, [0, 1] * 80)
    assert few.contrast("drop").difference.p is None  # 90 of them are answerable
    assert many.contrast("drop").difference.p is not None


def test_a_collapse_comes_from_the_scoring_alone():
    """A reader that is right everywhere 'loses' what is unanswerable once it must answer."""
    scores = rows([1] * 240, [1] * 240)
    scores["null_odds"] = np.where(scores["answerable"], -5.0, 5.0)
    scores["span_em"] = np.where(scores["answerable"], 1.0, 0.0)
    folds = {article: k % 5 for k, article in enumerate(sorted(set(scores["article"])))}
    scores["fold"] = scores["article"].map(folds)
    found = {one.said: one for one in ways(scores)}
    kept = found["threshold of clean questions, kept"]
    assert (kept.clean, kept.perturbed) == (100, 100)
    trick = found["abstains when clean, never when perturbed"]
    assert (trick.clean, trick.perturbed) == (100, 75)
    assert trick.trick and not kept.trick
    shifted = scores.copy()
    shifted.loc[shifted["condition"] == "perturbed", "null_odds"] += 3  # nothing else has changed
    fixed = {one.said: one for one in ways(shifted)}["fixed at -2.75 logits"]
    assert (fixed.clean, fixed.perturbed) == (100, 25)


def test_the_command_writes_tables_a_figure_and_a_page_twice_alike(recipe, folder, command, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- study: primary -->\nold\n<!-- end -->\nafter\n")
    words = ("study", recipe, "--out", folder, "--tables-only", "--into", page)
    assert command(*words)[0] == 0
    once = page.read_text()
    assert (
        "old" not in once and "ELECTRA" in once and once.startswith("before\n") and once.endswith("after\n")
    )
    assert command(*words)[0] == 0
    assert page.read_text() == once
    told = json.loads((folder / "study.json").read_text())
    assert told["format"] == "robust-study/1" and "primary" in told["tables"]
    assert (folder / "drops.svg").read_text().startswith("<svg")
    assert (folder / "drops-others.png").read_bytes().startswith(b"\x89PNG")


def test_a_kept_run_is_small_and_says_the_same(recipe, folder, tmp_path):
    for model in DROPS:
        keep(folder / "runs" / model, tmp_path / "kept" / "runs" / model)
    whole, small = (Material.read(read_recipe(recipe), out) for out in (folder, tmp_path / "kept"))
    assert {text for scores in small.scores.values() for text in scores["prediction"]} == {""}
    for one, other in zip(study_tables(whole), study_tables(small), strict=True):
        assert one.grid == other.grid


def test_a_kept_run_has_its_sets_in_the_order_of_the_run(folder, tmp_path):
    found = []
    for model in DROPS:
        keep(folder / "runs" / model, tmp_path / model)
        runs = (folder / "runs" / model, tmp_path / model)
        whole, kept = (read_scores(run)["set"].unique().tolist() for run in runs)
        assert whole == kept
        found.append(whole)
    assert any(sets != sorted(sets) for sets in found)


def note_all(recipe, folder):
    """Note every step as run, as ``run_steps`` does."""
    noted = {step.makes.relative_to(folder).as_posix(): step.hangs_on for step in missing(recipe, folder)}
    (folder / STEPS).write_text(json.dumps(noted))


def test_the_plan_names_what_is_missing_and_nothing_that_is_there(recipe, folder, command):
    found = read_recipe(recipe)
    note_all(found, folder)
    assert missing(found, folder) == []  # every run is there: no set is needed
    empty = folder.parent / "empty"
    steps = missing(found, empty)
    assert [step.makes.name for step in steps] == ["safe", "one", "lesk", "electra", "bert", "other"]
    assert str(steps[3]).startswith("robust eval --model pair-electra --threshold cross-fit --set dev --set ")
    assert str(steps[5]).count("--set") == 2 and "--set dev" not in str(steps[5])
    code, out, _ = command("study", recipe, "--out", empty, "--plan")
    assert code == 0 and out.splitlines() == list(map(str, steps))
    assert not empty.exists()


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("--threshold cross-fit", "--threshold own", ["safe", "one", "lesk", *PAIR, "other"]),
        ('model = "pair-bert"', 'model = "another-bert"', ["safe", "one", "lesk", "bert"]),
        ("--setting edits=1", "--setting edits=2", ["safe", "one", "lesk", *PAIR, "other"]),
        ("--sense lesk", "--sense adapted-lesk", ["safe", "one", "lesk", *PAIR]),
    ],
)
def test_a_run_of_other_lines_is_run_again(recipe, folder, old, new, again):
    """No set is on disk here, so all that are needed are built; nothing of the old recipe is taken."""
    note_all(read_recipe(recipe), folder)
    recipe.write_text(RECIPE.replace(old, new))
    assert [step.makes.name for step in missing(read_recipe(recipe), folder)] == again


def test_what_a_step_prints_keeps_out_of_stdout_and_the_step_is_noted(tmp_path, capfd):
    step = Step(("list", "datasets"), tmp_path / "sets" / "safe", "its line")
    run_steps([step], tmp_path, lambda line: None)
    shown = capfd.readouterr()
    assert shown.out == "" and "squad2" in shown.err
    assert json.loads((tmp_path / STEPS).read_text()) == {"sets/safe": "its line"}


@pytest.mark.parametrize("works", [True, False])
def test_an_outdated_run_of_another_reader_makes_way_and_comes_back_where_the_step_fails(
    tmp_path, folder, works
):
    """``robust eval`` does not replace another reader's run: the study knows by its notes that it is its."""
    run = folder / "runs" / "bert"
    (folder / STEPS).write_text(json.dumps({"runs/bert": "the old line", "runs/electra": "its line"}))
    answers = tmp_path / "a.json"
    answers.write_text("{}" if not works else json.dumps({"q": "x", "q#1": "x"}))
    manifest = json.loads((run / "manifest.json").read_text())
    (run / "manifest.json").write_text(json.dumps(manifest | {"model": {"name": "other"}}))
    question = {"id": "q", "question": "Which?", "answers": [{"text": "x", "answer_start": 0}]}
    asked = [question | {"is_impossible": False}, question | {"id": "q#1", "is_impossible": False}]
    data = {"data": [{"title": "T", "paragraphs": [{"context": "x y", "qas": asked}]}], "version": "v2.0"}
    (tmp_path / "d.json").write_text(json.dumps(data))
    words = ("eval", "--predictions", str(answers), "--set", str(tmp_path / "d.json"), "--out", str(run))
    if works:
        run_steps([Step(words, run, "a new line")], folder, lambda line: None)
    else:
        with pytest.raises(UserError, match="exit code 2"):
            run_steps([Step(words, run, "a new line")], folder, lambda line: None)
    held = json.loads((run / "manifest.json").read_text())["model"]["name"]
    assert held == ("a.json" if works else "other")
    assert sorted(path.name for path in run.parent.iterdir()) == ["bert", "electra", "other"]


def test_what_nobody_noted_is_not_taken_on_trust(recipe, folder):
    assert [step.makes.name for step in missing(read_recipe(recipe), folder)][-3:] == [*PAIR, "other"]
    (folder / STEPS).write_text("[")
    with pytest.raises(UserError, match=r"steps\.json: broken"):
        missing(read_recipe(recipe), folder)


def test_readers_that_were_not_asked_the_same_are_not_compared(material):
    other = material.scores["bert"].copy()
    other.loc[(other["set"] == "safe") & (other["condition"] == "perturbed"), "key"] = "another wording"
    with pytest.raises(UserError, match="perturbed differently"):
        Compared.of({"electra": material.scores["electra"], "bert": other}, "safe")


def test_tables_of_runs_that_are_not_there_are_refused(recipe, command, tmp_path):
    code, _, err = command("study", recipe, "--out", tmp_path / "none", "--tables-only")
    assert code == 2 and "leave out --tables-only" in err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('pair = ["electra", "bert"]', 'pair = ["electra"]', "expected two readers"),
        ('pair = ["electra", "bert"]', 'pair = ["electra", "albert"]', "'albert' is not described here"),
        ('judged = "judged.jsonl"', "judged = 3", "sets.safe.judged: expected a path or a list"),
        ('primary = ["safe"]', 'primary = ["safer"]', "'safer' is not described here"),
        ('primary = ["safe"]', "primary = []", "found none"),
        ('label = "BERT"', "label = 3", "expected a text label, found 3"),
        ('model = "another"', 'modell = "another"', "readers.other: unknown key 'modell'"),
        ('sets = ["safe", "one"]', 'sets = ["unsafe"]', "readers.other.sets: 'unsafe' is not described here"),
        ('sets = ["safe", "one"]', "sets = []", "readers.other.sets: expected names of sets, found none"),
        ('model = "pair-bert"', 'model = "pair-bert"\nsets = ["safe"]', "the pair is asked every set"),
        (
            'build-qads --data dev.json"\njudged',
            'build-qads --data dev.json --out x"\njudged',
            "leave out --out",
        ),
        ('build-qads --data dev.json"\njudged', 'eval --model x"\njudged', "expected a line of build"),
        ('title = "Which falls further?"', 'titel = "x"', "unknown key 'titel'"),
        (
            'model = "pair-bert"',
            'model = "pair-bert"\nmore = 3',
            "expected tables [[readers.bert.more]], found 3",
        ),
        (
            'model = "pair-bert"',
            'model = "pair-bert"\nmore = [{sets = ["safe"]}]',
            "bert.more[0]: expected a text",
        ),
        (
            'model = "pair-bert"',
            'model = "pair-bert"\nmore = [{model = "x", label = "y"}]',
            "bert.more[0]: unknown key 'label'",
        ),
        (
            "[readers.other]",
            '[[readers.bert.more]]\nmodel = "x"\n[readers."bert.2"]\nlabel = "x"\nmodel="x"\n[readers.other]',
            "readers.bert.2: the run of another's seeds is called so; rename it",
        ),
        ("[sets.dev]", "[sets.dev", "no TOML"),
        ("--threshold cross-fit", "--threshold 'cross-fit", "No closing quotation"),
        ("--threshold cross-fit", "--help", "evaluate: leave out --help"),
        ("--threshold cross-fit", "--set=dev", "evaluate: leave out --set"),
        ("--threshold cross-fit", "-s dev", "evaluate: leave out -s"),
        ("--sense lesk", "--out=x", "sets.lesk.build: leave out --out"),
    ],
)
def test_a_wrong_recipe_is_told_in_one_line(recipe, command, old, new, said):
    recipe.write_text(RECIPE.replace(old, new))
    code, _, err = command("study", recipe, "--out", recipe.parent / "out")
    assert code == 2
    assert said in err and err.startswith(f"robust: {recipe}") and err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [("text only\n", "no mark"), ("<!-- study: nothing -->\n<!-- end -->\n", "no table 'nothing'")],
)
def test_a_page_without_the_right_marks_stays_as_it_is(recipe, folder, command, tmp_path, text, said):
    page = tmp_path / "page.md"
    page.write_text(text)
    code, _, err = command("study", recipe, "--out", folder, "--tables-only", "--into", page)
    assert code == 2 and said in err and page.read_text() == text


def test_a_judged_line_without_a_rater_is_named(tmp_path):
    path = tmp_path / "judged.jsonl"
    path.write_text(
        '{"variant_id": "a#1", "rater_a": "right"}\n{"variant_id": "b#1", "rater_kind": "model"}\n'
    )
    with pytest.raises(UserError, match="line 2"):
        right_variants([path])
    path.write_text('{"variant_id": "a#1", "rater_a": "right", "rater_b": "wrong_sense"}\n')
    assert right_variants([path]) == set()


def test_a_variant_is_right_where_every_rater_of_every_file_says_so(tmp_path):
    one, other = tmp_path / "one.jsonl", tmp_path / "other.jsonl"
    one.write_text("".join(f'{{"variant_id": "{name}#1", "rater_a": "right"}}\n' for name in "abc"))
    other.write_text(
        '{"variant_id": "b#1", "rater_c": "bad_grammar", "rater_d": "right"}\n'
        '{"variant_id": "d#1", "rater_c": "right", "rater_d": "right"}\n'
    )
    assert right_variants([one, other]) == {"a#1", "c#1", "d#1"}


def test_a_failing_step_stops_the_study_with_its_line(recipe, command, tmp_path):
    # there is no dev.json: the first set cannot be built
    code, _, err = command("study", recipe, "--out", tmp_path / "study")
    assert code == 2 and "stopped with exit code 2: robust build-qads" in err


def test_a_judged_file_that_is_broken_is_told_before_anything_is_run(recipe, command):
    (recipe.parent / "judged.jsonl").write_text('{"variant_id": "a#1"}\n')
    code, _, err = command("study", recipe, "--out", recipe.parent / "out")
    assert code == 2 and "judged.jsonl: line 1: no column rater_NAME, expected one for each rater" in err
    assert not (recipe.parent / "out").exists()


def test_a_folder_that_holds_something_else_is_left_alone(recipe, command, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("meow")
    code, _, err = command("study", recipe, "--out", tmp_path / "photos")
    assert code == 2 and "holds 'cat.jpg', and no study" in err
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["cat.jpg"]
    code, _, err = command("study", recipe, "--out", tmp_path / "photos" / "cat.jpg")
    assert code == 2 and "is a file" in err


def test_a_reader_that_is_never_right_has_no_share_to_lose_and_the_other_tables_stand(material):
    scores = dict(material.scores)
    never = scores["bert"].copy()
    never.loc[never["seed"] == SEEDS[1], "span_em"] = 0.0
    scores["bert"] = never
    tables = {one.name: one for one in study_tables(Material(material.recipe, scores))}
    assert [row["what"] for row in tables["lost"].rows] == [
        "safe: drop where both were right",
        "safe: the same in another seed",
    ]
    never["span_em"] = 0.0
    names = {one.name for one in study_tables(Material(material.recipe, scores))}
    assert "lost" not in names and {"primary", "abstention", "thresholds"} <= names


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "build-qads --data dev.json --sense",
            "build-qads --data dev.json --senze",
            "No such option: --senze",
        ),
        ("--threshold cross-fit", "--treshold cross-fit", "No such option: --treshold"),
    ],
)
def test_a_mistyped_option_is_told_before_anything_is_run(recipe, command, old, new, said):
    recipe.write_text(RECIPE.replace(old, new))
    code, _, err = command("study", recipe, "--out", recipe.parent / "out")
    assert code == 2 and said in err and err.rstrip().endswith("mend the recipe")
    assert not (recipe.parent / "out").exists()
