"""A baseline: small, the same bytes every time, and compared question by question."""

import json

import pytest

from robust.errors import UserError
from robust.gate.baseline import FORMAT, entry_of, increase, read_baseline, write_entry
from robust.gate.check import check
from robust.gate.evidence import question_rows, read_evidence
from tests.made_run import EVEN, make_run, make_set


def _read(folder, figure="HasAns_exact"):
    evidence = read_evidence(folder, None, figure)
    return evidence, question_rows(evidence)


def test_a_baseline_holds_only_the_questions_that_fell_sorted(castles, tmp_path):
    file = tmp_path / "b.json"
    write_entry(file, "one", entry_of(*_read(castles / "even")))
    write_entry(file, "another", entry_of(*_read(castles / "uneven")))
    first = file.read_bytes()
    held = json.loads(first)
    assert held["thresholds"]["one"]["fell"] == {f"q{a:02}09": 100 for a in range(10)}
    assert held["thresholds"]["one"]["questions"] == 100
    assert list(held["thresholds"]) == ["another", "one"]
    write_entry(file, "one", entry_of(*_read(castles / "even")))
    assert file.read_bytes() == first
    assert len(first) < 2_000


def test_the_increase_is_paired_and_clustered(castles, tmp_path):
    file = tmp_path / "b.json"
    write_entry(file, "x", entry_of(*_read(castles / "even")))
    same = increase(file, "x", *_read(castles / "even"))
    assert (same.mean, same.error, same.low, same.high) == (0, 0, None, None)
    # even lost one an article; uneven loses none, then two: -10, +10 by article, mean 0
    moved = increase(file, "x", *_read(castles / "uneven"))
    assert moved.mean == pytest.approx(0)
    assert moved.error == pytest.approx(10 / 3)
    better = increase(file, "x", *_read(castles / "none"))
    assert (better.mean, better.error) == pytest.approx((-10, 0))


def test_other_questions_than_the_baselines_are_told_in_one_line(castles, tmp_path):
    file = tmp_path / "b.json"
    write_entry(file, "x", entry_of(*_read(castles / "even")))
    other = make_run(tmp_path / "run", make_set(tmp_path / "other", verb="frees"), EVEN)
    with pytest.raises(UserError) as told:
        increase(file, "x", *_read(other))
    assert "made of other questions (100 of keys" in str(told.value)
    assert "--robust-update-baseline" in str(told.value)
    with pytest.raises(UserError, match="nothing of 'y' in this baseline"):
        increase(file, "y", *_read(castles / "even"))
    with pytest.raises(UserError, match=r"write it: pytest --robust-update-baseline --robust-limit 30$"):
        increase(file, "x@30", *_read(castles / "even"), limit=30)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no baseline yet"),
        ("{", "cannot be read"),
        ("[]", "no baseline of"),
        ("{}", "no baseline of"),
        ('{"format": "robust-baseline/1"}', "thresholds: expected an object"),
        ('{"format": "robust-baseline/1", "thresholds": []}', "thresholds: expected an object"),
        ('{"format": "robust-baseline/1", "thresholds": {"x": {"drop": NaN}}}', "NaN is no number"),
    ],
)
def test_what_is_no_baseline_is_told(tmp_path, text, message):
    file = tmp_path / "b.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(UserError, match=message):
        read_baseline(file)


def test_a_check_writes_a_baseline_and_then_compares_with_it(castles, asked, tmp_path):
    how = {"baseline": tmp_path / "b.json", "undecided": "fail"}
    before = asked("none", max_drop=None, max_increase=2, name="reader")
    written = check(before, update=True, **how)
    assert (written.ends, written.baseline_written) == ("passed", tmp_path / "b.json")
    assert check(before, **how).ends == "passed"
    after = check(asked("even", max_drop=None, max_increase=2, name="reader"), **how)
    assert after.ends == "failed"
    assert "increase over the baseline +10.0 [+10.0, +10.0] exceeds max_increase 2" in after.message
    assert "questions that fell since the baseline: 10" in after.message
    doubt = check(asked("uneven", max_drop=None, max_increase=3, name="reader"), **how)
    assert (doubt.status, doubt.ends) == ("undecided", "failed")


