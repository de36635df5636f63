"""What a build is known by: one SHA-256 each of its code, of the words it reads and of its questions.

They go into the names of shards and into manifests, so that nothing made by other code, with other tables or
of other questions is taken for this build's.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from robust.attack.base import Attack, canonical_json
from robust.files import sha256_file
from robust.squad.records import Question
from robust.words.inflection_table import table_path

# What belongs to the code; the large tables of words have a checksum of their own.
_OF_CODE = (".py", ".json", ".txt")


@cache
def words_sha256() -> str:
    """Return one SHA-256 over the tables that words are read from: other ones, other edits.

    They are the shipped tagger, counts, vectors and lexicon, and lemminflect's forms as they are installed.
    """
    folder = Path(str(resources.files("robust"))) / "words" / "data"
    files = [*sorted(file for file in folder.iterdir() if file.is_file()), table_path()]
    return hashlib.sha256(canonical_json([[f.name, sha256_file(f)] for f in files]).encode()).hexdigest()


@cache
def code_sha256(*attacks: type[Attack]) -> str:
    """Return one SHA-256 over the code that rewrites, with its weights and lists: words, attacks, these.

    With each attack come the modules beside it in its package, which it may build on. So that what was
    begun, or built, with other code is not taken for this code's.
    """
    package = Path(str(resources.files("robust")))
    rooms = [package / "attack", package / "words"]
    files = {file for room in rooms for file in room.rglob("*") if file.suffix in _OF_CODE}
    # which words are answer words
    files |= {package / "squad" / name for name in ("metric.py", "chinese.py")}
    named = {str(file.relative_to(package)): file for file in files}
    for attack in attacks:
        package_name, dot, _ = attack.__module__.rpartition(".")
        file = Path(inspect.getfile(attack))
        named[attack.__module__] = file
        if dot:
            named |= {f"{package_name}.{other.stem}": other for other in file.parent.glob("*.py")}
    sums = sorted([name, sha256_file(file)] for name, file in named.items())
    return hashlib.sha256(canonical_json(sums).encode()).hexdigest()


def questions_sha256(questions: Sequence[Question]) -> str:
    """Return a SHA-256 over everything that is known of the questions, in their order."""
    digest = hashlib.sha256()
    for q in questions:
        answers = [[answer.text, answer.start] for answer in q.answers]
        fields = [q.id, q.text, q.context, answers, q.title, q.answerable, q.paragraph_id, q.article]
        digest.update(json.dumps(fields, ensure_ascii=False).encode())
    return digest.hexdigest()
