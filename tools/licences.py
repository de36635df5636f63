"""List the licence of every package installed here, and fail for one that users of ours could not accept.

python tools/licences.py            # a markdown table
python tools/licences.py --check    # exit 1 where a licence is unknown or not on the list
"""

from __future__ import annotations

import re
import sys
from importlib import metadata

# permissive, and copyleft that ends at its own files (weak): they may be imported by Apache-2.0 code
_TAKEN = re.compile(
    r"\b(MIT|BSD|0BSD|Apache|ISC|PSF|Python Software Foundation|Python-2\.0|HPND|Zlib|Unlicense|CC0|MPL|"
    r"Mozilla|LGPL|Lesser General|Boost|CNRI|NVIDIA|Public Domain)",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"(?<!L)\b(AGPL|GPL|SSPL|BUSL|Commons Clause)", re.IGNORECASE)


def licence(package: metadata.Distribution) -> str:
    """Return what a package's metadata say of its licence, in a few words, or ""."""
    about = package.metadata
    said = about.get("License-Expression") or ""
    if not said:
        kinds = [line.split(" :: ")[-1] for line in about.get_all("Classifier") or () if "License ::" in line]
        said = " or ".join(kind for kind in kinds if kind != "OSI Approved")
    if not said:
        said = (about.get("License") or "").strip().partition("\n")[0]
    return said[:80]


def refused(said: str) -> bool:
    """Say whether a licence is unknown, or binds what imports it; of several to choose from one is enough."""
    choices = re.split(r"\bor\b", said, flags=re.IGNORECASE)
    return not any(_TAKEN.search(one) and not _REFUSED.search(one) for one in choices)


def main() -> int:
    """Print the table; return 1 with ``--check`` where a licence cannot be taken."""
    found = {
        package.metadata["Name"]: (package.version, licence(package)) for package in metadata.distributions()
    }
    print("| package | version | licence |\n|---|---|---|")
    for name, (version, said) in sorted(found.items(), key=lambda one: one[0].lower()):
        print(f"| {name} | {version} | {said or 'not said'} |")
    bad = sorted(name for name, (_, said) in found.items() if refused(said))
    if bad:
        print(f"to be looked at: {', '.join(bad)}", file=sys.stderr)
    return int(bool(bad) and "--check" in sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
