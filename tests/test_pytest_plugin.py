"""The gate in a real inner pytest: loaded through its entry point, over made-up runs, without a model."""

import json
import os
import shutil
import sys
from xml.etree import ElementTree

# What inner runs import must stand before them: pytester forgets modules that came with a run, and numpy
# and its like cannot be imported twice.
import numpy
import pandas
import pyarrow.parquet
import pytest
import scipy.stats

import robust.gate.baseline
import robust.pytest_plugin
from robust.gate.check import check
from robust.gate.thresholds import make_threshold
from tests.made_run import EVEN, NONE, UNEVEN, answers, make_run, make_set

pytest_plugins = ["pytester"]
assert numpy and pandas and pyarrow.parquet and scipy.stats and robust.gate.baseline and robust.pytest_plugin


@pytest.fixture(scope="module")
def castles(tmp_path_factory):
    """Return a folder with a set, ``keys``, and runs over it: even, uneven, none, abstains."""
    root = tmp_path_factory.mktemp("castles")
    folder = make_set(root / "keys")
    for name, fell in {"even": EVEN, "uneven": UNEVEN, "none": NONE, "abstains": "abstains"}.items():
        make_run(root / name, folder, fell)
    # all that a failure needs is imported here, once: what an inner run imports is forgotten after it
    asked = {"run": str(root / "uneven"), "set": str(folder), "max_drop": 9.0}
    check(make_threshold(asked, "first", root), baseline=root / "none.json", undecided="fail")
    return root


@pytest.fixture
def inner(pytester, monkeypatch, own_home, castles):
    """Return pytester in a project of its own, where our plugin is found as an installed one is."""
    about = pytester.mkdir("site") / "gate_of_the_test-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: gate-of-the-test\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[pytest11]\nrobust = robust.pytest_plugin\n")
    pytester.syspathinsert(about.parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(about.parent), *sys.path]))  # of xdist's workers
    for name in ("CI", "BUILD_NUMBER", "GITHUB_STEP_SUMMARY"):  # what pytest, and we, do otherwise there
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("keys", "even", "uneven", "none", "abstains"):
        (pytester.path / name).symlink_to(castles / name)
    return pytester


def threshold(run, max_drop=5, **values):
    """Return a table of pyproject.toml."""
    held = {"run": run, "set": "keys", "max_drop": max_drop} | values
    lines = (f"{key} = {json.dumps(value)}" for key, value in held.items() if value is not None)
    return "\n".join(["[[tool.robust.thresholds]]", *lines, ""])


def project(inner, *tables, head=""):
    (inner.path / "pyproject.toml").write_text("\n".join(["[tool.pytest.ini_options]", head, *tables]))


def run(inner, *words):
    return inner.runpytest_inprocess("-p", "no:cacheprovider", *words)


def test_it_is_silent_unless_used(inner):
    project(inner, threshold("even"))
    inner.makepyfile("def test_a(): pass")
    result = run(inner)
    result.assert_outcomes(passed=1)
    assert "robust" not in result.stdout.str().replace("robust-", "")
    assert "robust" not in result.stderr.str()


def test_importing_the_plugin_imports_nothing_of_ours(inner):
    code = (
        "import sys, pytest, robust.pytest_plugin\nprint([m for m in sys.modules if m.startswith('robust.')])"
    )
    assert inner.run(sys.executable, "-c", code).outlines == ["['robust.pytest_plugin']"]


