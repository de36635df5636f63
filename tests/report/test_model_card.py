"""The model card: names from outside stay text."""

from __future__ import annotations

from robust.report.html.page import make_report
from robust.report.model_card import model_card
from tests.report.runs_of_our_own import falls_for, questions, run_of, shown


def test_a_reader_called_as_an_image_is_no_image() -> None:
    name, of_set = "![x](http://evil/p.png)", "<b>set|"
    small = shown(questions())
    runs = {name: run_of({"main": small}, falls_for(0), model=name, name=of_set)}
    card = model_card(runs, make_report(runs, {of_set: small}).stories)
    assert "[x](" not in card and card.startswith(r"## !\[x\](http://evil/p.png)")
    assert "<b>" not in card.replace(r"\<", "") and r"**\<b\>set\|.**" in card
