"""The page: what it says, that it is whole without a network, and that data stay data."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pandas as pd
import pytest

from robust.report.html.page import make_report
from robust.report.html.questions import Shown
from robust.runs import Run
from tests.report.runs_of_our_own import NASTY, falls_for, questions, run_of, shown

_EMPTY = {"meta", "link", "input", "br", "img", "hr"}


class Parsed(HTMLParser):
    """A page's elements in order, the texts of headings, and what stands in scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _EMPTY:
            self.open.append(tag)
            self.inside.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self.open:
            self.inside[self.open[-1]][-1] += data
        if not {"script", "style"} & set(self.open):
            self.text.append(data)


@pytest.fixture(scope="module")
def page() -> str:
    """Return a page on two readers whose names and questions try to be markup."""
    small = shown(questions(nasty=NASTY))
    arms = {"main": small, "identity": shown(small.arm.original, "big")}
    runs = {
        f"a {NASTY}": run_of(arms, falls_for(0, 2, 4), model=f"a {NASTY}"),
        "b": run_of(arms, falls_for(0), model="b"),
    }
    return make_report(runs, {"small": small}, title=f"T {NASTY}", command=f"robust report '{NASTY}'").html


@pytest.fixture(scope="module")
def parsed(page: str) -> Parsed:
    return Parsed(page)


def test_texts_of_the_data_never_become_markup(parsed: Parsed) -> None:
    island, script = parsed.inside["script"]
    assert not re.search("[<>&\u2028\u2029]", island)
    data = json.loads(island)
    assert any(NASTY in text for text in data["strings"])
    assert any(text.startswith(NASTY) for text in data["paragraphs"])
    assert data["models"][0] == f"a {NASTY}"
    assert "img" not in parsed.inside
    assert not [n for tag, attributes in parsed.tags for n in attributes if n.startswith("on")]
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", script)
    assert NASTY in "".join(parsed.text)  # shown, as text


def test_the_page_names_nothing_outside_itself(page: str, parsed: Parsed) -> None:
    for tag, attributes in parsed.tags:
        assert "src" not in attributes and "action" not in attributes and "style" not in attributes, tag
        if "href" in attributes:
            assert (attributes["href"] or "").startswith("#")
    own = page.replace(parsed.inside["script"][0], "")
    assert not re.search(r"https?:|@import|url\(|\bfetch\(|XMLHttpRequest|import\(|WebSocket", own)


def test_only_the_pages_own_script_and_style_may_run(parsed: Parsed) -> None:
    import base64
    import hashlib

    policy = next(a["content"] or "" for _, a in parsed.tags if a.get("http-equiv"))
    assert policy.startswith("default-src 'none';")
    for kind, text in (("style", parsed.inside["style"][0]), ("script", parsed.inside["script"][1])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}';" in policy


