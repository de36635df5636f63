"""Our AddSent beside the published one: the reckoning of copies, and runs that cannot be compared."""

from __future__ import annotations

import runpy
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from robust.build.folder import FORMAT
from robust.errors import UserError
from robust.evaluation.scores import score_set
from robust.evaluation.seeds import summarise_seeds
from robust.evaluation.sets import open_set
from robust.reader.decode import Prediction
from robust.reader.threshold import single
from robust.runs import write_run
from robust.squad.io import write_squad
from robust.squad.records import Answer, Question

TOOL = Path(__file__).resolve().parents[1] / "tools" / "addsent_tables.py"
pytestmark = pytest.mark.skipif(not TOOL.is_file(), reason="not in a checkout")
TABLES: dict[str, Any] = runpy.run_path(str(TOOL)) if TOOL.is_file() else {}

# copies of each question that a reader loses, of those that there are: by set
LOST = {
    "published": {"a": (1, 2), "b": (1, 4), "c": (1, 1), "d": (0, 1)},
    "ours": {"a": (2, 3), "b": (1, 2), "c": (0, 3)},
}


@pytest.mark.parametrize("drawn", [1, 2, 3, 4])
def test_the_expected_worst_is_the_mean_of_the_least_over_every_draw(drawn: int) -> None:
    scores = np.asarray([0.7, 0.1, 1.0, 0.4])
    each = [min(part) for part in combinations(scores, drawn)]
    assert TABLES["expected_worst"](scores, drawn) == pytest.approx(np.mean(each))


@pytest.mark.parametrize("drawn", [0, 3])
def test_more_than_there_are_cannot_be_drawn(drawn: int) -> None:
    with pytest.raises(ValueError, match="cannot be drawn"):
        TABLES["expected_worst"](np.asarray([0.0, 1.0]), drawn)


def make_run(
    folder: Path, model: str = "keeper", *, verb: str = "opens", ours: bool = True, firm: bool = False
) -> Path:
    """Write a run over both sets that loses the copies of ``LOST`` (``firm``: none) and nothing else."""
    frames = []
    for name in ("published", "ours") if ours else ("published",):
        original, copies, texts = [], [], {}
        for number, (one, (lost, held)) in enumerate(LOST[name].items()):
            word = verb if name == "ours" else "opens"
            asked = Question(
                one, f"Which key {word} {one}?", f"Key{one} opens it.", (Answer(f"Key{one}", 0),),
                f"Castle_{number % 2}", True, f"Castle_{number % 2}:1", f"Castle_{number % 2}",
            )  # fmt: skip
            original.append(asked)
            texts[one] = f"Key{one}"
            for k in range(held):
                context = f"{asked.context} Key{k} opens another."
                copies.append(
                    Question(
                        f"{one}#{k + 1}", asked.text, context, asked.answers,
                        asked.title, True, asked.paragraph_id, asked.article,
                    )
                )  # fmt: skip
                texts[f"{one}#{k + 1}"] = "another" if k < lost and not firm else f"Key{one}"
        built = folder / model / name
        built.mkdir(parents=True)
        write_squad(built / "original.json", original)
        write_squad(built / "perturbed.json", copies)
        (built / "manifest.json").write_text(f'{{"format": "{FORMAT}", "questions": {len(original)}}}')
        opened = open_set(str(built), Path, controls=False)

        def predict(question: Question, texts: dict[str, str] = texts) -> Prediction:
            return Prediction(question.id, texts[question.id], -1.0)

        frames.append(score_set(opened, predict, single(0.0), model=model, seed=0))
    rows = pd.concat(frames, ignore_index=True)
    sets = {str(name): summarise_seeds(part) for name, part in rows.groupby("set")}
    run = folder / f"run-{model}"
    write_run(run, {"sets": {name: {} for name in sets}}, (), rows, {"model": model, "sets": sets})
    return run


def readers(*runs: Path) -> Any:
    return TABLES["read_readers"](runs, "published", "ours")


def test_a_question_counts_by_one_copy_by_the_worst_of_as_many_and_by_the_worst_of_all(
    tmp_path: Path,
) -> None:
    (reader,) = readers(make_run(tmp_path))
    ids = TABLES["both"](reader)
    assert ids == ["a", "b", "c"]  # d has no copy of ours

    def kept(of: str, how: str) -> list[float]:
        return [float(x) for x in TABLES["perturbed"](reader, of, ids, "span_em", TABLES[how])]

    assert kept("published", "ONE") == pytest.approx([1 / 2, 3 / 4, 0])
    assert kept("ours", "ONE") == pytest.approx([1 / 3, 1 / 2, 1])
    assert kept("published", "ALL") == [0, 0, 0]
    assert kept("ours", "ALL") == [0, 0, 1]
    # two of each for a and b, one for c: two of the four of b hold the lost one every other time
    assert kept("published", "EVEN") == pytest.approx([0, 1 / 2, 0])
    assert kept("ours", "EVEN") == pytest.approx([0, 0, 1])


def test_the_tables_tell_both_drops_who_is_fooled_and_what_is_left_out(tmp_path: Path) -> None:
    text = TABLES["page"](readers(make_run(tmp_path)))
    assert "Shared: 3 questions in 2 articles." in text
    assert "published 4 questions and 8 copies (7 of the shared questions)" in text
    one = next(line for line in text.splitlines() if "| EM | one copy |" in line)
    assert one.split(" | ")[3:6] == ["100.0", "41.7", "61.1"]
    assert "| `keeper` | 3 | 2 | 1 | 0 | 0 | 0.5 |" in text
    assert "| `keeper` | ours leaves alone | 1 | 100.0 | 0.0 |" in text
    assert "Between the readers" not in text


def test_two_readers_are_compared_in_each_set(tmp_path: Path) -> None:
    text = TABLES["page"](readers(make_run(tmp_path, "one"), make_run(tmp_path, "two", firm=True)))
    assert "| `one`, `two` | 58.3 [" in text
    assert "] | 38.9 [" in text


def test_runs_that_cannot_be_compared_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_run(tmp_path, "half", ours=False)
    assert TABLES["main"]([str(run), "--published", "published", "--ours", "ours"]) == 2
    said = capsys.readouterr().err
    assert "no copies of the set ours (there: published); name it with --ours" in said
    assert said.count("\n") == 1
    with pytest.raises(UserError, match="two runs of keeper"):
        readers(*[make_run(tmp_path)] * 2)
    with pytest.raises(UserError, match="3 questions differ before any sentence is added"):
        readers(make_run(tmp_path, "other", verb="unlocks"))


def test_tables_go_between_the_marks_of_a_page_and_nothing_else_changes(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("head\n" + TABLES["BEGIN"] + "old\n" + TABLES["END"] + "tail\n", encoding="utf-8")
    TABLES["put"]("new", page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("head\n") and text.endswith("tail\n") and "\nnew\n" in text and "old" not in text
    page.write_text("no marks\n", encoding="utf-8")
    with pytest.raises(UserError, match="expected one line"):
        TABLES["put"]("new", page)
    assert page.read_text(encoding="utf-8") == "no marks\n"


def test_the_page_has_the_marks(tmp_path: Path) -> None:
    text = (TOOL.parents[1] / "docs" / "addsent.md").read_text(encoding="utf-8")
    assert text.count(TABLES["BEGIN"]) == text.count(TABLES["END"]) == 1
