"""Robustness sets on disk: whole, resumable, the same bytes whatever made them."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import ClassVar

import pytest

from robust.attack.base import Attack
from robust.attack.control import Control
from robust.attack.records import Edit, Expected, apply_edits
from robust.attack.registry import control_arms, make
from robust.attack.rewritten import rewritten
from robust.attack.scene import Scene
from robust.attack.substitution import word_edit
from robust.build import build, identity, is_set, read_edits, read_set, shards, stratified_sample
from robust.errors import UserError
from robust.squad.io import write_squad
from robust.squad.records import Answer, Question

ATTACK = make("qads.v1", least_safety=0.0)
PLACES = ["harbour", "castle", "bridge", "mill", "market", "tower", "garden", "school", "library", "church"]


def many_questions(articles: int = 4, paragraphs: int = 12) -> list[Question]:
    """Return questions of our own making, five to a paragraph."""
    questions = []
    for article in range(articles):
        for paragraph in range(paragraphs):
            place = PLACES[(article + paragraph) % len(PLACES)]
            year = 1700 + 10 * article + paragraph
            context = f"The old {place} was built in {year}. A rich doctor purchased it for its huge doors."
            rows = [
                (f"When was the old {place} built?", str(year)),
                (f"Who purchased the {place}?", "A rich doctor"),
                (f"Why did a doctor purchase the {place}?", "its huge doors"),
                (f"Which physician began to purchase an automobile in {year}?", None),
                (f"Why did the angry attorney destroy the {place}?", None),
            ]
            for n, (text, answer) in enumerate(rows):
                answers = (Answer(answer, context.index(answer)),) if answer else ()
                title = f"Town {article}"
                questions.append(
                    Question(f"{article}-{paragraph}-{n}", text, context, answers, title, bool(answers),
                             f"{title}:{paragraph + 1}", title)
                )  # fmt: skip
    return questions


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return every file's bytes, but for the commit: somebody may commit while the tests run."""
    return {
        str(f.relative_to(folder)): re.sub(rb'"git_commit": .*', b"", f.read_bytes())
        for f in sorted(folder.rglob("*"))
        if f.is_file()
    }


def make_set(out: Path, questions: list[Question], attack: Attack = ATTACK, **more: object) -> None:
    build(questions, attack, out, controls=control_arms(attack), workers=1, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    return many_questions()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, questions: list[Question]) -> Path:
    out = tmp_path_factory.mktemp("sets") / "whole"
    make_set(out, questions)
    return out


def test_a_set_is_two_files_over_the_same_questions_and_the_edits_between(whole: Path) -> None:
    found = read_set(whole)
    edits = read_edits(whole)
    by_id = {question.id: question for question in found.original}
    assert len(by_id) == len(found.original) == len(found.perturbed) > 100
    for variant in found.perturbed:
        original = by_id[found.variant_of[variant.id]]
        assert variant.text == apply_edits(original.text, edits[variant.id])
        assert variant == replace(original, id=variant.id, text=variant.text)
    assert [found.variant_of[v.id] for v in found.perturbed] == [q.id for q in found.original]


def test_the_manifest_says_how_the_set_was_made(whole: Path, questions: list[Question]) -> None:
    manifest = read_set(whole).manifest
    assert manifest["attack"] == "qads.v1"
    assert manifest["settings"]["edits"] == 1
    assert manifest["settings_hash"] == ATTACK.settings_hash()
    assert manifest["questions"] == len(questions)
    assert manifest["covered"] == manifest["covered_answerable"] + manifest["covered_unanswerable"]
    assert manifest["coverage"] == pytest.approx(manifest["covered"] / len(questions))
    assert manifest["edits"] == sum(map(len, read_edits(whole).values()))
    assert set(manifest["sha256"]) == {"original", "perturbed", "edits"}
    assert manifest["rejections"]["word: number"] > 0
    assert len(manifest["lexicon_sha256"]) == 64


def test_controls_are_sets_over_the_same_spans(whole: Path) -> None:
    main = read_set(whole)
    spans = {v: [(e.start, e.end) for e in edits] for v, edits in read_edits(whole).items()}
    assert set(main.controls) == {"identity", "first-sense", "random-sense", "non-synonym"}
    common = set(spans)
    for arm, folder in main.controls.items():
        control = read_set(folder)
        edits = read_edits(folder)
        assert {v: [(e.start, e.end) for e in found] for v, found in edits.items()}.items() <= spans.items()
        assert main.manifest["controls"][arm]["questions"] == len(control.original)
        common &= set(edits)
    assert main.manifest["intersection"] == len(common) > 100