def test_headings_are_in_order_and_ids_are_unique(parsed: Parsed) -> None:
    levels = [int(tag[1]) for tag, _ in parsed.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [a["id"] for _, a in parsed.tags if a.get("id")]
    assert len(ids) == len(set(ids))
    for _, attributes in parsed.tags:
        for name in (attributes.get("aria-labelledby") or "").split():
            assert name in ids
        if (attributes.get("href") or "#main").lstrip("#") not in ids:
            pytest.fail(f"a link to nowhere: {attributes['href']}")


def test_the_contents_lead_to_what_the_words_mean(parsed: Parsed) -> None:
    assert {"href": "#terms"} in [attributes for tag, attributes in parsed.tags if tag == "a"]
    assert "Exact match (EM), F1" in "".join(parsed.text)


def test_who_cannot_see_it_is_told(parsed: Parsed) -> None:
    tags = [tag for tag, _ in parsed.tags]
    assert {"header", "nav", "main", "footer"} <= set(tags)
    first = next(attributes for tag, attributes in parsed.tags if tag == "a")
    assert first == {"class": "skip", "href": "#main"}
    plots = [a for tag, a in parsed.tags if tag == "svg"]
    assert plots and all(a["role"] == "img" and a["aria-labelledby"] for a in plots)
    assert all(text.strip() for text in parsed.inside["desc"]) and len(parsed.inside["desc"]) == len(plots)
    assert all(a.get("scope") in {"col", "row", "rowgroup"} for tag, a in parsed.tags if tag == "th")
    assert tags.count("caption") == tags.count("table")
    count = next(a for _, a in parsed.tags if a.get("id") == "v-count")
    assert count["aria-live"] == "polite"


def test_the_viewer_has_every_variant_of_every_reader_and_its_edit(parsed: Parsed) -> None:
    data = json.loads(parsed.inside["script"][0])
    assert len(data["rows"]["variant"]) == 2 * 40
    assert len(data["paragraphs"]) == 40  # each once
    start, end, after, tag, sense, rank = data["variants"][2][3][0]
    question = data["strings"][data["questions"][1][data["variants"][1][3]]]
    assert (question[start:end], data["strings"][after], tag, rank) == ("big", "large", "a", 1)
    assert data["strings"][sense] == "large.a.01"
    # reader a falls on q0, q2 and q4, from right (0) to a wrong span (1)
    of_a = [i for i, model in enumerate(data["rows"]["model"]) if model == 0]
    assert [(data["rows"]["before"][i], data["rows"]["after"][i]) for i in of_a[:5]] == [
        *((0, 1), (0, 0), (0, 1), (0, 0), (0, 1))
    ]


def test_the_commands_that_made_it_are_all_there(parsed: Parsed) -> None:
    said = "".join(parsed.text)
    for command in ("robust build-qads --data x", "robust eval --model b --set small", "robust report"):
        assert command in said


def test_a_set_that_is_not_found_is_said_so_and_shown_by_id() -> None:
    run = run_of({"main": shown(questions())}, falls_for(0))
    made = make_report({"a": run}, {})
    assert "files of small were not found" in made.notes[0]
    data = json.loads(Parsed(made.html).inside["script"][0])
    assert data["found"] == [False] and data["paragraphs"] == []
    assert data["questions"][0][0] == "q0" and data["questions"][1][0] == -1


def test_answers_that_are_final_need_no_odds() -> None:
    small = shown(questions())
    made = make_report({"a": run_of({"main": small}, falls_for(0, 2), final=True)}, {"small": small})
    assert "odds" not in " ".join(drawing.name for drawing in made.drawings)
    assert "right answers" in made.stories[0].sentence


def test_a_reader_that_never_changes_its_answer_has_a_page_too() -> None:
    small = shown(questions())

    def abstains(_arm: str, _q: object) -> tuple[str, float]:
        return "Edda Marsh", 1.0

    made = make_report({"a": run_of({"main": small, "identity": small}, abstains)}, {"small": small})
    assert any(drawing.name == "drops" for drawing in made.drawings)
    assert "neither gains nor loses" in made.stories[0].sentence


def test_each_reader_s_table_says_its_own_threshold_rule() -> None:
    small = shown(questions())
    runs = {name: run_of({"main": small}, falls_for(0), model=name) for name in ("a", "b")}
    runs["b"].summary["sets"]["small"]["threshold"] = {"kind": "fixed", "by_fold": [0.0]}
    said = Parsed(make_report(runs, {"small": small}).html)
    assert "a; threshold: the reader’s own" in said.inside["caption"]
    assert "b; threshold: given" in said.inside["caption"]
    assert not any("Threshold: " in text for text in said.inside["p"])


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0.8, "40 questions in 8 articles, a sample of those that could be rewritten: 80.0 % of 100 (cov"),
        (0.4, "40 questions in 8 articles; 40.0 % of the 100 asked could be rewritten (coverage)"),
    ],
)
def test_coverage_agrees_with_the_number_of_questions(share: float, told: str) -> None:
    small = shown(questions())
    run = run_of({"main": small}, falls_for(0))
    run.summary["sets"]["small"] |= {"coverage": share, "asked": 100}
    assert told in make_report({"a": run}, {"small": small}).html


