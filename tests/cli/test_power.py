"""robust power, as a user calls it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from robust.cli.main import main
from robust.runs import SCORE_COLUMNS, write_run
from robust.stats.power import design_effect, questions_needed

FIGURES = {"f1": 1.0, "abstained": False, "span_em": 1.0, "span_f1": 1.0, "answerable": True}
# what power does not look at, and every run has
REST = dict.fromkeys(set(SCORE_COLUMNS) - {*FIGURES, "em"}, 0)


@pytest.fixture
def robust(monkeypatch, capsys):
    """Return what calls the command line: exit code, what went to stdout, and to stderr."""

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["robust", "power", *map(str, words)])
        with pytest.raises(SystemExit) as exit_:
            main()
        said = capsys.readouterr()
        return int(exit_.value.code or 0), said.out, said.err

    return call


def rows(name: str, drops: np.ndarray, articles: np.ndarray) -> pd.DataFrame:
    """Return the score rows of a paired set whose questions fall (1), rise (-1) or stay (0)."""
    frames = []
    for condition, em in (("clean", drops >= 0), ("perturbed", drops < 0)):
        frame = pd.DataFrame({"em": np.where(drops == 0, 1.0, em.astype(float)), **FIGURES, **REST})
        frame["original_id"] = [f"q{k}" for k in range(len(drops))]
        frame["article"] = [f"article {a}" for a in articles]
        frame["paragraph_id"] = frame["article"]
        frames.append(frame.assign(set=name, arm="main", condition=condition))
    return pd.concat(frames, ignore_index=True)


@pytest.fixture
def run(tmp_path: Path):
    """Return what writes a run folder of score rows."""

    def write(*frames: pd.DataFrame) -> Path:
        write_run(tmp_path / "run", {}, [], pd.concat(frames, ignore_index=True), {})
        return tmp_path / "run"

    return write


@pytest.fixture
def drops():
    """Return drops and articles of 400 questions in 20 articles that differ: about 30 % turn."""
    random = np.random.default_rng(0)
    articles = np.repeat(np.arange(20), 20)
    lean = random.uniform(-0.2, 0.3, 20)[articles]
    chance = random.random(400)
    return (chance < 0.15 + lean / 2).astype(int) - (chance > 0.85 + lean / 2), articles


def test_the_questions_of_a_drop_are_told(robust):
    code, told, _ = robust("--drop", 3, "--discordance", 0.19)
    assert code == 0
    assert "1,655" in told
    assert "--design-effect" in told, "a beginner is told that articles matter"


def test_articles_and_design_effect_stand_beside_independent_questions(robust):
    words = ("--drop", 3, "--discordance", 0.19, "--questions", 3000, "--articles", 35, "--design-effect", 2)
    code, told, _ = robust(*words)
    assert code == 0
    assert "1,655" in told
    needed = questions_needed(0.03, 0.19, design_effect=2.0, degrees_of_freedom=34)
    assert f"{needed:,}" in told
    code, told, _ = robust(*words, "--json")
    found = json.loads(told)
    assert found["needed"] == {"independent": 1655, "clustered": needed}
    assert 2 < found["detectable"]["independent"] < found["detectable"]["clustered"] < 4
    assert 0.5 < found["chance"]["clustered"] < found["chance"]["independent"] < 1
    assert found["design_effect"] == 2.0


def test_a_run_gives_discordance_and_how_articles_differ(robust, run, drops):
    values, articles = drops
    folder = run(rows("mine", values, articles))
    code, told, _ = robust("--run", folder, "--json")
    assert code == 0
    found = json.loads(told)
    assert found["discordance"] == pytest.approx(np.mean(values != 0))
    expected = design_effect(values.astype(float), [str(a) for a in articles])
    assert expected > 1.2, "the example has no clusters to speak of"
    assert found["design_effect"] == pytest.approx(expected)
    assert (found["questions"], found["articles"], found["set"]) == (400, 20, "mine")
    assert found["needed"] is None


def test_a_small_drop_asks_for_articles_not_for_questions(robust, run, drops):
    folder = run(rows("mine", *drops))
    code, told, _ = robust("--run", folder, "--drop", 0.5)
    assert code == 0
    assert "none" in told
    assert "No number of questions from 20 articles shows it" in told
    _, told, _ = robust("--run", folder, "--drop", 0.5, "--articles", 50_000, "--json")
    found = json.loads(told)
    assert found["needed"]["clustered"] > found["needed"]["independent"]
    assert found["articles_needed"] is None


def test_of_several_sets_one_is_named(robust, run, drops):
    folder = run(rows("mine", *drops), rows("yours", -drops[0], drops[1]))
    code, _, said = robust("--run", folder)
    assert code == 2
    assert "mine, yours" in said
    assert robust("--run", folder, "--set", "yours")[0] == 0
    assert "'theirs'" in robust("--run", folder, "--set", "theirs")[2]


def test_a_set_that_asks_for_something_else_has_no_drop_to_plan_for(robust, run, drops):
    asked = rows("not", *drops).assign(expected="abstain", kept=0.0, span_kept=0.0)
    both = run(rows("safe", *drops).assign(expected=None, kept=np.nan, span_kept=np.nan), asked)
    (both / "predictions.parquet").unlink()  # figures need the scores alone
    code, out, err = robust("--run", both, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["set"] == "safe"
    code, out, err = robust("--run", both, "--set", "not")
    assert (code, out) == (2, "")
    assert "not asks for something else than its clean questions, so it has no drop" in err
    code, out, err = robust("--run", run(asked))
    assert (code, out) == (2, "")
    assert "so there is no drop; give the run of" in err
    assert err.count("\n") == 1


def test_a_run_without_a_built_set_is_refused(robust, run, drops):
    plain = rows("squad2:dev", *drops)
    code, _, said = robust("--run", run(plain[plain["condition"] == "clean"]), "--drop", 2)
    assert code == 2
    assert "no built set" in said


def test_a_run_in_which_nothing_turns_foretells_nothing(robust, run, drops):
    folder = run(rows("mine", np.zeros(400, dtype=int), drops[1]))
    code, _, said = robust("--run", folder, "--drop", 2)
    assert code == 2
    assert "--discordance" in said
    assert robust("--run", folder, "--drop", 2, "--discordance", 0.1)[0] == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--discordance"),
        (("--discordance", 0.1), "--drop POINTS"),
        (("--discordance", 0.1, "--drop", 20), "at most 10"),
        (("--discordance", 19, "--drop", 3), "--discordance"),
        (("--drop", 3, "--discordance", 0.1, "--set", "qads"), "--run"),
        (("--run", "nowhere"), "no run here"),
        (("--drop", 3, "--discordance", 0.1, "--power", 0.3, "--alpha", 0.4), "--power 0.3"),
        (("--drop", 0, "--discordance", 0.1), "--drop"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_way_out(robust, words, told):
    code, out, said = robust(*words)
    assert (code, out) == (2, "")
    assert told in said
    assert len(said.strip().splitlines()) == 1
