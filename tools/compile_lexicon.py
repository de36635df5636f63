"""Compile a WordNet database into a lexicon: `python tools/compile_lexicon.py WORDNET [OUT]`.

WORDNET is a folder, a zip or a tar archive with the database files (data.noun and its companions). Without
OUT the shipped lexicon is replaced; then put the SHA-256 that is printed into
`robust.words.lexicon.SHIPPED_SHA256`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from robust.errors import UserError
from robust.words.compile_lexicon import compile_lexicon
from robust.words.lexicon import shipped_path


def main(arguments: list[str]) -> int:
    """Compile, print the SHA-256, return the exit status."""
    if not 1 <= len(arguments) <= 2:
        print(__doc__, file=sys.stderr)
        return 2
    source = Path(arguments[0])
    out = Path(arguments[1]) if len(arguments) > 1 else shipped_path()
    try:
        print(compile_lexicon(source, out), out)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
