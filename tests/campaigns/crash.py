"""Crash campaign: commands are killed at random moments, run again, and must end as if nothing had happened.

    python -m tests.campaigns.crash --kills 100 --seed 0

Every trial is a fresh folder with a ROBUST_HOME of its own. A command is started, killed (SIGKILL, which no
program can answer) after a random time of at most its undisturbed length, started again, and so on until it
has been killed as often as was drawn; then it runs to its end, and what it made is held against an
undisturbed run's, file by file. Then four more mishaps for each, after which it must end the same:

- it is asked to end half way (SIGTERM; SIGINT, as Ctrl-C sends): it has to within ``--patience`` seconds;
- a bit of a file that a killed run left is turned over: it is found and done again, or told in one line;
- the disk is full (a small file system, where this may mount one): one line, exit code 2, and no result;
- every folder is made read-only half way: the same.

Processes are forked from one that has everything imported, so that kills fall into the work and not into the
imports.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pandas as pd

Digest = dict[str, str]
# how long a command may take to end once it is asked to, in seconds
PATIENCE = 2.0
# exit codes; commands that save nothing die of SIGTERM, which a shell calls 143 too
ASKED = {signal.SIGTERM: (143, -signal.SIGTERM), signal.SIGINT: (130,)}
_SHAPE = ("layers=1", "hidden=16", "ffn=32", "heads=2")


@dataclass(frozen=True, slots=True)
class Command:
    """A command line that makes ``out`` where it is run; ``digest`` says what of that must be equal."""

    name: str
    words: tuple[str, ...]
    digest: Callable[[Path], Digest]


@dataclass(slots=True)
class Tally:
    """What came of a command's trials."""

    trials: int = 0
    kills: int = 0
    asked: int = 0
    flipped: int = 0
    full: int = 0
    read_only: int = 0
    differ: int = 0
    failed: int = 0
    slowest_answer: float = 0.0


