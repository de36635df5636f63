"""How often people accept a substitute, counted on judgements in the layout of SWORDS."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from robust.attack.registry import make
from robust.attack.validity import Answer, Validity, answer, curve, interval, offered, read_targets, score
from robust.cli.main import create_app
from robust.errors import UserError

# Text, word, part of speech, judgements: lemma -> votes for and against.
ROWS = [
    (
        "It rained. When did the war begin? Nobody knew.",
        "begin",
        "VERB",
        {"start": (8, 2), "commence": (5, 5)},
    ),
    ("The doctor bought an automobile.", "automobile", "NOUN", {"car": (10, 0), "machine": (1, 9)}),
    ("They purchased the house in spring.", "purchased", "VERB", {"buy": (4, 6), "acquire": (6, 4)}),
    ("It was of the stone.", "of", "NOUN", {"from": (0, 3)}),
]


@pytest.fixture
def swords(tmp_path: Path) -> Path:
    """Return a small file in the layout of SWORDS 1.1, gzipped."""
    data: dict[str, dict[str, object]] = {
        name: {} for name in ("contexts", "targets", "substitutes", "substitute_labels")
    }
    for number, (text, word, pos, votes) in enumerate(ROWS):
        data["contexts"][f"c{number}"] = {"context": text}
        data["targets"][f"t{number}"] = {
            "context_id": f"c{number}",
            "target": word,
            "offset": text.index(word),
            "pos": pos,
        }
        for lemma, (yes, no) in votes.items():
            data["substitutes"][f"s{number}{lemma}"] = {"target_id": f"t{number}", "substitute": lemma}
            data["substitute_labels"][f"s{number}{lemma}"] = (
                ["TRUE"] * yes + ["FALSE"] * (no - 1) + ["UNSURE"]
            )
    path = tmp_path / "swords.json.gz"
    path.write_bytes(gzip.compress(json.dumps(data).encode()))
    return path


def test_the_sentence_of_the_word_is_the_question_and_the_text_its_context(swords: Path) -> None:
    first = read_targets(swords)[0]
    assert first.question.text == "When did the war begin?"
    assert first.question.text[first.start :].startswith("begin")
    assert first.question.context.startswith("It rained.")
    assert first.votes == {"start": 0.8, "commence": 0.5}
    assert first.pos == "v"


def test_an_attack_answers_with_a_lemma_or_not_at_all(swords: Path) -> None:
    targets = read_targets(swords)
    attack = make("qads.v1", least_safety=0.0)
    answers = [answer(attack, target) for target in targets]
    assert [a and a.lemma for a in answers] == ["start", "car", "buy", None]
    assert answer(make("qads.v1", least_safety=0.99), targets[0]) is None
    assert answer(make("first-sense.v1", arm=attack), targets[1]) is not None


def test_an_attack_without_substitutes_is_refused_with_those_that_have_some(swords: Path) -> None:
    with pytest.raises(UserError, match=r"identity\.v1.*try qads\.v1"):
        answer(make("identity.v1"), read_targets(swords)[0])


def test_unjudged_substitutes_lower_the_precision_of_all_but_not_of_the_judged(swords: Path) -> None:
    targets = read_targets(swords)
    found = score(targets, [Answer("commence", 0.9), Answer("motorcar", 0.8), Answer("buy", 0.2), None])
    assert found == Validity(targets=4, answered=3, judged=2, accepted=1, accepted_by_most=0)
    assert found.coverage == 0.75
    assert found.precision_judged == 0.5
    assert found.precision_all == pytest.approx(1 / 3)


def test_the_curve_keeps_the_surest_answers_first(swords: Path) -> None:
    targets = read_targets(swords)
    points = curve(targets, [Answer("start", 0.9), Answer("car", 0.8), Answer("buy", 0.2), None], steps=4)
    assert [(p["answered"], p["accepted"], p["margin"]) for p in points] == [
        (1, 1, 0.9),
        (2, 2, 0.8),
        (3, 2, 0.2),
    ]


def test_the_interval_is_wilsons() -> None:
    """Newcombe 1998, Statistics in Medicine 17:857, method 3: 81 of 263 gives 0.2553 to 0.3662."""
    assert interval(81, 263) == pytest.approx([0.2553, 0.3662], abs=1e-4)
    assert interval(0, 0) is None


def test_of_offers_one_is_drawn_and_the_interval_is_that_of_the_draw(
    swords: Path,
) -> None:
    targets = read_targets(swords)
    words = [["start", "began"], ["car", "machine"], ["buy", "acquire", "get"], []]
    offers = {target.question.id: mine for target, mine in zip(targets, words, strict=True)}
    found = offered(targets, offers)
    assert (found["judged"], found["offers_judged"], found["offers_accepted"]) == (3, 5, 3)
    assert found["precision_judged"] == pytest.approx((1 + 1 / 2 + 1 / 2) / 3)
    assert found["precision_all"] == pytest.approx((1 / 2 + 1 / 2 + 1 / 3) / 3)
    assert found["interval_judged"] == interval(2, 3)
    # many offers for one target do not make it surer
    more = offered(targets, {**offers, targets[1].question.id: ["car", "machine"] * 50})
    assert more["interval_judged"] == found["interval_judged"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not json", "no JSON, or damaged"),
        (b"\x1f\x8bshort", "no JSON, or damaged"),
        (b"{}", "not the layout of SWORDS, at 'substitutes'"),
        (b"[]", "not the layout of SWORDS"),
    ],
    ids=["text", "cut", "empty", "list"],
)
def test_a_file_that_is_no_swords_is_told_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "swords.json.gz"
    path.write_bytes(content)
    with pytest.raises(UserError, match=message) as error:
        read_targets(path)
    assert "\n" not in str(error.value)
    assert "swords-v1.1_dev.json.gz" in str(error.value)
    with pytest.raises(UserError, match="No such file"):
        read_targets(tmp_path / "absent.json")


def test_the_command_prints_one_json_object_with_cross_fitted_figures(swords: Path) -> None:
    run = CliRunner().invoke(create_app(), ["validity", "qads.v1", "--swords", str(swords), "--json"])
    assert run.exit_code == 0, run.output
    report = json.loads(run.stdout)["swords"]
    assert report["targets"] == 4
    assert report["cross_fitted"] is True
    assert {"precision_judged", "coverage", "judged", "curve", "fitted", "precision_all"} <= report.keys()
    assert report["curve"][-1]["answered"] == 3
    control = CliRunner().invoke(create_app(), ["validity", "random-sense.v1", "--swords", str(swords)])
    assert control.exit_code == 0, control.output
    assert "random-sense.v1" in control.stdout


@pytest.mark.data
def test_four_in_five_substitutes_are_accepted_where_a_fifth_of_the_words_gets_one(robust_data: Path) -> None:
    """The target of the default setting, on SWORDS dev, by weights that never saw the word they judge."""
    targets = read_targets(robust_data / "swords" / "swords-v1.1_dev.json.gz")
    assert len(targets) == 370
    safe = make("qads.v1", cross_fitted=True)
    found = score(targets, [answer(safe, target) for target in targets])
    assert found.coverage >= 0.20
    assert found.precision_judged is not None
    assert found.precision_judged >= 0.80
    first = make("first-sense.v1", arm=safe)
    points = curve(targets, [answer(first, target) for target in targets])
    beside = next(point for point in points if point["answered"] >= found.answered)
    assert beside["precision_judged"] < found.precision_judged
