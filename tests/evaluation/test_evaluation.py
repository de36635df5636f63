"""From sets and predictions to figures: paired, on the same questions, with the controls beside."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from robust.build.folder import FORMAT
from robust.errors import UserError
from robust.evaluation.about import check_out
from robust.evaluation.answers import evaluate_answers, read_answers, write_answers
from robust.evaluation.evaluate import evaluate_reader
from robust.evaluation.scores import score_set
from robust.evaluation.sets import MAIN, Arm, EvaluationSet, check_names, open_set
from robust.evaluation.summary import summarise_set
from robust.folders import replace_folder
from robust.reader.decode import Prediction
from robust.reader.predict import PredictSettings
from robust.reader.threshold import single
from robust.runs import read_run
from robust.squad.catalogue import resolve
from robust.squad.io import write_squad
from robust.squad.metric import official
from robust.zoo.checkpoints import save_reader

CPU = PredictSettings(device="cpu")


def _write_set(folder, pairs, controls=None, **manifest):
    folder.mkdir(parents=True)
    write_squad(folder / "original.json", [original for original, _ in pairs])
    write_squad(folder / "perturbed.json", [variant for _, variants in pairs for variant in variants])
    about = {"format": FORMAT, "attack": "test.v1", "coverage": 0.5, "questions": 24, **manifest}
    (folder / "manifest.json").write_text(json.dumps(about))
    for name, arm in (controls or {}).items():
        _write_set(folder / "controls" / name, arm, arm=name)


@pytest.fixture
def built(tiny, tmp_path):
    questions = tiny.tiny_questions()
    pairs = [(q, [tiny.tiny_variant(q)]) for q in questions]
    identity = [(q, [dataclasses.replace(q, id=f"{q.id}#1")]) for q in questions[:8]]
    _write_set(tmp_path / "qads-test", pairs, {"identity": identity})
    return tmp_path / "qads-test"


def _open(path, **kwargs):
    return open_set(str(path), lambda name: path, **kwargs)


def _answers(questions, texts, odds):
    return {q.id: Prediction(q.id, texts[q.id], odds[q.id]) for q in questions}


def test_the_figures_of_a_plain_file_are_the_official_ones(tiny):
    questions = tiny.tiny_questions()
    texts = {q.id: q.answers[0].text if i % 4 else "oak" for i, q in enumerate(questions) if q.answers}
    texts |= {q.id: "oak" for q in questions if not q.answers}
    odds = {q.id: (-1.0 if i % 3 else 2.0) + i / 100 for i, q in enumerate(questions)}
    found = EvaluationSet("plain", {MAIN: Arm(questions, [], {})}, ())
    answers = _answers(questions, texts, odds)
    rows = score_set(found, lambda q: answers[q.id], single(0.5), model="m", seed=0)
    figures = summarise_set(rows)
    expected = official(questions, texts, odds, threshold=0.5)
    for key, value in expected.items():
        if not key.endswith("thresh"):
            assert figures[key] == pytest.approx(value), key
    refused = [q for q in questions if q.answerable and odds[q.id] > 0.5]
    assert figures["HasAns_abstained"] == pytest.approx(100 * len(refused) / 6)
    assert figures["HasAns_span_exact"] >= figures["HasAns_exact"]


def _pair(tiny):
    """Six answerable questions with two variants each: the first is answered, the second refused."""
    questions = [q for q in tiny.tiny_questions() if q.answerable]
    variants = [tiny.tiny_variant(q, k) for q in questions for k in (1, 2)]
    arm = Arm(questions, variants, {v.id: v.id.partition("#")[0] for v in variants})
    gold = {q.id: q.answers[0].text for q in questions}
    texts = gold | {v.id: gold[v.id.partition("#")[0]] for v in variants}
    odds = {identifier: 9.0 if identifier.endswith("#2") else -9.0 for identifier in texts}
    return arm, _answers([*questions, *variants], texts, odds)


def test_intervals_of_few_articles_stay_within_what_data_can_have():
    rows = [
        {"set": "s", "arm": MAIN, "condition": condition, "id": f"q{i}", "original_id": f"q{i}",
         "article": article, "paragraph_id": article, "answerable": True, "abstained": False,
         "em": em, "f1": em, "span_em": em, "span_f1": em, "null_odds": 0.5}
        for i, (article, fell) in enumerate([("a", 1.0), ("b", 0.0)])
        for condition, em in (("clean", 1.0), ("perturbed", 1.0 - fell))
    ]  # fmt: skip
    paired = pd.DataFrame(rows)
    # Student's t with one degree of freedom would reach 635 points to each side
    assert summarise_set(paired)["drop_interval"]["exact"] == [-100.0, 100.0]
    assert summarise_set(paired)["drop_interval_paragraph"]["exact"] == [-100.0, 100.0]
    plain = paired[paired["condition"] == "perturbed"].assign(condition="clean")
    assert summarise_set(plain)["interval"]["exact"] == [0.0, 100.0]


def test_a_question_counts_once_however_many_variants_it_has(tiny):
    arm, answers = _pair(tiny)
    found = EvaluationSet("s", {MAIN: arm}, ())
    summary = summarise_set(score_set(found, lambda q: answers[q.id], single(0.0), model="m", seed=0))
    assert (summary["questions"], summary["variants"], summary["articles"]) == (6, 12, 6)
    assert summary["original"]["exact"] == 100.0
    assert summary["perturbed"]["exact"] == 50.0
    assert summary["drop"]["exact"] == 50.0
    assert summary["drop"]["HasAns_abstained"] == -50.0
    assert summary["drop"]["HasAns_span_exact"] == 0.0
    assert summary["worst"] == {"exact": 0.0, "f1": 0.0}
    assert summary["drop_interval"]["exact"] is None  # all six articles fell by the same
    assert "NoAns_exact" not in summary["drop"]


def test_the_threshold_is_kept_and_only_the_oracle_moves(tiny):
    arm, answers = _pair(tiny)
    first = Arm(arm.original, arm.perturbed[1::2], arm.variant_of)
    found = EvaluationSet("s", {MAIN: first}, ())
    summary = summarise_set(score_set(found, lambda q: answers[q.id], single(0.0), model="m", seed=0))
    assert summary["perturbed"]["exact"] == 0.0
    assert summary["perturbed"]["best_exact"] == 100.0


def test_clusters_are_those_of_the_original(tiny):
    arm, answers = _pair(tiny)
    lost = [dataclasses.replace(v, article="elsewhere", paragraph_id="x") for v in arm.perturbed]
    found = EvaluationSet("s", {MAIN: Arm(arm.original, lost, arm.variant_of)}, ())
    rows = score_set(found, lambda q: answers[q.id], single(0.0), model="m", seed=0)
    assert "elsewhere" not in set(rows["article"])
    assert (rows["fold"] == rows.groupby("original_id")["fold"].transform("first")).all()


def test_a_run_is_written_read_back_and_says_everything(tiny, tmp_path, built, monkeypatch):
    reader = tiny.tiny_reader()
    plain = tmp_path / "plain.json"
    write_squad(plain, tiny.tiny_questions())
    sets = [_open(built), _open(plain)]
    result = evaluate_reader(reader, sets, CPU, out=tmp_path / "run", command="robust eval", threshold="0")
    run = read_run(tmp_path / "run")
    assert run.summary["sets"] == json.loads(json.dumps(result["sets"]))
    # figures come from the score rows alone
    for name, summary in run.summary["sets"].items():
        again = summarise_set(run.scores[run.scores["set"] == name])
        for key in ("original", "perturbed", "drop", "exact"):
            assert again.get(key) == summary.get(key)
    manifest = run.manifest
    assert manifest["model"]["sha256"] == reader.sha256
    assert manifest["prediction_key"]["dtype"] == "float32"
    assert set(manifest["sets"]["qads-test"]["sha256"]) == {
        "original.json",
        "perturbed.json",
        "controls/identity/original.json",
        "controls/identity/perturbed.json",
    }
    assert manifest["sets"]["qads-test"]["path"] == str(built.resolve())
    assert manifest["sets"]["plain.json"]["path"] == str(plain.resolve())
    assert {"python", "torch", "transformers"} <= set(manifest["versions"])
    assert manifest["configuration"]["threshold"] == "0"
    # the identity arm and the plain file ask what the clean side asks: predicted once, kept once
    assert len(run.predictions) == 24
    assert set(run.scores["key"]) == set(run.predictions["key"])
    identity = result["sets"]["qads-test"]["controls"]["arms"]["identity"]
    assert identity["drop"]["exact"] == 0.0
    assert result["sets"]["qads-test"]["controls"]["questions"] == 8
    assert result["sets"]["qads-test"]["controls"]["arms"][MAIN]["questions"] == 8
    assert result["sets"]["qads-test"]["coverage"] == 0.5


def test_the_same_run_is_the_same_bytes(tiny, tmp_path, built):
    reader = tiny.tiny_reader()
    for name in ("one", "two"):
        evaluate_reader(reader, [_open(built)], CPU, out=tmp_path / name, threshold="cross-fit")
    for file in ("scores.parquet", "predictions.parquet", "summary.json", "manifest.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_a_reader_uses_its_own_threshold_unless_told_otherwise(tiny, built, tmp_path):
    plain = tiny.tiny_reader()
    own = dataclasses.replace(plain, settings=dataclasses.replace(plain.settings, null_threshold=3.5))

    def rule(reader, threshold, name):
        made = evaluate_reader(reader, [_open(built)], CPU, threshold=threshold, out=tmp_path / name)
        return made["sets"]["qads-test"]["threshold"]

    assert rule(own, None, "a") == {"kind": "own", "by_fold": [3.5] * 5}
    assert rule(own, "cross-fit", "b")["kind"] == "cross-fit"
    assert rule(own, "-2", "c") == {"kind": "fixed", "by_fold": [-2.0] * 5}
    assert rule(plain, None, "d")["kind"] == "cross-fit"
    with pytest.raises(UserError, match="has none"):
        rule(plain, "own", "e")
    with pytest.raises(UserError, match="expected own, cross-fit or a number"):
        rule(plain, "high", "f")


def test_paired_data_such_as_addsent_is_a_set(tiny, tmp_path):
    questions = tiny.tiny_questions()[:4]
    turk = [dataclasses.replace(q, id=f"{q.id}-high-conf-turk{k}") for q in questions[:3] for k in (0, 1)]
    path = tmp_path / "addsent.json"
    write_squad(path, [*questions, *turk])
    found = _open(path)
    arm = found.arms[MAIN]
    assert [q.id for q in arm.original] == [q.id for q in questions[:3]]
    assert len(arm.perturbed) == 6
    assert not found.plain


def test_an_id_that_looks_like_a_copy_s_by_chance_does_not_hide_the_other_questions(tiny, tmp_path):
    """Of ids doc, doc#1, q2, q3, ... the one pair alone was evaluated, and nothing said so."""
    first, second, *rest = tiny.tiny_questions()
    path = tmp_path / "pages.json"
    write_squad(path, [first, tiny.tiny_variant(first), second, *rest])
    with pytest.raises(
        UserError,
        match=rf"pages\.json: '{first.id}#1' is taken for a copy of '{first.id}', .*; 11 questions have no",
    ):
        _open(path)
    other = dataclasses.replace(next(q for q in rest if q.answers), id=f"{first.id}#1")
    assert other.context != first.context
    write_squad(path, [first, other, second])
    found = _open(path)
    assert found.plain, "with nothing of its original it is no copy"
    assert len(found.arms[MAIN].original) == 3


