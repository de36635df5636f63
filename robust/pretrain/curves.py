"""The curves of a pre-training run: every step's numbers as a table, and as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robust.files import atomic_write

TABLE = "curves.parquet"
PICTURE = "curves.png"
# these come first, then the objective's figures
_COLUMNS = ("step", "tokens", "flops", "seconds", "loss", "rate")
_SPEEDS = ("progress", "tokens_per_second", "flops_per_second", "utilisation")
# a line of more points than the picture has pixels is drawn for nothing
_POINTS = 1000

Values = NDArray[np.float64]


def write_curves(folder: Path, rows: Sequence[Mapping[str, float]]) -> None:
    """Write ``curves.parquet`` and ``curves.png`` into ``folder``; nothing where there are no rows.

    Columns: step, tokens, flops, seconds, loss, rate, speeds, and every figure of the objective (missing
    where a step has none). The picture shows loss and figures over tokens: each step pale, the running mean
    of a fiftieth of the run over it.
    """
    if not rows:
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    own = figures(rows)
    names = [name for name in (*_COLUMNS, *_SPEEDS, *own) if any(name in row for row in rows)]
    whole = {"step": pa.int64(), "tokens": pa.int64()}
    columns = {
        name: pa.array([row.get(name) for row in rows], pa.float64()).cast(whole.get(name, pa.float64()))
        for name in names
    }
    with atomic_write(folder / TABLE) as temporary:
        pq.write_table(pa.table(columns), temporary)
    shown = {name: columns[name].to_numpy(zero_copy_only=False) for name in ("tokens", "loss", *own)}
    with atomic_write(folder / PICTURE) as temporary:
        _draw(temporary, shown, own, float(rows[-1].get("flops", 0.0)))


def figures(rows: Sequence[Mapping[str, float]]) -> list[str]:
    """Return the names of the objective's own figures among those of the rows, in order."""
    return sorted({name for row in rows for name in row} - {*_COLUMNS, *_SPEEDS})


def running_mean(values: Values, width: int) -> Values:
    """Return the mean of the last ``width`` values (fewer at the start) at each place; NaNs are left out."""
    known = np.isfinite(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    begins = np.maximum(0, np.arange(1, len(values) + 1) - width)
    seen = counts[1:] - counts[begins]
    return np.where(seen > 0, (sums[1:] - sums[begins]) / np.maximum(seen, 1), np.nan)


def _draw(path: Path, columns: Mapping[str, Values], own: Sequence[str], flops: float) -> None:
    """Draw one panel for the loss and one for each figure."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import EngFormatter

    tokens = columns["tokens"].astype(np.float64)
    panels = ("loss", *own)
    across = min(3, len(panels))
    down = -(-len(panels) // across)
    figure = Figure(figsize=(4.2 * across, 2.5 * down), layout="constrained")
    FigureCanvasAgg(figure)
    grid: Any = figure.subplots(down, across, squeeze=False, sharex=True)
    every = max(1, len(tokens) // _POINTS)
    for axes, name in zip(grid.flat, panels, strict=False):
        values = columns[name].astype(np.float64)
        smooth = running_mean(values, max(1, len(values) // 50))
        axes.plot(tokens[::every], values[::every], color="#9ecae1", linewidth=0.6)
        axes.plot(tokens[::every], smooth[::every], color="#08519c", linewidth=1.4)
        if np.isfinite(smooth).any():  # a single wild step must not flatten the curve
            low, high = np.nanmin(smooth), np.nanmax(smooth)
            room = 0.08 * (high - low) or 0.5
            axes.set_ylim(low - room, high + room)
        axes.set_title(f"{name.replace('_', ' ')}: {smooth[-1]:.4g}", fontsize=9, loc="left")
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))
        axes.tick_params(labelsize=7)
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    for axes in grid.flat[len(panels) :]:
        axes.set_visible(False)
    for axes in grid.flat[max(0, len(panels) - across) : len(panels)]:  # nothing stands below these
        axes.tick_params(labelbottom=True)
    amount = EngFormatter(places=1, sep="")
    spent = f", {flops:.2g} FLOPs" if flops else ""
    figure.supxlabel(f"tokens ({amount(tokens[-1])} in {len(tokens)} steps{spent})", fontsize=8)
    figure.savefig(path, format="png", dpi=100)
