"""How much the gate adds to a test run, in seconds of the clock and of the processor.

    python benchmarks/gate_overhead.py --run RUN [--times N]

Pytest with one test, in a process of its own, each way ``--times`` times in turn, the least of each: without
the plugin (``-p no:robust``), with it but unused, with ``--robust`` and a threshold that passes over what was
evaluated before, one that fails (it reads the questions that fell), and one compared with a baseline.
``RUN`` is a finished run folder (robust eval --out). The
targets: unused nothing that can be told, used under 2 s. Imports of numpy and pandas are counted.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from robust.gate.evidence import read_evidence

ENTRY = "[pytest11]\nrobust = robust.pytest_plugin\n"


def main() -> None:
    """Read the arguments and measure in a folder that goes again."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), given.run.resolve(), given.times)


def measure(folder: Path, run: Path, times: int) -> None:
    """Print what a pytest run takes without the gate, with it unused, and with a threshold of each kind."""
    found = read_evidence(run, None, "HasAns_exact")
    # as an installed plugin is found, wherever the tests are run from
    about = folder / "site" / "gate_of_the_benchmark-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: gate-of-the-benchmark\nVersion: 1\n")
    (about / "entry_points.txt").write_text(ENTRY)
    (folder / "test_one.py").write_text("def test_one(): pass\n")
    (folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    budgets = {
        "a threshold that passes": "max_drop = 99\nmin_clean = 0",
        "one that fails": "max_drop = 0\nmin_clean = 100",
        "one compared with its baseline": "max_increase = 1\nmin_clean = 0",
    }
    cases = {"without the plugin": ["-p", "no:robust"], "with it, unused": []}
    for number, (name, budget) in enumerate(budgets.items()):
        project = folder / str(number)
        project.mkdir()
        text = f'[tool.pytest.ini_options]\n[[tool.robust.thresholds]]\nrun = "{run}"\n{budget}\n'
        (project / "pyproject.toml").write_text(text)
        (project / "test_one.py").write_text("def test_one(): pass\n")
        cases[name] = ["--robust", "--rootdir", str(project), str(project)]
    once(folder, [*cases["one compared with its baseline"], "--robust-update-baseline"])
    least: dict[str, tuple[float, float]] = {}
    for _ in range(times):
        for name, words in cases.items():
            wall, cpu = once(folder, words)
            before = least.get(name, (1e9, 1e9))
            least[name] = (min(before[0], wall), min(before[1], cpu))
    base = least["without the plugin"]
    print(f"{found.questions:,} questions of {found.set}, load {os.getloadavg()[0]:.1f}, least of {times}")
    print(f"{'':32} {'clock':>7} {'added':>7} {'cpu':>7} {'added':>7}")
    for name, (wall, cpu) in least.items():
        print(f"{name:32} {wall:6.2f}s {wall - base[0]:+6.2f}s {cpu:6.2f}s {cpu - base[1]:+6.2f}s")


def once(folder: Path, words: list[str]) -> tuple[float, float]:
    """Return the seconds of the clock and of the processor that a pytest run takes."""
    root = str(Path(__file__).resolve().parents[1])
    paths = os.pathsep.join([str(folder / "site"), root])
    environment = {**os.environ, "PYTHONPATH": paths, "ROBUST_HOME": str(folder / "home")}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--import-mode=importlib",
        *words,
    ]
    begin, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = time.monotonic() - begin
    assert done.returncode in (0, 1) and "passed" in done.stdout, done.stdout + done.stderr
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