def on_z_and_y(small: Shown, *plain: str) -> dict[str, Run]:
    """Return two runs on the sets z and y, in that order, and on plain data after them."""
    runs = {}
    for model in ("a", "b"):
        parts = [run_of({"main": small}, falls_for(0), model=model, name=name) for name in ("z", "y", *plain)]
        scores = pd.concat([part.scores for part in parts], ignore_index=True)
        sets = {name: about for part in parts for name, about in part.summary["sets"].items()}
        for name in plain:
            scores = scores[(scores["set"] != name) | (scores["condition"] == "clean")]
            sets[name] = {"total": 40, **sets[name]["original"]}
        of_manifest = {name: about for part in parts for name, about in part.manifest["sets"].items()}
        summary = {"sets": dict(sorted(sets.items()))}  # as summary.json has them
        manifest = parts[0].manifest | {"sets": of_manifest}
        runs[model] = replace(parts[0], manifest=manifest, scores=scores, summary=summary)
    return runs


def test_sets_stand_in_the_order_of_the_run_everywhere_and_plain_data_before_them() -> None:
    small = shown(questions())
    runs = on_z_and_y(small, "x-clean")
    for run in runs.values():
        for name in ("z", "y"):
            run.manifest["sets"][name] = run.manifest["sets"][name] | {"sha256": {"original.json": "0"}}
        run.manifest["sets"] = dict(sorted(run.manifest["sets"].items()))  # as manifest.json has them
    found = {name: replace(small, manifest={"command": f"robust build {name}"}) for name in ("y", "z")}
    made = make_report(runs, found)
    said = Parsed(made.html)
    headings = said.inside["h3"]
    assert [h for h in headings if h in {"z", "y", "x-clean"}] == ["z", "y", "x-clean", "z", "y"]
    assert [story.set for story in made.stories] == ["z", "z", "y", "y"]
    assert json.loads(said.inside["script"][0])["sets"] == ["z", "y"]
    drops = next(drawing for drawing in made.drawings if drawing.name == "drops")
    assert [shape.text for shape in drops.shapes if shape.style == "bold"] == ["z", "y"]
    text = "".join(said.text)
    assert "2 readers on x-clean, z and y" in text
    assert text.index("z, original.json") < text.index("y, original.json")
    assert text.index("build z") < text.index("build y")


def test_every_plot_is_there_for_a_phone_too_and_once_in_the_files() -> None:
    small = shown(questions())
    made = make_report(on_z_and_y(small), {"z": small, "y": small})
    plots = [a for tag, a in Parsed(made.html).tags if tag == "svg"]
    assert len(plots) == 2 * len(made.drawings)
    assert all(float(a["width"] or 0) <= 350 for a in plots[1::2])
    assert not [one.name for one in made.drawings if "narrow" in one.name]


def test_readers_are_compared_in_the_page_s_order_of_sets_and_told_what_p_is() -> None:
    small = shown(questions())
    said = Parsed(make_report(on_z_and_y(small), {}).html)
    captions = [text for text in said.inside["caption"] if ": each model" in text]
    assert captions == ["z: each model", "y: each model"]
    text = "".join(said.text)
    for word in ("p: how often", "Holm: p corrected", "mid-p: McNemar", "Least seen: the smallest"):
        assert 0 < text.index(word) < text.index("z: each model")
    assert {"p and Holm", "mid-p", "Least seen"} <= set(said.inside["dt"])
    alike = [line for line in said.inside["p"] if line.startswith("a and b fall alike on the same ")]
    assert len(alike) == 2  # a sentence a set, in short


def test_the_viewer_keeps_the_id_of_each_variant(parsed: Parsed) -> None:
    data = json.loads(parsed.inside["script"][0])
    assert data["variants"][4][:2] == ["q0#1", "q1#1"]


def test_a_run_without_a_single_interval_has_a_page():
    """Of one article nothing has an interval: columns of None alone, which pandas does not call NaN."""
    small = shown(questions(articles=1))
    run = run_of({"main": small}, falls_for(0, 2))
    assert "too few articles for an interval" in make_report({"a": run}, {}).html
