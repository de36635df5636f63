"""``robust wsd-eval``: the published baseline, the Scorer's arithmetic, and what bad input gets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from robust.cli.wsd_eval import wsd_eval
from robust.errors import UserError
from robust.words import senses
from robust.words.lexicon import Lexicon
from robust.words.senses import raganato

DATA = """<?xml version="1.0" encoding="UTF-8" ?>
<corpus lang="en" source="ours">
<text id="d0">
<sentence id="d0.s0">
<wf lemma="we" pos="PRON">We</wf>
<instance id="d0.s0.t0" lemma="open" pos="VERB">opened</instance>
<wf lemma="a" pos="DET">a</wf>
<instance id="d0.s0.t1" lemma="account" pos="NOUN">account</instance>
<wf lemma="at" pos="ADP">at</wf>
<wf lemma="the" pos="DET">the</wf>
<instance id="d0.s0.t2" lemma="bank" pos="NOUN">bank</instance>
</sentence>
<sentence id="d0.s1">
<instance id="d0.s1.t0" lemma="qwxyz" pos="NOUN">Qwxyz</instance>
<wf lemma="be" pos="VERB">was</wf>
<instance id="d0.s1.t1" lemma="cold" pos="ADJ">cold</instance>
</sentence>
</text>
</corpus>
"""
GOLD = """d0.s0.t0 open%2:35:00::
d0.s0.t1 account%1:10:05:: account%1:26:00::
d0.s0.t2 bank%1:17:01:: bank%1:14:00::
d0.s1.t0 qwxyz%1:03:00::
d0.s1.t1 cold%3:00:01::
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    data, gold = tmp_path / "own.data.xml", tmp_path / "own.gold.key.txt"
    data.write_text(DATA, "utf-8")
    gold.write_text(GOLD, "utf-8")
    return data, gold


def evaluate(files: tuple[Path, Path], method: str = "first-sense") -> dict[str, raganato.Score]:
    lexicon = Lexicon.open()
    return raganato.evaluate(senses.get(method, lexicon), lexicon, *raganato.read(*files))


def run(*arguments: str) -> str:
    app = typer.Typer()
    app.command()(wsd_eval)
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "published", "n"),
    [("senseval2", 66.8, 2282), ("senseval3", 66.2, 1850), ("semeval2007", 55.2, 455)],
)
def test_first_sense_scores_what_raganato_et_al_published(
    robust_data: Path, name: str, published: float, n: int
) -> None:
    folder = robust_data / "wsd" / name
    files = (str(folder / f"{name}.data.xml"), str(folder / f"{name}.gold.key.txt"))
    result = json.loads(run("--sense", "first-sense", *files, "--json"))
    assert (round(result["f1"], 1), result["n"]) == (published, n)


@pytest.mark.data
@pytest.mark.parametrize("name", ["senseval2", "senseval3", "semeval2007"])
def test_enhanced_lesk_beats_first_sense_and_first_sense_beats_chance(robust_data: Path, name: str) -> None:
    folder = robust_data / "wsd" / name
    files = (folder / f"{name}.data.xml", folder / f"{name}.gold.key.txt")
    enhanced, first, chance = (
        evaluate(files, method)["all"].f1 for method in ("enhanced-lesk-2014", "first-sense", "random-sense")
    )
    assert enhanced > first > chance + 15


def test_any_of_several_gold_keys_is_right_and_unknown_words_are_not_attempted(
    files: tuple[Path, Path],
) -> None:
    # First senses: open%2:35:00 (right), account%1:10:00 (wrong), bank%1:17:01 (right), cold%3:00:01 (right).
    scores = evaluate(files)
    lexicon = Lexicon.open()
    right = sum(
        lexicon.sense_key(lemma, lexicon.senses(lemma, pos)[0]) in GOLD
        for lemma, pos in (("open", "v"), ("account", "n"), ("bank", "n"), ("cold", "a"))
    )
    assert scores["all"] == raganato.Score(right, 4, 5)
    assert scores["n"].n == 3
    assert set(scores) == {"n", "v", "a", "all"}


def test_f1_is_the_harmonic_mean_and_the_interval_is_wilsons() -> None:
    score = raganato.Score(right=45, attempted=90, n=100)
    assert (score.precision, score.recall) == (50.0, 45.0)
    assert score.f1 == pytest.approx(2 * 50 * 45 / 95)
    # Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662.
    assert raganato.Score(81, 263, 263).interval == pytest.approx((25.53, 36.62), abs=0.005)
    assert raganato.Score(0, 0, 5).f1 == 0.0


