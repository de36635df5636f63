"""The guide builds without a warning, loads nothing from elsewhere, and says what the files are."""

import importlib.util
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from pyarrow import parquet

import robust
from robust.attack.records import Edit, Variant
from robust.build.folder import write_arm
from robust.errors import UserError
from robust.evaluation.sets import MAIN, Arm, EvaluationSet
from robust.squad.io import read_questions

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
pytestmark = pytest.mark.skipif(not (ROOT / "mkdocs.yml").is_file(), reason="not in a checkout")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    for package in ("mkdocs", "material", "mkdocstrings_handlers"):
        if importlib.util.find_spec(package) is None:
            pytest.skip("needs the extra docs: pip install -c constraints.txt '.[docs]'")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.slow
def test_the_guide_builds_strictly_with_every_page_and_the_api(site):
    pages = {path.stem for path in DOCS.glob("*.md")}
    assert pages <= {path.stem for path in site.glob("*.html")}
    api = (site / "api.html").read_text(encoding="utf-8")
    for name in ("evaluate", "Reader", "attack.base.Attack"):
        assert f'id="robust.{name}"' in api
    assert "swap.v1" in (site / "attacks.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_pages_load_nothing_from_elsewhere(site):
    for page in site.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|img|iframe)[^>]+src="([^"]+)"', text)
        loaded += re.findall(r'<link[^>]+rel="(?:stylesheet|preconnect|icon)"[^>]*>', text)
        assert loaded
        assert not [one for one in loaded if "//" in one], page
        assert "__search" not in text or (site / "search" / "search_index.js").is_file()