def every_file(folder: Path) -> Digest:
    """Return path -> SHA-256 of every file; hidden ones are working files of ours, and must be gone."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def encoder_files(folder: Path) -> Digest:
    """Return the digest of a pre-trained encoder: all but what tells the time, and of that the losses."""
    timed = ("curves.parquet", "curves.png", "pretrain.json")
    found = {name: value for name, value in every_file(folder).items() if Path(name).name not in timed}
    curves = pd.read_parquet(folder / "curves.parquet")
    losses = curves[[name for name in curves if "loss" in name or name in ("step", "tokens")]]
    return found | {"losses": losses.to_json(double_precision=15)}


def commands(material: Path) -> list[Command]:
    """Make what the commands need in ``material`` and return them."""
    from robust.cli.main import main
    from robust.reader.predict import PredictSettings, predict
    from robust.squad.io import write_squad
    from robust.squad.records import Answer
    from robust.zoo.checkpoints import save_reader
    from tests.pretrain.corpus import made_documents
    from tests.tiny import tiny_questions, tiny_reader

    material.mkdir(parents=True)
    reader = tiny_reader()
    save_reader(material / "reader", reader.model, reader.tokenizer, reader.settings)
    reader.tokenizer.save_pretrained(material / "tokenizer")
    asked = tiny_questions()
    write_squad(material / "train.json", asked)
    found = predict(reader, asked, PredictSettings(device="cpu", dtype="float32"))
    right = [
        replace(q, answers=(Answer(p.text, q.context.index(p.text)),), answerable=True)
        for q, p in zip(asked, found, strict=True)
    ]
    write_squad(material / "right.json", right)
    text = "\n\n".join("\n".join(document) for document in made_documents(40))
    (material / "corpus.txt").write_text(text, encoding="utf-8")

    def robust(*words: object) -> None:
        if run([str(word) for word in words], material / "home"):
            raise SystemExit(f"robust {' '.join(map(str, words))}: failed while the campaign was prepared")

    assert callable(main)  # imported here, before anything is forked
    robust("build-qads", "--data", "demo", "--limit", 60, "--workers", 1, "--out", material / "set")
    robust("review", "export", material / "set", "--out", material / "ratings.csv", "--limit", 20)
    _rate(material / "ratings.csv")
    for model in ("minilm-like", "electra-like"):
        shutil.copytree(material / "reader", material / model)
        robust(
            "eval", "--model", material / model, "--set", material / "set", "--out", material / f"run-{model}"
        )
    shape = [word for one in _SHAPE for word in ("--shape", one)]
    made = {
        "build": ("build-qads", "--data", "demo", "--limit", "200", "--workers", "1", "--out", "out"),
        "finetune": (
            *("finetune", "electra-tiny", "--from-scratch", "--tokenizer", f"{material}/tokenizer"),
            *("--data", f"{material}/train.json", "--max-steps", "40", "--length", "64", "--hold-out", "0.2"),
            *("--checkpoint-every", "3", "--out", "out"),
        ),
        "pretrain": (
            *(
                "pretrain",
                "electra-tiny",
                "--corpus",
                f"{material}/corpus.txt",
                *shape,
                "--vocabulary",
                "150",
            ),
            *("--length", "32", "--batch", "4", "--steps", "60", "--checkpoint-every", "4", "--out", "out"),
        ),
        "eval": (
            *("eval", "--model", f"{material}/reader", "--set", f"{material}/set", "--device", "cpu"),
            *("--out", "out"),
        ),
        "attack": (
            *(
                "attack",
                "--model",
                f"{material}/reader",
                "--data",
                f"{material}/right.json",
                "--threshold",
                "1000",
            ),
            *("--attack", "typo.v1", "--query-budget", "40", "--device", "cpu", "--out", "out"),
        ),
        "review import": (
            *("review", "import", f"{material}/set", f"{material}/ratings.csv", "--rater-kind", "model"),
            *("--out", "out"),
        ),
        "leaderboard": (
            *("leaderboard", "out", "--add", f"{material}/run-minilm-like", "--add"),
            f"{material}/run-electra-like",
        ),
    }
    return [
        Command(name, words, encoder_files if name == "pretrain" else every_file)
        for name, words in made.items()
    ]


def _rate(sheet: Path) -> None:
    """Fill in a sheet: every other variant is right."""
    rated = pd.read_csv(sheet, dtype=str, encoding="utf-8-sig", keep_default_na=False)
    rated["verdict"] = ["accept" if number % 2 else "reject" for number in range(len(rated))]
    rated["reason"] = ["" if number % 2 else "wrong_sense" for number in range(len(rated))]
    rated["rater"] = "a"
    rated.to_csv(sheet, index=False)


def start(words: Sequence[str], home: Path, *, powerless: bool = False) -> int:
    """Start a line of ``robust`` in a process of its own group; return its number.

    ``powerless``: permissions hold for it even where it is root's.
    """
    home.mkdir(parents=True, exist_ok=True)
    # What comes before the command stands ready, or after it is done, is not what is tried.
    signal.pthread_sigmask(signal.SIG_BLOCK, ASKED)
    process = os.fork()
    if process:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKED)
        return process
    code = 70
    try:
        os.setsid()
        if powerless:
            _obey_permissions()
        os.chdir(home.parent)  # manifests note the command: it has to be the same in every folder
        log = os.open(_log_file(home.parent), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ["ROBUST_HOME"] = str(home)
        sys.argv = ["robust", *words]
        from robust.cli.main import main

        signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKED)
        main()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    except KeyboardInterrupt:  # Python's own answer, a line before main's or after it
        code = 130
    except BaseException:
        traceback.print_exc()
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, ASKED)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _obey_permissions() -> None:
    """Give up the right of root to write where permissions say no (Linux: CAP_DAC_OVERRIDE)."""
    version_3, override = 0x20080522, 1
    header = (ctypes.c_uint32 * 2)(version_3, 0)
    held = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; twice 32 bits of each
    library = ctypes.CDLL(None, use_errno=True)
    if library.capget(header, held):
        raise OSError(ctypes.get_errno(), "capget")
    for number in range(3):
        held[number] &= ~(1 << override)
    if library.capset(header, held):
        raise OSError(ctypes.get_errno(), "capset")


def run(words: Sequence[str], home: Path) -> int:
    """Run a line to its end and return its exit code."""
    _, status = os.waitpid(start(words, home), 0)
    return os.waitstatus_to_exitcode(status)


def killed(words: Sequence[str], home: Path, after: float) -> bool:
    """Start a line and kill it after so many seconds; say whether it was still at work."""
    process = start(words, home)
    end = time.monotonic() + after
    while time.monotonic() < end:
        done, _ = os.waitpid(process, os.WNOHANG)
        if done:
            return False
        time.sleep(0.002)
    os.killpg(process, signal.SIGKILL) if os.getpgid(process) == process else os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    return os.WIFSIGNALED(status)


def campaign(
    place: Path, kills: int, flips: int, seed: int, only: Sequence[str] = (), patience: float = PATIENCE
) -> Mapping[str, Tally]:
    """Kill the commands ``kills`` times in all, in turn, spoil ``flips`` files of each; return tallies."""
    made = [one for one in commands(place / "material") if not only or one.name in only]
    whole: dict[str, tuple[Digest, float]] = {}
    for one in made:
        folder = place / "undisturbed" / one.name.replace(" ", "-")
        begin = time.monotonic()
        code = run(one.words, folder / "home")
        if code:
            raise SystemExit(f"{one.name}: exit code {code} undisturbed\n{_log(folder)}")
        whole[one.name] = one.digest(folder / "out"), time.monotonic() - begin
    random = Random(seed)
    tallies = {one.name: Tally() for one in made}
    number = 0
    while (left := kills - sum(tally.kills for tally in tallies.values())) > 0:
        one = made[number % len(made)]
        number += 1
        tally = tallies[one.name]
        most = min(left, random.randint(1, 3))
        _trial(one, whole[one.name], tally, random, place / f"trial-{number}", most)
    for one in made:
        tally = tallies[one.name]
        for request in ASKED:
            _asked(one, whole[one.name], tally, place / f"{one.name}-{request.name}", request, patience)
        for number in range(flips):
            _flipped(one, whole[one.name], tally, random, place / f"{one.name}-flipped-{number}")
        _full(one, whole[one.name][0], tally, place / f"{one.name}-full")
        _read_only(one, whole[one.name], tally, place / f"{one.name}-read-only")
    return tallies


def _trial(
    one: Command, whole: tuple[Digest, float], tally: Tally, random: Random, folder: Path, kills: int
) -> None:
    wanted, seconds = whole
    tally.trials += 1
    for _ in range(kills):
        if killed(one.words, folder / "home", random.uniform(0, seconds)):
            tally.kills += 1
    _to_the_end(one, wanted, tally, folder, f"after {kills} kills")


def _asked(
    one: Command,
    whole: tuple[Digest, float],
    tally: Tally,
    folder: Path,
    request: signal.Signals,
    patience: float,
) -> None:
    """Ask a command to end half way, see that it does, and let it go on."""
    wanted, seconds = whole
    process = start(one.words, folder / "home")
    time.sleep(seconds / 2)
    begin = time.monotonic()
    os.kill(process, request)
    _, status = os.waitpid(process, 0)
    took, ended = time.monotonic() - begin, os.waitstatus_to_exitcode(status)
    if ended:  # else it was done before it was asked
        tally.asked += 1
        tally.slowest_answer = max(tally.slowest_answer, round(took, 2))
        if ended not in ASKED[request] or took > patience:
            tally.failed += 1
            print(f"{one.name}: {request.name}: exit code {ended} after {took:.1f} s\n{_log(folder)}")
    _to_the_end(one, wanted, tally, folder, f"after {request.name}")


def _flipped(one: Command, whole: tuple[Digest, float], tally: Tally, random: Random, folder: Path) -> None:
    """Kill a command, turn over a bit of something that it left, and let it go on."""
    wanted, seconds = whole
    killed(one.words, folder / "home", random.uniform(seconds / 2, seconds))
    left = sorted(p for p in folder.rglob("*") if p.is_file() and p.stat().st_size)
    if not left:
        return
    tally.flipped += 1
    file = random.choice(left)
    data = bytearray(file.read_bytes())
    place = random.randrange(len(data))
    data[place] ^= 1 << random.randrange(8)
    file.write_bytes(data)
    name = file.relative_to(folder)
    _log_file(folder).unlink(missing_ok=True)
    if run(one.words, folder / "home") == 2:  # told: it is the user's to remove it
        told = [line for line in _log(folder).splitlines() if line.startswith("robust: ")]
        if len(told) != 1 or "Traceback" in _log(folder):
            tally.failed += 1
            print(f"{one.name}: byte {place} of {name}: not told in one line\n{_log(folder)}")
        for spoilt in (folder / "out", folder / "home"):
            shutil.rmtree(spoilt, ignore_errors=True)
    _to_the_end(one, wanted, tally, folder, f"after a bit of {name} (byte {place}) was turned over")


def _full(one: Command, wanted: Digest, tally: Tally, folder: Path) -> None:
    """Let a command run where there is too little room, then make room."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "none", folder]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        return  # only root may
    try:
        tally.full += 1
        code = run(one.words, folder / "home")
        told = [line for line in _log(folder).splitlines() if line.startswith("robust: ")]
        if code != 2 or len(told) != 1 or "Traceback" in _log(folder):
            tally.failed += 1
            print(f"{one.name}: on a full disk: exit code {code}\n{_log(folder)}")
        subprocess.run(["mount", "-o", "remount,size=1g", folder], check=True)
        _log_file(folder).unlink(missing_ok=True)
        _to_the_end(one, wanted, tally, folder, "after the disk was full")
    finally:
        subprocess.run(["umount", "-l", folder], check=False)


