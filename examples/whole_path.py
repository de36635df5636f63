"""Build a set, ask two readers, compare them, write the report: python examples/whole_path.py [FOLDER]."""

import sys
from pathlib import Path

import robust
from robust.squad.catalogue import load, resolve


def first_name(question: str, context: str) -> str | None:
    """Return the first capitalised word of the paragraph that the question does not hold."""
    return next(
        (word.strip(".,") for word in context.split() if word.istitle() and word not in question), None
    )


def next_word(question: str, context: str) -> str | None:
    """Return the first word after the question's last word, None (it abstains) where that is not there."""
    _, found, after = context.partition(question.rstrip("?").split()[-1])
    return after.split()[0].strip(".,") if found and after.split() else None


def main(folder: Path) -> None:
    """Leave the set, two runs and report.html in ``folder``."""
    built = robust.build_set(load("demo")[:80], robust.make_attack("qads.v1"), folder / "set")
    opened = robust.open_set(str(built.out), resolve)
    runs = {}
    for reader in (robust.from_callable(first_name), robust.from_callable(next_word)):
        result = robust.evaluate(reader, opened, out=folder / reader.name)
        figures = result["sets"]["set"]
        print(reader.name, figures["original"]["exact"], figures["drop"]["exact"], "points")
        runs[reader.name] = robust.read_run(folder / reader.name)
    rows = robust.compare(list(runs.values())).rows
    print(rows.loc[rows["figure"] == "exact", ["kind", "model", "other", "value", "low", "high"]].to_string())
    page = robust.make_report(runs, {})
    (folder / "report.html").write_text(page.html, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "whole_path"))
