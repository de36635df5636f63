"""A search as a set on disk: what it holds, its figures, how it goes on after a kill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pytest

from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.scorers import NO_SCORERS
from robust.attack.search import Plan, SearchOutcome, make_strategy
from robust.attack.sites import Site, SiteAttack
from robust.build.folder import read_edits, read_set
from robust.errors import UserError
from robust.evaluation.adversarial import AttackRequest, Victim, _line, _read, attack_reader, read_rows
from robust.evaluation.searching import Searching, search_on
from robust.evaluation.success import figures
from robust.evaluation.transfer import open_adversarial, transfer_row
from robust.reader.gold_loss import ReaderLoss
from robust.reader.predict import PredictSettings, predict
from robust.reader.threshold import single
from robust.scale.machines import Here
from robust.squad.records import Answer, Question

CPU = PredictSettings(device="cpu", dtype="float32")


@dataclass(frozen=True, kw_only=True, repr=False)
class Shout(SiteAttack):
    """Writes words of four letters or more in capitals, or twice."""

    name: ClassVar[str] = "shout.v1"

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        tokens = [t for t in scene.tokens if len(t.text) > 3]
        return [
            Site(tuple(Edit("question", t.start, t.end, t.text, new) for new in (t.text.upper(), t.text * 2)))
            for t in tokens
        ]


class Deaf:
    """Is wrong about any question that shouts loudly enough, and about those that end in "lost?"."""

    sha256 = "4" * 64

    def __init__(self, dies_after: int | None = None) -> None:
        self.left = dies_after

    def loss(self, questions: Sequence[Question]) -> list[float]:
        if self.left is not None:
            self.left -= len(questions)
            if self.left < 0:
                raise KeyboardInterrupt
        capitals = [sum(c.isupper() for c in q.text) for q in questions]
        lost = [q.text.endswith("lost?") for q in questions]
        return [1.0 if away else 0.25 * (loud - 10) for loud, away in zip(capitals, lost, strict=True)]


TEXTS = [
    "who moved the stone wall?",  # "moved", "stone" and "wall": 14 capitals, two words are 10 or more
    "who is it?",  # nothing to shout
    "what was lost?",  # wrong as it is
    "which boats sank?",  # 5 + 5 + 4
    "why me and them?",  # 4 at most
]


def questions() -> list[Question]:
    context = "A wall of stone stood there."
    return [
        Question(
            f"q{k}",
            text,
            context,
            (Answer("stone", 10),) if k % 2 == 0 else (),
            f"Article {k % 3}",
            k % 2 == 0,
            f"Article {k % 3}:1",
            f"Article {k % 3}",
        )
        for k, text in enumerate(TEXTS)
    ]


class Deafish(Deaf):
    """A screen for the one above."""

    about: ClassVar[dict[str, object]] = {"kind": "by ear"}


def attacked(out: Path, loss: Deaf | None = None, screen: Deafish | None = None, **how: object):
    plan = Plan(Shout(), make_strategy("greedy", importance="edit", at_a_time=0), 20)
    victim = Victim("deaf", "5" * 64, {"kind": "own", "by_fold": [0.0] * 5}, loss or Deaf(), screen)
    request = AttackRequest(questions=questions(), plan=plan, victim=victim, command="robust attack")
    return attack_reader(request, out, **how)  # type: ignore[arg-type]


def test_the_set_holds_what_was_right_when_clean_and_the_worst_that_was_found(tmp_path: Path):
    found = attacked(tmp_path / "set")
    whole = read_set(tmp_path / "set")
    assert [q.id for q in whole.original] == ["q0", "q3", "q4"]
    assert {q.id: q.text for q in whole.perturbed} == {
        "q0#1": "who MOVED the STONE WALL?",
        "q3#1": "WHICH BOATS SANK?",
        "q4#1": "why me and THEM?",
    }
    assert whole.perturbed[0].answers == whole.original[0].answers
    assert len(read_edits(tmp_path / "set")["q0#1"]) == 3
    assert whole.manifest["search"]["successes"] == found.figures["successes"] == 2


def test_the_figures_are_those_of_a_hand_calculation(tmp_path: Path):
    told = attacked(tmp_path / "set").figures
    assert told["clean_right"] == 4
    assert told["success_rate"]["rate"] == 0.5
    assert told["success_rate_with_candidates"]["rate"] == pytest.approx(2 / 3, abs=1e-6)
    assert told["accuracy_clean"]["rate"] == 0.8
    assert told["accuracy_under_attack"]["rate"] == 0.4
    assert told["HasAns"]["rate"] == 0.5
    # itself, three first edits, then a second edit at each of three places (of the last none is left to ask)
    rows = read_rows(tmp_path / "set").set_index("question_id")
    assert rows.loc["q0", "edits"] == 3
    assert rows.loc["q2", "queries"] == 1
    assert told["queries"]["mean"] == rows.loc[["q0", "q1", "q3", "q4"], "queries"].mean()
    assert [point["rate"] for point in told["edit_curve"]] == [0.5]
    shares = [point["rate"] for point in told["query_curve"]]
    assert shares == sorted(shares)
    assert shares[-1] == 0.5
    assert told["query_curve"][-1]["queries"] == 20


def test_where_every_question_is_lost_the_interval_still_has_a_width() -> None:
    rows = pd.DataFrame({"article": [f"A{k % 10}" for k in range(40)]}).assign(
        clean_right=True,
        success=True,
        answerable=True,
        candidates=1,
        queries=2,
        screened=0,
        repeated=0,
        edits=1,
    )
    rate = figures(rows, 2)["success_rate"]
    assert (rate["rate"], round(rate["low"], 5), rate["high"]) == (1.0, 0.72247, 1.0)  # Wilson's of 10 of 10


def test_a_question_that_was_only_looked_at_had_no_candidate():
    row = {"article": "T", "answerable": True, "clean_right": True, "success": False, "repeated": 0}
    row["screened"] = 0
    looked, tried = row | {"queries": 3, "candidates": 2, "edits": 0}, row | {"queries": 2, "candidates": 1}
    found = figures(pd.DataFrame([looked, tried | {"edits": 1, "success": True}]), 20)
    assert found["with_candidates"] == 1
    assert found["success_rate_with_candidates"]["rate"] == 1.0
    assert found["success_rate"]["rate"] == 0.5


def test_what_a_screen_was_asked_is_counted_apart_and_named(tmp_path: Path):
    plain = attacked(tmp_path / "plain")
    found = attacked(tmp_path / "screened", screen=Deafish())
    assert plain.manifest["search"]["screen"] is None
    assert found.manifest["search"]["screen"] == {"kind": "by ear"}
    assert plain.manifest["build_id"] != found.manifest["build_id"]
    assert found.figures["successes"] == plain.figures["successes"] == 2
    rows, other = (read_rows(tmp_path / name).set_index("question_id") for name in ("screened", "plain"))
    assert rows["queries"].sum() < other["queries"].sum()
    assert (rows["screened"] > 0).tolist() == [True, False, False, True, True]
    assert other["screened"].sum() == 0
    assert rows["candidates"]["q0"] == rows["screened"]["q0"] - 1


def test_a_machine_that_would_compute_another_screen_is_named_and_nothing_is_made_of_it():
    class ElsewhereDeafish(Deafish):
        sha256 = "6" * 64
        about: ClassVar[dict[str, object]] = {"kind": "by ear", "dtype": "float32"}

    plan = Plan(Shout(), make_strategy("greedy"), 20)
    work = Searching(plan, lambda: (Deaf(), ElsewhereDeafish()), NO_SCORERS, 8, 0, Deafish.sha256)
    with pytest.raises(UserError, match=r"another screen \(kind by ear, dtype float32\).*--no-screen"):
        list(search_on(Here(), work, questions()))
    same = replace(work, losses=lambda: (Deaf(), Deafish()))
    assert {found.question_id for found in search_on(Here(), same, questions())} == {
        "q0",
        "q1",
        "q2",
        "q3",
        "q4",
    }


def test_a_killed_search_goes_on_and_gives_the_same_bytes(tmp_path: Path):
    attacked(tmp_path / "whole")
    for dies_after in (6, 9, 12):
        with pytest.raises(KeyboardInterrupt):
            attacked(tmp_path / "killed", Deaf(dies_after), at_once=1)
        lines = next((tmp_path / "killed" / ".partial").glob("*.jsonl"))
        lines.write_text(lines.read_text() + '{"question_id": "q')  # as if killed while writing
    done: list[int] = []
    attacked(tmp_path / "killed", at_once=1, progress=lambda so_far, total: done.append(so_far))
    assert done[0] >= 1
    for file in sorted((tmp_path / "whole").iterdir()):
        assert file.read_bytes() == (tmp_path / "killed" / file.name).read_bytes(), file.name
    assert not (tmp_path / "killed" / ".partial").exists()


def test_an_outcome_is_one_line_whatever_letters_it_has_and_a_letter_cut_in_two_is_dropped(tmp_path: Path):
    edit = Edit("question", 0, 3, "one", "é\u2028\x85uno")
    outcome = SearchOutcome("q\u2029", -1.0, 0.5, (edit,), 3, 0, 1, {"word: näme": 1})
    path = tmp_path / "some.jsonl"
    path.write_bytes(_line(outcome).encode() + '{"question_id": "é'.encode()[:-1])
    assert list(_read(path)) == [outcome]
    assert _line(outcome).isascii()


def test_a_finished_search_is_returned_and_another_refused(tmp_path: Path):
    assert attacked(tmp_path / "set").fresh
    again = attacked(tmp_path / "set", Deaf(dies_after=0))
    assert not again.fresh
    assert again.figures["successes"] == 2
    with pytest.raises(UserError, match="other settings"):
        plan = Plan(Shout(), make_strategy("beam"), 20)
        victim = Victim("deaf", "5" * 64, {"kind": "own", "by_fold": [0.0] * 5}, Deaf())
        attack_reader(AttackRequest(questions=questions(), plan=plan, victim=victim), tmp_path / "set")


def test_a_search_that_could_try_nothing_says_so(tmp_path: Path):
    plan = Plan(Shout(), make_strategy("greedy"), 20)
    victim = Victim("deaf", "5" * 64, {"kind": "own", "by_fold": [0.0] * 5}, Deaf())
    request = AttackRequest(questions=questions()[1:3], plan=plan, victim=victim)
    with pytest.raises(UserError, match="no candidate for any of the 1 questions"):
        attack_reader(request, tmp_path / "set")
    assert not (tmp_path / "set").exists()
    with pytest.raises(UserError, match="no questions left"):
        attack_reader(replace(request, questions=[]), tmp_path / "set")


def test_what_fooled_a_reader_fools_it_again_and_another_is_asked_the_same(tiny, own_home, tmp_path: Path):
    reader, other = tiny.tiny_reader(), tiny.tiny_reader("roberta-tiny")
    other = replace(other, sha256="1" * 64)
    rule = single(1000.0)  # it answers always
    asked = tiny.tiny_questions()
    right = [  # by its own lights
        replace(q, answers=(Answer(p.text, q.context.index(p.text)),), answerable=True)
        for q, p in zip(asked, predict(reader, asked, CPU), strict=True)
    ]
    victim = Victim(
        "tiny", reader.sha256, {"kind": "fixed", "by_fold": list(rule.by_fold)}, ReaderLoss(reader, rule, CPU)
    )
    plan = Plan(Shout(), make_strategy("greedy"), 20)
    attack_reader(AttackRequest(questions=right, plan=plan, victim=victim), tmp_path / "tiny")
    opened = open_adversarial(tmp_path / "tiny")
    (own,) = transfer_row(reader, "tiny", [opened], CPU)
    (foreign,) = transfer_row(other, "other", [opened], CPU, threshold="1000")
    assert own["own"]
    assert not foreign["own"]
    assert own["questions"] == foreign["questions"] > 0
    assert (own["clean"]["exact"], own["perturbed"]["exact"]) == (1.0, 0.0)
    assert own["perturbed"]["low"] is own["perturbed"]["high"] is None  # so chosen, not estimated
    with pytest.raises(UserError, match="tiny: two sets of this name"):
        transfer_row(other, "other", [opened, opened], CPU)
    assert 0 <= foreign["perturbed"]["exact"] <= 1


def test_a_set_that_is_no_search_is_refused(tmp_path: Path):
    attacked(tmp_path / "set")
    manifest = tmp_path / "set" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"search"', '"other"'))
    with pytest.raises(UserError, match="not made by robust attack"):
        open_adversarial(tmp_path / "set")
