"""Which substitutes TextAttack's WordNet swap offers for the targets of SWORDS, for `validity_table.py`.

    NLTK_DATA=... python benchmarks/validity_textattack.py SWORDS-DEV.json.gz OUT.json

To be run where textattack is installed (it needs transformers < 5), with NLTK's stop words and WordNet in
NLTK_DATA: nothing is downloaded. Writes, by target id, the single words that ``WordSwapWordNet`` proposes
for the target's form, sorted: it takes no notice of context or part of speech and does not rank them.
`robust validity ATTACK --swords SWORDS-DEV.json.gz --offers OUT.json` reads them.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

from robust.errors import UserError


def main(path: str, out: str) -> None:
    """Write TextAttack's offers for each SWORDS target as JSON."""
    from robust.textattack.alternatives import synonyms_of_wordnet

    swords = json.loads(gzip.decompress(Path(path).read_bytes()))
    swap = synonyms_of_wordnet()
    offers = {
        key: sorted({word for word in swap._get_replacement_words(target["target"]) if word.isalpha()})
        for key, target in swords["targets"].items()
    }
    Path(out).write_text(json.dumps(offers, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{sum(map(bool, offers.values()))} of {len(offers)} targets have an offer")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except UserError as error:
        print(f"validity_textattack: {error}", file=sys.stderr)
        sys.exit(2)
