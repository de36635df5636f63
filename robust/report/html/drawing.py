"""A plot as plain shapes: drawn once, written as SVG (in the page or alone) or as PNG.

In the page a shape's style is a class, so that the page's style sheet gives it the colours of light, dark and
print; alone, the SVG and the PNG carry the light colours.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from robust.files import atomic_write, write_text

Point = tuple[float, float]
Kind = Literal["line", "area", "mark", "text"]

# style -> (fill, stroke, width of the stroke) on white; style.css has the same names for light and dark
STYLES: dict[str, tuple[str, str, float]] = {
    "grid": ("none", "#dcdfe4", 1),
    "axis": ("none", "#6b7280", 1.2),
    "dash": ("none", "#6b7280", 1.2),
    "text": ("#1d2430", "none", 0),
    "soft": ("#59616e", "none", 0),
    "bold": ("#1d2430", "none", 0),
    "on-heat": ("#ffffff", "none", 0),
    **{f"s{i}": (c, c, 2.0) for i, c in enumerate(("#1c5d99", "#b3470b", "#2c7a4b", "#7a3b96"))},
    **{f"b{i}": (c, "none", 0.0) for i, c in enumerate(("#d5e3f1", "#f6dccb", "#d6ebdd", "#e6d7ee"))},
    **{
        f"h{i}": (c, "#ffffff", 2.0)
        for i, c in enumerate(("#f2f5f8", "#dbe7f2", "#b4cde4", "#7fa8cf", "#2f6ea8", "#174a7c"))
    },
}
# distinguishes series where colours cannot: in print, and for those who do not see them
MARKS = ("circle", "square", "diamond", "triangle")
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape: a line through ``points``, a closed area, a mark at a point, or text at a point.

    ``text`` is what a text says or which of ``MARKS`` a mark is; ``anchor`` where a text's point lies in it.
    """

    kind: Kind
    points: tuple[Point, ...]
    style: str
    text: str = ""
    anchor: Literal["start", "middle", "end"] = "start"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A plot of ``width`` x ``height`` pixels; ``title`` and ``about`` tell it to those who cannot see it."""

    name: str
    title: str
    about: str
    width: float
    height: float
    shapes: tuple[Shape, ...]

    def svg(self) -> str:
        """Return the SVG for the page: coloured by classes, named by title and description."""
        size = f'width="{self.width:g}" height="{self.height:g}" viewBox="0 0 {self.width:g} {self.height:g}"'
        return self._svg(f'class="plot" {size}')

    def standalone(self) -> str:
        """Return the SVG as a file of its own, in the light colours."""
        rules = "".join(
            f".{name}{{fill:{fill};stroke:{stroke};stroke-width:{width:g}}}"
            for name, (fill, stroke, width) in STYLES.items()
        )
        more = f"text{{font:12px {_FONT}}}.bold{{font-weight:600}}.dash{{stroke-dasharray:4 3}}"
        more += "[class^=s].line{fill:none}"
        size = f'width="{self.width:g}" height="{self.height:g}" viewBox="0 0 {self.width:g} {self.height:g}"'
        head = f'xmlns="http://www.w3.org/2000/svg" {size}'
        return self._svg(head, f'<style>{rules}{more}</style><rect width="100%" height="100%" fill="#fff"/>')

    def _svg(self, attributes: str, first: str = "") -> str:
        ids = f"{self.name}-title {self.name}-about"
        parts = [
            f'<svg {attributes} role="img" aria-labelledby="{html.escape(ids)}">',
            f'<title id="{html.escape(self.name)}-title">{html.escape(self.title)}</title>',
            f'<desc id="{html.escape(self.name)}-about">{html.escape(self.about)}</desc>',
            first,
            *(_element(shape) for shape in self.shapes),
            "</svg>",
        ]
        return "".join(parts)

    def png(self, path: Path, *, scale: float = 2.0) -> None:
        """Write the plot as PNG with ``scale`` pixels for each of ours."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(self.width / 100, self.height / 100), dpi=100 * scale)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, self.width), ylim=(self.height, 0))
        axes.axis("off")
        for shape in self.shapes:
            _paint(axes, shape)
        figure.savefig(
            path, format="png", facecolor="white", metadata={"Title": self.title, "Description": self.about}
        )


def outline(mark: str, centre: Point, radius: float = 4.5) -> tuple[Point, ...]:
    """Return the corners of a mark: a circle by 24, the others by their own."""
    x, y = centre
    if mark == "square":
        r = radius * 0.88
        return ((x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r))
    if mark == "diamond":
        r = radius * 1.2
        return ((x, y - r), (x + r, y), (x, y + r), (x - r, y))
    if mark == "triangle":
        r = radius * 1.15
        return ((x, y - r), (x + r, y + r * 0.8), (x - r, y + r * 0.8))
    turns = [2 * math.pi * i / 24 for i in range(24)]
    return tuple((x + radius * math.cos(a), y + radius * math.sin(a)) for a in turns)


def _element(shape: Shape) -> str:
    if shape.kind == "text":
        (x, y), anchor = shape.points[0], shape.anchor
        where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
        return f'<text class="{shape.style}" {where}>{html.escape(shape.text)}</text>'
    corners = outline(shape.text, shape.points[0]) if shape.kind == "mark" else shape.points
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners)
    if shape.kind == "line":
        return f'<path class="{shape.style} line" d="{path}"/>'
    return f'<path class="{shape.style}" d="{path}Z"/>'


def _paint(axes: Any, shape: Shape) -> None:
    fill, stroke, width = STYLES[shape.style]
    if shape.kind == "text":
        place = {"start": "left", "middle": "center", "end": "right"}[shape.anchor]
        weight = "bold" if shape.style == "bold" else "normal"
        (x, y) = shape.points[0]
        # 12 of our pixels at 100 dots an inch; no mathematics in names that hold a dollar sign
        axes.text(x, y, shape.text, color=fill, fontsize=8.2, ha=place, weight=weight, parse_math=False)
        return
    if shape.kind == "line":
        dashes = (0, (4, 3)) if shape.style == "dash" else "solid"
        axes.plot(*zip(*shape.points, strict=True), color=stroke, lw=width * 0.72, ls=dashes)
        return
    corners = outline(shape.text, shape.points[0]) if shape.kind == "mark" else shape.points
    edge = "none" if stroke == "none" else stroke
    axes.fill(*zip(*corners, strict=True), facecolor=fill, edgecolor=edge, lw=width * 0.5)


def write_drawings(folder: Path, drawings: Sequence[Drawing]) -> list[Path]:
    """Write each plot as NAME.svg and NAME.png into ``folder``; return the files."""
    written = []
    for drawing in drawings:
        svg, png = (folder / f"{drawing.name}.{kind}" for kind in ("svg", "png"))
        write_text(svg, drawing.standalone())
        with atomic_write(png) as temporary:
            drawing.png(temporary)
        written += [svg, png]
    return written
