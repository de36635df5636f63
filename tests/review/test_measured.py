"""What is counted of an attack over questions, and the shares of a judged sample."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner

from robust.attack.base import Attack, Edits
from robust.attack.records import Edit, Variant, apply_edits
from robust.attack.scene import Scene
from robust.cli.main import create_app
from robust.errors import UserError
from robust.review.draw import collect, draw, instructions, write_drawn, write_judged
from robust.review.judged import check_attack, judged_shares, read_judged
from robust.review.measured import examples, measure
from robust.squad.records import Answer, Question

CONTEXT = 'The mill of Ashby was sold by Ruth Penn in 1850. "Fine wheels" drove it. Many came to see it.'
QUESTIONS = [
    Question(
        f"q{k}", text, CONTEXT, (Answer("Ruth Penn", CONTEXT.index("Ruth Penn")),), "T", True, "T:1", "T"
    )
    for k, text in enumerate(
        ["Who sold the mill?", "Who once owned the mill of Ashby?", "Whose mill did many see?", "Who was it?"]
    )
]


@dataclass(frozen=True, kw_only=True, repr=False)
class Careless(Attack):
    """Says the answer, doubles a word, edits a name; an edit of another kind for each question."""

    name: ClassVar[str] = "careless.v1"

    def rewrite(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Edits]:
        text = scene.question.text
        made = {
            "q0": ("mill", "mill of Ruth Penn"),
            "q1": ("Ashby", "Aldby"),
            "q2": ("mill", "mill mill"),
        }.get(scene.question.id)
        if made is None:
            rejected["question: short"] += 1
            return []
        start = text.index(made[0])
        return [(Edit("question", start, start + len(made[0]), *made),)]


@dataclass(frozen=True, kw_only=True, repr=False)
class Beside(Careless):
    """Says something in the paragraph's end."""

    name: ClassVar[str] = "beside.v1"
    edits_field: ClassVar = "context"

    def rewrite(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Edits]:
        text = scene.question.context
        return [(Edit("context", len(text), len(text), "", " Rain fell."),)]


def test_each_fault_is_counted_with_its_interval() -> None:
    found = measure(Careless(), QUESTIONS)
    assert (found["covered"], found["coverage"], found["variants"]) == (3, 0.75, 3)
    assert found["wrong_offsets"] == 0
    assert found["answer_leaks"] == {"count": 1, "share": 0.3333, "interval": [0.0615, 0.7923]}
    assert found["names_edited"]["count"] == 1
    assert found["new_grammar_errors"]["count"] == 1
    assert found["grammar_errors_by_kind"] == {"doubled word": 1}
    assert found["quotations_edited"]["count"] == found["answer_words_edited"]["count"] == 0
    assert found["rejections"] == {"question: short": 1}
    assert found["mean_edit_rate"] == pytest.approx((3 / 5 + 1 / 8 + 1 / 6) / 3, abs=1e-3)


def test_a_variant_whose_answer_moved_away_from_its_offset_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert measure(Beside(), QUESTIONS)["wrong_offsets"] == 0
    monkeypatch.setattr("robust.attack.rewritten._shift", lambda edits, position: 1)
    assert measure(Beside(), QUESTIONS)["wrong_offsets"] == 4


def test_examples_tell_the_sentence_that_was_edited() -> None:
    (one,) = examples(Beside(), QUESTIONS)
    assert one["question"] == one["rewritten"] == "Who sold the mill?"
    assert one["context_rewritten"].endswith("Many came to see it. Rain fell.")
    assert "Ashby" not in one["context"]


def rows(*labels: tuple[str, ...]) -> list[dict[str, str]]:
    return [
        {"variant_id": f"q{k}#1", **{f"rater_{n}": x for n, x in enumerate(of)}}
        for k, of in enumerate(labels)
    ]


def test_shares_of_a_judged_sample_are_by_majority_and_a_tie_is_against_it() -> None:
    found = judged_shares(
        rows(("right", "right"), ("right", "wrong_sense"), ("bad_grammar", "bad_grammar"), ("", ""))
    )
    assert (found["items"], found["judged"]) == (4, 3)
    assert found["valid"]["count"] == found["changed"]["count"] == found["bad_grammar"]["count"] == 1
    assert found["agreement"] == pytest.approx(2 / 3, abs=1e-4)
    kept = judged_shares(rows(("answer_kept",), ("right",)))
    assert kept["changed"]["share"] == 0.5
    assert kept["agreement"] is None


def test_the_shipped_samples_have_the_shares_that_the_results_tell() -> None:
    folder = Path(__file__).parents[2] / "docs" / "judged"
    if not folder.is_dir():
        pytest.skip("not in a checkout")
    found = judged_shares(read_judged(folder / "safe.jsonl"))
    assert found["judged"] == 100
    assert found["raters"] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 1: not JSON"),
        ('{"variant_id": "q0#1"}', "line 1: no column rater_NAME"),
        ('{"rater_a": "fine"}', "line 1: rater_a 'fine', expected a label"),
    ],
)
def test_a_file_that_is_no_judged_sample_is_told(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=message):
        read_judged(file)


