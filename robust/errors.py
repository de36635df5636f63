"""The one error type that speaks to users."""

from __future__ import annotations

import shlex

from robust.inert import visible


class UserError(Exception):
    """A mistake the user can mend, told in one line; the command line prints it and exits 2.

    Write the message in this order: file, place, what was found, what was expected, what to do, as in
    ``dev.json: article 'Normans', paragraph 3, question '56de': answer_start 999 is past the end of the
    context (742 characters); correct the offset``. Everything else that is raised is a bug and keeps its
    traceback. Messages quote data: what would steer a terminal is made visible (``robust.inert``).
    """

    def __init__(self, message: str) -> None:
        super().__init__(visible(" ".join(message.split())))


def first_line(error: BaseException) -> str:
    """Return what an error says in its first line, 200 characters at most; its kind where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def extra(name: str, constraints: str = "constraints.txt") -> str:
    """Return the command that installs an extra: from a checkout, since this package is on no index."""
    return f"pip install -c {constraints} '.[{name}]' (in the source folder)"


def quoted(path: object) -> str:
    """Return a path as a shell takes it, for the commands that messages name: spaces and all."""
    return shlex.quote(str(path))
