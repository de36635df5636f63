"""A suite of templates: what it expands to, who passes it, who fails, and what a mistake in it is told."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from robust.checklist.asking import final
from robust.checklist.expand import expand, questions_of
from robust.checklist.folder import failure_row
from robust.checklist.judge import judge
from robust.checklist.rates import figures
from robust.checklist.records import Case, CaseQuestion
from robust.checklist.slots import fill, slots_of
from robust.checklist.suite import choose, read_suite
from robust.errors import UserError
from robust.squad.io import read_questions, write_squad
from robust.squad.records import Answer, Question
from robust.stats.share import interval
from robust.stats.wilson import wilson

SMALL = """
[lists]
pet = [{ text = "cat", many = "cats" }, { text = "owl", many = "owls" }, { text = "dog", many = "dogs" }]
many = { from = 2, to = 5 }

[[test]]
name = "plain"
type = "MFT"
[[test.template]]
context = "{person} has {a:pet}. {person2} has {a:pet2}."
question = "What does {person} have?"
answer = "{pet}"

[[test]]
name = "same"
type = "INV"
[[test.template]]
context = "{person} has {a:pet}. {person2} has {a:pet2}."
question = "Who has {a:pet2}?"
answer = "{person2}"
[[test.template.change]]
about = "names change places"
swap = ["person", "person2"]

[[test]]
name = "gone"
type = "DIR"
[[test.template]]
context = "{person} has {many} {pet.many}, and {many2} chairs."
question = "How many {pet.many} does {person} have?"
answer = "{many}"
where = ["many < many2"]
[[test.template.change]]
about = "somebody else"
question = "How many {pet.many} does {person2} have?"
answer = ""
"""


TYPOS = """
[lists]
person = ["Anna", "Bert", "Carla", "Dora", "Emil", "Fritz", "Greta", "Hugo"]

[[test]]
name = "misspelt"
type = "INV"

[[test.template]]
context = "{person} bought a yellow bicycle in the market."
question = "What did {person} purchase in the market yesterday?"
answer = "a yellow bicycle"

