"""``robust build-qads --explain ID``: why one question was reworded as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from difflib import get_close_matches
from typing import TYPE_CHECKING

from robust.errors import UserError

if TYPE_CHECKING:
    from rich.text import Text

    from robust.attack.explain import Explanation, Gloss, WordLine
    from robust.attack.substitution import Substitution
    from robust.squad.records import Question

_MOST_SENSES = 6


def explain_question(attack: Substitution, data: str, question_id: str, seed: int, as_json: bool) -> None:
    """Print the explanation of one question of ``data``; UserError if there is no such question."""
    from robust.attack.explain import explain
    from robust.cli.data import load_data
    from robust.cli.output import emit_json

    gloss, notice = _glosses(own_lexicon=bool(attack.lexicon))
    found = explain(attack, _find(load_data(data), question_id, data), seed, gloss)
    if as_json:
        emit_json({**asdict(found), "attack": attack.name, "settings": attack.settings(), "seed": seed})
    else:
        _print(found, notice)


def _glosses(*, own_lexicon: bool) -> tuple[Gloss, str]:
    """Return what gives a synset's gloss, and what to tell where it cannot.

    A lexicon of the user's own may call other synsets by WordNet 3.0's names: no glosses for it.
    """
    from robust.words.definitions import Definitions

    if own_lexicon:
        return lambda name: "", "without glosses: the lexicon is not the shipped WordNet 3.0"
    try:
        definitions = Definitions.open()
    except UserError as error:
        return lambda name: "", f"without glosses: {error}"

    return lambda name: definitions.of(name).text, ""


def _find(questions: Sequence[Question], question_id: str, data: str) -> Question:
    """Return the question of that id; a variant's id (``<id>#<k>``) means its original."""
    by_id = {question.id: question for question in questions}
    found = by_id.get(question_id) or by_id.get(question_id.rpartition("#")[0])
    if found is not None:
        return found
    near = get_close_matches(question_id, [question.id for question in questions], n=1)
    nearest = near[0] if near else questions[0].id
    raise UserError(f"--explain {question_id}: no such question in {data}; the nearest id is {nearest}")


def _print(found: Explanation, notice: str) -> None:
    from rich.table import Table

    from robust.cli.output import console, out

    out.print(found.id, style="bold", markup=False, highlight=False)
    questions = Table.grid(padding=(0, 2))
    questions.add_row("before", _text(found.before))
    after = "(left out: no word of it can be replaced)" if found.after is None else found.after
    questions.add_row("after", _text(after))
    out.print(questions)
    for word in found.words:
        _print_word(word)
    if notice:
        console.print(notice, markup=False, soft_wrap=True)


def _print_word(word: WordLine) -> None:
    from rich.padding import Padding
    from rich.table import Table

    from robust.cli.output import out

    head = _text(word.word, "bold").append(f" ({word.lemma}, {word.tag})  ", "default not bold")
    out.print(
        head.append(f"-> {word.replaced_by}", "green")
        if word.replaced_by
        else head.append(word.reason, "dim")
    )
    senses = Table.grid(padding=(0, 2))
    for sense in word.senses[:_MOST_SENSES]:
        senses.add_row(
            "sense", f"{sense.score:.3f}", _text(sense.sense), f"no. {sense.rank}", _text(sense.gloss)
        )
    if len(word.senses) > _MOST_SENSES:
        senses.add_row("", "", f"and {len(word.senses) - _MOST_SENSES} more")
    substitutes = Table.grid(padding=(0, 2))
    for s in word.substitutes:
        usable = "usable" if s.safety is None else f"safety {s.safety:.2f}"
        state = f"refused: {s.refused}" if s.refused else usable
        substitutes.add_row("word", _text(s.word), _text(s.sense), state)
    for table in (senses, substitutes):
        if table.row_count:
            out.print(Padding(table, (0, 0, 0, 2)))


def _text(text: str, style: str = "") -> Text:
    """Return text of the data as it is: nothing in it is markup."""
    from rich.text import Text

    return Text(text, style)