def test_thresholds_become_tests_that_pass_fail_and_are_undecided(inner):
    tables = [threshold("none", 31), threshold("even"), threshold("uneven", 9)]
    project(inner, *tables, head="[tool.robust]")
    inner.makepyfile("def test_a(): pass")
    result = run(inner, "--robust", "-v")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*pyproject.toml::none:keys:HasAns_exact PASSED*",
            "*pyproject.toml::even:keys:HasAns_exact FAILED*",
            "*pyproject.toml::uneven:keys:HasAns_exact FAILED*",
            "failed: drop +10.0 [[]+10.0, +37.8[]] exceeds max_drop 5",
            "*even:keys:HasAns_exact: clean 100.0*",
            "*questions that fell when reworded: 10, 5 of them:",
            "*original   Which key opens door 9?",
            "*perturbed  Which key unlocks door 9?",
            "*gold       Key0x9",
            "*answer     (abstains); before: Key0x9",
            "*look further: robust report */even*",
            "undecided: max_drop 9 lies inside the interval*",
            "*questions (80 % power*would decide it",
            "*--robust-undecided=pass*",
            "*= robust =*",
            "passed     none:*  drop +0.0 [[]+0.0, +30.8[]], max_drop 31, clean 100.0, 100 questions",
            "failed     even:*",
            "undecided  uneven:*",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()


@pytest.mark.parametrize(("how", "outcome"), [("pass", "passed"), ("fail", "failed"), ("skip", "skipped")])
def test_doubt_becomes_what_the_option_or_the_file_says(inner, how, outcome):
    project(inner, threshold("uneven", 9))
    run(inner, "--robust", f"--robust-undecided={how}").assert_outcomes(**{outcome: 1})
    project(inner, "[tool.robust]", f"undecided = '{how}'", threshold("uneven", 9))
    run(inner, "--robust").assert_outcomes(**{outcome: 1})
    project(inner, threshold("uneven", 9, undecided=how))
    run(inner, "--robust").assert_outcomes(**{outcome: 1})


def test_a_reader_that_always_abstains_fails(inner):
    project(inner, threshold("abstains"))
    result = run(inner, "--robust")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*clean 0.0, not above what always abstaining scores, 0.0 plus the budget*"])


def test_thresholds_that_fail_on_one_run_show_its_questions_once(inner):
    project(inner, threshold("even"), threshold("even", figure="HasAns_f1"), head="[tool.robust]")
    result = run(inner, "--robust")
    result.assert_outcomes(failed=2)
    assert result.stdout.str().count("original   Which key") == 5
    result.stdout.fnmatch_lines(["*fell when reworded: 10; some are shown for even:keys:HasAns_exact"])


@pytest.mark.parametrize("words", [(), ("-n", "2"), ("-vv",)])
def test_in_ci_a_failure_is_listed_by_its_first_line(inner, monkeypatch, words):
    monkeypatch.setenv("CI", "true")
    project(inner, threshold("even"), head="[tool.robust]")
    marked = (
        "import pytest\n@pytest.mark.robust(run='even', set='keys', max_drop=5)\ndef test_a(): pass\n"
        "def test_b(): assert 'all' == 'of\\nthis'"
    )
    inner.makepyfile(marked)
    result = run(inner, "--robust", "--junitxml=found.xml", *words)
    result.assert_outcomes(failed=3)
    text, listed = result.stdout.str().split("short test summary info")
    assert "original   Which key" in text
    verdict = " - failed: drop +10.0 [+10.0, +37.8] exceeds max_drop 5"
    assert listed.count(verdict + "\n") == 2
    assert "original" not in listed
    assert "+ all" in listed  # a test's own failure is listed as pytest lists it
    failures = ElementTree.parse(inner.path / "found.xml").iter("failure")
    told = {one.get("message"): one.text for one in failures}
    assert "look further: robust report" in told[verdict.removeprefix(" - ")]


def test_a_single_threshold_is_run_by_its_node_id(inner):
    project(inner, threshold("none", 31), threshold("even"))
    inner.makepyfile("def test_a(): pass")
    run(inner, "--robust", "pyproject.toml::none:keys:HasAns_exact").assert_outcomes(passed=1)
    run(inner, "--robust", "test_a_single_threshold_is_run_by_its_node_id.py").assert_outcomes(
        passed=2, failed=1
    )
    (inner.path / "below").mkdir()
    run(inner, "--robust", "below").assert_outcomes(passed=1, failed=1)


