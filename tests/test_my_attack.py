"""The example package of an attack: installed as any other, found by its entry point, it builds a set."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import robust

EXAMPLE = Path(__file__).parents[1] / "examples" / "my_attack"


@pytest.mark.skipif(not EXAMPLE.is_dir(), reason="not in a checkout")
def test_the_example_package_installs_and_its_attack_builds_a_set(tmp_path: Path) -> None:
    code = [line for line in (EXAMPLE / "my_attack.py").read_text("utf-8").splitlines() if line.strip()]
    assert len(code) <= 20
    shutil.copytree(EXAMPLE, tmp_path / "source")  # what a build leaves there is not ours
    target = tmp_path / "site"
    install = ["pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run(
        [sys.executable, "-m", *install, "--target", str(target), str(tmp_path / "source")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    before = [str(target), str(Path(robust.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    command = ["build", "shout.v1", "--data", "demo", "--limit", "12", "--no-controls", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "robust.cli.main", *command, "--out", str(tmp_path / "set")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, before))},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["attack"] == "shout.v1"
    assert report["covered"] >= 10
    texts = [
        [
            q["question"]
            for a in json.loads(file.read_text("utf-8"))["data"]
            for p in a["paragraphs"]
            for q in p["qas"]
        ]
        for file in (tmp_path / "set" / "original.json", tmp_path / "set" / "perturbed.json")
    ]
    assert texts[0] != texts[1]
    assert [text.lower() for text in texts[0]] == [text.lower() for text in texts[1]]
