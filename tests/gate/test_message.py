"""A failure shows what fell and where to look; a table for a CI's page keeps its columns."""

import json
import shutil

import pytest

from robust.errors import quoted
from robust.gate.check import check
from robust.gate.message import markdown, properties, summary_line


@pytest.fixture
def told(asked, tmp_path):
    return lambda run, undecided="fail", shown=None, **values: check(
        asked(run, **values), baseline=tmp_path / "b.json", undecided=undecided, shown=shown
    )


def test_a_failure_shows_figures_questions_and_where_to_look(told, castles):
    lines = told("uneven", max_drop=1).message.splitlines()
    assert lines[:2] == [
        "failed: drop +10.0 [+2.5, +17.5] exceeds max_drop 1",
        "  uneven:keys:HasAns_exact: clean 100.0, perturbed 90.0, drop +10.0 [+2.5, +17.5] "
        "(95 %, by article), 100 questions",
    ]
    assert "  questions that fell when reworded: 10, 5 of them:" in lines
    first = lines.index("    q0108#1 (Castle_1)")
    assert lines[first + 1 : first + 5] == [
        "      original   Which key opens door 8?",
        "      perturbed  Which key unlocks door 8?",
        "      gold       Key1x8",
        "      answer     (abstains); before: Key1x8",
    ]
    assert lines[-1] == f"  look further: robust report {quoted(castles / 'uneven')}"


def test_thresholds_that_fail_on_one_run_show_its_questions_once(told):
    shown = {}
    told("uneven", "pass", max_drop=14, shown=shown)
    assert not shown, "what passes is not printed, so it cannot be named"
    first = told("uneven", max_drop=1, shown=shown)
    assert first.message.count("#1 (Castle_") == 5
    second = told("uneven", max_drop=1, figure="HasAns_f1", name="another", shown=shown)
    assert second.message.splitlines()[1].startswith("  another: HasAns_f1 on keys, clean 100.0, ")
    assert second.message.splitlines()[2:-1] == [
        "  questions that fell when reworded: 10; some are shown for uneven:keys:HasAns_exact"
    ]
    assert told("uneven", max_drop=1, shown=shown).message == first.message, "tested again, told again"
    assert told("even", max_drop=1, shown=shown).message.count("#1 (Castle_") == 5, "another run has its own"


def test_what_passed_is_not_told_of_a_failure(told):
    assert "passed" not in told("uneven", max_drop=1).message


def test_five_of_many_questions_are_shown(told):
    message = told("even", max_drop=1, set=None).message
    assert message.count("#1 (Castle_") == 5
    assert "original" not in message, "a run whose set is neither named nor found has no texts"
    assert "  texts: keys is not here as the run had it; name it: set = ..." in message.splitlines()


def test_texts_are_found_where_the_manifest_says_the_set_lies(told, castles, tmp_path):
    manifest = json.loads((castles / "even" / "manifest.json").read_text())
    copy = shutil.copytree(castles / "keys", tmp_path / "moved")
    run = shutil.copytree(castles / "even", tmp_path / "run")
    manifest["sets"]["keys"]["path"] = str(copy)
    (run / "manifest.json").write_text(json.dumps(manifest))
    message = told(run, max_drop=1, set=None).message
    assert "      perturbed  Which key unlocks door" in message
    assert "texts:" not in message
    (copy / "perturbed.json").write_text("{}")
    message = told(run, max_drop=1, set=None).message
    assert "texts: keys is not here as the run had it" in message


def test_doubt_names_the_questions_that_would_decide_and_the_option(told):
    outcome = told("uneven", max_drop=14)
    assert (outcome.status, outcome.ends) == ("undecided", "failed")
    assert (
        "about 688 answerable questions (80 % power, were the drop what it seems) would decide it"
        in outcome.message
    )
    assert "--robust-undecided=pass" in outcome.message
    assert told("uneven", "pass", max_drop=14).ends == "passed"
    assert told("uneven", "skip", max_drop=14).ends == "skipped"


def test_a_verdict_in_a_line_and_in_a_table(told):
    held = properties(told("uneven", max_drop=20))
    assert held["robust_verdict"] == "passed"
    assert (held["robust_drop"], held["robust_low"], held["robust_high"]) == (10, 2.4595, 17.5405)
    assert "drop +10.0 [+2.5, +17.5], max_drop 20, clean 100.0, 100 questions" in summary_line(held)
    none = properties(told("none", max_drop=31))
    assert "drop +0.0 [+0.0, +30.8], max_drop 31" in summary_line(none), "the same digits as in messages"
    row = markdown([held | {"robust_name": "a|b <script>"}]).splitlines()[4]
    for name, shown in {
        "[l](http://x)": r"| \[l\](http\://x) |",
        "`a` **b**": r"| \`a\` \*\*b\*\* |",
        "![i](x) &lt;": r"| \!\[i\](x) &amp;lt; |",
    }.items():
        assert shown in markdown([held | {"robust_name": name}])
    assert row.startswith(
        "| a\\|b &lt;script> | **passed** | +10.0 [+2.5, +17.5] | max_drop 20 | 100.0 | 90.0 |"
    )