@pytest.mark.parametrize(
    ("table", "message"),
    [
(threshold("none", max_dorp=3), "ERROR: *1: unknown key 'max_dorp'; did you mean max_drop?"),
        ("", "ERROR: --robust: no thresholds in *pyproject.toml; write some under *"),
        ("[tool.robust", "ERROR: *"),
    ],
)  # fmt: skip
def test_a_bad_file_is_told_in_one_line(inner, table, message):
    project(inner, table)
    result = run(inner, "--robust")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])
    assert "Traceback" not in result.stderr.str()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "*no thresholds in *robust.toml; write some under [[][[]thresholds]], see docs/gate.md"),
        (
            "[[tool.robust.thresholds]]",
            "*robust.toml: found tables under tool, expected [[][[]thresholds]], *",
        ),
    ],
)
def test_a_robust_toml_is_told_its_own_header(inner, text, message):
    (inner.path / "robust.toml").write_text(text)
    result = run(inner, "--robust")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


def test_what_is_not_there_is_told_in_one_line_too(inner):
    project(inner, threshold("nowhere"))
    result = run(inner, "--robust")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["nowhere: no run here*"])
    assert "Traceback" not in result.stdout.str()


MARKED = """
    import pytest

    @pytest.mark.robust(run="none", set="keys", max_drop=31)
    def test_passes(robust_result):
        assert robust_result.drop == 0
        assert robust_result.interval == (0, pytest.approx(30.85, abs=0.01))
        assert robust_result.questions == 100

    @pytest.mark.robust(run="even", set="keys", max_drop=5)
    def test_fails():
        raise SystemExit("the body must not run")

    @pytest.mark.robust(run="none", set="keys", max_dorp=5)
    def test_is_wrong():
        pass

    @pytest.mark.robust("none")
    def test_has_no_words():
        pass

    def test_is_not_marked(robust_result):
        pass

    class TestInAClass:
        @pytest.mark.robust(run="even", set="keys", max_drop=5)
        def test_fails_too(self):
            raise SystemExit("the body must not run")
"""