def test_two_workers_write_the_bytes_of_one(whole: Path, tmp_path: Path, questions: list[Question]) -> None:
    build(questions, ATTACK, tmp_path / "two", controls=control_arms(ATTACK), workers=2)
    assert bytes_of(tmp_path / "two") == bytes_of(whole)


SCRIPT = """
import sys
from pathlib import Path
from robust.attack.registry import control_arms, make
from robust.build import build
from robust.squad.io import read_questions
attack = make("qads.v1", least_safety=0.0)
build(read_questions(Path(sys.argv[1])), attack, Path(sys.argv[2]), controls=control_arms(attack), workers=1)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
def test_workers_are_forked_from_a_process_that_has_loaded_the_words_but_no_torch() -> None:
    code = (
        "import gc, sys, robust.build.preload\n"
        "from robust.words.inflection_table import readings_by_form\n"
        "from robust.words.tagger import default_tagger\n"
        "loaded = [f.cache_info().currsize for f in (default_tagger, readings_by_form)]\n"
        "print(loaded, gc.get_freeze_count() > 100_000, 'torch' in sys.modules)"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.split("\n")[0] == "[1, 1] True False"


def test_the_hash_seed_of_python_changes_no_byte(tmp_path: Path) -> None:
    write_squad(tmp_path / "data.json", many_questions(2, 4))
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", SCRIPT, str(tmp_path / "data.json"), str(tmp_path / seed)]
        subprocess.run(command, check=True, env=environment, timeout=1800)
    assert bytes_of(tmp_path / "1") == bytes_of(tmp_path / "2")


class Stop(BaseException):
    """What a kill looks like from inside: no handler catches it."""


@pytest.mark.parametrize("stop", [Stop, KeyboardInterrupt])
def test_a_stopped_build_goes_on_where_it_was_and_ends_the_same(
    whole: Path,
    tmp_path: Path,
    questions: list[Question],
    monkeypatch: pytest.MonkeyPatch,
    stop: type[BaseException],
) -> None:
    monkeypatch.setattr(shards, "SHARD", 40)
    out = tmp_path / "set"

    def interrupt(done: int, total: int) -> None:
        if done >= 80:
            raise stop

    with pytest.raises(stop):
        make_set(out, questions, progress=interrupt)
    assert not is_set(out)
    kept = {f.name: f.stat().st_mtime_ns for f in (out / ".partial").iterdir()}
    assert 1 <= len(kept) < len(questions) / 40
    begun: list[int] = []
    make_set(out, questions, progress=lambda done, total: begun.append(done))
    assert begun[0] >= 80
    assert bytes_of(out) == bytes_of(whole)


@pytest.mark.parametrize("harm", ["cut off", "a bit turned over", "emptied"])
def test_a_shard_that_is_not_as_it_was_written_is_made_again(
    tmp_path: Path, questions: list[Question], whole: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    monkeypatch.setattr(shards, "SHARD", 40)
    out = tmp_path / "set"

    def interrupt(done: int, total: int) -> None:
        if done >= 80:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_set(out, questions, progress=interrupt)
    found = sorted((out / ".partial").iterdir())
    begun: list[int] = []
    data = bytearray(found[0].read_bytes())
    place = data.rindex(b'"')  # of a text of the shard: still JSON
    data[place - 1] ^= 1
    harmed = {"cut off": data[:-40], "a bit turned over": data, "emptied": b""}[harm]
    found[0].write_bytes(bytes(harmed))
    make_set(out, questions, progress=lambda done, total: begun.append(done))
    assert begun[0] == 40  # the shard that stands, and not the one that was harmed
    assert bytes_of(out) == bytes_of(whole)


def test_a_build_killed_outright_leaves_a_folder_that_the_next_run_completes(tmp_path: Path) -> None:
    write_squad(tmp_path / "data.json", many_questions(2, 4))
    killed = SCRIPT.replace(
        "from robust.build import build", "from robust.build import build, shards\nshards.SHARD = 10\n"
    ).replace(
        "workers=1",
        "workers=1, progress=lambda d, t: d >= 20 and __import__('os').kill(__import__('os').getpid(), 9)",
    )
    command = [sys.executable, "-c", killed, str(tmp_path / "data.json"), str(tmp_path / "set")]
    assert subprocess.run(command, check=False, timeout=1800).returncode == -9
    assert list((tmp_path / "set" / ".partial").iterdir())
    for name in ("set", "fresh"):
        command = [sys.executable, "-c", SCRIPT, str(tmp_path / "data.json"), str(tmp_path / name)]
        subprocess.run(command, check=True, timeout=1800)
    assert bytes_of(tmp_path / "set") == bytes_of(tmp_path / "fresh")


def test_the_same_command_again_does_nothing(whole: Path, questions: list[Question]) -> None:
    before = {f: f.stat().st_mtime_ns for f in whole.rglob("*")}
    built = build(questions, ATTACK, whole, controls=control_arms(ATTACK))
    assert not built.fresh
    assert {f: f.stat().st_mtime_ns for f in whole.rglob("*")} == before


@pytest.mark.parametrize("change", ["seed", "settings", "questions"])
def test_other_settings_do_not_overwrite_a_finished_set(
    whole: Path, questions: list[Question], change: str
) -> None:
    attack = make("qads.v1", preset="paper") if change == "settings" else ATTACK
    chosen = questions[:-1] if change == "questions" else questions
    with pytest.raises(UserError, match="holds a set made with other settings or by other code"):
        build(chosen, attack, whole, controls=control_arms(attack), seed=int(change == "seed"))


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path, questions: list[Question]) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(UserError, match="not empty and not a robustness set"):
        make_set(tmp_path, questions)
    with pytest.raises(UserError, match="is a file, expected a folder"):
        make_set(tmp_path / "letter.txt", questions)
    assert [f.name for f in tmp_path.iterdir()] == ["letter.txt"]


def test_a_place_that_cannot_be_written_is_told_in_one_line(
    tmp_path: Path, questions: list[Question]
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot write"):
        make_set(tmp_path / "file" / "set", questions[:10])


def test_a_set_that_was_changed_by_hand_is_not_taken_for_finished(
    tmp_path: Path, questions: list[Question]
) -> None:
    make_set(tmp_path / "set", questions[:20])
    (tmp_path / "set" / "perturbed.json").write_text("{}")
    with pytest.raises(UserError, match=r"perturbed.json: changed or missing"):
        make_set(tmp_path / "set", questions[:20])


def test_a_control_arm_that_was_changed_by_hand_is_not_taken_for_finished(
    tmp_path: Path, questions: list[Question]
) -> None:
    arms = control_arms(ATTACK)
    build(questions[:40], ATTACK, tmp_path / "set", workers=1, controls=arms)
    (tmp_path / "set" / "controls" / "identity" / "perturbed.json").write_text("{}")
    with pytest.raises(UserError, match=r"identity.*changed or missing"):
        build(questions[:40], ATTACK, tmp_path / "set", workers=1, controls=arms)


def test_arms_left_by_an_interrupted_build_are_not_adopted(tmp_path: Path, questions: list[Question]) -> None:
    build(questions[:40], ATTACK, tmp_path / "set", workers=1, controls=control_arms(ATTACK))
    (tmp_path / "set" / "manifest.json").unlink()
    (tmp_path / "set" / ".partial").mkdir()
    build(questions[:40], ATTACK, tmp_path / "set", workers=1, controls={})
    assert read_set(tmp_path / "set").controls == {}


def test_a_question_that_nothing_can_be_done_about_is_left_out(tmp_path: Path) -> None:
    lonely = Question("q", "Who is it?", "It is I.", (), "T", False, "T:1", "T")
    with pytest.raises(UserError, match="could rewrite none of 1 questions"):
        make_set(tmp_path / "set", [lonely])
    make_set(tmp_path / "other", [*many_questions(1, 1), lonely])
    assert "q" not in {question.id for question in read_set(tmp_path / "other").original}


def test_an_attack_on_the_context_moves_the_answers_with_it(tmp_path: Path) -> None:
    from robust.attack.records import Edit, Variant
    from robust.build.folder import write_arm

    question = many_questions(1, 1)[0]
    edit = Edit("context", 0, 3, "The", "That very")
    variant = Variant("0-0-0#1", question.id, question.text, (edit,), "x.v1",
                      context="That very" + question.context[3:])  # fmt: skip
    write_arm(tmp_path, [question], {question.id: [variant]})
    data = json.loads((tmp_path / "perturbed.json").read_text())
    paragraph = data["data"][0]["paragraphs"][0]
    (answer,) = paragraph["qas"][0]["answers"]
    assert paragraph["context"][answer["answer_start"] :].startswith(answer["text"])


@pytest.mark.parametrize("missing", ["folder", "manifest", "json"])
def test_what_is_no_set_is_not_read_as_one(tmp_path: Path, missing: str) -> None:
    folder = tmp_path / "set"
    if missing != "folder":
        folder.mkdir()
    if missing == "json":
        (folder / "manifest.json").write_text("no")
    message = {"folder": "no such folder", "manifest": "missing", "json": "not JSON"}[missing]
    with pytest.raises(UserError, match=message):
        read_set(folder)


def test_a_sample_does_not_depend_on_the_order_of_the_questions(questions: list[Question]) -> None:
    one = {q.id for q in stratified_sample(questions, 50, seed=3)}
    other = {q.id for q in stratified_sample(questions[::-1], 50, seed=3)}
    assert one == other
    assert len(one) == 50
    assert one != {q.id for q in stratified_sample(questions, 50, seed=4)}


def test_a_sample_has_every_article_and_both_kinds_in_their_shares(questions: list[Question]) -> None:
    sample = stratified_sample(questions, 60, seed=0)
    for title in {q.title for q in questions}:
        kinds = [q.answerable for q in sample if q.title == title]
        assert (len(kinds), sum(kinds)) == (15, 9)
    assert stratified_sample(questions, 10_000, seed=0) == questions


@pytest.mark.data
def test_real_questions_are_covered_and_the_answers_stay(robust_data: Path, tmp_path: Path) -> None:
    from robust.squad.io import read_questions

    chosen = stratified_sample(read_questions(robust_data / "squad2" / "dev-v2.0.json"), 150, seed=1)
    for preset, least in (("safe", 0.15), ("paper", 0.6)):
        attack = make("qads.v1", preset=preset)
        make_set(tmp_path / preset, chosen, attack)
        found = read_set(tmp_path / preset)
        assert len(found.original) >= least * len(chosen)
        assert {q.answerable for q in found.original} == {True, False}
        for variant in found.perturbed:
            assert all(variant.context[a.start : a.end] == a.text for a in variant.answers)


def test_a_set_of_other_code_is_neither_taken_for_this_one_nor_continued(
    tmp_path: Path, questions: list[Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_set(tmp_path / "set", questions[:20])
    before = identity.code_sha256(type(ATTACK))
    monkeypatch.setattr(shards, "code_sha256", lambda *attacks: "other code")
    assert before != "other code"
    with pytest.raises(UserError, match="or by other code"):
        make_set(tmp_path / "set", questions[:20])


def test_files_that_were_changed_are_not_read(tmp_path: Path, questions: list[Question]) -> None:
    make_set(tmp_path / "set", questions[:20])
    file = tmp_path / "set" / "perturbed.json"
    file.write_text(file.read_text().replace("When", "Where", 1))
    with pytest.raises(UserError, match=r"perturbed\.json: changed or missing since the set was built"):
        read_set(tmp_path / "set")


@dataclass(frozen=True, kw_only=True, repr=False)
class TwoVariants(Attack):
    """Replaces the first word and, in a second variant, the second; the first has no control."""

    name: ClassVar[str] = "two-variants.v1"
    expected: ClassVar[Expected] = "abstain"

    def rewrite(self, scene: Scene, seed: int, rejected: Counter[str]) -> list[tuple[Edit, ...]]:
        return [(word_edit(scene, index, "thing"),) for index in (0, 1)]


@dataclass(frozen=True, kw_only=True, repr=False)
class SameAgain(Attack):
    """Leaves the first word as it was, twice over; in a third variant replaces it, where it is Who."""

    name: ClassVar[str] = "same-again.v1"

    def rewrite(self, scene: Scene, seed: int, rejected: Counter[str]) -> list[tuple[Edit, ...]]:
        text = scene.question.text
        same = Edit("question", 0, 3, text[:3], text[:3])
        swap = (Edit("question", 0, 3, text[:3], ""), Edit("question", 3, 3, "", text[:3]))
        return [(same,), swap, *([(replace(same, after="Whom"),)] if text.startswith("Who ") else [])]


def test_a_variant_that_changes_nothing_is_none_and_is_counted(
    tmp_path: Path, questions: list[Question]
) -> None:
    attack = SameAgain()
    controls = {"identity": make("identity.v1", arm=attack)}
    made = build(questions, attack, tmp_path / "set", controls=controls, workers=1)  # type: ignore[arg-type]
    found = read_set(tmp_path / "set")
    who = [q.id for q in questions if q.text.startswith("Who ")]
    assert [v.id for v in found.perturbed] == [f"{name}#3" for name in who]  # each keeps its number
    assert made.manifest["covered"] == len(who) < len(questions)
    assert made.manifest["rejections"]["variant: changes nothing"] == 2 * len(questions)
    control = read_set(found.controls["identity"])  # it is there to change nothing
    assert [v.text for v in control.perturbed] == [q.text for q in control.original]
    assert len(control.perturbed) == len(who)


@dataclass(frozen=True, kw_only=True, repr=False)
class SecondOnly(Control):
    """Answers edits of the second word alone."""

    name: ClassVar[str] = "second-only.v1"

    def replace(
        self, scene: Scene, edit: Edit, *, seed: int, random: Random, rejected: Counter[str]
    ) -> Edit | None:
        return edit if edit.start else None


def test_a_controls_variant_keeps_the_number_of_the_one_it_answers(
    tmp_path: Path, questions: list[Question]
) -> None:
    attack = TwoVariants()
    build(questions[:5], attack, tmp_path / "set", controls={"second": SecondOnly(arm=attack)}, workers=1)
    main, control = read_set(tmp_path / "set"), read_set(tmp_path / "set" / "controls" / "second")
    assert [v.id.rpartition("#")[2] for v in main.perturbed] == ["1", "2"] * 5
    assert [v.id.rpartition("#")[2] for v in control.perturbed] == ["2"] * 5
    texts = {v.id: v.text for v in main.perturbed}
    assert all(v.text == texts[v.id] for v in control.perturbed)


def test_where_the_right_answer_changes_the_old_one_is_not_gold(
    tmp_path: Path, questions: list[Question]
) -> None:
    build(questions[:5], TwoVariants(), tmp_path / "set", workers=1)
    found = read_set(tmp_path / "set")
    assert any(q.answers for q in found.original)
    assert not any(q.answers or q.answerable for q in found.perturbed)


def test_nor_is_it_where_the_paragraph_is_edited_as_well() -> None:
    asked = Question("a", "Who is she?", "Anna is here.", (Answer("Anna", 0),), "T", True, "T:1", "T")
    swapped = TwoVariants().variant(asked, 1, (Edit("context", 0, 4, "Anna", "Berta"),), 0)
    found = rewritten(asked, swapped)
    assert found.context == "Berta is here."
    assert not (found.answers or found.answerable)


def test_an_arm_without_any_question_does_not_empty_the_intersection(
    tmp_path: Path, questions: list[Question]
) -> None:
    never = replace(make("non-synonym.v1", arm=ATTACK), band=1e-9)  # type: ignore[type-var]
    arms = {"identity": control_arms(ATTACK)["identity"], "never": never}
    built = build(questions[:20], ATTACK, tmp_path / "set", controls=arms, workers=1)  # type: ignore[arg-type]
    assert built.manifest["controls"]["never"]["questions"] == 0
    assert built.manifest["intersection"] == built.manifest["covered"] > 0


def test_where_nothing_can_be_rewritten_no_folder_is_left(tmp_path: Path) -> None:
    bare = Question("a", "Who is Anna?", "Anna is here.", (), "T", False, "T:1", "T")
    with pytest.raises(UserError, match="could rewrite none of 1 questions"):
        make_set(tmp_path / "set", [bare])
    assert not (tmp_path / "set").exists()


def test_the_code_that_rewrites_includes_its_weights_and_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Path] = []
    monkeypatch.setattr(identity, "sha256_file", lambda file: seen.append(file) or "0")
    identity.code_sha256.__wrapped__(type(ATTACK))
    names = {file.name for file in seen}
    assert {"safety.json", "blocked.rot13.txt", "choice.py", "enhanced.py", "qads.py", "metric.py"} <= names
    assert "chinese.py" in names  # the Chinese pack cuts answers into words by it


def test_other_inflected_forms_are_other_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """lemminflect's table decides what a substitute looks like, and pip may bring another."""
    before = identity.words_sha256.__wrapped__()
    table = tmp_path / "infl_lu.csv.gz"
    table.write_bytes(b"another table")
    monkeypatch.setattr(identity, "table_path", lambda: table)
    assert identity.words_sha256.__wrapped__() != before


def test_an_attack_is_hashed_with_the_modules_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "our_attacks"
    folder.mkdir()
    for name in ("__init__", "rules"):
        (folder / f"{name}.py").write_text("")
    (folder / "own.py").write_text("import our_attacks.rules\n\nclass Own:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    own = importlib.import_module("our_attacks.own").Own
    before = identity.code_sha256.__wrapped__(own)
    (folder / "rules.py").write_text("RULES = 1\n")
    assert identity.code_sha256.__wrapped__(own) != before
