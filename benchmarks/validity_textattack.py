"""Which substitutes TextAttack's WordNet swap offers for the targets of SWORDS, for `validity_table.py`.

    NLTK_DATA=... python benchmarks/validity_textattack.py SWORDS-DEV.json.gz OUT.json

To be run where textattack is installed (it needs transformers < 5). Writes, by target id, the single
words that ``WordSwapWordNet`` proposes for the target's form, sorted: it takes no notice of context or part
of speech and does not rank them.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

from textattack.transformations import WordSwapWordNet


def main(path: str, out: str) -> None:
    """Write TextAttack's offers for each SWORDS target as JSON."""
    swords = json.loads(gzip.decompress(Path(path).read_bytes()))
    swap = WordSwapWordNet()
    offers = {
        key: sorted({word for word in swap._get_replacement_words(target["target"]) if word.isalpha()})
        for key, target in swords["targets"].items()
    }
    Path(out).write_text(json.dumps(offers, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{sum(map(bool, offers.values()))} of {len(offers)} targets have an offer")


if __name__ == "__main__":
    main(*sys.argv[1:])
