"""Write the tables of docs/addsent.md: our AddSent beside the published one, from run folders.

    robust eval --model READER --set addsent:dev --set addsent-ours --no-controls --out runs/READER
    python tools/addsent_tables.py runs/READER [RUN ...] [--into docs/addsent.md]

Each run holds both sets (``--published`` and ``--ours`` give other names). Compared are the questions that
both sets rewrite. A question counts by what it keeps when one of its copies is drawn (AddOneSent), or by the
worst of the question and its copies (AddSent, the convention of ``robust eval``). The sets differ in copies a
question, and the worst of five is worse than the worst of three, so a third reckoning draws as many from
both: as many as the poorer set has of that question. No draw is made: its expectation is exact.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from robust.errors import UserError
from robust.evaluation.same_questions import check_same
from robust.evaluation.scores import CLEAN, PERTURBED
from robust.evaluation.sets import MAIN
from robust.files import write_text
from robust.runs import read_run
from robust.stats.clustered import clustered_mean
from robust.stats.mcnemar import mcnemar

BEGIN = "<!-- tables by tools/addsent_tables.py; run it again to change them -->\n"
END = "<!-- end of the tables -->\n"
# column of the score rows -> its name in the tables
SPAN, ANSWER = {"span_em": "EM", "span_f1": "F1"}, {"em": "EM", "f1": "F1"}
ONE, EVEN, ALL = "one copy", "worst, as many of both", "worst of all"
PUBLISHED, OURS = "published", "ours"
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader's score rows of both sets, the main arm alone, by ``PUBLISHED`` and ``OURS``."""

    name: str
    rows: dict[str, pd.DataFrame]

    def has(self, column: str) -> bool:
        """Return whether the column was scored: final answers have no best span."""
        return not any(rows[column].isna().any() for rows in self.rows.values())


def expected_worst(scores: Scores, drawn: int) -> float:
    """Return the expected least of ``drawn`` of the scores, drawn without replacement, each as likely.

    Of n scores the k-th least (from 0) is the least of those drawn in C(n-1-k, drawn-1) of C(n, drawn)
    draws. ``drawn`` 1 gives the mean, n the minimum; raises ValueError for any below or above.
    """
    n = len(scores)
    if not 1 <= drawn <= n:
        raise ValueError(f"{drawn} of {n} scores cannot be drawn")
    weights = [comb(n - 1 - k, drawn - 1) / comb(n, drawn) for k in range(n)]
    return float(np.sort(scores) @ np.asarray(weights))


def both(reader: Reader) -> list[str]:
    """Return the ids of the questions that both sets rewrite, sorted."""
    return sorted(set.intersection(*(set(rows["original_id"]) for rows in reader.rows.values())))


def clean(reader: Reader, ids: Sequence[str], column: str, of: str = PUBLISHED) -> Scores:
    """Return the score of each question as it was, the mean over seeds."""
    rows = reader.rows[of]
    found = rows[rows["condition"] == CLEAN].groupby("original_id")[column].mean()
    return found.loc[list(ids)].to_numpy(dtype=np.float64)


def perturbed(reader: Reader, of: str, ids: Sequence[str], column: str, how: str) -> Scores:
    """Return what each question keeps in a set: ``ONE``, ``EVEN`` or ``ALL`` of its copies."""
    copies = {name: _copies(reader, name, column) for name in (reader.rows if how == EVEN else (of,))}
    before = _by_seed(reader, of, column)
    kept = []
    for one in ids:
        each = []
        for seed, scores in copies[of][one].items():
            drawn = min(len(held[one][seed]) for held in copies.values()) if how == EVEN else len(scores)
            worst = np.minimum(scores, before[one, seed])
            each.append(float(scores.mean()) if how == ONE else expected_worst(worst, drawn))
        kept.append(float(np.mean(each)))
    return np.asarray(kept)


def _copies(reader: Reader, of: str, column: str) -> dict[str, dict[int, Scores]]:
    """Return question -> seed -> the scores of its copies."""
    rows = reader.rows[of]
    found: dict[str, dict[int, Scores]] = {}
    for (one, seed), part in rows[rows["condition"] == PERTURBED].groupby(["original_id", "seed"]):
        found.setdefault(one, {})[seed] = part[column].to_numpy(dtype=np.float64)
    return found