def test_a_limit_keeps_whole_questions_in_every_arm(built):
    found = _open(built, limit=4)
    kept = {q.id for q in found.arms[MAIN].original}
    assert len(kept) == 4
    for arm in found.arms.values():
        assert {arm.variant_of[q.id] for q in arm.perturbed} <= kept


def test_controls_can_be_left_out(built):
    assert set(_open(built, controls=False).arms) == {MAIN}


def test_a_bare_name_is_looked_for_among_the_sets_made_here(built, own_home):
    (own_home / "sets").mkdir(parents=True)
    built.rename(own_home / "sets" / "qads")
    assert open_set("qads", pytest.fail).name == "qads"


def test_a_set_that_is_not_built_names_the_command_that_builds_it():
    with pytest.raises(UserError, match=r"robust build-qads --data squad2:dev --out .*sets/qads"):
        open_set("qads", pytest.fail)


def test_outside_answers_of_a_set_are_scored_three_times(built, tmp_path):
    found = _open(built)
    arm = found.arms[MAIN]
    texts = {q.id: q.answers[0].text if q.answers else "" for q in arm.original}
    texts |= {q.id: "" for q in arm.perturbed}
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(texts))
    figures = evaluate_answers(path, [found])["sets"]["qads-test"]
    expected = official(arm.original, texts), official(arm.perturbed, texts)
    for key in ("exact", "f1", "total", "HasAns_exact", "HasAns_f1", "HasAns_total", "NoAns_exact"):
        assert figures["original"][key] == pytest.approx(expected[0][key])
        assert figures["perturbed"][key] == pytest.approx(expected[1][key])
    assert figures["drop"]["HasAns_exact"] == 100.0
    assert figures["drop"]["NoAns_exact"] == 0.0
    del texts[arm.perturbed[0].id]
    path.write_text(json.dumps(texts))
    with pytest.raises(UserError, match="expected one for every id, perturbed ones too"):
        evaluate_answers(path, [found])


