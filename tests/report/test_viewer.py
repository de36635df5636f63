"""The page in a real Chromium: searched, filtered, by keyboard, on a phone, with 20,000 rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from robust.evaluation.sets import Arm
from robust.report.html.page import make_report
from robust.report.html.questions import Shown
from tests.report.runs_of_our_own import NASTY, falls_for, questions, run_of, shown

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    program = next((path for name in NAMES if (path := shutil.which(name))), None)
    if program is None:
        pytest.skip("needs a Chromium")
    with sync_api.sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        except sync_api.Error as error:
            pytest.skip(f"{program} does not start ({error})")
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    small = shown(questions(nasty=NASTY))
    runs = {"a": run_of({"main": small}, falls_for(0, 2, 4)), "b": run_of({"main": small}, falls_for(6))}
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(make_report(runs, {"small": small}).html, encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Any, file: Path) -> Iterator[Any]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda one: page.complaints.append(one.url) if "file:" not in one.url else None)
    page.goto(file.as_uri())
    yield page
    assert not page.complaints
    page.close()


@pytest.mark.slow
def test_a_question_that_is_a_script_shows_as_text(page: Any, file: Path) -> None:
    assert "In short" in page.inner_text("main")
    assert page.title() != "run"
    first = page.locator(".row").first
    assert NASTY.strip() in first.text_content().replace("large", "big")
    assert page.locator(".row ins").first.text_content() == "large"
    page.keyboard.press("/")  # to the search box
    page.keyboard.type("onerror=alert")
    assert page.text_content("#v-count") == "2 of 80 shown"
    page.locator("#v-list").focus()
    page.keyboard.press("p")
    assert page.locator(".paragraph").text_content().startswith(NASTY)
    assert page.locator(".paragraph mark").text_content() == "1700"
    assert page.locator("#v-detail img, #v-detail script, #v-list img").count() == 0


@pytest.mark.slow
def test_it_is_filtered_and_walked_by_keyboard(page: Any) -> None:
    page.select_option("#v-outcome", label="fell: right to wrong span")
    assert page.text_content("#v-count") == "4 of 80 shown"
    page.select_option("#v-model", label="b")
    assert page.text_content("#v-count") == "1 of 80 shown"
    told = page.inner_text("#v-detail")
    assert "right → wrong span" in told and "Edda Marsh" in told and "1706" in told and "adjective" in told
    page.click("text=Clear")
    page.wait_for_function("document.querySelector('#v-count').textContent === '80 of 80 shown'")
    page.locator("#v-list").focus()
    for key in ("End", "ArrowUp", "Home", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    assert page.get_attribute("#v-list", "aria-activedescendant") == "v-row-2"
    assert page.get_attribute("#v-row-2", "aria-posinset") == "3"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "v-detail"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "v-list"


@pytest.mark.slow
def test_colours_follow_the_system_and_the_button(page: Any) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(paper) == "rgb(19, 23, 29)"
    page.click("#theme")
    assert page.evaluate(paper) == "rgb(255, 255, 255)"
    page.emulate_media(color_scheme="light")
    page.click("#theme")
    assert page.evaluate(paper) == "rgb(19, 23, 29)"
    page.emulate_media(media="print")
    assert page.evaluate(paper) == "rgb(255, 255, 255)"
    assert not page.is_visible("#viewer")


@pytest.mark.slow
def test_a_phone_needs_no_scrolling_sideways(page: Any) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(page: Any, scheme: str) -> None:
    """WCAG 2 AA: 4.5 to 1, for each pair of colours that the style sheet puts together."""
    page.emulate_media(color_scheme=scheme)
    pairs = {
        "ink": ("paper", "panel", "chosen", "gold", "warn-paper", "h0", "h3"),
        "soft": ("paper", "panel"),
        "link": ("paper",),
        "warn": ("warn-paper",),
        "out": ("paper", "out-paper", "chosen"),
        "in": ("paper", "in-paper", "chosen"),
        "on-heat": ("h4", "h5"),
    }
    read = "(name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim()"
    for ink, grounds in pairs.items():
        for ground in grounds:
            light, dark = sorted((luminance(page.evaluate(read, n)) for n in (ink, ground)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.slow
def test_twenty_thousand_rows_stay_fluid(browser: Any, tmp_path: Path) -> None:
    many = shown(questions(10_000, 35))
    runs = {name: run_of({"main": many}, falls_for(*range(0, 3000, 6))) for name in ("a", "b")}
    path = tmp_path / "many.html"
    path.write_text(make_report(runs, {"small": many}).html, encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(path.as_uri())
    assert page.text_content("#v-count") == "20,000 of 20,000 shown"
    assert page.locator(".row").count() < 60
    for words in ("m", "mi", "mill 77", "mill 777", "nowhere", ""):
        page.fill("#v-search", words)
        assert page.locator(".row").count() < 60  # those in sight, however many are found
    assert page.text_content("#v-count") == "20,000 of 20,000 shown"
    page.evaluate("document.querySelector('#v-list').scrollTop = 1e9")
    page.wait_for_function("document.querySelector('#v-row-19999') !== null")
    page.close()


@pytest.mark.slow
def test_variants_are_told_apart_and_turned_text_turns_no_other(browser: Any, tmp_path: Path) -> None:
    one, asked = shown(questions()), questions()
    more = [replace(q, id=f"{q.id}#X2") for q in one.arm.perturbed]
    both = [*one.arm.perturbed, *(replace(q, id=q.id.replace("#1#", "#")) for q in more)]
    arm = Arm(asked, both, {q.id: q.id.partition("#")[0] for q in both})
    run = run_of({"main": Shown(arm)}, lambda _arm, _q: ("\u202eEdda Marsh", -1.0))
    run.scores["threshold"] = 1e6
    path = tmp_path / "turned.html"
    path.write_text(make_report({"a": run}, {"small": Shown(arm)}).html, encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(path.as_uri())
    assert "q0#1" in page.locator(".row").first.text_content()
    assert page.evaluate("getComputedStyle(document.querySelector('.row bdi')).unicodeBidi") == "isolate"
    turned = page.locator("#viewer bdi").all_text_contents()
    assert any("\u202e" in text for text in turned)
    assert "its threshold never abstains" in page.inner_text("#v-detail")
    page.fill("#v-search", "Q7#x2")
    assert page.text_content("#v-count") == "1 of 80 shown"
    page.close()
