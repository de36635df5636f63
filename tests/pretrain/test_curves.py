"""Every step's numbers come out as a table and as a picture."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from robust.pretrain.curves import running_mean, write_curves


def made_rows(count: int) -> list[dict[str, float]]:
    random = np.random.default_rng(0)
    return [
        {
            "step": float(step),
            "tokens": 1024.0 * step,
            "flops": 1e9 * step,
            "seconds": 0.1 * step,
            "loss": 9 * math.exp(-step / count) + random.normal(0, 0.3),
            "rate": 1e-4,
            "accuracy": step / count,
        }
        for step in range(1, count + 1)
    ]


def test_the_table_holds_every_number_and_whole_ones_as_such(tmp_path: Path) -> None:
    rows = made_rows(20)
    del rows[3]["accuracy"]
    write_curves(tmp_path, rows)
    table = pq.read_table(tmp_path / "curves.parquet")
    assert table.column_names == ["step", "tokens", "flops", "seconds", "loss", "rate", "accuracy"]
    assert table.schema.field("step").type == table.schema.field("tokens").type == "int64"
    assert table["loss"].to_pylist() == [row["loss"] for row in rows]
    assert table["accuracy"].to_pylist()[2:5] == [rows[2]["accuracy"], None, rows[4]["accuracy"]]


def test_the_picture_is_a_small_png_however_long_the_run(tmp_path: Path) -> None:
    write_curves(tmp_path, made_rows(30_000))
    picture = (tmp_path / "curves.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert 5_000 < len(picture) < 200_000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["curves.parquet", "curves.png"]


def test_a_run_of_one_step_and_of_none_can_be_drawn(tmp_path: Path) -> None:
    write_curves(tmp_path / "none", [])
    assert not (tmp_path / "none").exists()
    write_curves(tmp_path / "one", made_rows(1))
    assert (tmp_path / "one" / "curves.png").is_file()


def test_the_running_mean_looks_back_only_and_leaves_gaps_out() -> None:
    values = np.array([1.0, 3.0, np.nan, 5.0, 7.0])
    assert running_mean(values, 2).tolist() == [1.0, 2.0, 3.0, 5.0, 6.0]
    assert np.isnan(running_mean(np.array([np.nan, 1.0]), 1)).tolist() == [True, False]


@pytest.mark.slow
def test_matplotlib_is_loaded_only_to_draw() -> None:
    code = "import sys, robust.pretrain.curves; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