def test_one_file_of_answers_is_not_scored_on_two_sets_whose_ids_are_of_other_questions(
    tiny, built, tmp_path
):
    """Variants are ``<id>#1`` in every set: one answer would silently be scored as that to both."""
    first = _open(built)
    pairs = [
        (q, [dataclasses.replace(tiny.tiny_variant(q), text="Other: " + q.text)])
        for q in first.arms[MAIN].original
    ]
    _write_set(tmp_path / "other", pairs)
    second = _open(tmp_path / "other")
    path = tmp_path / "answers.json"
    main = first.arms[MAIN]
    texts = {q.id: "" for q in (*main.original, *main.perturbed)}
    path.write_text(json.dumps(texts))
    refused = (
        rf"answers\.json: .{main.perturbed[0].id}. names one question in qads-test and another in other, .*"
        "a predictions file per set"
    )
    with pytest.raises(UserError, match=refused):
        evaluate_answers(path, [first, second])
    with pytest.raises(UserError, match=refused):
        write_answers(tmp_path / "run", path, [first, second], texts)
    assert not (tmp_path / "run").exists()
    same = EvaluationSet("again", first.arms, first.sources, first.manifest)
    assert [*evaluate_answers(path, [first, same])["sets"]] == ["qads-test", "again"]


def test_a_byte_order_mark_before_answers_is_passed_over(tmp_path):
    """Editors on Windows write one; data files may have it."""
    (tmp_path / "a.json").write_text('{"a": "b"}', encoding="utf-8-sig")
    assert read_answers(tmp_path / "a.json") == {"a": "b"}