def test_a_marked_test_is_judged_before_its_body(inner):
    project(inner)
    inner.makepyfile(MARKED)
    result = run(inner, "--strict-markers")
    result.assert_outcomes(passed=1, failed=2, errors=3)
    result.stdout.fnmatch_lines(
        [
            "@pytest.mark.robust: unknown key 'max_dorp'; did you mean max_drop?",
            "@pytest.mark.robust: found 'none', expected keywords: model=..., set=...",
            "robust_result: found no marker; add @pytest.mark.robust*",
            "failed: drop +10.0*",
            "*= robust =*",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert (
        "test_a_marked_test_is_judged_before_its_body.py:" not in result.stdout.str().partition("= robust")[0]
    )


def test_a_marker_on_one_parameter_is_of_that_one_alone(inner):
    """All parameters of a test share one list of fixtures, which the unmarked ones must not see grow."""
    project(inner)
    marked = "pytest.mark.robust(run='{}', set='keys', max_drop=31)"
    inner.makepyfile(
        f"""
        import pytest

        @pytest.mark.parametrize(
            "n",
            [
                1,
                pytest.param(2, marks={marked.format("none")}),
                pytest.param(3, marks={marked.format("even")}),
                4,
            ],
        )
        def test_each(n):
            assert n != 3
        """
    )
    run(inner).assert_outcomes(passed=3, failed=1)


def test_two_markers_on_one_test_are_refused_and_that_of_its_class_is_overridden(inner):
    """The farther of two was never checked, and nothing said so."""
    project(inner)
    marked = "@pytest.mark.robust(run='{}', set='keys', max_drop={})"
    inner.makepyfile(
        f"""
        import pytest

        {marked.format("none", 31)}
        {marked.format("even", 5)}
        def test_two():
            raise SystemExit("the body must not run")

        {marked.format("even", 5)}
        class TestOfAClass:
            {marked.format("none", 31)}
            def test_its_own(self):
                pass

            def test_that_of_its_class(self):
                raise SystemExit("the body must not run")
        """
    )
    result = run(inner)
    result.assert_outcomes(passed=1, failed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["@pytest.mark.robust: found 2 on test_two, of which one alone*a test for each"]
    )
    assert "Traceback" not in result.stdout.str()


def test_a_bad_file_is_told_to_a_marked_test_too(inner):
    project(inner, "[tool.robust]", "undecidd = 'fail'")
    inner.makepyfile(
        "import pytest\n@pytest.mark.robust(run='none', set='keys', max_drop=31)\ndef test_a(): pass"
    )
    result = run(inner)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*unknown key 'undecidd'; did you mean undecided?"])
    assert "Traceback" not in result.stdout.str()


def test_the_fixture_evaluates_whatever_it_is_given(inner):
    project(inner)
    inner.makepyfile(
        """
        import pytest

        def test_runs(robust_evaluate):
            assert robust_evaluate(run="even").drop == pytest.approx(10)
            assert robust_evaluate(run="uneven", figure="exact").high > 10

        def test_is_told(robust_evaluate):
            robust_evaluate(runn="even")

        @pytest.fixture
        def keeper():
            return lambda question, context: next(w for w in context.split() if w.endswith("x1"))

        @pytest.mark.robust(fixture="keeper", set="keys", max_drop=5, undecided="pass")
        def test_of_a_callable(robust_result):
            assert robust_result.clean == pytest.approx(10)
            assert robust_result.run.is_dir()
        """
    )
    result = run(inner)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["robust_evaluate: unknown key 'runn'; did you mean run?"])


def test_a_baseline_is_written_and_then_compared_with(inner, castles):
    (inner.path / "mine").symlink_to(castles / "none")
    project(inner, threshold("mine", None, max_increase=2))
    missing = run(inner, "--robust")
    missing.assert_outcomes(failed=1)
    missing.stdout.fnmatch_lines(
        ["*robust-baseline.json: no baseline yet; write one*--robust-update-baseline"]
    )
    written = run(inner, "--robust-update-baseline")
    written.assert_outcomes(passed=1)
    written.stdout.fnmatch_lines(["passed*baseline written to *robust-baseline.json"])
    first = (inner.path / "robust-baseline.json").read_bytes()
    run(inner, "--robust").assert_outcomes(passed=1)
    (inner.path / "mine").unlink()
    (inner.path / "mine").symlink_to(castles / "even")
    worse = run(inner, "--robust")
    worse.assert_outcomes(failed=1)
    worse.stdout.fnmatch_lines(
        ["*increase over the baseline +10.0*exceeds max_increase 2*", "*since the baseline: 10, 5 of them:"]
    )
    assert (inner.path / "robust-baseline.json").read_bytes() == first


def test_a_baseline_that_no_threshold_asks_for_is_told_to_be_none(inner):
    told = "*no threshold has max_increase, so there is nothing to write"
    project(inner, threshold("none", 31))
    result = run(inner, "--robust-update-baseline")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([told])
    assert not (inner.path / "robust-baseline.json").exists()
    run(inner, "--robust").stdout.no_fnmatch_line(told)
    inner.makepyfile(
        "import pytest\n@pytest.mark.robust(run='none', set='keys', max_increase=2)\ndef test_a(): pass"
    )
    run(inner, "--robust-update-baseline").stdout.no_fnmatch_line(told)  # a marker's is written
    assert (inner.path / "robust-baseline.json").exists()


def test_figures_go_to_junit(inner):
    project(inner, threshold("even"))
    inner.makepyfile(
        "import pytest\n@pytest.mark.robust(run='none', set='keys', max_drop=31)\ndef test_a(): pass"
    )
    run(inner, "--robust", "--junitxml=found.xml")
    held = {}
    for case in ElementTree.parse(inner.path / "found.xml").iter("testcase"):
        held[case.get("name")] = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert held["even:keys:HasAns_exact"]["robust_drop"] == "10.0"
    assert held["even:keys:HasAns_exact"]["robust_verdict"] == "failed"
    assert held["test_a"]["robust_verdict"] == "passed"
    assert {"robust_low", "robust_high", "robust_clean"} <= held["test_a"].keys()


def test_a_ci_gets_a_table_on_its_page(inner, monkeypatch):
    page = inner.path / "page.md"
    page.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    project(inner, threshold("even"), threshold("none", 31))
    run(inner, "--robust")
    lines = page.read_text().splitlines()
    assert lines[0] == "before"
    assert (
        "| even:keys:HasAns_exact | **failed** | +10.0 [+10.0, +37.8] | max_drop 5 | 100.0 | 90.0 | 100 |"
        in lines
    )
    assert sum("**passed**" in line for line in lines) == 1
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(inner.path / "no" / "page"))
    run(inner, "--robust").stdout.fnmatch_lines(["GITHUB_STEP_SUMMARY: *cannot write*"])


