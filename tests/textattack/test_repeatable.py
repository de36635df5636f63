"""The same command in two processes, whose sets stand in another order: the same set of questions."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from robust.build.folder import read_edits, read_set
from robust.errors import UserError
from robust.squad.io import write_squad
from robust.squad.records import Question

library = pytest.importorskip("robust.textattack.library", reason="needs textattack", exc_type=UserError)

OWN = ["deepwordbug", "morpheus --swap inflections=robust"]
# what takes its words from NLTK's WordNet; the last two search with populations, by chance
WORDNET = [
    "pwws",
    "textfooler --swap embedding=wordnet --swap sentence-encoder=none --swap tagger=robust",
    "iga --swap embedding=wordnet --query-budget 60",
    "leap --query-budget 60",
]
COMMANDS = [*OWN, *(WORDNET if library.nltk_has("corpora/wordnet") else [])]
EACH = """
import sys
from robust.cli.main import main
where, *commands = sys.argv[1:]
for number, words in enumerate(commands):
    more = ["--reader", "own:READER", "--data", "data.json", "--threshold", "0", "--seed", "3"]
    sys.argv = ["robust", "textattack", *words.split(), *more, "--out", f"{where}/{number}"]
    try:
        main()
    except SystemExit as stop:
        if stop.code:
            raise
"""


def test_the_order_of_pythons_sets_changes_nothing(tmp_path: Path, questions: list[Question]) -> None:
    write_squad(tmp_path / "data.json", questions)
    own = Path(__file__).with_name("conftest.py").read_text(encoding="utf-8")
    (tmp_path / "own.py").write_text(own + "\n\nREADER = Reader()\n", encoding="utf-8")
    for hashes in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hashes}
        made = subprocess.run(
            [sys.executable, "-c", EACH, hashes, *COMMANDS],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
    for number, command in enumerate(COMMANDS):
        one, other = (tmp_path / hashes / str(number) for hashes in ("1", "2"))
        assert read_edits(one) == read_edits(other), command
        found, again = read_set(one), read_set(other)
        assert found.perturbed == again.perturbed, command
        assert found.manifest["search"] == again.manifest["search"], command
        assert (one / "perturbed.json").read_bytes() == (other / "perturbed.json").read_bytes(), command
