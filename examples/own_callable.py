"""Evaluate any function of question and context: python examples/own_callable.py [SET].

Without SET it takes qads in this folder; to have one: robust build-qads --data demo --out qads
"""

import sys

import robust


def answer(question: str, context: str) -> str | None:
    """Return the first word after the question's last word, None (it abstains) where that is not there."""
    _, found, after = context.partition(question.rstrip("?").split()[-1])
    return after.split()[0].strip(".,") if found and after.split() else None


if __name__ == "__main__":
    try:
        print(robust.evaluate(robust.from_callable(answer, "next word"), sys.argv[1:] or "qads")["run"])
    except robust.UserError as error:  # one line that says what to do
        sys.exit(str(error))
