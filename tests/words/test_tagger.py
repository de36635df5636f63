"""The tagger on 300 dev questions, tagged by a language model assistant, and on small ones of our own."""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import Path

import pytest

from robust.squad.io import read_questions
from robust.words.closed_class import mark_tag
from robust.words.tagger import MODEL_FILE, analyse, default_tagger
from robust.words.tagger_model import LANE, MOST, bias, pack, scores, unpack
from robust.words.tokens import coarse, tokenize

DEV_TAGS = Path(__file__).parent / "data" / "dev_tags.jsonl"
COARSE_FLOOR = 0.96
FINE_FLOOR = 0.94


@pytest.mark.data
def test_300_dev_questions_are_tagged_as_well_as_docs_words_says(robust_data: Path) -> None:
    questions = {q.id: q.text for q in read_questions(robust_data / "squad2" / "dev-v2.0.json")}
    rows = [json.loads(line) for line in DEV_TAGS.read_text().splitlines()]
    assert len({row["id"] for row in rows}) == 300
    asked = coarsely = finely = 0
    for row in rows:
        tokens = analyse(questions[row["id"]])
        assert len(tokens) == len(row["tags"])
        for token, tag in zip(tokens, row["tags"], strict=True):
            asked += 1
            coarsely += coarse(token.tag) == coarse(tag)
            finely += token.tag == tag
    assert asked > 3000
    assert coarsely / asked >= COARSE_FLOOR
    assert finely / asked >= FINE_FLOOR


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("When did the farmers establish a school?", "WRB VBD DT NNS VB DT NN ."),
        ("What was the town founded for?", "WP VBD DT NN VBN IN ."),
        ("Which river flows through the valley?", "WDT NN VBZ IN DT NN ."),
        ("How many people lived in the city in 1901?", "WRB JJ NNS VBD IN DT NN IN CD ."),
        ("Who has written the largest books?", "WP VBZ VBN DT JJS NNS ."),
        ("Where do quickly growing plants live?", "WRB VBP RB VBG NNS VB ."),
        ("Where can Ms. Lane's visitors park?", "WRB MD NNP NNP POS NNS VB ."),
    ],
)
def test_questions_are_tagged_with_their_inflection(text: str, tags: str) -> None:
    assert [token.tag for token in analyse(text)] == tags.split()


def test_lemmas_come_with_the_tags() -> None:
    tokens = analyse("Which man found the houses that were founded by the richest men?")
    lemmas = "which man find the house that be found by the rich man ?"
    assert " ".join(token.lemma for token in tokens) == lemmas


def test_tagging_keeps_texts_and_offsets() -> None:
    text = "Où est le café \U0001f469\u200d\U0001f4bb? Can't the the king's men see it's a café?"
    assert [(t.text, t.start, t.end) for t in analyse(text)] == [
        (t.text, t.start, t.end) for t in tokenize(text)
    ]


def test_a_text_is_tagged_the_same_alone_and_after_others() -> None:
    text = "Which zorbal was the grandest of all?"
    before = analyse(text)
    for other in ("The zorbal ran.", "zorbal Zorbal ZORBAL", "Which grandest?"):
        analyse(other)
    assert analyse(text) == before


def test_no_text_is_too_odd_to_tag() -> None:
    for text in ("", "?", "…", "'", "' '", "10 %", "ÉTÉ", "a" * 500, "Who Who Who", "`", "\u0301", "№5"):
        assert all(token.tag for token in analyse(text))


def test_marks_have_tags_of_their_own() -> None:
    assert [mark_tag(mark) for mark in ("?", ",", "(", "”", "$", "☃", "'", "word")] == [
        ".", ",", "-LRB-", "''", "$", "SYM", None, None,
    ]  # fmt: skip


def test_a_model_survives_packing_byte_for_byte() -> None:
    rows = {"b feature": {1: -3, 0: 5}, "a é": {2: 7}}
    lexicon = {"word": ("NN", "VB")}
    packed = pack(["NN", "VB", "JJ"], rows, lexicon)
    tags, weights, known = unpack(packed)
    assert tags == ("NN", "VB", "JJ")
    for feature, row in rows.items():
        assert weights.total([feature]) == sum(weight << (LANE * tag) for tag, weight in row.items())
    assert weights.total(["unheard of"]) == 0
    assert known == lexicon
    assert packed == pack(["NN", "VB", "JJ"], dict(reversed(rows.items())), lexicon)


def test_weights_of_all_tags_are_added_at_once() -> None:
    rows = {"one": {0: MOST - 1, 1: -5, 2: -1}, "two": {0: MOST - 1, 1: 1 - MOST}, "three": {2: 1}}
    _, weights, _ = unpack(pack(["NN", "VB", "JJ", "RB"], rows, {}))
    total = weights.total(["one", "two", "never seen", "three"]) + bias(4)
    middle = 1 << (LANE - 1)
    found = scores(total, [LANE * tag for tag in range(4)])
    assert [score - middle for score in found] == [2 * MOST - 2, -4 - MOST, 0, 0]


def test_a_weight_that_might_leave_its_lane_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        pack(["NN"], {"feature": {0: -MOST}}, {})


def test_the_shipped_model_is_the_one_that_docs_words_measures() -> None:
    shipped = resources.files("robust.words").joinpath("data", MODEL_FILE).read_bytes()
    docs = (Path(__file__).parents[2] / "docs" / "words.md").read_text()
    assert hashlib.sha256(shipped).hexdigest() in docs


def test_the_shipped_model_is_small_and_knows_every_tag_it_may_give() -> None:
    tagger = default_tagger()
    assert {"NN", "VBD", "WDT", "-LRB-"} <= set(tagger.tags)
    assert len(tagger.weights) > 10_000