def test_only_what_the_baseline_did_not_lose_is_newly_broken(castles, asked, tmp_path):
    how = {"baseline": tmp_path / "b.json", "undecided": "fail"}
    check(asked("even", max_drop=None, max_increase=2, name="r"), update=True, **how)
    message = check(asked("uneven", max_drop=None, max_increase=2, name="r"), **how).message
    assert "questions that fell since the baseline: 5:" in message
    assert "q0108#1" in message
    assert "q0109#1" not in message


@pytest.mark.parametrize("key", ["figure", "questions_sha256", "fell", "clean", "floor_clean", "cluster"])
def test_a_broken_entry_is_told_in_one_line(castles, tmp_path, key):
    file = tmp_path / "b.json"
    entry = entry_of(*_read(castles / "even"))
    for broken in ({k: v for k, v in entry.items() if k != key}, entry | {key: [1]}, [entry]):
        file.write_text(json.dumps({"format": FORMAT, "thresholds": {"x": broken}}))
        with pytest.raises(UserError, match=r"b\.json: x: .*write it again") as told:
            increase(file, "x", *_read(castles / "even"))
        assert "\n" not in str(told.value)
    file.write_text(json.dumps({"format": FORMAT, "thresholds": {"x": entry | {"fell": {"q0001": "much"}}}}))
    with pytest.raises(UserError, match="x: fell: expected question: points"):
        increase(file, "x", *_read(castles / "even"))


def test_two_thresholds_of_one_name_are_refused_in_one_session(castles, asked, tmp_path):
    def write(run, session="one", **values):
        threshold = asked(run, max_drop=None, max_increase=2, name="r", **values)
        return check(threshold, baseline=tmp_path / "b.json", undecided="fail", update=True, session=session)

    write("even")
    write("even")
    first = (tmp_path / "b.json").read_bytes()
    with pytest.raises(UserError, match=r"r: two thresholds of this name \(another reader\)") as told:
        write("none")
    assert "\n" not in str(told.value)
    assert str(told.value).endswith('give one of them a name: name = "..."')
    with pytest.raises(UserError, match="cluster 'article', now 'paragraph'"):
        write("even", cluster="paragraph")
    assert (tmp_path / "b.json").read_bytes() == first
    write("none", session="another")
    assert (tmp_path / "b.json").read_bytes() != first


def test_a_baseline_of_other_settings_is_not_compared_with(castles, asked, tmp_path):
    how = {"baseline": tmp_path / "b.json", "undecided": "fail"}
    check(asked("even", max_drop=None, max_increase=2, name="r"), update=True, **how)
    with pytest.raises(UserError, match="made with cluster 'article', this threshold has 'paragraph'"):
        check(asked("even", max_drop=None, max_increase=2, name="r", cluster="paragraph"), **how)
    evidence, rows = _read(castles / "even")
    with pytest.raises(UserError, match="made with null_threshold None, this threshold has 'own'"):
        increase(how["baseline"], "r", evidence, rows, "own")


def test_a_baseline_keeps_who_forgets_from_passing(castles, asked, tmp_path):
    how = {"baseline": tmp_path / "b.json", "undecided": "fail"}
    check(asked("even", max_drop=None, max_increase=2, name="r"), update=True, **how)
    held = json.loads(how["baseline"].read_text())
    held["thresholds"]["r"] |= {"clean": 103.0, "floor_clean": 103.0}
    how["baseline"].write_text(json.dumps(held))
    found = check(asked("even", max_drop=None, max_increase=2, name="r"), **how)
    assert found.ends == "failed"
    assert "clean 100.0, below the baseline's 103.0 less max_increase 2" in found.message