def _by_seed(reader: Reader, of: str, column: str) -> dict[tuple[str, int], float]:
    """Return (question, seed) -> its score as it was."""
    rows = reader.rows[of]
    part = rows[rows["condition"] == CLEAN]
    return dict(
        zip(zip(part["original_id"], part["seed"], strict=True), part[column].astype(float), strict=True)
    )


def articles(reader: Reader, ids: Sequence[str]) -> list[str]:
    """Return each question's article: the cluster of every interval here."""
    rows = reader.rows[PUBLISHED].drop_duplicates("original_id").set_index("original_id")
    return [str(name) for name in rows.loc[list(ids), "article"]]


def points(values: Scores, clusters: Sequence[str]) -> str:
    """Return a mean with its 95 % interval, in points of 100."""
    found = clustered_mean(100 * values, clusters)
    around = "" if found.low is None else f" [{found.low:.1f}, {found.high:.1f}]"
    return f"{found.mean:.1f}{around}"


def drops(readers: Sequence[Reader], columns: dict[str, str]) -> list[str]:
    """Return the table of both drops and their difference, question by question."""
    lines = [
        "| reader | figure | copies | clean | published | ours | drop, published | drop, ours | ours more |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for reader in readers:
        ids = both(reader)
        clusters = articles(reader, ids)
        for column, label in columns.items():
            if not reader.has(column):
                continue
            before = clean(reader, ids, column)
            for how in (ONE, EVEN, ALL):
                theirs, own = (perturbed(reader, of, ids, column, how) for of in (PUBLISHED, OURS))
                kept = " | ".join(f"{100 * values.mean():.1f}" for values in (before, theirs, own))
                falls = (before - theirs, before - own, theirs - own)
                told = " | ".join(points(values, clusters) for values in falls)
                lines.append(f"| `{reader.name}` | {label} | {how} | {kept} | {told} |")
    return lines


def fooled(readers: Sequence[Reader], column: str) -> list[str]:
    """Return who is fooled: of the questions right when clean, by the worst of all copies of each set."""
    lines = [
        "| reader | right when clean | by both | by the published alone | by ours alone | by neither "
        "| McNemar, mid-p |",
        "|---|---|---|---|---|---|---|",
    ]
    for reader in readers:
        if not reader.has(column):
            continue
        ids = both(reader)
        right = clean(reader, ids, column) == 1
        wrong = [perturbed(reader, of, ids, column, ALL)[right] < 1 for of in (PUBLISHED, OURS)]
        counts = [int(np.sum((wrong[0] == a) & (wrong[1] == b))) for a, b in ((1, 1), (1, 0), (0, 1), (0, 0))]
        test = mcnemar(counts[1], counts[2]).mid_p
        told = " | ".join(map(str, counts))
        lines.append(f"| `{reader.name}` | {int(right.sum())} | {told} | {test:.2g} |")
    return lines


def left_out(readers: Sequence[Reader], column: str) -> list[str]:
    """Return what the published set takes from the questions that ours rewrites, and from the others."""
    lines = [
        "| reader | published questions that | questions | clean EM | drop EM, one copy |",
        "|---|---|---|---|---|",
    ]
    for reader in readers:
        if not reader.has(column):
            continue
        here = set(both(reader))
        every = sorted(set(reader.rows[PUBLISHED]["original_id"]))
        for label, covered in (("ours rewrites", True), ("ours leaves alone", False)):
            ids = [one for one in every if (one in here) == covered]
            if not ids:
                continue
            before = clean(reader, ids, column)
            fall = points(before - perturbed(reader, PUBLISHED, ids, column, ONE), articles(reader, ids))
            lines.append(f"| `{reader.name}` | {label} | {len(ids)} | {100 * before.mean():.1f} | {fall} |")
    return lines


def between(readers: Sequence[Reader], column: str) -> list[str]:
    """Return by how much one reader's drop is larger than another's, in each set."""
    lines = ["| larger drop of, than of | published | ours |", "|---|---|---|"]
    for one, other in combinations([reader for reader in readers if reader.has(column)], 2):
        ids = both(one)
        told = []
        for of in (PUBLISHED, OURS):
            first, second = (
                clean(reader, ids, column) - perturbed(reader, of, ids, column, ONE)
                for reader in (one, other)
            )
            told.append(points(first - second, articles(one, ids)))
        lines.append(f"| `{one.name}`, `{other.name}` | {' | '.join(told)} |")
    return lines


def page(readers: Sequence[Reader]) -> str:
    """Return all tables as markdown."""
    ids = both(readers[0])
    told = []
    for of, rows in readers[0].rows.items():
        first = rows[rows["seed"] == rows["seed"].iloc[0]]
        copies = first[first["condition"] == PERTURBED]
        inside = copies["original_id"].isin(ids).sum()
        told.append(
            f"{of} {copies['original_id'].nunique():,} questions and {len(copies):,} copies "
            f"({inside:,} of the shared questions)"
        )
    count = len(set(articles(readers[0], ids)))
    parts = [
        f"Shared: {len(ids):,} questions in {count} articles. In whole: {'; '.join(told)}.",
        "The best span, abstention switched off:",
        "\n".join(drops(readers, SPAN)),
        "What the reader answers, with its threshold:",
        "\n".join(drops(readers, ANSWER)),
        "Who is fooled (EM of the best span, worst of all copies):",
        "\n".join(fooled(readers, "span_em")),
        "What ours leaves alone, in the published set (EM of the best span):",
        "\n".join(left_out(readers, "span_em")),
    ]
    if len(readers) > 1:
        parts += [
            "Between the readers (EM of the best span, one copy):",
            "\n".join(between(readers, "span_em")),
        ]
    return "\n\n".join(parts) + "\n"


def read_readers(folders: Sequence[Path], published: str, ours: str) -> list[Reader]:
    """Return the readers of run folders; UserError where a set is missing or is of other questions."""
    readers = []
    for folder in folders:
        run = read_run(folder, predictions=False)
        rows = {}
        for of, name in ((PUBLISHED, published), (OURS, ours)):
            found = run.scores[(run.scores["set"] == name) & (run.scores["arm"] == MAIN)]
            if not (found["condition"] == PERTURBED).any():
                there = ", ".join(run.summary["sets"])
                raise UserError(
                    f"{folder}: no copies of the set {name} (there: {there}); name it with --{of}, or "
                    f"evaluate it: robust eval --set {name}"
                )
            rows[of] = found
        readers.append(Reader(str(run.summary.get("model", folder.name)), rows))
        if not both(readers[-1]):
            raise UserError(
                f"{folder}: {published} and {ours} rewrite no question in common; build both anew"
            )
    double = next((r.name for i, r in enumerate(readers) if r.name in [x.name for x in readers[:i]]), None)
    if double is not None:
        raise UserError(f"two runs of {double}; give each reader once")
    for of in (PUBLISHED, OURS):
        check_same({reader.name: reader.rows[of] for reader in readers}, of)
    shared = {of: _texts(readers[0], of) for of in (PUBLISHED, OURS)}
    moved = [one for one in both(readers[0]) if shared[PUBLISHED][one] != shared[OURS][one]]
    if moved:
        raise UserError(
            f"{published} and {ours}: {len(moved)} questions differ before any sentence is added "
            f"({moved[0]}); build {ours} from the originals of {published}"
        )
    return readers


def _texts(reader: Reader, of: str) -> dict[str, str]:
    """Return question -> the key of its text and paragraph as it was."""
    rows = reader.rows[of]
    part = rows[rows["condition"] == CLEAN]
    return dict(zip(part["original_id"], part["key"], strict=True))


def put(tables: str, path: Path) -> None:
    """Put the tables between the two marks of a page; UserError where it has not both."""
    text = path.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise UserError(f"{path}: expected one line {BEGIN.strip()!r}, then one {END.strip()!r}; put them in")
    head, rest = text.split(BEGIN)
    write_text(path, f"{head}{BEGIN}\n{tables}\n{END}{rest.split(END)[1]}")


def main(words: Sequence[str] | None = None) -> int:
    """Print the tables, or put them into a page; 2 and one line where the runs cannot be compared."""
    parser = argparse.ArgumentParser(description="Our AddSent beside the published one.")
    parser.add_argument("runs", nargs="+", type=Path, help="run folders of robust eval")
    parser.add_argument("--published", default="addsent:dev", help="the published set's name in the runs")
    parser.add_argument("--ours", default="addsent-ours", help="our set's name in the runs")
    parser.add_argument("--into", type=Path, help="the page to put them into, instead of printing them")
    given = parser.parse_args(words)
    try:
        tables = page(read_readers(given.runs, given.published, given.ours))
        if given.into is None:
            print(tables, end="")
        else:
            put(tables, given.into)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
