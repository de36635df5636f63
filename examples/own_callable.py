"""Evaluate any function of question and context: python examples/own_callable.py [SET]."""

import sys

import robust


def answer(question: str, context: str) -> str | None:
    """Return the first word after the question's last word, None (it abstains) where that is not there."""
    _, found, after = context.partition(question.rstrip("?").split()[-1])
    return after.split()[0].strip(".,") if found and after.split() else None


if __name__ == "__main__":
    result = robust.evaluate(robust.from_callable(answer, "next word"), sys.argv[1:] or "qads")
    print(result["run"])
