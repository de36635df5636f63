"""Evaluate a reader on Chinese questions: python examples/chinese_overlap.py [SET].

The reader is the simplest that can be right: of the clause that shares most characters with the question, the
part that the question does not say.

Without SET it takes zh in this folder; to have one: robust build synonym-file.v1 --data zh-demo --out zh
"""

import re
import sys

import robust


def answer(question: str, context: str) -> str:
    """Return the longest run of the likeliest clause whose characters the question lacks."""
    clauses = [clause for clause in re.split(r"[，。；！？,.;!?]\s*", context) if clause]
    best = max(
        clauses, key=lambda clause: len(set(clause) & set(question)) / (3 + len(set(clause))), default=""
    )
    asked = re.escape("".join(sorted(set(question))))
    return max(re.split(f"[{asked}]+", best), key=len, default="") if asked else best


if __name__ == "__main__":
    reader = robust.from_callable(answer, "character overlap")
    try:
        print(robust.evaluate(reader, sys.argv[1:] or "zh")["run"])
    except robust.UserError as error:  # one line that says what is wrong
        sys.exit(str(error))
