"""``robust why`` on a run and a set made by hand."""

import json
import re
import sys

import pandas as pd
import pytest

from robust.attack.records import Edit, Variant
from robust.build.folder import FORMAT, write_arm, write_manifest
from robust.cli.main import main
from robust.files import sha256_file
from robust.runs import write_run
from robust.squad.records import Answer, Question

CONTEXT = "The duke built a castle in the old country."


@pytest.fixture
def place(own_home, tmp_path):
    """Return a folder with a set of ten questions (one word replaced) and a run over it: four fell."""
    questions = [
        Question(
            f"q{i}",
            f"Who built the castle number {i}?",
            CONTEXT,
            (Answer("The duke", 0),),
            f"A{i % 5}",
            True,
            f"A{i % 5}:1",
            f"A{i % 5}",
        )
        for i in range(10)
    ]
    start = questions[0].text.index("castle")
    edit = Edit(
        "question",
        start,
        start + 6,
        "castle",
        "fortress",
        "castle",
        "n",
        "castle.n.02",
        1,
        0.6,
        0.3,
        "safety 0.71",
    )
    variants = {
        q.id: [Variant(f"{q.id}#1", q.id, q.text.replace("castle", "fortress"), (edit,), "qads.v1")]
        for q in questions
    }
    folder = tmp_path / "small"
    folder.mkdir()
    sums = write_arm(folder, questions, variants)
    write_manifest(
        folder, {"format": FORMAT, "sha256": {name.partition(".")[0]: d for name, d in sums.items()}}
    )
    rows = [
        {
            "model": "m", "seed": 0, "set": "small", "arm": "main", "condition": condition, "key": "k",
            "id": q.id + end, "original_id": q.id, "article": q.article, "paragraph_id": q.paragraph_id,
            "answerable": True, "prediction": "", "em": em, "f1": em, "abstained": not em, "span_text": "",
            "span_em": em, "span_f1": em, "null_odds": -em, "threshold": -0.5, "fold": i % 5,
        }
        for i, q in enumerate(questions)
        for condition, end, em in (("clean", "", 1.0), ("perturbed", "#1", float(i >= 4)))
    ]  # fmt: skip
    hashes = {name: sha256_file(folder / name) for name in ("original.json", "perturbed.json")}
    sets = {"small": {"sha256": hashes, "path": str(folder)}}
    write_run(tmp_path / "run", {"sets": sets}, [], pd.DataFrame(rows), {"model": "m", "sets": {"small": {}}})
    return tmp_path


@pytest.fixture
def why(place, monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["robust", "why", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        captured = capsys.readouterr()
        return left.value.code, captured.out, captured.err

    return run


def rows_of(text):
    found = json.loads(text)
    assert found["schema"] == "robust-why/1"
    return found, {(r["breakdown"], r["level"], r["figure"]): r for r in found["rows"]}


def test_the_set_is_found_where_the_run_had_it(why, place):
    code, out, _ = why(place / "run", "--json")
    found, rows = rows_of(out)
    assert (code, found["missing"]) == (0, [])
    assert rows["part of speech", "noun", "HasAns_exact"]["value"] == pytest.approx(40)
    assert rows["question word", "who", "HasAns_exact"]["questions"] == 10
    assert rows["overlap change", "lost over 0.2", "HasAns_exact"]["questions"] == 10
    assert rows["safety", "0.7 and over", "HasAns_exact"]["clusters"] == 5
    assert rows["flips", "right -> abstained", "HasAns_share"]["value"] == pytest.approx(40)


def test_tables_tell_counts_and_intervals(why, place):
    code, out, err = why(place / "run")
    assert code == 0, err
    assert re.search(r"right -> abstained +40.0 +\[12.2, 67.8\]", out)
    assert "kept" in out


def test_without_the_set_it_says_what_is_missing(why, place):
    (place / "small").rename(place / "moved")
    code, out, err = why(place / "run")
    assert code == 0
    assert "right -> abstained" in out
    assert err.startswith("small: the set itself is not at hand")
    code, out, _ = why(place / "run", "--set", place / "moved", "--json")
    assert rows_of(out)[0]["missing"] == []
    (place / "home" / "sets").mkdir(parents=True)
    (place / "moved").rename(place / "home" / "sets" / "small")
    assert rows_of(why(place / "run", "--json")[1])[0]["missing"] == []


@pytest.mark.parametrize("named", [False, True])
def test_a_set_that_has_changed_is_refused_in_one_line(why, place, named):
    file = place / "small" / "perturbed.json"
    file.write_text(file.read_text().replace("fortress", "citadel"))
    code, out, err = why(place / "run", *(["--set", place / "small"] if named else []))
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "SHA-256" in err
    assert why(place / "run", "--scores-only")[0] == 0


def test_a_set_that_nobody_rated_is_no_accepted_set(why, place):
    code, _, err = why(place / "run", "--accepted", place / "small")
    assert code == 2
    assert err.count("\n") == 1
    assert "robust review import" in err


def test_no_run_is_one_line(why, place):
    code, _, err = why(place / "nowhere")
    assert (code, err.count("\n")) == (2, 1)