def test_links_between_pages_and_from_the_readme_hold():
    for page in [*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def tables(page):
    """Return heading -> {column: type} of each table of columns in a page."""
    found = {}
    for part in re.split(r"^#+ ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        if "| column | type |" in part:
            rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", part, re.MULTILINE)
            found[part.splitlines()[0]] = {
                name: kind.replace("&lt;", "<").replace("&gt;", ">") for name, kind in rows
            }
    return found


def schema(path):
    return {
        field.name: str(field.type).replace("large_", "").replace("element: ", "").replace(" not null", "")
        for field in parquet.read_schema(path)
    }


def test_the_columns_that_the_page_names_are_those_of_real_files(tiny, tmp_path, own_home):
    told = tables(DOCS / "formats.md")
    questions = tiny.tiny_questions()
    first = questions[0]
    edit = Edit("question", 0, 3, first.text[:3], "What")
    variant = Variant(f"{first.id}#1", first.id, "What" + first.text[3:], (edit,), "test.v1")
    write_arm(tmp_path, questions, {first.id: [variant]})
    assert told["edits.parquet"] == schema(tmp_path / "edits.parquet")
    variants = [tiny.tiny_variant(q) for q in questions]
    arm = Arm(questions, variants, {v.id: v.id.partition("#")[0] for v in variants})
    reader = robust.from_callable(lambda q, c: ("oak", 0.5), "oak")
    run = tmp_path / "run"
    result = robust.evaluate(reader, EvaluationSet("s", {MAIN: arm}, ()), out=run)
    assert told["scores.parquet"] == schema(run / "scores.parquet")
    found = schema(run / "predictions.parquet")
    assert re.sub(r"list<.*?struct", "list<struct", found.pop("n_best")) == told["predictions.parquet"].pop(
        "n_best"
    )
    assert told["predictions.parquet"] == found
    text = (DOCS / "formats.md").read_text(encoding="utf-8")
    keys = {*json.loads((run / "manifest.json").read_text()), *result["sets"]["s"]} - {"worst"}
    assert not [key for key in keys if f"`{key}`" not in text]


def test_the_attack_of_the_guide_works(tiny):
    swap = runpy.run_path(str(ROOT / "examples" / "swap_attack.py"))["Swap"]()
    questions = tiny.tiny_questions()
    variants = [one for q in questions for one in swap.variants(q, seed=0)]
    assert variants == [one for q in questions for one in swap.variants(q, seed=0)]
    assert len(variants) > 3
    for one in variants:
        (edit,) = one.edits
        assert sorted(edit.before) == sorted(edit.after)
        assert one.attack == "swap.v1"


def examples(heading):
    """Return the fenced blocks of a section of formats.md as (language, text)."""
    text = (DOCS / "formats.md").read_text(encoding="utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```(\w+)\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


def test_the_question_files_that_the_page_shows_are_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (squad, lines), (code,) = (
        [t for kind, t in examples("Questions of your own") if kind == k] for k in ("json", "python")
    )
    Path("squad.json").write_text(squad, encoding="utf-8")
    Path("mine.jsonl").write_text(lines, encoding="utf-8")
    told = [(q.id, q.answerable, q.article) for q in read_questions(Path("squad.json"))]
    assert told == [("b1", True, "Bell"), ("b2", False, "Bell")]
    questions = read_questions(Path("mine.jsonl"))
    told = [(q.id, q.answerable, q.article, q.paragraph_id) for q in questions]
    assert told == [
        ("b1", True, "Bell", "Bell:1"),
        ("c1", True, "Bridge", "Bridge:1"),
        ("c2", False, "Bridge", "Bridge:1"),
    ]
    rows = [json.loads(line) for line in lines.splitlines()]
    for layout in ([rows[0]], rows[1:]):
        pd.DataFrame(layout).to_parquet("rows.parquet")
        assert {q.id for q in read_questions(Path("rows.parquet"))} == {row["id"] for row in layout}
    golds = ["Ann Hill", "1811", ""]
    table = [
        {k: v for k, v in row.items() if k != "answers"} | {"answer": a}
        for row, a in zip(rows, golds, strict=True)
    ]
    pd.DataFrame(table).to_csv("questions.csv", index=False)
    with pytest.raises(UserError, match="looks like CSV"):
        read_questions(Path("questions.csv"))
    exec(compile(code, "formats.md", "exec"), {})
    assert read_questions(Path("questions.jsonl")) == questions


def test_a_line_may_lack_what_the_page_says_and_nothing_else(tmp_path):
    (_, lines) = (t for kind, t in examples("Questions of your own") if kind == "json")
    row = json.loads(lines.splitlines()[0])
    text = (DOCS / "formats.md").read_text(encoding="utf-8")
    needed = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| ([^|]+) \| needed ", text, re.MULTILINE)))
    spare = re.findall(r"^\| `(\w+)` \| may be left out ", text, re.MULTILINE)
    assert {*needed, *spare} == {
        "id",
        "question",
        "context",
        "answers",
        "is_impossible",
        "article",
        "paragraph_id",
        "title",
    }

    def read(**change):
        file = tmp_path / "one.jsonl"
        file.write_text(
            json.dumps({k: v for k, v in (row | change).items() if v is not ...}), encoding="utf-8"
        )
        (question,) = read_questions(file)
        return question

    for key in needed:
        with pytest.raises(UserError, match=f"missing key '{key}'"):
            read(**{key: ...})
    assert read(**dict.fromkeys(spare, ...), topic="passed over").article == "untitled 1"
    assert read(article=..., title="Bells").article == "Bells"
    assert not read(answers={"text": [], "answer_start": []}, is_impossible=True).answerable
    with pytest.raises(UserError, match="is_impossible is true but there are 1 answers"):
        read(is_impossible=True)
    with pytest.raises(UserError, match="it stands at 0"):
        read(answers=[{"text": "Ann Hill", "answer_start": 1}])


def test_nobody_is_told_to_install_us_from_an_index():
    told = [*DOCS.rglob("*.md"), *(ROOT / "robust").rglob("*.py"), *(ROOT / "examples").rglob("*.py")]
    pattern = re.compile(r"pip install [^\n]*robust-qa")
    assert not [path for path in told if pattern.search(path.read_text(encoding="utf-8"))]


def test_the_recipe_for_github_installs_a_checkout_with_what_the_tests_ran_on():
    yaml = pytest.importorskip("yaml", reason="comes with the extra docs")
    text = (DOCS / "gate.md").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    job = yaml.safe_load(recipe)["jobs"]["gate"]
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert [words.split()[0] for words in runs] == ["git", "pip", "robust", "pytest"]
    assert {name for words in runs for name in re.findall(r"\$(\w+)", words)} <= {*job["env"], "RUNNER_TEMP"}
    (file,) = re.findall(r"-c (\S+)", runs[1])
    assert re.search(r"^pytest==", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