def test_a_drawn_sample_is_blind_and_its_labels_come_back(tmp_path: Path) -> None:
    drawn = draw(Careless(), QUESTIONS, 2, seed=1)
    assert drawn == draw(Careless(), QUESTIONS[::-1], 2, seed=1)
    folder = tmp_path / "careless.v1"
    write_drawn(folder, Careless(), drawn)
    write_drawn(folder, Careless(), drawn)  # the same again is no fault
    items = [json.loads(line) for line in (folder / "items.jsonl").read_text().splitlines()]
    assert all(item["question"] != item["rewritten"] for item in items)
    assert "careless" not in (folder / "items.jsonl").read_text()
    labels = (folder / "labels.jsonl").read_text()
    (folder / "labels.a.jsonl").write_text(labels.replace('"label": ""', '"label": "right"'))
    (folder / "labels.b.jsonl").write_text(labels.replace('"label": ""', '"label": "bad_grammar"', 1))
    found = collect(folder, "model")
    assert [row["rater_a"] for row in found] == ["right", "right"]
    assert [row["rater_b"] for row in found] == ["bad_grammar", ""]
    assert {"variant_id", "start", "before", "after", "rater_kind"} <= found[0].keys()
    assert {row["attack"] for row in found} == {"careless.v1"}
    assert judged_shares(found)["valid"]["count"] == 1
    (folder / "labels.b.jsonl").write_text(labels.replace('"label": ""', '"label": "fine"', 1))
    with pytest.raises(UserError, match=r"labels\.b\.jsonl: line 1: label 'fine'"):
        collect(folder, "model")
    (folder / "labels.b.jsonl").write_text(labels)
    with pytest.raises(UserError, match=r"labels\.b\.jsonl: every label is blank"):
        collect(folder, "model")
    for row in ('{"item": ["q"], "label": "right"}', '{"label": "right"}'):
        (folder / "labels.b.jsonl").write_text(row)
        with pytest.raises(UserError, match=r"labels\.b\.jsonl: line 1: item .* is none of key"):
            collect(folder, "model")
    (folder / "key.jsonl").write_text('{"variant_id": "q0#1"}')
    with pytest.raises(UserError, match=r"key\.jsonl: line 1: item None, expected text"):
        collect(folder, "model")
    (folder / "labels.jsonl").write_text("filled")
    with pytest.raises(UserError, match="is there already and differs"):
        write_drawn(folder, Careless(), drawn)


def test_raters_of_a_changed_answer_are_not_offered_that_it_changed(tmp_path: Path) -> None:
    class Turned(Careless):
        expected: ClassVar = "abstain"

    assert "`answer_changed`" not in instructions("abstain")
    assert "`answer_kept`" not in instructions("same")
    write_drawn(tmp_path, Turned(), draw(Turned(), QUESTIONS, 1))
    labels = (tmp_path / "labels.jsonl").read_text()
    for label in ("answer_changed", "Answer changed"):
        (tmp_path / "labels.a.jsonl").write_text(labels.replace('"label": ""', f'"label": "{label}"'))
        with pytest.raises(UserError, match=r"line 1: label .*, expected one of those in QUESTION\.md"):
            collect(tmp_path, "model")
    (tmp_path / "labels.a.jsonl").write_text(labels.replace('"label": ""', '"label": "answer kept"'))
    assert judged_shares(collect(tmp_path, "model"))["changed"]["count"] == 1