def of_answers(inner, castles, fell, **values):
    (inner.path / "answers.json").write_text(json.dumps(answers(castles / "keys", fell)))
    return threshold(None, predictions="answers.json", **values)


def test_a_limit_takes_a_sample(inner, castles):
    project(inner, of_answers(inner, castles, NONE, max_drop=31))
    result = run(inner, "--robust", "--robust-limit", "60")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["passed*answers.json:keys:HasAns_exact*50 questions; evaluated in *"])
    project(inner, of_answers(inner, castles, NONE, max_drop=31, limit=60))
    result = run(inner, "--robust", "--robust-limit", "100")
    result.stdout.fnmatch_lines(["passed*answers.json:keys:HasAns_exact*50 questions*"])
    assert run(inner, "--robust", "--robust-limit", "0").ret == pytest.ExitCode.USAGE_ERROR


def test_workers_share_one_evaluation(inner, castles, own_home):
    figures = ("HasAns_exact", "HasAns_f1", "exact", "f1")
    project(inner, *(of_answers(inner, castles, EVEN, figure=figure, max_drop=38) for figure in figures))
    inner.makepyfile("def test_a(): pass")
    result = inner.runpytest_subprocess("--robust", "-n", "2", "--junitxml=found.xml")
    result.assert_outcomes(passed=5)
    text = result.stdout.str()
    assert text.count("evaluated in") == 1
    assert text.count("passed     answers.json") == 4
    assert len(list((own_home / "runs").iterdir())) == 1
    assert (inner.path / "found.xml").read_text().count("robust_verdict") == 4


def test_it_can_be_switched_off(inner):
    project(inner, threshold("even"))
    inner.makepyfile("def test_a(): pass")
    result = run(inner, "-p", "no:robust")
    result.assert_outcomes(passed=1)
    assert run(inner, "-p", "no:robust", "--robust").ret == pytest.ExitCode.USAGE_ERROR
    shutil.rmtree(inner.path / "site")
    inner.makeconftest("pytest_plugins = []")
    run(inner, "-p", "no:robust").assert_outcomes(passed=1)


def test_nothing_is_evaluated_where_tests_are_only_collected(inner):
    project(inner, threshold("nowhere"))
    result = run(inner, "--robust", "--collect-only", "-q")
    result.stdout.fnmatch_lines(["pyproject.toml::nowhere:keys:HasAns_exact"])
    assert result.ret == 0


def test_two_tests_of_one_name_cannot_write_one_baseline(inner, castles):
    (inner.path / "other").mkdir()
    (inner.path / "other" / "even").symlink_to(castles / "none")
    project(inner, threshold("even", None, max_increase=2))
    inner.makepyfile(
        """
        import pytest

        @pytest.mark.robust(run="other/even", set="keys", max_increase=2)
        def test_a():
            pass
        """
    )
    for words in ((), ("-n", "2")):
        result = inner.runpytest_subprocess("-p", "no:cacheprovider", "--robust-update-baseline", *words)
        result.stdout.fnmatch_lines(["*two thresholds of this name (another reader) would overwrite*name =*"])
        assert "Traceback" not in result.stdout.str()
        assert result.ret == 1
