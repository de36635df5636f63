"""robust review, as a user calls it: out to the raters, back in, and on to robust eval."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from robust.build import read_edits, read_set
from robust.cli.main import create_app
from robust.errors import UserError
from robust.evaluation.sets import MAIN as SET
from robust.evaluation.sets import open_set
from robust.review.items import MAIN, Item, Reviewable
from robust.review.outcome import Decision, summarise
from tests.review.conftest import fill, rows_of


def robust(*words: object) -> Result:
    result = CliRunner().invoke(create_app(), [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def as_json(*words: object) -> dict[str, object]:
    result = robust(*words, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


@pytest.fixture
def judged(found: Reviewable, tmp_path: Path) -> tuple[list[Item], list[Path]]:
    """Ten variants and four control items, judged by two people and a model.

    Of the ten, 0 to 5 are accepted by all, 6 by two of three, 7 by one; 8 by one of the two who judged it (a
    tie), 9 by nobody.
    """
    items = found.of_arm(MAIN)[:10]
    checks = [*found.of_arm("identity")[:2], *found.of_arm("non-synonym")[:2]]
    yes, no = "accept", "reject/wrong sense"
    votes = {
        "ann": [yes] * 6 + [yes, yes, yes, no] + [yes, yes, no, no],
        "bob": [yes] * 6 + [yes, no, no, "reject/bad grammar"] + [yes, no, yes, no],
        "llm": [yes] * 6 + [no, no, "", "unsure"] + [yes, yes, no, no],
    }
    files = []
    for name, said in votes.items():
        verdicts = {item.code: verdict for item, verdict in zip([*items, *checks], said, strict=True)}
        kind = "model" if name == "llm" else "person"
        cells = {"rater": name, "rater_kind": kind}
        files.append(fill(tmp_path / f"{name}.csv", found, [*items, *checks], verdicts, **cells))
    return items, files


def test_the_accepted_variants_are_a_set_again(
    folder: Path, judged: tuple[list[Item], list[Path]], tmp_path: Path
) -> None:
    items, files = judged
    out = tmp_path / "accepted"
    result = as_json("review", "import", folder, *files, "--out", out)
    accepted = read_set(out)
    assert [q.id for q in accepted.perturbed] == [item.variant_id for item in items[:7]]
    parent = {q.id: q for q in read_set(folder).perturbed}
    assert accepted.perturbed == [parent[item.variant_id] for item in items[:7]]
    assert list(read_edits(out).values()) == [item.edits for item in items[:7]]
    assert set(accepted.controls) == set(read_set(folder).controls)
    for path in accepted.controls.values():
        assert {q.id for q in read_set(path).original} <= {item.original.id for item in items[:7]}
    opened = open_set(str(out), Path)
    assert opened.arms[SET].perturbed == accepted.perturbed
    assert opened.manifest["coverage"] == len(accepted.original) / read_set(folder).manifest["questions"]
    review = accepted.manifest["review"]
    assert {key: result[key] for key in ("accepted", "judged", "share")} == {
        "accepted": 7,
        "judged": 10,
        "share": 0.7,
    }
    assert (review["ties"], review["variants"]) == (1, len(parent))
    assert review["wilson"] == pytest.approx([0.397, 0.892], abs=0.001)  # Wilson's interval of 7 in 10
    assert review["rejected_for"] == {"wrong sense": 3}
    assert review["parent"]["sha256"] == read_set(folder).manifest["sha256"]
    assert accepted.manifest["rejections"]["review: wrong sense"] == 3
    assert accepted.manifest["rejections"]["review: not judged"] == len(parent) - 10
    rows = pq.read_table(out / "ratings.parquet").to_pylist()
    assert len(rows) == 3 * 14 - 1
    assert {(row["rater"], row["rater_kind"]) for row in rows} == {
        ("ann", "person"),
        ("bob", "person"),
        ("llm", "model"),
    }


def test_a_share_of_few_articles_has_an_interval_that_data_can_have(found: Reviewable) -> None:
    by_article: dict[str, list[Item]] = {}
    for item in found.of_arm(MAIN):
        by_article.setdefault(item.original.article, []).append(item)
    two = [items[:2] for items in by_article.values() if len(items) > 1][:2]

    def interval(*accepts: int) -> list[float] | None:
        items = [item for items in two for item in items][: len(accepts)]
        decisions = [Decision(item, n, 1, "") for item, n in zip(items, accepts, strict=True)]
        bounds = summarise(found, [], decisions)["by_article"]
        assert bounds is None or isinstance(bounds, list)
        return bounds

    assert interval(1, 1, 1, 0) == [0.0, 1.0]  # by Student's t with one degree of freedom: -2.4 to 3.9
    low, high = interval(1, 1, 1, 1) or (None, None)
    assert low == pytest.approx(0.342, abs=0.001) and high == 1.0  # Wilson's, of 2 articles in 2
    assert interval(1, 0) is None  # one article


def test_raters_and_their_agreement_are_told(
    folder: Path, judged: tuple[list[Item], list[Path]], tmp_path: Path
) -> None:
    _, files = judged
    result = robust("review", "import", folder, *files, "--out", tmp_path / "out")
    assert "accepted 7 of 10 judged, 70.0% (Wilson 39.7% to 89.2%" in result.stdout
    assert "1 ties counted as rejected" in result.stdout
    assert "kappa" in result.stdout and "Krippendorff's alpha" in result.stdout
    review = read_set(tmp_path / "out").manifest["review"]
    raters = {rater["name"]: rater for rater in review["raters"]}
    assert raters["ann"]["checks"]["identity"] == {"expected": "accept", "right": 2, "items": 2}
    assert raters["bob"]["checks"]["non-synonym"] == {"expected": "reject", "right": 1, "items": 2}
    assert (raters["llm"]["rated"], raters["llm"]["missing"], raters["llm"]["unsure"]) == (13, 1, 1)
    pairs = {tuple(pair["raters"]): pair for pair in review["agreement"]["cohen_kappa"]}
    # ann 9 yes 1 no, bob 7 and 3, both 7 and 1: (0.8 - 0.66) / (1 - 0.66)
    assert pairs["ann", "bob"]["value"] == pytest.approx(0.14 / 0.34)
    assert pairs["ann", "llm"]["items"] == 9
    assert review["agreement"]["krippendorff_alpha"]["items"] == 10


def test_the_same_ratings_give_the_same_bytes(
    folder: Path, judged: tuple[list[Item], list[Path]], tmp_path: Path
) -> None:
    _, files = judged
    robust("review", "import", folder, *files, "--out", tmp_path / "one")
    robust("review", "import", folder, *files, "--out", tmp_path / "one")  # again, in its place
    robust("review", "import", folder, *files, "--out", tmp_path / "two")
    for file in sorted((tmp_path / "one").rglob("*")):
        if file.is_file():
            assert file.read_bytes() == (tmp_path / "two" / file.relative_to(tmp_path / "one")).read_bytes()


def test_who_rated_may_be_said_on_the_command_line(folder: Path, found: Reviewable, tmp_path: Path) -> None:
    items = found.of_arm(MAIN)[:3]
    files = [
        fill(tmp_path / f"{n}.csv", found, items, dict.fromkeys([item.code for item in items], "accept"))
        for n in (1, 2)
    ]
    out = tmp_path / "out"
    words = ["review", "import", folder, *files, "--out", out, "--rater", "ann", "--rater", "gpt"]
    with pytest.raises(UserError, match="expected person or model; say who or what rated with --rater-kind"):
        robust(*words)
    with pytest.raises(UserError, match="--rater: given 1 times for 2 files, expected one each"):
        robust(*words[:-2])
    result = as_json(*words, "--rater-kind", "person", "--rater-kind", "model")
    assert [(r["name"], r["kind"]) for r in result["raters"]] == [("ann", "person"), ("gpt", "model")]  # type: ignore[index,attr-defined]
    assert result["agreement"]["cohen_kappa"][0]["value"] is None  # type: ignore[index]
    assert "--rater ann --rater gpt" in read_set(out).manifest["command"]


def test_nothing_is_written_over_what_is_no_review(
    folder: Path, found: Reviewable, judged: tuple[list[Item], list[Path]], tmp_path: Path
) -> None:
    _, files = judged
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    with pytest.raises(UserError, match="holds the set that was rated; choose another --out"):
        robust("review", "import", copy, *files, "--out", copy)
    with pytest.raises(UserError, match="exists and is not a reviewed set"):
        robust("review", "import", folder, *files, "--out", copy)
    assert read_set(copy).manifest == found.built.manifest
    items = found.of_arm(MAIN)[:2]
    rejected = dict.fromkeys([item.code for item in items], "reject")
    file = fill(tmp_path / "no.csv", found, items, rejected, rater="a", rater_kind="person")
    with pytest.raises(UserError, match="none of 2 judged variants was accepted; no set to write"):
        robust("review", "import", folder, file, "--out", tmp_path / "none")
    checks = found.of_arm("identity")[:2]
    verdicts = dict.fromkeys([item.code for item in checks], "accept")
    file = fill(tmp_path / "checks.csv", found, checks, verdicts, rater="a", rater_kind="person")
    with pytest.raises(UserError, match="no variant of the set was judged, only control items"):
        robust("review", "import", folder, file, "--out", tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_export_writes_sheet_and_form_and_never_over_a_filled_one(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "review"
    result = as_json("review", "export", folder, "--out", out, "--limit", 8, "--control-items", 4)
    assert (result["items"], result["variants"], result["controls"]) == (12, 8, 4)
    sheet = out / "review.csv"
    rows = rows_of(sheet.read_text(encoding="utf-8-sig"))
    assert len(rows) == 12
    assert rows[0]["item"] in (out / "review.html").read_text(encoding="utf-8")
    as_json("review", "export", folder, "--out", out, "--limit", 8, "--control-items", 4)  # the same: fine
    sheet.write_text(sheet.read_text(encoding="utf-8").replace(",,,,,,", ",accept,,,,,"), encoding="utf-8")
    filled = sheet.read_bytes()
    with pytest.raises(UserError, match=r"review\.csv: is there already and differs \(filled in\?\)"):
        robust("review", "export", folder, "--out", out, "--limit", 8)
    assert sheet.read_bytes() == filled
    one = tmp_path / "one.html"
    assert f"written: {one}" in robust("review", "export", folder, "--out", one).stdout.replace("\n", "")
    with pytest.raises(UserError, match=r"a file that ends in \.csv or \.html"):
        robust("review", "export", folder, "--out", tmp_path / "x.xlsx")
    with pytest.raises(UserError, match="no such folder, expected a robustness set"):
        robust("review", "export", tmp_path / "nowhere", "--out", out)


def test_a_set_is_named_by_its_bare_name_too(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROBUST_HOME", str(tmp_path))
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "mine").symlink_to(folder)
    assert as_json("review", "export", "mine", "--out", tmp_path / "x.csv")["set_sha256"]


def test_the_card_tells_what_the_manifest_counts(
    folder: Path, judged: tuple[list[Item], list[Path]], tmp_path: Path
) -> None:
    manifest = read_set(folder).manifest
    card = robust("review", "card", folder).stdout
    for fact in (
        f"`{manifest['sha256']['perturbed']}`",
        f"| questions asked | {manifest['questions']} |",
        f"| of these answerable | {manifest['covered_answerable']} |",
        f"| `non-synonym` | {manifest['controls']['non-synonym']['questions']} |",
        "Not reviewed",
    ):
        assert fact in card
    robust("review", "import", folder, *judged[1], "--out", tmp_path / "out")
    card = robust("review", "card", tmp_path / "out").stdout
    assert "| ann (person) | accept 9, reject 1, unsure 0 |" in card
    assert "| accepted | 7 (70.0%), Wilson 39.7% to 89.2% |" in card
    assert as_json("review", "card", tmp_path / "out")["card"] == card