[[test.template.change]]
attack = "typo.v1"
"""


@pytest.fixture(scope="module")
def shipped():
    """Return the shipped tests but the one that asks an attack, which needs the lexicon."""
    return [test for test in read_suite() if test.name != "other-words"]


@pytest.fixture(scope="module")
def cases(shipped):
    return {test.full_name: expand(test, 8) for test in shipped}


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "pets.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def gold(question):
    return question.answers[0].text if question.answers else ""


def run(tests, answer, *, cases=6, spans=None):
    made = [case for test in tests for case in expand(test, cases)]
    questions = questions_of(made)
    given = {q.id: answer(q) for q in questions}
    return figures(tests, judge(made, given, None if spans is None else {q.id: spans(q) for q in questions}))


def test_the_suite_has_every_capability_and_the_three_kinds_of_tests(shipped):
    assert {"abstention", "comparison", "control", "coreference", "fairness", "grounding", "intensity",
            "negation", "numbers", "robustness", "roles", "taxonomy", "temporal", "vocabulary"} == {
        test.capability for test in shipped
    }  # fmt: skip
    assert {test.kind for test in shipped} == {"MFT", "INV", "DIR"}
    assert all(test.about for test in shipped)


def test_gold_answers_stand_in_their_contexts_at_their_offsets(cases):
    for case in (case for own in cases.values() for case in own):
        for asked in case.asked:
            q = asked.question
            assert q.answerable == bool(q.answers)
            for answer in q.answers:
                assert q.context[answer.start : answer.end] == answer.text


def test_no_slot_is_left_open_and_articles_fit_their_words(cases):
    for case in (case for own in cases.values() for case in own):
        for asked in case.asked:
            for text in (asked.question.text, asked.question.context):
                assert not re.search(r"[{}]", text), text
                assert not re.search(r"\b[Aa] [aeio]\w+|\b[Aa]n [bcdfgjklmnpqrstvwxyz]\w+", text), text
                assert text[:1].isupper() or case.test.startswith(("robustness", "control")), text


def test_every_id_is_there_once_and_cases_of_a_test_differ(cases):
    questions = [q for own in cases.values() for q in questions_of(own)]
    assert len({q.id for q in questions}) == len(questions)
    for own in cases.values():
        firsts = {(case.asked[0].question.text, case.asked[0].question.context) for case in own}
        assert len(firsts) == len(own) == 8


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(shipped, cases, tmp_path):
    tests = shipped[:6]
    for name, seed in (("one", 0), ("again", 0), ("other", 1)):
        write_squad(tmp_path / name, [q for test in tests for q in questions_of(expand(test, 8, seed))])
    one, again, other = ((tmp_path / name).read_bytes() for name in ("one", "again", "other"))
    assert one == again != other
    own = [q for test in tests for q in questions_of(cases[test.full_name])]
    assert {q.id: q.context for q in read_questions(tmp_path / "one")} == {q.id: q.context for q in own}


def test_more_cases_begin_with_the_same_ones(shipped):
    test = shipped[0]
    assert expand(test, 12)[:5] == expand(test, 5)


def test_a_reader_that_is_always_right_passes_every_test(shipped):
    found = run(shipped, gold, spans=gold)
    assert [row["test"] for row in found["tests"] if row["failures"]] == []
    assert found["all"]["rate"] == found["all"]["span_rate"] == 0 == found["controls"]["rate"]


def test_a_reader_that_says_the_first_word_fails_what_asks_for_another(shipped):
    tests = [test for test in shipped if test.capability in ("numbers", "negation", "abstention")]
    found = run(tests, lambda q: q.context.split()[0])
    rates = {row["test"]: row["rate"] for row in found["tests"]}
    assert rates["units"] == rates["nothing-of-the-kind"] == rates["all-but-one"] == 100
    assert found["all"]["rate"] > 80


def test_a_reader_that_always_abstains_passes_only_what_nobody_can_answer(shipped):
    found = run(shipped, lambda q: "", spans=gold)
    passed = {row["test"] for row in found["tests"] if row["rate"] < 100}
    assert passed == {
        "nothing-of-the-kind", "somebody-else", "half-the-story",
        "jobs-by-gender", "no-trait-without-evidence",
    }  # fmt: skip
    assert found["all"]["abstained"] == found["all"]["failures"] > 0
    assert found["all"]["span_rate"] == 0 == found["controls"]["rate"]


def test_an_invariant_answer_moves_with_its_slot(small):
    same = read_suite(small)[1]
    found = run([same], gold)
    assert found["tests"][0]["failures"] == 0
    stuck = run([same], lambda q: "Nobody")  # wrong, but not changed: that is all an INV asks
    assert stuck["tests"][0]["failures"] == 0
    firm = {case.number: gold(case.asked[0].question) for case in expand(same, 6)}
    held = run([same], lambda q: firm[int(re.search(r"/(\d+)\.", q.id)[1])])
    assert held["tests"][0]["why"] == {"changed": 6}


def test_a_suite_has_the_same_cases_wherever_it_lies(tmp_path):
    """Or answers to what one machine exported would answer nothing on another."""
    found = []
    for folder in ("here", "there"):
        path = tmp_path / folder / "small.toml"
        path.parent.mkdir()
        path.write_text(TYPOS, encoding="utf-8")
        found.append([questions_of(expand(test, 8)) for test in read_suite(path)])
    assert found[0] == found[1]
    assert any(q.text != cases[0].text for cases in found[0] for q in cases)


def test_a_chinese_answer_with_other_marks_is_the_same_answer():
    question = Question("a", "谁造了车？", "工人造了车。", (Answer("工人", 0),), "T", True, "T:1", "T")
    asked = (
        CaseQuestion(question, "", {}),
        CaseQuestion(replace(question, id="b", text="何人造了车？"), "other words", {}),
    )
    case = Case("c/t", "INV", 0, "c/t", asked)
    assert judge([case], {"a": "工人", "b": "“工人”"})[0].why == ""
    assert judge([case], {"a": "工人", "b": "工"})[0].why == "changed"


def test_a_direction_needs_both_answers(small):
    gone = read_suite(small)[2]
    assert run([gone], gold)["tests"][0]["failures"] == 0
    assert run([gone], lambda q: "")["tests"][0]["why"] == {"abstained": 6}
    assert run([gone], lambda q: q.context.split()[2])["tests"][0]["why"] == {"answered": 6}
    assert run([gone], lambda q: "chairs" if q.answers else "")["tests"][0]["why"] == {"wrong": 6}


def test_conditions_on_numbers_hold(small):
    for case in expand(read_suite(small)[2], 20):
        slots = case.asked[0].slots
        assert int(slots["many"]) < int(slots["many2"])


def test_a_test_with_fewer_cases_than_asked_for_gives_all_it_has(tmp_path):
    path = tmp_path / "few.toml"
    path.write_text(
        '[lists]\nox = ["ox", "owl"]\n[[test]]\nname = "few"\ntype = "MFT"\n[[test.template]]\n'
        'context = "Here is {a:ox}."\nquestion = "What is here?"\nanswer = "{ox}"\n',
        encoding="utf-8",
    )
    texts = {case.asked[0].question.context for case in expand(read_suite(path)[0], 100)}
    assert texts == {"Here is an ox.", "Here is an owl."}


def test_a_failure_tells_what_was_asked_expected_and_given(small):
    tests = read_suite(small)
    made = expand(tests[1], 2)
    given = {q.id: gold(q) for q in questions_of(made)}
    given[made[0].asked[1].question.id] = "Sindbad"
    outcome = judge(made, given)[0]
    row = failure_row(outcome)
    first = made[0].asked[0].question
    assert (row["why"], row["given"], row["first_question"]) == ("changed", "Sindbad", first.text)
    assert row["first_given"] == gold(first)
    assert row["change"] == "names change places"
    assert json.loads(row["slots"]).keys() == {"person", "person2", "pet", "pet2"}


def test_what_the_table_expects_of_a_changed_copy_is_the_answer_with_its_own_names(small):
    made = expand(read_suite(small)[1], 2)
    given = {q.id: gold(q) for q in questions_of(made)}
    given[made[0].asked[1].question.id] = "Sindbad"
    expected = failure_row(judge(made, given)[0])["expected"]
    assert expected == [gold(made[0].asked[1].question)]


def test_failures_are_told_by_the_words_of_a_slot(shipped):
    test = choose(shipped, names=["names-by-origin"])[0]
    found = run([test], lambda q: gold(q) if gold(q) in ("Harry", "Emily") else "", cases=60)
    by = {one["group"]: one for one in found["tests"][0]["by"]["groups"]}
    assert by["Turkish"]["rate"] == 100
    assert by["English"]["failures"] < by["English"]["cases"]
    assert sum(one["cases"] for one in by.values()) == 60


def test_intervals_are_wilsons_or_by_template():
    failed = [True] * 3 + [False] * 7
    assert interval(failed, ["a"] * 10) == (wilson(3, 10), "wilson")
    assert interval(failed, list("abcdefghij")) == (wilson(3, 10), "wilson")
    # ten cases in five templates of two: means 1, .5, 0, 0, 0; by hand: SE = sd / sqrt(5), t(4) = 2.776
    bounds, kind = interval(failed, list("aabbccddee"))
    assert kind == "clustered"
    assert bounds == pytest.approx([0.0, 0.3 + 2.7764 * 0.2], abs=1e-3)
    assert interval([False] * 10, list("aabbccddee")) == (wilson(0, 5), "clustered")


def test_the_suite_in_the_guide_is_one(tmp_path):
    page = Path(__file__).resolve().parents[2] / "docs" / "checklist.md"
    if not page.is_file():
        pytest.skip("not in a checkout")
    path = tmp_path / "pets.toml"
    path.write_text(page.read_text(encoding="utf-8").split("```toml")[1].split("```")[0], encoding="utf-8")
    found = run(read_suite(path), gold)
    assert [row["test"] for row in found["tests"]] == ["whose", "somebody-else"]
    assert found["all"]["failures"] == 0


def test_words_get_the_article_that_is_spoken():
    said = ("an owl", "a cat", "a unicorn", "an hour", "a European", "an umbrella", "an unimportant man")
    for text in (*said, "an MRI", "a utility", "an 8-year-old"):
        assert fill("{a:pet}", {"pet": {"text": text.partition(" ")[2]}}) == text
    drawn = {"pet": {"text": "owl", "a": "an"}}
    assert fill("{A:pet}, {cap:pet}, {pet}.", drawn) == "An owl, Owl, owl."
    assert [slot.key for slot in slots_of("{a:pet2} {pet2.text}")] == ["pet2", "pet2"]


def stand_in(expected="same", edits_field="question"):
    """Return an attack that puts "please" behind a question, without the lexicon that real ones open."""
    return SimpleNamespace(
        name="please.v1", expected=expected, edits_field=edits_field, needs=None,
        variants=lambda q, seed: [SimpleNamespace(question=f"{q.text} Please.")],
    )  # fmt: skip


def test_an_attack_can_change_the_copies(monkeypatch):
    monkeypatch.setattr("robust.attack.registry.make", lambda name, **settings: stand_in())
    test = choose(read_suite(), names=["other-words"])[0]
    made = expand(test, 100)
    assert len(made) == len(test.templates)  # nothing is drawn, so a template has one case
    first, copy = made[0].asked
    assert copy.question.text == f"{first.question.text} Please."
    assert first.question.context == copy.question.context
    assert len({case.cluster for case in made}) == 6  # paragraphs


@pytest.mark.parametrize(
    ("attack", "told"),
    [
        (stand_in(expected="abstain"), "please.v1 changes the answer; an INV needs an attack that keeps it"),
        (stand_in(edits_field="context"), "please.v1 edits contexts or asks a model"),
    ],
)
def test_an_attack_that_does_something_else_is_refused(attack, told, monkeypatch):
    monkeypatch.setattr("robust.attack.registry.make", lambda name, **settings: attack)
    with pytest.raises(UserError, match=f"test other-words, template 1: {told}"):
        expand(choose(read_suite(), names=["other-words"])[0], 3)


def test_answers_from_a_file_must_be_there_for_every_question(small):
    questions = questions_of(expand(read_suite(small)[0], 2))
    with pytest.raises(UserError, match=r"file.json: 1 of the 2 questions.*--export"):
        final("file.json", questions, {questions[0].id: "cat"})


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('type = "MFT"', 'type = "XYZ"', "test plain: type is 'XYZ', expected MFT, INV, DIR"),
        ("{a:pet2}.", "{a:pett2}.", r"test plain, template 1: slot \{pett2\}: no such list; the nearest: p"),
        ("{pet.many} does", "{pet.few} does", r"slot \{pet.few\}: no such form; expected text, many"),
        ('answer = "{pet}"', "", "test plain, template 1: no answer"),
        ("{person} have", "{Person} have", r"'\{Person\}' is no slot; expected \{list\}"),
        ('"many < many2"', '"many < number9"', r"slot \{number9\} is in none of its texts"),
        ('"many < many2"', '"many > many2"', r"where is \['many > many2'\], expected"),
        ('swap = ["person", "person2"]', 'swop = ["person"]', "unknown key 'swop', expected about, context"),
        ('swap = ["person", "person2"]', "", "change 1: changes nothing"),
        ('swap = ["person", "person2"]', 'swap = ["person", "pet2"]', "lists have different forms"),
        ('swap = ["person", "person2"]', 'slots = { person = "pet" }', "list pet lacks forms"),
        ('swap = ["person", "person2"]', 'slots = { person = "woman" }', "list woman lacks forms"),
        ('type = "INV"', 'type = "MFT"', "has a change, which MFT has none of"),
        ('name = "same"', 'name = "plain"', "two tests are called 'plain'"),
        ('many = "dogs"', 'much = "dogs"', "list pet: its words have different forms"),
        ("{ from = 2, to = 5 }", "{ from = 5, to = 2 }", "list many: from 5 to 2 is empty"),
        ('question = "How many {pet.many} does {person2} have?"\nanswer = ""', 'question = "Eh?"',
         'change 1: DIR needs the new answer'),
    ],
)  # fmt: skip
def test_a_mistake_in_a_file_is_one_line_with_file_and_test(small, old, new, told):
    assert old in SMALL
    small.write_text(SMALL.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError, match=told) as caught:
        read_suite(small)
    assert str(caught.value).startswith(f"{small}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('answer = "{pet}"', 'answer = "a zebra"', "answer 'a zebra' stands not in its context"),
        (
            'where = ["many < many2"]',
            'where = ["many < many2", "many2 < many"]',
            "no words of its lists meet",
        ),
        ("{a:pet2}.", "{a:pet2}, {pet3}, {pet4}.", "list pet has 3 words; add"),
    ],
)
def test_a_mistake_that_shows_in_expanding_is_told_so_too(small, old, new, told):
    small.write_text(SMALL.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError, match=told):
        for test in read_suite(small):
            expand(test, 3)


def test_a_suite_that_is_none_is_told_in_one_line(tmp_path):
    with pytest.raises(UserError, match=r"holds no .toml file"):
        read_suite(tmp_path)
    with pytest.raises(UserError, match=r"none.toml: cannot be read \(No such file"):
        read_suite(Path(tmp_path / "none.toml"))
    (tmp_path / "broken.toml").write_text("[[test", encoding="utf-8")
    with pytest.raises(UserError, match=r"broken\.toml: not TOML"):
        read_suite(tmp_path)


def test_names_that_are_none_are_told_with_the_nearest(shipped):
    with pytest.raises(UserError, match=r"--capability negaton: .*negation"):
        choose(shipped, ["negaton"])
    with pytest.raises(UserError, match=r"--capability nothing: .*grounding.*numbers"):
        choose(shipped, ["nothing"])
    with pytest.raises(UserError, match=r"--test whitespace: .*white-space"):
        choose(shipped, names=["whitespace"])