def _read_only(one: Command, whole: tuple[Digest, float], tally: Tally, folder: Path) -> None:
    """Take the right to write from every folder of a command half way, then give it back."""
    wanted, seconds = whole
    process = start(one.words, folder / "home", powerless=True)
    time.sleep(seconds / 2)
    _permit(folder, 0o555)
    _, status = os.waitpid(process, 0)
    code = os.waitstatus_to_exitcode(status)
    _permit(folder, 0o755)
    if code:  # else it had written all before
        tally.read_only += 1
        told = [line for line in _log(folder).splitlines() if line.startswith("robust: ")]
        if code != 2 or len(told) != 1 or "Traceback" in _log(folder):
            tally.failed += 1
            print(f"{one.name}: in read-only folders: exit code {code}\n{_log(folder)}")
    _log_file(folder).unlink(missing_ok=True)
    _to_the_end(one, wanted, tally, folder, "after its folders were read-only")


def _permit(folder: Path, mode: int) -> None:
    for place, _, _ in os.walk(folder):  # which lets a folder go while it looks
        with suppress(FileNotFoundError):
            Path(place).chmod(mode)


def _to_the_end(one: Command, wanted: Digest, tally: Tally, folder: Path, said: str) -> None:
    """Run the same command once more, and hold what it made against the undisturbed run's."""
    code = run(one.words, folder / "home")
    finished = code == 2 and "holds no interrupted run" in _log(folder)  # the kill came after its last step
    if code and not finished:
        tally.failed += 1
        print(f"{one.name}: exit code {code} {said}\n{_log(folder)}")
    elif (found := one.digest(folder / "out")) != wanted:
        tally.differ += 1
        names = sorted(n for n in wanted.keys() | found.keys() if wanted.get(n) != found.get(n))
        print(f"{one.name}: differs {said}: {', '.join(names)}")
    shutil.rmtree(folder, ignore_errors=True)


