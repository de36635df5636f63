"""Write docs/attacks/: a page for each attack of ours, and their index, from the code.

    python tools/attack_pages.py

What a page says: the docstrings; examples, made by running the attack on the demo sample (of an attack that
asks a model, those that `robust validity` noted); its settings; the figures of docs/validity/NAME.json, which
`robust validity NAME --data squad2:dev --out docs/validity/NAME.json` writes. A test holds the pages to
the code.
"""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from dataclasses import fields
from importlib.metadata import entry_points
from pathlib import Path

from robust.attack.registry import GROUP, get, make
from robust.review.figures import read_figures, share_valid
from robust.review.measured import SHARES, examples
from robust.squad.catalogue import load

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "attacks"
SHOULD = {
    "same": "The answer stays the same.",
    "abstain": "The reader should abstain: the paragraph does not answer the question any more.",
    "other": "The answer changes: the old one is wrong now.",
}
NOTE = "<!-- written by tools/attack_pages.py; change the code and run it again -->\n"


def ours():
    """Return the names of the attacks that this repository registers, sorted."""
    return sorted({e.name for e in entry_points(group=GROUP) if e.value.startswith("attacks.")})


def page(name):
    """Return the page of an attack as markdown."""
    attack, figures = get(name), read_figures(name)
    parts = [
        f"# {name}\n\n{NOTE}\n{about(attack)}",
        f"**What should happen.** {SHOULD[attack.expected]}",
        f"**What is edited.** The {attack.edits_field}."
        + (f" Asks a model: {attack.needs}." if attack.needs else ""),
    ]
    parts += [f"**Source.** {attack.source}"] if attack.source else []
    parts += ["## Examples", shown(attack, figures), "## Settings", settings(attack)]
    parts += ["## Validity", validity(name, figures)]
    return "\n\n".join(parts) + "\n"


def index():
    """Return the page that lists all attacks."""
    rows = []
    for name in ours():
        attack = get(name)
        first = prose(inspect.getdoc(attack)).partition("\n")[0]
        should = {"same": "same answer", "abstain": "abstain", "other": "answer changes"}[attack.expected]
        rows.append(
            f"| [{name}]({name}.md) | {attack.edits_field} | {should} | "
            f"{share_valid(read_figures(name))} | {first} |"
        )
    head = "| attack | edits | what should happen | judged | |\n|---|---|---|---|---|"
    return (
        f"# The attacks\n\n{NOTE}\nEach turns a question into variants; `robust build NAME --data squad2:dev "
        "--out DIR` makes a set of them. How to write another: [Writing an attack](../attacks.md).\n\n"
        + "\n".join([head, *rows])
        + "\n"
    )


def about(attack):
    """Return what an attack does: what its class says, then what its module says."""
    own = prose(inspect.getdoc(attack))
    module = prose(inspect.getdoc(sys.modules[attack.__module__]))
    return f"{own}\n\n{module}" if module and module not in own else own


def prose(docstring):
    """Return a docstring as markdown."""
    return re.sub(r"``([^`]+)``", r"`\1`", docstring or "")


def shown(attack, figures):
    """Return examples as a list, each text before and after."""
    if attack.needs:
        found = (figures or {}).get("examples", [])
    else:
        found = examples(make(attack.name), load("demo")[:160], most=3)
    if not found:
        return "None here: " + (f"it asks a model ({attack.needs})." if attack.needs else "too rare.")
    told = []
    for one in found:
        lines = [f"- {plain(one['question'])}"]
        if one["rewritten"] != one["question"]:
            lines.append(f"  → **{plain(one['rewritten'])}**")
        if "context" in one:
            lines.append(f"  paragraph: {plain(one['context'])}")
            lines.append(f"  → **{plain(one['context_rewritten'])}**")
        lines.append(f"  (answer: {plain(one['answer'])})")
        told.append("<br>\n".join(lines))
    return "\n".join(told)


