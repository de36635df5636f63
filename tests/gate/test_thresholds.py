"""What stands in the file is what is tested; what cannot be meant is told in one line."""

import pytest

from robust.errors import UserError
from robust.gate.check import limited
from robust.gate.thresholds import make_threshold, read_settings

ONE = '[[tool.robust.thresholds]]\nmodel = "minilm-squad2"\nset = "qads"\nmax_drop = 5\n'


def _read(tmp_path, text, name="pyproject.toml"):
    (tmp_path / name).write_text(text)
    return read_settings(tmp_path)


def test_a_project_without_our_table_has_no_thresholds(tmp_path):
    assert read_settings(tmp_path).thresholds == ()
    settings = _read(tmp_path, "[project]\nname = 'x'\n")
    assert settings.file is None
    assert settings.undecided == "fail"


def test_thresholds_are_named_by_reader_set_and_figure(tmp_path):
    settings = _read(tmp_path, "[tool.robust]\nundecided = 'skip'\nbaseline = 'b.json'\n" + ONE)
    assert [one.name for one in settings.thresholds] == ["minilm-squad2:qads:HasAns_exact"]
    assert settings.undecided == "skip"
    assert settings.baseline == tmp_path / "b.json"


def test_robust_toml_says_the_same_without_the_prefix(tmp_path):
    settings = _read(tmp_path, ONE.replace("tool.robust.", ""), "robust.toml")
    assert settings.thresholds[0].max_drop == 5
    with pytest.raises(UserError, match=r"robust\.toml: pyproject\.toml has a \[tool\.robust\] too"):
        _read(tmp_path, ONE)


@pytest.mark.parametrize("name", ["robust.toml", "pyproject.toml"])
def test_a_byte_order_mark_before_the_settings_is_passed_over(tmp_path, name):
    text = ONE if name == "pyproject.toml" else ONE.replace("tool.robust.", "")
    (tmp_path / name).write_text(text, encoding="utf-8-sig")
    assert read_settings(tmp_path).thresholds[0].max_drop == 5


def test_relative_paths_start_at_the_file(tmp_path):
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    one = make_threshold({"run": "runs/mine", "max_drop": 1}, "x", tmp_path)
    assert one.run == str(tmp_path / "runs" / "mine")
    assert one.name == "mine:HasAns_exact"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("max_dorp = 3", "threshold 1: unknown key 'max_dorp'; did you mean max_drop?"),
        ('figure = "HasAns_exat"', "figure: found 'HasAns_exat'; did you mean HasAns_exact?"),
        ('figure = "HasAns_abstained"', "figure: found 'HasAns_abstained'; did you mean"),
        ('max_drop = "5"', "max_drop: found '5', expected a number of points, 0 to 100"),
        ("max_drop = true", "max_drop: found True, expected a number of points"),
        ("max_drop = -1", "max_drop: found -1, expected a number of points"),
        ("limit = 0", "limit: found 0, expected a whole number of questions, 1 or more"),
        ("limit = 5.0", "limit: found 5.0, expected a whole number of questions"),
        ("limit = inf", "limit: found inf, expected a whole number of questions"),
        ("limit = nan", "limit: found nan, expected a whole number of questions"),
        ("max_drop = nan", "max_drop: found nan, expected a number of points"),
        ('null_threshold = "high"', 'expected "own", "cross-fit" or a number as text'),
        ("null_threshold = 3.5", 'expected "own", "cross-fit" or a number as text'),
        ('cluster = "articles"', "cluster: found 'articles'; did you mean article?"),
        ('undecided = "fial"', "undecided: found 'fial'; did you mean fail?"),
        ('run = "x"', "expected one of model, run and predictions; found model and run"),
        ('set = ""', "set is empty"),
    ],
)
def test_a_mistake_is_told_in_one_line_with_its_place(tmp_path, line, message):
    key = line.partition(" ")[0]
    kept = "".join(x for x in ONE.splitlines(True) if not x.startswith(key))
    with pytest.raises(UserError) as told:
        _read(tmp_path, kept + line + "\n")
    assert str(told.value).startswith(f"{tmp_path / 'pyproject.toml'}: threshold 1")
    assert message in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.robust\n", "cannot be read as TOML"),
        ("[tool]\nrobust = 3\n", "expected a table"),
        ("[tool.robust]\nthresholds = 3\n", "expected tables, each under [[tool.robust.thresholds]]"),
        ("[tool.robust]\nundecidd = 'fail'\n", "unknown key 'undecidd'; did you mean undecided?"),
        ("[tool.robust]\nbaseline = 3\n", "baseline: found 3, expected a file name"),
        ("[tool.robust]\nbaseline = ''\n", "baseline is empty; leave it out or give it a value"),
        (ONE + ONE, "two thresholds are called 'minilm-squad2:qads:HasAns_exact'"),
        (ONE.replace("max_drop = 5", ""), "no budget; give max_drop"),
        (ONE.replace('set = "qads"', ""), "no set; name what it is tested on"),
        (ONE.replace('model = "minilm-squad2"', ""), "found none of them"),
    ],
)
def test_a_broken_file_is_told_in_one_line(tmp_path, text, message):
    with pytest.raises(UserError) as told:
        _read(tmp_path, text)
    assert message in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(("own", "given", "taken"), [(200, 2000, 200), (2000, 200, 200), (None, 200, 200)])
def test_of_two_limits_the_lesser_counts(tmp_path, own, given, taken):
    one = make_threshold({"model": "m", "set": "s", "max_drop": 1, "limit": own}, "x", tmp_path)
    assert limited(one, given).limit == taken
    assert limited(one, None).limit == own
