"""The plots of the report, laid out from plain numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from textwrap import wrap

from robust.report.html.drawing import MARKS, Drawing, Point, Shape
from robust.report.numbers import interval, signed

# pixels from side to side: of a plot in a page, and of the same plot on a phone, where letters stay as large
BROAD, NARROW = 640.0, 340.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure with its interval (None: unknown), under a heading; ``series`` chooses colour and mark."""

    group: str
    label: str
    series: int
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Series:
    """A line through (x, value, low, high), by x; low and high are None where the interval is unknown."""

    name: str
    points: tuple[tuple[float, float, float | None, float | None], ...]


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Return round numbers from at most ``low`` to at least ``high``, about ``wanted`` of them.

    A range of one point is widened by 1 on each side, so that an axis always has a length.
    """
    if high - low < 1e-9:
        low, high = low - 1, high + 1
    raw = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [i * step for i in range(first, last + 1)]


def drops(name: str, title: str, bars: Sequence[Bar], axis: str, *, width: float = BROAD) -> Drawing:
    """Return a plot of figures with their intervals, one line each, in the order given.

    Where it is narrow each line stands below its label and its number, not between them.
    """
    narrow = width < BROAD
    left, right, line, top = (10.0, 10.0, 42.0, 8.0) if narrow else (210.0, 158.0, 25.0, 8.0)
    bounds = [b for bar in bars for b in (bar.low, bar.high, bar.value) if b is not None]
    marks = ticks(min(0.0, *bounds), max(0.0, *bounds))

    def x(value: float) -> float:
        return left + (value - marks[0]) / (marks[-1] - marks[0]) * (width - left - right)

    shapes: list[Shape] = []
    spans: list[tuple[float, float]] = []  # where upright lines go: not through the words of a narrow plot
    y = top
    for group, inside in groupby(bars, key=lambda bar: bar.group):
        y += 20
        shapes.append(Shape("text", ((0, y),), "bold", _short(group, 48 if narrow else 90)))
        y += 6
        for bar in inside:
            middle = y + (31 if narrow else line / 2)
            told = y + 15 if narrow else middle + 4
            spans.append((middle - 9, middle + 9))
            style = f"s{bar.series % 4}"
            label = _short(bar.label, 28 if narrow else 30)
            shapes.append(Shape("text", ((left if narrow else 12, told),), "text", label))
            if bar.low is not None and bar.high is not None:
                ends = x(bar.low), x(bar.high)
                shapes.append(Shape("line", ((ends[0], middle), (ends[1], middle)), style))
                shapes += [Shape("line", ((e, middle - 4), (e, middle + 4)), style) for e in ends]
            shapes.append(Shape("mark", ((x(bar.value), middle),), style, MARKS[bar.series % 4]))
            shapes.append(Shape("text", ((width, told),), "soft", _told(bar), "end"))
            y += line
        y += 4
    spans = [*spans, (y - 5, y)] if narrow else [(top + 26, y)]
    lines = [_vertical(x(m), *span, "axis" if m == 0 else "grid") for m in marks for span in spans]
    labels = [Shape("text", ((x(m), y + 16),), "soft", _number(m), "middle") for m in marks]
    said = [
        Shape("text", ((x((marks[0] + marks[-1]) / 2), y + 36 + 15 * i),), "soft", part, "middle")
        for i, part in enumerate(wrap(axis, 46) if narrow else [axis])
    ]
    about = "; ".join(f"{bar.group}, {bar.label}: {_told(bar)}" for bar in bars)
    height = y + 29 + 15 * len(said)
    return Drawing(name, title, f"{axis}. {about}.", width, height, (*lines, *shapes, *labels, *said))


def curve(
    name: str,
    title: str,
    series: Sequence[Series],
    across: str,
    up: str,
    *,
    whole: bool = False,
    verticals: Sequence[tuple[float, str]] = (),
    reach: tuple[float, float] | None = None,
    width: float = BROAD,
) -> Drawing:
    """Return lines with bands over a common axis; ``whole`` labels only whole numbers of x.

    ``verticals`` are (x, label) of dashed lines, such as a threshold; ``reach`` is what the upright axis
    holds (None: what is drawn), so that plots side by side can be compared.
    """
    beside = 2 if width >= BROAD else 1  # names in a row
    left, right, top, height = 46.0, 14.0, 30.0 + 18 * ((len(series) - 1) // beside), 230.0
    all_x = [p[0] for one in series for p in one.points] + [v for v, _ in verticals]
    all_y = [b for one in series for p in one.points for b in p[1:] if b is not None]
    xs, ys = (
        ticks(min(all_x), max(all_x), 7 if width >= BROAD else 4),
        ticks(*(reach or (min(all_y), max(all_y)))),
    )
    if whole:
        xs = [float(i) for i in range(round(min(all_x)), round(max(all_x)) + 1)]
    low_x, high_x = (xs[0], xs[-1]) if xs[0] < xs[-1] else (xs[0] - 1, xs[0] + 1)
    bottom = top + height

    def at(x: float, y: float) -> Point:
        share = (x - low_x) / (high_x - low_x)
        return left + 8 + share * (width - left - right - 16), bottom - (y - ys[0]) / (
            ys[-1] - ys[0]
        ) * height

    shapes = []
    for y in ys:
        _, level = at(low_x, y)
        shapes.append(Shape("line", ((left, level), (width - right, level)), "grid"))
        shapes.append(Shape("text", ((left - 6, level + 4),), "soft", _number(y), "end"))
    shapes.append(Shape("line", ((left, bottom), (width - right, bottom)), "axis"))
    shapes += [Shape("text", ((at(x, 0)[0], bottom + 17),), "soft", _number(x), "middle") for x in xs]
    shapes.append(Shape("text", (((left + width - right) / 2, bottom + 36),), "soft", across, "middle"))
    for value, label in verticals:
        place = at(value, 0)[0]
        end = place > width * (0.7 if width >= BROAD else 0.5)
        shapes.append(_vertical(place, top, bottom, "dash"))
        where = place - 4 if end else place + 4
        said = label if width >= BROAD else label.partition(",")[0]
        shapes.append(Shape("text", ((where, top + 12),), "soft", said, "end" if end else "start"))
    for i, one in enumerate(series):
        band = [(x, low, high) for x, _, low, high in one.points if low is not None and high is not None]
        if len(band) > 1:
            edge = [at(x, high) for x, _, high in band] + [at(x, low) for x, low, _ in reversed(band)]
            shapes.append(Shape("area", tuple(edge), f"b{i % 4}"))
    for i, one in enumerate(series):
        style, mark = f"s{i % 4}", MARKS[i % 4]
        if len(one.points) > 1:
            shapes.append(Shape("line", tuple(at(p[0], p[1]) for p in one.points), style))
        shapes += [Shape("mark", (at(p[0], p[1]),), style, mark) for p in one.points]
        key_x, key_y = left + (i % beside) * (width - left) / 2, 12.0 + 18 * (i // beside)
        shapes.append(Shape("mark", ((key_x + 5, key_y),), style, mark))
        shapes.append(Shape("text", ((key_x + 16, key_y + 4),), "text", _short(one.name, 44)))
    told = "; ".join(
        f"{one.name}: " + ", ".join(f"{_number(p[0])}: {p[1]:.1f}" for p in one.points) for one in series
    )
    about = f"{up} against {across}. {told}."
    return Drawing(name, title, about, width, bottom + 44, tuple(shapes))


def matrix(
    name: str,
    title: str,
    names: Sequence[str],
    counts: Sequence[Sequence[int]],
    across: str,
    *,
    width: float = BROAD,
) -> Drawing:
    """Return a table of counts, before (rows) against after (columns), shaded by the share of its row."""
    left, top, wide, high = (118.0, 46.0, 118.0, 50.0) if width >= BROAD else (82.0, 46.0, 85.0, 50.0)
    shapes = [Shape("text", ((left + wide * len(names) / 2, 14),), "soft", across, "middle")]
    told = []
    for j, label in enumerate(names):
        shapes.append(Shape("text", ((left + wide * (j + 0.5), 36),), "text", label, "middle"))
    for i, row in enumerate(counts):
        y, total = top + high * i, max(sum(row), 1)
        shapes.append(Shape("text", ((left - 10, y + high / 2 + 4),), "text", names[i], "end"))
        for j, count in enumerate(row):
            x, share = left + wide * j, count / total
            level = 0 if count == 0 else min(5, 1 + int(share * 5))
            corners = ((x, y), (x + wide, y), (x + wide, y + high), (x, y + high))
            ink = "on-heat" if level > 3 else "text"
            shapes.append(Shape("area", corners, f"h{level}"))
            shapes.append(Shape("text", ((x + wide / 2, y + 22),), ink, f"{count:,}", "middle"))
            shapes.append(Shape("text", ((x + wide / 2, y + 39),), ink, f"{100 * share:.0f} %", "middle"))
            told.append(f"{names[i]} then {names[j]} {count:,}")
    whole = left + wide * len(names) + 2
    return Drawing(name, title, "; ".join(told) + ".", whole, top + high * len(names) + 4, tuple(shapes))


def _vertical(x: float, top: float, bottom: float, style: str) -> Shape:
    return Shape("line", ((x, top), (x, bottom)), style)


def _told(bar: Bar) -> str:
    bounds = "" if bar.low is None or bar.high is None else f" {interval((bar.low, bar.high))}"
    return f"{signed(bar.value)}{bounds}".replace("-", "−")


def _number(value: float) -> str:
    return f"{round(value, 6) + 0.0:g}".replace("-", "−")


def _short(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - 1] + "…"
