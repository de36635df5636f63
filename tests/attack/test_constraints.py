"""What each constraint measures, on edits written by hand; that refusals are counted and told."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from robust.attack.constraints import KINDS, broken, needed, parse
from robust.attack.constraints.amount import levenshtein
from robust.attack.constraints.edited import Edited
from robust.attack.constraints.grammar import surroundings
from robust.attack.records import Edit
from robust.attack.registry import make
from robust.attack.scene import Scene
from robust.attack.scorers import Scorers
from robust.cli.main import create_app
from robust.errors import UserError
from robust.squad.io import write_squad
from robust.squad.records import Answer, Question

ROOT = Path(__file__).parents[2]
CONTEXT = (
    "The old harbour of Veldmond was built in 1742 by the engineer Karel Brandt. Merchants shipped grain "
    "from its quays, and a large warehouse still stands there. In 1901 a storm destroyed the lighthouse on "
    "the islands."
)


def question_of(text: str, answer: str) -> Question:
    return Question("q", text, CONTEXT, (Answer(answer, CONTEXT.index(answer)),), "T", True, "T:1", "T")


HARBOUR = question_of("Who built the old harbour of Veldmond?", "Karel Brandt")
LIGHTHOUSE = question_of("What did a storm destroy in 1901?", "the lighthouse")


def edit(question: Question, before: str, after: str, field: str = "question", **more: object) -> Edit:
    text = question.text if field == "question" else question.context
    start = text.index(before)
    return Edit(field, start, start + len(before), before, after, **more)  # type: ignore[arg-type]


def measure(name: str, question: Question, *edits: Edit, scorers: Scorers | None = None) -> float:
    scene = Scene(question, scorers=scorers) if scorers else Scene(question)
    return KINDS[name].measure(Edited(scene, edits))


@pytest.mark.parametrize(
    ("name", "edits", "value"),
    [
        ("edit-rate", [edit(HARBOUR, "old", "ancient")], 1 / 8),
        ("edit-rate", [edit(HARBOUR, "the old harbour", "the ancient harbour")], 1 / 8),
        ("edit-rate", [edit(HARBOUR, "Karel", "Jan", "context")], 0),
        ("context-edit-rate", [edit(HARBOUR, "quays,", "quays, too,", "context")], 2 / 41),
        ("words-changed", [edit(HARBOUR, "old ", ""), edit(HARBOUR, "built", "made")], 2),
        ("letters-changed", [edit(HARBOUR, "built", "buitl")], 2),
        ("part-of-speech", [edit(HARBOUR, "old", "ancient")], 0),
        ("part-of-speech", [edit(HARBOUR, "old", "quickly")], 1),
        ("inflection", [edit(HARBOUR, "old", "older")], 1),
        ("inflection", [edit(HARBOUR, "harbour", "port")], 0),
        ("sense-margin", [edit(HARBOUR, "old", "ancient", sense="old.a.01", margin=0.25)], 0.25),
        ("sense-margin", [edit(HARBOUR, "old", "odl")], float("inf")),
        ("answers", [edit(HARBOUR, "Karel", "Jan", "context")], 1),
        ("answers", [edit(HARBOUR, "Karel Brandt", "(Karel Brandt)", "context")], 0),
        ("answers", [edit(HARBOUR, "engineer", "builder", "context")], 0),
        ("names", [edit(HARBOUR, "Veldmond", "Zeemond")], 1),
        ("names", [edit(HARBOUR, "Veldmond", "Zeemond", "context")], 1),
        ("names", [edit(HARBOUR, "old", "ancient")], 0),
        (
            "names",
            [edit(HARBOUR, "Veldmond ", "", "context"), edit(HARBOUR, "its", "Veldmond", "context")],
            0,
        ),
        ("numbers", [edit(LIGHTHOUSE, "1901", "1902")], 1),
        ("numbers", [edit(LIGHTHOUSE, "1742", "1743", "context")], 1),
        ("quotations", [edit(LIGHTHOUSE, "storm", "gale")], 0),
        ("question-words", [edit(HARBOUR, "Who", "Which person")], 1),
        ("stop-words", [edit(HARBOUR, "of", "at")], 1),
        ("answer-leak", [edit(HARBOUR, "harbour", "harbour by Karel Brandt")], 1),
        ("answer-leak", [edit(HARBOUR, "islands.", "islands. Karel Brandt slept.", "context")], 1),
        ("answer-leak", [edit(HARBOUR, "islands.", "islands. Karel slept.", "context")], 0),
        ("overlap-change", [edit(HARBOUR, "old", "ancient")], 1 / 4),
        ("overlap-change", [edit(HARBOUR, "of", "at")], 0),
        ("grammar", [edit(HARBOUR, "the old", "the the old")], 1),
        ("grammar", [edit(HARBOUR, "large warehouse", "old warehouse", "context")], 1),
        ("grammar", [edit(HARBOUR, "old", "ancient")], 0),
    ],
)
def test_a_measure_has_its_known_value(name: str, edits: list[Edit], value: float) -> None:
    question = LIGHTHOUSE if name in ("numbers", "quotations") else HARBOUR
    assert measure(name, question, *edits) == pytest.approx(value, abs=1e-3)


def test_a_chinese_answer_leaks_where_its_characters_stand() -> None:
    question = Question("q", "谁造了车？", "工人造了车。", (Answer("工人", 0),), "T", True, "T:1", "T")
    leaks = KINDS["answer-leak"].measure
    assert leaks(Edited(Scene(question), (edit(question, "谁", "哪位工人"),))) == 1
    assert leaks(Edited(Scene(question), (edit(question, "谁", "哪位人工"),))) == 0


def test_an_answer_word_in_the_question_is_edited_where_no_form_of_it_is_left() -> None:
    asked = question_of("Who said that storms destroyed it?", "a storm destroyed")
    assert measure("answers", asked, edit(asked, "storms", "gales")) == 1
    assert measure("answers", asked, edit(asked, "storms", "the storm")) == 0


def test_quoted_words_are_protected() -> None:
    quoted = Question("q", 'Who said "hoist the sails" there?', "Ann did.", (), "T", False, "T:1", "T")
    assert measure("quotations", quoted, edit(quoted, "sails", "flags")) == 1


def test_models_are_asked_for_the_question_and_the_edited_sentence(scorers: Scorers) -> None:
    asked: list[str] = []

    class Half:
        sha256 = "3" * 64

        def fluency(self, texts: tuple[str, ...]) -> list[float]:
            asked.extend(texts)
            return [-1.0, -2.0]

    found = measure(
        "fluency-ratio",
        HARBOUR,
        edit(HARBOUR, "old", "ancient"),
        edit(HARBOUR, "large", "huge", "context"),
        scorers=Scorers(masked_lm=Half()),  # type: ignore[arg-type]
    )
    assert found == pytest.approx(0.367879)  # e to the -1
    assert asked[1] == "Who built the ancient harbour of Veldmond?"
    assert asked[3].startswith("Merchants shipped")
    assert "huge" in asked[3]
    assert "1901" not in asked[3]
    near = measure("sentence-similarity", HARBOUR, edit(HARBOUR, "old", "ancient"), scorers=scorers)
    assert 0.9 < near < 1
    assert needed(("fluency-ratio", "edit-rate")) == {"masked-lm"}


def test_a_model_that_is_missing_is_told_in_one_line() -> None:
    with pytest.raises(UserError, match=r"constraint fluency-ratio: needs a masked language model; .*--mas"):
        measure("fluency-ratio", HARBOUR, edit(HARBOUR, "old", "ancient"))
    with pytest.raises(UserError, match="constraint sentence-similarity: needs sentence vectors; pip ins"):
        measure("sentence-similarity", HARBOUR, edit(HARBOUR, "old", "ancient"))


def test_the_edited_sentence_is_found_with_its_ends() -> None:
    before = "One went. Two stayed here. Three came."
    assert surroundings(before, before.replace("stayed", "rested")) == (
        "Two stayed here.",
        "Two rested here.",
    )
    assert surroundings("One went.", "One went. Two.") == ("One went.", "One went. Two.")
    doctor = "One went. Then Dr. Brandt stayed here. Three went."  # a title ends no sentence
    assert surroundings(doctor, doctor.replace("stayed", "rested")) == (
        "Then Dr. Brandt stayed here.",
        "Then Dr. Brandt rested here.",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("edit-rat<=1", "'edit-rat<=1': not known; did you mean edit-rate, context-edit-rate?"),
        ("edit-rate=1", "'edit-rate=1': not understood; expected a bound as in 'edit-rate<=0.2'"),
        ("edit-rate>=1", "expected <="),
        ("edit-rate<=-1", "'edit-rate<=-1': nothing is below 0, so no edit keeps it; expected 0 or more"),
        ("edit-rate<=.", "not understood"),
        ("edit-rate<=-", "not understood"),
        ("fluency-ratio<=1", "expected >="),
    ],
)
def test_a_constraint_that_is_none_is_told(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message.replace("(", r"\(")):
        parse(text)


def test_the_bound_is_the_written_one_or_the_default_and_the_first_broken_one_is_named() -> None:
    assert parse("edit-rate <= 0.25").bound == 0.25
    assert parse("answers").bound == 0
    assert parse("sense-margin>=-0.1").bound == -0.1
    assert parse("sense-margin>=.2").bound == 0.2
    assert parse("words-changed<=3.").bound == 3
    scene, edits = Scene(HARBOUR), (edit(HARBOUR, "old", "quickly"),)
    assert broken(("edit-rate<=0.125", "part-of-speech", "overlap-change"), scene, edits) == "part-of-speech"
    assert broken(("edit-rate<=0.1", "part-of-speech"), scene, edits) == "edit-rate"
    assert broken((), scene, edits) == ""


def test_refusals_are_counted_and_the_setting_changes_the_hash() -> None:
    free, bound = (
        make("qads.v1", preset="paper"),
        make("qads.v1", preset="paper", constraints=["edit-rate<=0.01"]),
    )
    assert free.variants(HARBOUR, 0)
    attempt = bound.attempt(HARBOUR, 0)
    assert not attempt.variants
    assert attempt.rejections["variant: edit-rate"] == 1
    assert free.settings_hash() != bound.settings_hash()


@pytest.mark.parametrize("name", ["typo.v1", "random-sense.v1"])
def test_a_constraint_that_refuses_nothing_changes_nothing(name: str, questions: list[Question]) -> None:
    free, bound = make(name), make(name, constraints=["edit-rate<=100"])
    if name == "random-sense.v1":  # nor does one of the arm under control
        bound = make(name, arm=make("qads.v1", constraints=["edit-rate<=100"]))
    assert free.settings_hash() != bound.settings_hash()
    made = [[variant.question for q in questions for variant in one.variants(q, 3)] for one in (free, bound)]
    assert made[0] == made[1]
    draws = [one.random("q", 3).random() for one in (free, bound)]
    assert draws[0] == draws[1]


def test_the_option_is_repeatable_on_both_commands_and_noted(
    tmp_path: Path, questions: list[Question]
) -> None:
    write_squad(tmp_path / "own.json", questions)
    for command in (["build", "qads.v1", "--setting", "preset=paper"], ["build-qads", "--preset", "paper"]):
        out = tmp_path / command[0]
        run = CliRunner().invoke(
            create_app(),
            [
                *(*command, "--data", str(tmp_path / "own.json"), "--out", str(out), "--no-controls"),
                *("--constraint", "edit-rate<=0.2", "--constraint", "part-of-speech"),
            ],
        )
        assert run.exit_code == 0, run.output
        manifest = json.loads((out / "manifest.json").read_text())
        assert manifest["settings"]["constraints"] == ["edit-rate<=0.2", "part-of-speech"]
        assert manifest["rejections"]["variant: edit-rate"] >= 1
        assert "--constraint 'edit-rate<=0.2' --constraint part-of-speech" in manifest["command"]


def test_levenshtein_is_that_of_the_textbook() -> None:
    """Jurafsky & Martin, Speech and Language Processing, chapter 2: intention, execution; cost 1 each."""
    assert levenshtein("intention", "execution") == 5
    assert levenshtein("", "ab") == 2


def test_the_page_has_every_constraint_with_its_bound() -> None:
    page = ROOT / "docs" / "attacks.md"
    if not page.is_file():
        pytest.skip("not in a checkout")
    text = page.read_text(encoding="utf-8")
    for kind in KINDS.values():
        assert f"| `{kind.name}{'<=' if kind.at_most else '>='}{kind.bound:g}` |" in text
        assert kind.textattack in text


def test_language_tool_counts_new_matches_and_says_in_one_line_where_it_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from types import SimpleNamespace

    from robust.attack.constraints import grammar

    monkeypatch.setitem(sys.modules, "language_tool_python", None)  # as if not installed
    with pytest.raises(
        UserError, match=r"LanguageTool does not start .*pip install language-tool-python"
    ) as no:
        measure("language-tool", HARBOUR, edit(HARBOUR, "old", "odl"))
    assert "\n" not in str(no.value)

    def check(text: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(rule_id="TYPO", matched_text=word) for word in ("odl", "Who") if word in text]

    monkeypatch.setattr(grammar, "_server", lambda: SimpleNamespace(check=check))
    grammar._matches.cache_clear()
    assert measure("language-tool", HARBOUR, edit(HARBOUR, "old", "odl")) == 1
    assert measure("language-tool", HARBOUR, edit(HARBOUR, "old", "ancient")) == 0
    grammar._matches.cache_clear()