def _log_file(folder: Path) -> Path:
    """Return where a trial's output goes: beside its folder, whose disk may be full."""
    return folder.with_name(f"{folder.name}.log")


def _log(folder: Path) -> str:
    file = _log_file(folder)
    return file.read_text(encoding="utf-8", errors="replace")[-2000:] if file.is_file() else ""


def main() -> None:
    """Run the campaign and print what came of each command; exit code 1 where anything differed."""
    about = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    about.add_argument("--kills", type=int, default=100)
    about.add_argument("--flips", type=int, default=1, help="files of each command to turn a bit of")
    about.add_argument("--seed", type=int, default=0)
    about.add_argument("--only", nargs="*", default=(), help="these commands alone")
    about.add_argument(
        "--patience", type=float, default=PATIENCE, help="seconds in which a command ends that is asked to"
    )
    asked = about.parse_args()
    os.environ |= {"TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1"}
    import torch

    torch.set_num_threads(1)
    with TemporaryDirectory() as place:
        tallies = campaign(Path(place), asked.kills, asked.flips, asked.seed, asked.only, asked.patience)
    print(
        json.dumps({name: {k: getattr(t, k) for k in t.__slots__} for name, t in tallies.items()}, indent=1)
    )
    sys.exit(any(tally.differ or tally.failed for tally in tallies.values()))


if __name__ == "__main__":
    main()