def test_labels_that_stand_are_not_written_over_but_may_gain_a_rater(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    write_judged(file, [{"variant_id": "q0#1", "rater_a": "right"}])
    write_judged(file, [{"variant_id": "q0#1", "rater_a": "right", "rater_b": "other"}])
    for rows in (
        [{"variant_id": "q0#1", "rater_a": "other"}],
        [{"variant_id": "q0#1", "rater_b": "right"}],
        [],
    ):
        with pytest.raises(UserError, match="is there already with other labels"):
            write_judged(file, rows)
    assert judged_shares(read_judged(file))["raters"] == ["a", "b"]


def test_a_sample_of_another_attack_or_of_other_settings_is_refused() -> None:
    own = {"attack": "careless.v1", "settings_hash": Careless().settings_hash()[:12]}
    check_attack(Path("x"), [own, {}], Careless())
    with pytest.raises(UserError, match=r"x: judged of careless\.v1, expected variants of beside\.v1"):
        check_attack(Path("x"), [own], Beside())
    with pytest.raises(UserError, match=r"x: judged of careless\.v1 with other settings \(0000\)"):
        check_attack(Path("x"), [own | {"settings_hash": "0000"}], Careless())


def test_an_edited_paragraph_is_shown_by_its_sentences_with_their_neighbours(tmp_path: Path) -> None:
    write_drawn(tmp_path, Beside(), draw(Beside(), QUESTIONS, 1))
    (item,) = (json.loads(line) for line in (tmp_path / "items.jsonl").read_text().splitlines())
    assert item["context"] == "Many came to see it."
    assert item["context_rewritten"] == "Many came to see it. Rain fell."
    assert item["before_it"].startswith("The mill")
    assert item["after_it"] == ""


def test_of_two_equal_sentences_the_edited_one_is_shown_between_its_own_neighbours(tmp_path: Path) -> None:
    context = "It was big. He bought a car. It was big. She left."
    question = Question("q", "What?", context, (), "T", False, "T:1", "T")
    at = context.rindex("big")
    edit = Edit("context", at, at + 3, "big", "huge")
    variant = Variant("q#1", "q", "What?", (edit,), "x", context=apply_edits(context, (edit,), "context"))
    write_drawn(tmp_path, Beside(), [(question, variant)])
    item = json.loads((tmp_path / "items.jsonl").read_text())
    assert item["context_rewritten"] == "It was huge."
    assert (item["before_it"], item["after_it"]) == ("It was big. He bought a car.", "She left.")


def test_the_commands_go_from_an_attack_to_its_figures(tmp_path: Path) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(create_app(), list(words))
        assert done.exit_code == 0, done.output
        return done.stdout

    out, judged = tmp_path / "out", tmp_path / "judged"
    report = json.loads(
        run("review", "draw", "qads.v1", "--data", "demo", "--limit", "4", "--out", str(out), "--json")
    )
    assert report["items"] == {"qads.v1": 4}
    labels = out / "qads.v1" / "labels.jsonl"
    (out / "qads.v1" / "labels.ann.jsonl").write_text(
        labels.read_text().replace('"label": ""', '"label": "right"')
    )
    assert "4 of 4 valid (100%)" in run(
        "review", "collect", str(out), "--rater-kind", "model", "--out", str(judged)
    )
    file = tmp_path / "qads.json"
    judged_of = ("--judged", str(judged / "qads.v1.jsonl"))
    first = json.loads(run("validity", "qads.v1", *judged_of, "--out", str(file), "--json"))
    assert first["judged"]["valid"]["count"] == 4
    shown = run("validity", "qads.v1", "--data", "demo", "--limit", "30", "--out", str(file))
    assert "wrong offsets" in shown
    both = json.loads(file.read_text())
    assert both["judged"]["valid"]["count"] == 4  # kept
    assert both["questions"]["questions"] == 30
    few = ("--data", "demo", "--limit", "3", "--out", str(file), "--json")
    run("validity", "qads.v1", "--seed", "1", *few)
    assert "judged" not in json.loads(file.read_text())  # of another seed: not kept
    other = run("validity", "qads.v1", "--setting", "edits=2", *few, "--seed", "1")
    assert json.loads(other)["settings_hash"] != both["settings_hash"]
    for wrong in (("typo.v1",), ("qads.v1", "--setting", "edits=2")):
        done = CliRunner().invoke(create_app(), ["validity", *wrong, *judged_of])
        assert "judged of qads.v1" in str(done.exception)


@pytest.mark.parametrize(
    ("text", "told"), [(None, "cannot be read"), ("{", "make it again"), ('{"a": 1}', "by target")]
)
def test_offers_that_cannot_be_read_are_told_before_anything_is_measured(
    tmp_path: Path, text: str | None, told: str
) -> None:
    if text is not None:
        (tmp_path / "offers").write_text(text)
    words = ["validity", "typo.v1", "--swords", str(tmp_path / "none"), "--offers", str(tmp_path / "offers")]
    done = CliRunner().invoke(create_app(), words)
    assert isinstance(done.exception, UserError)
    assert told in str(done.exception)


def test_a_language_model_that_no_attack_asks_is_told(tmp_path: Path) -> None:
    words = ["review", "draw", "qads.v1", "--data", "demo", "--out", str(tmp_path), "--masked-lm", "nosuch"]
    done = CliRunner().invoke(create_app(), words)
    assert isinstance(done.exception, UserError)
    assert "--masked-lm: none of these attacks asks" in str(done.exception)


def test_nothing_to_measure_on_is_told() -> None:
    done = CliRunner().invoke(create_app(), ["validity", "qads.v1"])
    assert isinstance(done.exception, UserError)
    assert "--data squad2:dev" in str(done.exception)


def test_an_attack_by_places_is_asked_for_its_substitute_of_a_word() -> None:
    from robust.attack.sites import Site, SiteAttack
    from robust.attack.validity import Target, answer

    @dataclass(frozen=True, kw_only=True, repr=False)
    class Big(SiteAttack):
        name: ClassVar[str] = "big.v1"
        ranks: ClassVar[bool] = True

        def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
            at = scene.question.text.index("an old")
            end = at + len("an old")
            return [Site((Edit("question", at, end, "an old", "a large", score=0.5),))]

    text = "Who saw an old mill?"
    target = Target(
        Question("t", text, text, (), "S", False, "t", "t"), text.index("old"), "a", {"large": 1.0}
    )
    assert answer(Big(), target) == ("large", 0.5)