@pytest.mark.parametrize("text", ["[1]", "nonsense", '{"a": null}'])
def test_answers_that_are_none_are_one_line(built, tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(
        UserError, match=r"a\.json: .*(not JSON|expected one JSON object|expected the answer as text)"
    ):
        evaluate_answers(tmp_path / "a.json", [_open(built)])


def test_a_run_is_never_written_over_something_else(tiny, built, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("...")
    with pytest.raises(UserError, match="not a run"):
        evaluate_reader(tiny.tiny_reader(), [_open(built)], CPU, out=tmp_path / "thesis")


def test_a_saved_reader_gives_the_same_figures(tiny, built, tmp_path):
    from robust.zoo.checkpoints import load_reader

    reader = tiny.tiny_reader()
    save_reader(tmp_path / "r", reader.model, reader.tokenizer, reader.settings)
    one = evaluate_reader(reader, [_open(built)], CPU, out=tmp_path / "one", threshold="0")
    two = evaluate_reader(
        load_reader(tmp_path / "r"), [_open(built)], CPU, out=tmp_path / "two", threshold="0"
    )
    assert one["sets"] == two["sets"]


def test_a_data_file_whose_name_begins_like_a_set_is_read(tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_squad(tmp_path / "qads-mine.json", tiny.tiny_questions())
    assert open_set("qads-mine.json", Path).plain


def test_a_data_file_has_one_name_however_its_path_is_spelt(tiny, tmp_path, monkeypatch):
    """By the name runs are compared: c.json and ./c.json are one set, and the catalogue's keep theirs."""
    monkeypatch.chdir(tmp_path)
    write_squad(tmp_path / "c.json", tiny.tiny_questions())
    spelt = ["c.json", "./c.json", str(tmp_path / "c.json")]
    assert [open_set(name, Path).name for name in spelt] == ["c.json"] * 3
    (tmp_path / "demo").write_bytes((tmp_path / "c.json").read_bytes())
    assert open_set("demo", resolve).name == "demo"
    assert open_set("squad2:dev", lambda name: tmp_path / "c.json").name == "squad2:dev"
    (tmp_path / "beside").mkdir()
    write_squad(tmp_path / "beside" / "c.json", tiny.tiny_questions())
    with pytest.raises(
        UserError, match=r"c\.json: two sets of this name; expected different ones, rename one"
    ):
        check_names([open_set(name, Path).name for name in ("c.json", "beside/c.json")])


def test_a_set_whose_original_has_no_variant_names_it(tiny, tmp_path):
    first, second = tiny.tiny_questions()[:2]
    _write_set(tmp_path / "s", [(first, [tiny.tiny_variant(first)]), (second, [])])
    with pytest.raises(UserError, match=f"question '{second.id}' has no variant"):
        _open(tmp_path / "s")


def test_articles_of_one_fold_are_refused_before_anything_is_predicted(tiny, monkeypatch):
    from robust.evaluation import evaluate

    monkeypatch.setattr(evaluate, "predict", lambda *a, **k: pytest.fail("predicted"))
    one = EvaluationSet("one", {MAIN: Arm(tiny.tiny_questions()[:2], [], {})}, ())
    with pytest.raises(UserError, match=r"1 article.*give a number"):
        evaluate_reader(tiny.tiny_reader(), [one], CPU)


def test_scoring_outside_answers_loads_no_torch():
    code = "import sys, robust.evaluation.answers; print({'torch', 'transformers'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"set()\n"


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError])
def test_a_folder_is_put_back_when_its_replacement_is_stopped(tmp_path, monkeypatch, stop):
    place = tmp_path / "run"
    place.mkdir()
    (place / "kept").write_text("old")
    rename = Path.rename

    def stopped(self, target):
        if self.name.endswith(".tmp"):
            raise stop
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", stopped)
    with pytest.raises((UserError, KeyboardInterrupt)):
        replace_folder(place, lambda folder: None, ours=lambda p: True, what="ours")
    assert [(p.name, (p / "kept").read_text()) for p in tmp_path.iterdir()] == [("run", "old")]


def test_the_folder_one_stands_in_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    check_out(Path())
    replace_folder(Path(), lambda f: f.joinpath("a").touch(), ours=lambda p: False, what="ours")
    assert [p.name for p in (tmp_path / "here").iterdir()] == ["a"]
