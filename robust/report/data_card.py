"""The counted part of a data card: what a built set's manifest and files say of it, as markdown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from robust.attack.records import Edit
from robust.build import RobustnessSet
from robust.report.grid import code_span, escaped

_POS = {"n": "nouns", "v": "verbs", "a": "adjectives", "r": "adverbs"}


def data_card(built: RobustnessSet, edits: Mapping[str, Sequence[Edit]], name: str) -> str:
    """Return markdown: how the set was made, its checksums, coverage, edits, controls and review, if any.

    ``edits`` maps variant id to edits (``robust.build.read_edits``). Every figure is counted in the files
    or read in the manifest.
    """
    parts = [
        f"## {escaped(name)}",
        _made(built),
        _checksums(built.manifest),
        _counts(built, [edit for found in edits.values() for edit in found], edits),
        _controls(built.manifest),
        _rejections(built.manifest),
        _review(built.manifest),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _made(built: RobustnessSet) -> str:
    m = built.manifest
    source = m.get("data") or {}
    rows = [
        ("command", code_span(str(m["command"])) if m.get("command") else "not noted"),
        (
            "attack",
            f"{code_span(m['attack'])}, settings hash {code_span(m['settings_hash'][:16])}, seed {m['seed']}",
        ),
        (
            "data",
            f"{code_span(source['name'])}, SHA-256 {code_span(source['sha256'])}" if source else "not noted",
        ),
        ("lexicon", f"SHA-256 {code_span(str(m['lexicon_sha256']))}"),
        (
            "robust",
            f"{escaped(m['versions']['robust'])}, commit {code_span(m.get('git_commit') or 'unknown')}",
        ),
    ]
    return _table(("made by", ""), rows)


def _checksums(m: Mapping[str, Any]) -> str:
    kinds = {"original": "original.json", "perturbed": "perturbed.json", "edits": "edits.parquet"}
    return _table(
        ("file", "SHA-256"),
        [(f"`{kinds[key]}`", code_span(m["sha256"][key])) for key in kinds if key in m["sha256"]],
    )


def _counts(built: RobustnessSet, edits: Sequence[Edit], by_variant: Mapping[str, Sequence[Edit]]) -> str:
    m = built.manifest
    n = m["questions"]
    rows = [
        ("questions asked", f"{n:,}"),
        ("accepted" if m.get("review") else "rewritten", f"{m['covered']:,} ({m['covered'] / n:.1%})"),
        ("of these answerable", f"{m['covered_answerable']:,}"),
        ("of these unanswerable", f"{m['covered_unanswerable']:,}"),
        ("articles", f"{len({question.article for question in built.original}):,}"),
        ("paragraphs", f"{len({(q.article, q.paragraph_id) for q in built.original}):,}"),
        ("variants", f"{m['variants']:,}"),
        ("edits", f"{m['edits']:,}"),
    ]
    sizes = Counter(len(found) for found in by_variant.values())
    rows.append(("edits in a variant", ", ".join(f"{size}: {sizes[size]:,}" for size in sorted(sizes))))
    tags = Counter(_POS.get(edit.tag, "other") for edit in edits)
    rows.append(
        (
            "words edited",
            ", ".join(f"{tag} {tags[tag]:,}" for tag in sorted(tags, key=lambda t: (-tags[t], t))),
        )
    )
    ranks = sum(edit.sense_rank == 1 for edit in edits)
    rows.append(
        ("edits in the word's first sense", f"{ranks:,} ({ranks / len(edits):.1%})" if edits else "0")
    )
    pairs = Counter((edit.before.lower(), edit.after.lower()) for edit in edits)
    often = sorted(pairs, key=lambda pair: (-pairs[pair], pair))[:10]
    rows.append(
        (
            "most frequent edits",
            ", ".join(f"*{escaped(a)}* → *{escaped(b)}* {pairs[a, b]:,}" for a, b in often),
        )
    )
    return _table(("counted", ""), rows)


def _controls(m: Mapping[str, Any]) -> str:
    if not m["controls"]:
        return ""
    rows = [(code_span(name), f"{arm['questions']:,}") for name, arm in m["controls"].items()]
    return _table(
        ("control arm", "questions"), [*rows, ("in the set and all arms", f"{m['intersection']:,}")]
    )


def _rejections(m: Mapping[str, Any]) -> str:
    reasons = sorted(m["rejections"].items(), key=lambda found: (-found[1], found[0]))
    return _table(("turned down", "times"), [(escaped(reason), f"{times:,}") for reason, times in reasons])


def _review(m: Mapping[str, Any]) -> str:
    review = m.get("review")
    if not review:
        return "Not reviewed: no rater has judged this set (see `robust review`)."
    rows = [
        (
            escaped(f"{rater['name']} ({rater['kind']})"),
            f"accept {rater['accept']:,}, reject {rater['reject']:,}, unsure {rater['unsure']:,}",
        )
        for rater in review["raters"]
    ]
    low, high = review["wilson"]
    rows.append(("variants judged", f"{review['judged']:,} of {review['variants']:,}"))
    rows.append(
        ("accepted", f"{review['accepted']:,} ({review['share']:.1%}), Wilson {low:.1%} to {high:.1%}")
    )
    if review["by_article"]:
        low, high = review["by_article"]
        rows.append(
            ("the same, clustered by article", f"{low:.1%} to {high:.1%} ({review['articles']} articles)")
        )
    if agreement := review["agreement"]:
        if agreement["mean_kappa"] is not None:
            rows.append(("Cohen's kappa, mean of pairs", f"{agreement['mean_kappa']:.2f}"))
        alpha = agreement["krippendorff_alpha"]
        if alpha["value"] is not None:
            rows.append(("Krippendorff's alpha", f"{alpha['value']:.2f} on {alpha['items']:,} items"))
    return _table(("review", ""), rows)


def _table(head: tuple[str, str], rows: Sequence[tuple[str, str]]) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|"]
    lines += [f"| {_cell(name)} | {_cell(value)} |" for name, value in rows]
    return "\n".join(lines)


def _cell(text: str) -> str:
    """Return a cell whose bars end no column; they may be escaped already."""
    return re.sub(r"(?<!\\)\|", r"\|", " ".join(text.split()))