def test_the_json_and_the_table_tell_the_same(files: tuple[Path, Path]) -> None:
    arguments = ("--sense", "first-sense", *map(str, files))
    result = json.loads(run(*arguments, "--json"))
    assert result["n"] == 5
    assert result["attempted"] == 4
    assert sum(score["right"] for score in result["by_pos"].values()) == result["right"]
    table = run(*arguments)
    assert f"{result['f1']:.1f}" in table
    assert "nouns" in table


def test_several_sets_are_taken_as_one(files: tuple[Path, Path]) -> None:
    pair = tuple(map(str, files))
    one = json.loads(run("--sense", "first-sense", *pair, "--json"))
    two = json.loads(run("--sense", "first-sense", *pair, *pair, "--json"))
    for key in ("right", "attempted", "n"):
        assert two[key] == 2 * one[key]
        assert [part[key] for part in two["by_set"]] == [one[key]] * 2
        assert two["by_pos"]["n"][key] == 2 * one["by_pos"]["n"][key]
    assert two["data"] == [pair[0]] * 2
    assert two["f1"] == pytest.approx(one["f1"])


def test_a_set_without_its_gold_is_told(files: tuple[Path, Path]) -> None:
    with pytest.raises(UserError, match=r"own\.data\.xml: 3 files, expected pairs"):
        run(*map(str, files), str(files[0]))


def test_neighbouring_sentences_join_the_context_on_request(files: tuple[Path, Path]) -> None:
    sentences, _ = raganato.read(*files)
    alone, near = list(raganato.contexts(sentences)), list(raganato.contexts(sentences, 1))
    assert [context.paragraph for context in alone] == [(), ()]
    assert [context.lemmas for context in near] == [("open", "account", "bank"), ("qwxyz", "cold")]
    assert [context.paragraph for context in near] == [("qwxyz", "cold"), ("open", "account", "bank")]


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (
            "data",
            "</sentence>\n</text>",
            "</text>",
            r"own\.data\.xml: line 17, column 2: not well-formed XML \(mismatched tag\)",
        ),
        ("data", "corpus", "corps", r"own\.data\.xml: root element <corps>, expected <corpus>"),
        ("data", "instance", "wf", r"own\.data\.xml: no <instance> in it"),
        (
            "data",
            'pos="ADJ"',
            'pos="JJ"',
            r"sentence 'd0\.s1', token 3: instance 'd0\.s1\.t1' has pos 'JJ', expected",
        ),
        ("data", ' lemma="open"', "", r"sentence 'd0\.s0', token 2: <instance> without id or lemma"),
        ("data", "d0.s0.t1", "d0.s0.t0", r"instance 'd0\.s0\.t0' occurs twice"),
        (
            "data",
            "d0.s0.t1",
            "d0.s0.t9",
            r"gold\.key\.txt: no key for instance 'd0\.s0\.t9' of .*own\.data\.xml",
        ),
        ("gold", "d0.s1.t1 ", "d0.s1.t7 ", r"gold\.key\.txt: no key for instance 'd0\.s1\.t1'"),
        (
            "gold",
            "d0.s0.t0 ",
            "d0.s0.t7 x%1:03:00::\nd0.s0.t0 ",
            r"instance 'd0\.s0\.t7' is not in .*own\.data\.xml",
        ),
        (
            "gold",
            "bank%1:17:01::",
            "bank",
            r"line 3: 'd0\.s0\.t2 bank bank%.*expected an instance id and WordNet",
        ),
        ("gold", "d0.s0.t1", "d0.s0.t0", r"line 2: instance 'd0\.s0\.t0' occurs twice"),
    ],
)
def test_bad_input_is_told_with_its_place(
    files: tuple[Path, Path], name: str, old: str, new: str, message: str
) -> None:
    file = files[name == "gold"]
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(UserError, match=message) as caught:
        raganato.read(*files)
    assert "\n" not in str(caught.value)


def test_missing_and_undecodable_files_are_told(files: tuple[Path, Path]) -> None:
    data, gold = files
    with pytest.raises(UserError, match=r"none\.xml: cannot read \(No such file or directory\)"):
        raganato.read(data.with_name("none.xml"), gold)
    with pytest.raises(UserError, match=r"none\.txt: cannot read \(No such file or directory\)"):
        raganato.read(data, gold.with_name("none.txt"))
    gold.write_bytes(b"d0.s0.t0 caf\xe9%1:06:00::\n")
    with pytest.raises(UserError, match="byte 12 is not UTF-8"):
        raganato.read(data, gold)


def test_keys_of_another_wordnet_are_told(files: tuple[Path, Path]) -> None:
    data, gold = files
    gold.write_text("".join(f"{line.split()[0]} other%9:99:99::\n" for line in GOLD.splitlines()))
    with pytest.raises(UserError, match=r"own\.gold\.key\.txt: none of its 1 sense keys is in the lexicon"):
        raganato.known_keys(gold, raganato.read(data, gold)[1], Lexicon.open())