def plain(text):
    """Return text in which markdown sees no marks of its own."""
    return re.sub(r"([\\*_`\[\]<>|])", r"\\\1", " ".join(text.split()))


def settings(attack):
    """Return the table of an attack's own settings; those of every attack are told elsewhere."""
    rows = ["| setting | type | default |", "|---|---|---|"]
    for field in fields(attack):
        if field.name in ("lexicon", "constraints", "model_sha256"):
            continue
        default = "(another attack)" if field.name == "arm" else f"`{field.default!r}`"
        kind = field.type if isinstance(field.type, str) else field.type.__name__
        rows.append(f"| `{field.name}` | {kind.replace('|', 'or')} | {default} |")
    told = (
        "Besides `constraints` and `lexicon`, which every attack has ([how to write one](../attacks.md)):\n\n"
    )
    if len(rows) == 2:
        return "None but `constraints` and `lexicon`, which every attack has ([how](../attacks.md))."
    return told + "\n".join(rows)


def validity(name, figures):
    """Return the measured figures as a table, or how to measure them."""
    if not figures or not {"swords", "questions", "judged"} & figures.keys():
        return f"Not measured: `robust validity {name} --data squad2:dev --out docs/validity/{name}.json`."
    rows = ["| | count | share | 95 % interval |", "|---|---|---|---|"]
    notes = []
    if judged := figures.get("judged"):
        kinds = {"model": "language models", "person": "people"}
        who = " and ".join(kinds.get(kind, kind) for kind in judged["rater_kind"]) or "raters"
        for key, told in (("valid", "valid"), ("changed", changed(figures)), ("bad_grammar", "bad grammar")):
            rows.append(f"| judged {told} (of {judged['judged']}, by {who}) | {cells(judged[key])} |")
    if found := figures.get("questions"):
        rows.append(f"| questions covered (of {found['questions']:,}) | {found['covered']:,} "
                    f"| {found['coverage']:.1%} | |")  # fmt: skip
        rows.append(
            f"| variants with a wrong offset (of {found['variants']:,}) | {found['wrong_offsets']} | | |"
        )
        rows += [f"| variants with {key.replace('_', ' ')} | {cells(found[key])} |" for key in SHARES]
        if found["variants"]:
            notes.append(
                f"On {found['data']}: edit rate {found['mean_edit_rate']:.3f} of the question, "
                f"{found['mean_context_edit_rate']:.3f} of the paragraph; "
                f"{found['questions_per_second']:,.0f} questions/s in one process when these were counted."
            )
    if swords := figures.get("swords"):
        rows.append(swords_row("substitutes people accept (SWORDS dev)", swords))
        if "beside" in swords:
            rows.append(swords_row(f"beside: {swords['beside']['name']}", swords["beside"]))
    return "\n".join(rows) + "".join(f"\n\n{textwrap.fill(note, 110)}" for note in notes)


def changed(figures):
    """Return what a variant that is not valid for its meaning is called."""
    return "changed in meaning" if figures["expected"] == "same" else "old answer still right, or other sense"


def cells(found):
    """Return count, share and interval as cells."""
    if found["share"] is None:
        return f"{found['count']} | | "
    low, high = found["interval"]
    return f"{found['count']} | {found['share']:.1%} | {low:.1%} to {high:.1%}"


def swords_row(name, found):
    """Return a row about judged substitutes."""
    if not found["judged"]:
        return f"| {name}: none of them was judged | 0 | | |"
    low, high = found["interval_judged"]
    return (
        f"| {name}, at {found['coverage']:.0%} coverage | {found['accepted']} of {found['judged']} | "
        f"{found['precision_judged']:.1%} | {low:.1%} to {high:.1%} |"
    )


def main():
    """Write every page, and remove those of attacks that are gone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    pages = {f"{name}.md": page(name) for name in ours()} | {"index.md": index()}
    for old in FOLDER.glob("*.md"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{len(pages)} pages in {FOLDER}")


if __name__ == "__main__":
    main()
