"""The tables in a page: each stands between two marks, and nothing else of the page is touched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from robust.errors import UserError
from robust.files import write_text
from robust.report.grid import markdown
from robust.study.cells import HOW_TO_READ, StudyTable

# the mark of what holds for all tables
HOW = "how-to-read"
_MARK = re.compile(r"<!-- study: (?P<name>[\w-]+) -->\n(?:.*?)<!-- end -->\n", re.DOTALL)


def as_markdown(tables: Sequence[StudyTable]) -> str:
    """Return how the tables are read, and all of them one below the other."""
    return "\n".join([HOW_TO_READ + "\n", *(markdown(table.grid) for table in tables)])


def put(tables: Sequence[StudyTable], page: Path) -> list[str]:
    """Put each table that a page has marks for between them; return the names of those put.

    A mark is ``<!-- study: NAME -->`` and below it ``<!-- end -->``; that of ``HOW`` gets the words that hold
    for all tables. Raises UserError where the page has
    none, or one of a table that there is not.
    """
    try:
        text = page.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{page}: cannot be read ({error.strerror}); name the page with the marks") from error
    by_name = {HOW: HOW_TO_READ + "\n"} | {table.name: markdown(table.grid) for table in tables}
    wanted = [found["name"] for found in _MARK.finditer(text)]
    if not wanted:
        raise UserError(
            f"{page}: no mark <!-- study: NAME --> with <!-- end --> below it; names: {', '.join(by_name)}"
        )
    if strange := [name for name in wanted if name not in by_name]:
        raise UserError(f"{page}: no table {strange[0]!r}; there are {', '.join(by_name)}")

    def filled(found: re.Match[str]) -> str:
        return f"<!-- study: {found['name']} -->\n\n{by_name[found['name']]}\n<!-- end -->\n"

    write_text(page, _MARK.sub(filled, text))
    return wanted
