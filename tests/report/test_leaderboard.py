"""The leaderboard: entries say enough to compare exactly, broken ones are told, ranks admit ties."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from robust.errors import UserError
from robust.evaluation.compare import compare
from robust.report.grid import markdown
from robust.report.leaderboard import (
    SCHEMA,
    Sums,
    check_new,
    entries_of,
    read_entries,
    schema,
    write_entry,
)
from robust.report.leaderboard_page import leaderboard_grids, leaderboard_html
from robust.report.ranks import groups, ranked_json, standings
from robust.report.schema import violation
from robust.stats.resampling import randomisation
from tests.evaluation.made_up import random_rows, rows, run


def entry(number: int, drop: float, model: str, *, questions: int = 600):
    (found,) = entries_of(run(random_rows(number, drop, model=model, questions=questions)))
    return found


def even(drop: int, model: str):
    """Return an entry of a reader that loses the same number of questions in every article."""
    clean = np.ones(120)
    after = np.array([float(k // 6 >= drop) for k in range(120)])
    (found,) = entries_of(run(rows(clean, after, model=model)))
    return found


def test_an_entry_survives_its_file_and_holds_to_the_schema(tmp_path):
    one = entry(1, 0.1, "bert/base: 50 %")
    path = write_entry(tmp_path, one)
    assert read_entries(tmp_path) == [one]
    told = json.loads(path.read_text())
    assert violation(told, schema()) is None
    assert told["schema"] == SCHEMA == "robust-leaderboard/1"
    assert write_entry(tmp_path, one) == path  # the same model and set: the same file
    assert "q0" not in path.read_text()  # no question is published


def test_sums_by_article_compare_exactly_as_the_runs_do():
    frames = [random_rows(k, drop, model=m) for k, drop, m in ((1, 0.15, "a"), (2, 0.02, "b"))]
    said = compare([run(one) for one in frames], figures=["HasAns_span_exact"]).rows
    said = said[said["kind"] == "difference of drops"].iloc[0]
    one, other = (entries_of(run(frame))[0].figures["HasAns_span_exact"].drop() for frame in frames)
    sums = dataclasses.replace(one, totals=one.totals - other.totals)
    assert sums.mean == pytest.approx(said["value"])
    assert sums.error == pytest.approx(said["error"])
    articles = [str(k) for k in range(6)]
    assert randomisation(sums.totals, articles) == said["p"]


def test_models_that_cannot_be_told_apart_share_a_rank():
    found = standings([entry(k, 0.1, f"m{k}") for k in range(3)])
    assert [one.rank for one in found] == [1, 1, 1]
    drops = [one.entry.figures["HasAns_span_exact"].drop().mean for one in found]
    assert drops == sorted(drops)


def test_a_model_that_surely_falls_further_stands_behind():
    """Twelve articles, each of which loses more: sign flips give 2 / 2^12 before Holm."""

    def widened(one, drop, model):
        figure = one.figures["exact"]
        names = [f"{name} {half}" for name in figure.questions for half in (1, 2)]
        sums = type(figure)(
            dict.fromkeys(names, 10), dict.fromkeys(names, 10.0), dict.fromkeys(names, 10.0 - drop)
        )
        return dataclasses.replace(one, model=model, figures={"exact": sums}, abstained=0.0)

    base = even(1, "base")
    found = standings([widened(base, 3, "worst"), widened(base, 1, "best"), widened(base, 1, "as good")])
    assert [(one.entry.model, one.rank) for one in found] == [("as good", 1), ("best", 1), ("worst", 3)]


def test_a_reader_with_nothing_to_lose_has_no_rank():
    silent = rows(np.zeros(120), np.zeros(120), model="silent")
    (nothing,) = entries_of(run(silent))
    found = standings([nothing, even(2, "falls")])
    assert [(one.entry.model, one.rank) for one in found] == [("falls", 1), ("silent", None)]
    assert found[1].floor == "abstains on 100 % of answerable questions"
    wrong = dataclasses.replace(nothing, abstained=0.0)
    assert standings([wrong])[0].floor == "right on 0.0 % only"


def test_the_same_name_on_other_questions_is_another_table():
    one, other = entry(1, 0.1, "a"), entry(2, 0.1, "b", questions=300)
    assert [[e.model for e in group] for group in groups([other, one])] == [["a"], ["b"]]
    assert len(leaderboard_grids([one, other])) == 2


def test_entries_that_contradict_one_another_are_refused():
    one, other = even(1, "a"), even(2, "b")
    sums = other.figures["exact"]
    fewer = dataclasses.replace(sums, questions={**sums.questions, "Mill": 1})
    broken = dataclasses.replace(other, figures={**other.figures, "exact": fewer})
    with pytest.raises(UserError, match="b, set safe: other questions by article than a"):
        groups([one, broken])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.pop("model"), "model: missing"),
        (lambda t: t.update(schema="other/1"), "schema: found 'other/1', expected 'robust-leaderboard/1'"),
        (lambda t: t.update(questions="12"), "questions: found '12', expected integer"),
        (lambda t: t.update(abstained=120), "abstained: found 120, expected 0 to 100"),
        (lambda t: t.update(rank=1), "rank: no such field; expected schema, model"),
        (
            lambda t: t["figures"]["exact"].update(drop_interval=[-1, 1]),
            "figures.exact.drop_interval: no such field",
        ),
        (
            lambda t: t["figures"]["exact"]["articles"]["Mill"].update(clean=float("inf")),
            "figures.exact.articles.Mill.clean: found inf, expected a finite number",
        ),
        (
            lambda t: t["figures"]["exact"]["articles"]["Mill"].update(clean=-1),
            "figures.exact.articles.Mill.clean: found -1, expected 0 to inf",
        ),
        (
            lambda t: t["figures"]["exact"]["articles"]["Mill"].update(clean=999.0),
            "figures.exact.articles.Mill.clean: found 999.0, expected 20 at most",
        ),
        (lambda t: t["figures"].update(em=t["figures"]["exact"]), "figures.em: no such figure"),
    ],
)
def test_a_broken_file_is_one_line_that_names_file_and_field(tmp_path, change, said):
    path = write_entry(tmp_path, even(1, "bert"))
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))
    with pytest.raises(UserError) as error:
        read_entries(tmp_path)
    assert str(error.value).startswith(f"{path}: {said}")
    assert "\n" not in str(error.value)


def test_what_is_no_json_and_what_is_no_folder_are_told(tmp_path):
    with pytest.raises(UserError, match="no entry here"):
        read_entries(tmp_path)
    with pytest.raises(UserError, match="no such folder"):
        read_entries(tmp_path / "nowhere")
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(UserError, match=r"x\.json: no JSON"):
        read_entries(tmp_path)


def test_a_run_without_perturbed_questions_has_no_entry():
    with pytest.raises(UserError, match="no perturbed questions"):
        entries_of(run(rows([1, 0, 1, 1])))


def test_the_page_escapes_names_and_needs_no_network():
    page = leaderboard_html([even(1, "<script>alert(1)</script>"), even(2, "b")])
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "http" not in page.replace("http-equiv", "")
    assert page.count('<svg width="160"') == 2
    assert "Models that cannot be told apart share a rank" in page


def test_markdown_and_json_say_the_same():
    entries = [even(1, "a"), even(2, "b")]
    (group,) = ranked_json(entries)
    (grid,) = leaderboard_grids(entries)
    text = markdown(grid)
    for one in group["models"]:
        line = next(line for line in text.splitlines() if line.startswith(f"| {one['model']} |"))
        assert f"| {one['rank']} |" in line
        assert f"{one['drop']:+.1f}" in line


def test_the_checker_refuses_what_it_does_not_know():
    with pytest.raises(ValueError, match="oneOf"):
        violation(1, {"oneOf": []})
    assert violation(True, {"type": "number"}) == "the file: found True, expected number"
    assert violation(float("nan"), {"type": "number", "minimum": 0}) is not None
    assert (
        violation(["a", 1], {"type": "array", "items": {"type": "string"}}) == "[1]: found 1, expected string"
    )


def test_among_many_models_ranks_can_still_tell_apart():
    """33 models, 528 pairs: with p by 10,000 sign flips nothing was ever significant."""
    names = [f"a{k}" for k in range(35)]
    base = dataclasses.replace(even(1, ""), abstained=0.0)
    entries = []
    for number in range(33):
        jitter = np.random.default_rng(number).random(35)
        sums = Sums(
            dict.fromkeys(names, 100),
            dict.fromkeys(names, 90.0),
            {name: 90 - 2 * number - float(j) for name, j in zip(names, jitter, strict=True)},
        )
        entries.append(dataclasses.replace(base, model=f"m{number:02}", figures={"exact": sums}))
    assert [one.rank for one in standings(entries)] == list(range(1, 34))


def test_without_answerable_questions_there_is_no_rank():
    only = rows(np.ones(120), np.ones(120), model="always abstains").assign(answerable=False, abstained=True)
    (found,) = standings(entries_of(run(only)))
    assert (found.rank, found.floor) == (None, "no answerable questions: who always abstains cannot fall")


def test_intervals_are_those_of_the_sums(tmp_path):
    frame = random_rows(1, 0.15, model="a")
    said = compare([run(frame)], figures=["HasAns_span_exact"]).rows
    drop = said[said["kind"] == "drop"].iloc[0]
    write_entry(tmp_path, entries_of(run(frame))[0])
    ((told,),) = [group["models"] for group in ranked_json(read_entries(tmp_path))]
    assert told["drop_interval"] == pytest.approx([drop["low"], drop["high"]])
    assert told["minimum_detectable"] == pytest.approx(drop["minimum_detectable"])


def test_another_reader_of_the_same_name_does_not_take_an_entry_s_place(tmp_path):
    one, other = entry(1, 0.1, "bert"), entry(2, 0.1, "bert")
    with pytest.raises(UserError, match="runs/b: its model is called bert as that of runs/a") as error:
        check_new(tmp_path, [("runs/a", one), ("runs/b", other)], replace=True)
    assert "\n" not in str(error.value)
    path = write_entry(tmp_path, one)
    check_new(tmp_path, [("runs/a", one)])  # the same answers again
    with pytest.raises(UserError, match=r"holds other answers of bert on safe than runs/b.*--replace"):
        check_new(tmp_path, [("runs/b", other)])
    check_new(tmp_path, [("runs/b", other)], replace=True)
    assert write_entry(tmp_path, other) == path
