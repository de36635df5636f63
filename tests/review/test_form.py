"""The form: data stay data, nothing comes from outside, and it works in a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from robust.attack.records import Edit
from robust.review.form import render_form
from robust.review.items import MAIN, Item, Reviewable, choose
from robust.review.ratings import read_ratings
from tests.review.browser import PATIENCE, Page, find_browser

NASTY = "</script><script>document.title='run'</script><b>&amp; \u2028 🍋 <!-- @@DATA@@ $& \\u003c"


class Parsed(HTMLParser):
    """The elements of a page, with their attributes and what stands in scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self.inside.append("")

    def handle_data(self, data: str) -> None:
        if self.lasttag in ("script", "style") and self.cdata_elem:
            self.inside[-1] += data


@pytest.fixture
def nasty(found: Reviewable) -> Item:
    """An item whose texts try to be markup, with an emoji before the edit and before the answer."""
    item = next(item for item in found.of_arm(MAIN) if item.original.answerable)
    answer = item.original.answers[0]
    context = NASTY + item.original.context
    moved = (replace(answer, start=answer.start + len(NASTY)),)
    original = replace(item.original, text=NASTY + " old?", context=context, answers=moved)
    rewritten = replace(item.rewritten, text=NASTY + " newer?", context=context, answers=moved)
    edit = Edit("question", len(NASTY) + 1, len(NASTY) + 4, "old", "newer")
    return replace(item, original=original, rewritten=rewritten, edits=(edit,))


def test_texts_of_the_data_never_become_markup(found: Reviewable, nasty: Item) -> None:
    page = render_form([nasty], found.sha256, {nasty.senses[0]: NASTY}, NASTY)
    parsed = Parsed(page)
    style, block, script = parsed.inside
    assert [a.get("type") for tag, a in parsed.tags if tag == "script"] == ["application/json", None]
    data = json.loads(block)
    assert (data["items"][0]["question"], data["items"][0]["meaning"]) == (NASTY + " old?", NASTY)
    assert data["paragraphs"] == [nasty.original.context]
    assert not re.search("[<>&\u2028\u2029]", block)
    policy = next(
        a["content"] or "" for tag, a in parsed.tags if a.get("http-equiv") == "Content-Security-Policy"
    )
    for directive, text in (("style-src", style), ("script-src", script)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert not [name for _, attributes in parsed.tags for name in attributes if name.startswith("on")]
    assert "innerHTML" not in script


def test_the_page_names_nothing_outside_itself(found: Reviewable) -> None:
    page = render_form(choose(found), found.sha256, {}, "Review")
    block = Parsed(page).inside[1]
    page = page.replace(block, "")
    assert not re.search(r"https?:|//[a-z]|@import|url\(|\bfetch\(|XMLHttpRequest|import\(", page)
    assert not [a for _, a in Parsed(page).tags if {"src", "href", "action"} & a.keys()]


def test_marks_count_as_browsers_do(found: Reviewable, nasty: Item) -> None:
    item = json.loads(Parsed(render_form([nasty], found.sha256, {}, "x")).inside[1])["items"][0]

    def marked(text: str, marks: list[list[int]]) -> list[str]:
        units = text.encode("utf-16-le")
        return [units[2 * a : 2 * b].decode("utf-16-le") for a, b in marks]

    assert marked(item["question"], item["question_marks"]) == ["old"]
    assert marked(item["rewritten"], item["rewritten_marks"]) == ["newer"]
    assert marked(nasty.original.context, item["answer_marks"]) == [nasty.original.answers[0].text]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    program = find_browser()
    if program is None:
        pytest.skip("needs a Chromium")
    try:
        page = Page(program, tmp_path / "profile")
    except (EOFError, OSError) as error:
        pytest.skip(f"{program} does not start ({error})")
    yield page
    page.close()


@pytest.mark.slow
def test_a_rater_works_through_it_by_keyboard(
    page: Page, found: Reviewable, nasty: Item, tmp_path: Path
) -> None:
    items = [nasty, *choose(found)[:4]]
    file = tmp_path / "review.html"
    file.write_text(render_form(items, found.sha256, {}, "Review"), encoding="utf-8")
    page.open(file)
    assert page.run("document.querySelector('#before').textContent") == nasty.original.text
    assert page.run("[...document.querySelectorAll('#after mark')].map((m) => m.textContent)") == ["newer"]
    assert page.run("document.querySelector('#paragraph mark').textContent") == nasty.original.answers[0].text
    assert page.run("document.title") == "Review"
    assert page.run("document.querySelectorAll('main b, main script').length") == 0

    page.press("a", "r", "1", "s", "ArrowLeft")
    assert page.run("find('place').textContent") == "3 of 5"
    page.press("n", "r")
    page.run("find('note').focus()")
    page.press("a")  # in the note it is a letter, not a verdict
    page.run("find('note').value = '=1+1, \"so\"'; find('note').dispatchEvent(new Event('input'))")
    assert page.run("find('count').textContent") == "4 rated"
    page.run("find('download').click()")
    assert "name or initials" in page.run("find('warning').textContent")
    page.run("find('rater').value = 'Ann'; find('rater').dispatchEvent(new Event('input'))")

    # reloaded: nothing is lost; a page opened in the same moment may come before what the last one kept
    kept = "find('rater').value + ': ' + find('count').textContent"
    deadline = time.monotonic() + PATIENCE
    page.open(file)
    while page.run(kept) != "Ann: 4 rated" and time.monotonic() < deadline:
        time.sleep(0.1)
        page.open(file)
    assert page.run(kept) == "Ann: 4 rated"
    ratings = tmp_path / "ratings.csv"
    ratings.write_text(page.run("table()"), encoding="utf-8", newline="")
    read = read_ratings(ratings, found)
    assert [(r.item, r.verdict, r.reason) for r in read] == [
        (items[0].code, "accept", ""),
        (items[1].code, "reject", "wrong sense"),
        (items[2].code, "unsure", ""),
        (items[3].code, "reject", ""),
        (items[4].code, "", ""),
    ]
    assert read[3].note == '=1+1, "so"'
    assert {(r.rater, r.kind) for r in read} == {("Ann", "person")}
    assert not page.complaints
