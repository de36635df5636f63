"""Whatever the data say, what we print and write does nothing: terminal, HTML, markdown, CSV, LaTeX."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text

from robust.cli import output
from robust.errors import UserError
from robust.inert import FORMULA, csv_cell, json_safe, visible
from robust.report.grid import Grid, code_span, latex, markdown
from robust.report.html.page import make_report
from robust.report.leaderboard import entries_of
from robust.report.leaderboard_page import leaderboard_html
from robust.review.form import render_form
from robust.review.sheet import read_cell
from tests.report.runs_of_our_own import falls_for, questions, run_of, shown
from tests.review.browser import Page, find_browser

STEERING = "\x1b[2J\x1b]0;owned\x07\x9b31m\x08\x7f\x00\u202e\u2066"
HOSTILE = (
    f"{STEERING}</script></style></title><script>document.title='owned'</script>"
    "<img src=x onerror=\"document.title='owned'\"><svg onload=\"document.title='owned'\">"
    "<a href=\"javascript:document.title='owned'\">x</a><iframe srcdoc='<script>1</script>'>"
    "\"' onmouseover=\"document.title='owned'\" {{7*7}} {%raw%} ]]> --> &lt;script&gt; "
    "[x](javascript:alert(1)) ![x](http://x.org/x.png) `code` |cell| $x$ \\input{/etc/passwd} "
    "=HYPERLINK(1) [red] [/red]"
)
# what a terminal would obey; line feeds and tabs are text
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def test_steering_is_made_visible_and_keeps_its_width() -> None:
    shown_text = visible(STEERING)
    assert len(shown_text) == len(STEERING)
    assert not OBEYED.search(shown_text)
    assert visible("\x1b\x7f\x9b") == "␛␡\ufffd"
    plain = "naïve 🍋 日本 e\u0301 \u200f\u200e\tline\n"  # marks that Arabic and Hebrew need stay
    assert visible(plain) == plain
    assert json.loads(json_safe(json.dumps(STEERING, ensure_ascii=False))) == STEERING
    assert not OBEYED.search(json_safe(json.dumps(STEERING, ensure_ascii=False)))


def test_a_refusal_that_quotes_the_data_is_one_line_of_text() -> None:
    assert not OBEYED.search(str(UserError(f"{HOSTILE}\nsecond line")))
    assert "\n" not in str(UserError(f"{HOSTILE}\nsecond line"))


def test_a_screen_shows_colours_of_ours_and_none_of_the_data() -> None:
    screen = output._screen(output.Console(file=io.StringIO(), force_terminal=True, width=100))
    table = Table(title=Text(STEERING))
    table.add_column(Text(STEERING))
    table.add_row(Text(STEERING))
    for one in (Text(STEERING, style="red"), STEERING, table):
        screen.print(one, markup=False)
    said = screen.file.getvalue()  # type: ignore[attr-defined]
    assert re.search("\x1b\\[31m", said)  # our own red
    left = re.sub("\x1b\\[[0-9;]*m", "", said)
    assert not OBEYED.search(left)
    assert "owned" in left


@pytest.mark.slow
def test_a_command_in_a_terminal_obeys_no_file(tmp_path: Path) -> None:
    """A whole command, its streams a real terminal: the refusal quotes a title that steers."""
    file = tmp_path / "evil.json"
    question = {"id": "q", "question": "?", "answers": [{"text": "a", "answer_start": 9}]}
    article = {"title": STEERING, "paragraphs": [{"context": "a", "qas": [question]}]}
    file.write_text(json.dumps({"data": [article]}))
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from robust.cli.main import main; main()"]
    command += ["build", "identity.v1", "--data", str(file), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL, check=False)
    os.close(theirs)
    pieces = []
    try:
        while piece := os.read(ours, 65_536):
            pieces.append(piece)
    except OSError:  # Linux: the other end is closed
        pass
    os.close(ours)
    said = b"".join(pieces).decode()  # a piece may end inside a character
    assert done.returncode == 2
    assert "is outside the context" in said
    assert not OBEYED.search(said.replace("\r\n", "\n"))
    assert not (tmp_path / "out").exists()


def test_names_are_no_markup_of_the_screen(tmp_path: Path) -> None:
    from robust.report.table import set_table

    run = run_of({"main": shown(questions())}, falls_for(1), model="[/red][link=x]", name="[bold")
    with output.out.capture() as screen:
        output.out.print(set_table("[/red]", run.summary["sets"]["[bold"], "[/bold] [x"))
    assert "[/red]" in screen.get() and "[/bold] [x" in screen.get()


def test_markdown_holds_no_markup_of_the_data() -> None:
    text = markdown(Grid(HOSTILE, ("", HOSTILE), ((HOSTILE, HOSTILE), (HOSTILE,)), HOSTILE))
    assert not OBEYED.search(text)
    bare = re.sub(r"\\[\\`*_|<>\[\]#~&]", "", text)  # what is escaped is text
    assert not re.search("[<>`&]", bare)
    assert "](" not in bare
    heads = text.split("\n")[2]
    assert heads.count("|") - heads.count("\\|") == 3  # so many columns as there are


@pytest.mark.parametrize("text", ["a`b", "``", "`", "</code><script>", "a\nb", STEERING])
def test_code_in_markdown_ends_where_we_end_it(text: str) -> None:
    span = code_span(text)
    fence = re.match("`+", span)
    assert fence is not None
    inside = span[len(fence[0]) : -len(fence[0])]
    assert fence[0] not in re.findall("`+", inside)
    assert "\n" not in span and not OBEYED.search(span)


def test_latex_runs_no_command_of_the_data() -> None:
    text = latex(Grid(HOSTILE, ("", HOSTILE), ((HOSTILE, HOSTILE),), HOSTILE))
    assert "\\input" not in text and not OBEYED.search(text)


@pytest.mark.parametrize("start", [*FORMULA, "  =", "\xa0@"])
def test_a_cell_of_csv_is_no_formula(start: str) -> None:
    cell = csv_cell(f"{start}HYPERLINK(1)")
    assert cell.startswith("'")
    held = io.StringIO()
    csv.writer(held).writerow([cell])
    assert not re.search(r'(^|,)"?[=+\-@\t＝＋－＠]', held.getvalue())
    assert read_cell(cell) == f"{start}HYPERLINK(1)"
    assert csv_cell("plain - text") == "plain - text"


def test_a_comparison_written_as_csv_holds_no_formula() -> None:
    from robust.evaluation.compare import compare
    from robust.report.comparison import as_csv

    runs = [
        run_of({"main": shown(questions())}, falls_for(k), model=f"=cmd|'/c calc'!A{k}", name="@set")
        for k in (1, 2)
    ]
    for row in csv.reader(io.StringIO(as_csv(compare(runs)))):
        # a minus before a figure is one
        assert not [cell for cell in row if cell.startswith(FORMULA) and not re.fullmatch(r"-[\d.e-]+", cell)]


# ---- in a real browser -----------------------------------------------------------------------------------


@pytest.fixture
def page(tmp_path: Path):  # type: ignore[no-untyped-def]
    program = find_browser()
    if program is None:
        pytest.skip("needs a Chromium")
    try:
        page = Page(program, tmp_path / "profile")
    except (EOFError, OSError) as error:
        pytest.skip(f"{program} does not start ({error})")
    yield page
    page.close()


FOREIGN = """[...document.querySelectorAll('script:not([type]),img,iframe,svg[onload],a[href^="javascript"]')]
    .filter((one) => one.outerHTML.includes("owned") || one.matches("img,iframe")).length"""
HANDLERS = """[...document.querySelectorAll('*')].filter((one) =>
    [...one.attributes].some((a) => a.name.startsWith("on") || /^\\s*javascript:/i.test(a.value))).length"""


def check_inert(page: Page, file: Path, html: str) -> None:
    """Open the page, press and hover on everything, and see that nothing of the data became part of it."""
    file.write_text(html, encoding="utf-8", errors="surrogatepass")
    page.open(file)
    title = page.run("document.title")
    assert page.run(FOREIGN) == 0
    assert page.run(HANDLERS) == 0
    page.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.run(
        """document.querySelectorAll('*').forEach((one) => { for (const kind of
        ['mouseover', 'focus', 'load', 'error']) one.dispatchEvent(new Event(kind)); })"""
    )
    assert page.run("document.title") == title
    assert "owned" not in page.run("location.href")
    # a policy that stops something says so: nothing was tried
    refused = [one for one in page.complaints if "Content Security Policy" in json.dumps(one)]
    assert not refused, refused


@pytest.mark.slow
def test_a_report_on_hostile_data_is_inert(page: Page, tmp_path: Path) -> None:
    small = shown(questions(nasty=HOSTILE), word=HOSTILE)
    hostile = replace(small, manifest={"command": HOSTILE})
    runs = {
        name: run_of({"main": small, HOSTILE: small}, falls_for(0, 2, 4), model=name, name=HOSTILE)
        for name in (HOSTILE, f"{HOSTILE}2")
    }
    for run in runs.values():
        run.manifest.update({"command": HOSTILE, "device": HOSTILE, "versions": {HOSTILE: HOSTILE}})
    made = make_report(runs, {HOSTILE: hostile}, title=HOSTILE, command=HOSTILE, notes=[HOSTILE])
    check_inert(page, tmp_path / "report.html", made.html)
    assert "[x](javascript:alert(1))" in page.run("document.body.textContent")  # shown, as text


@pytest.mark.slow
def test_a_leaderboard_of_hostile_names_is_inert(page: Page, tmp_path: Path) -> None:
    run = run_of({"main": shown(questions())}, falls_for(1), model=HOSTILE, name=HOSTILE)
    check_inert(page, tmp_path / "board.html", leaderboard_html(entries_of(run), HOSTILE))


@pytest.mark.slow
def test_a_form_over_hostile_items_is_inert(page: Page, tmp_path: Path) -> None:
    asked = shown(questions(nasty=HOSTILE), word="large")
    from robust.review.items import Item

    items = [
        Item(f"v{k}", "main", after.id, before, after, asked.edits[after.id], ())
        for k, (before, after) in enumerate(zip(asked.arm.original, asked.arm.perturbed, strict=True))
    ]
    check_inert(page, tmp_path / "form.html", render_form(items, "0" * 64, {}, HOSTILE))
    page.press("a", "ArrowRight", "r", "1")
    assert page.run("document.title") != "owned"
