"""A chart in SVG, as small as it can be: axes, lines, dots, bars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

LEFT, RIGHT, TOP, BOTTOM = 44, 10, 26, 34
_FONT = "font-family='system-ui,sans-serif' font-size='11'"
_ROW = 14
_INK, _GRID = "#334155", "#e2e8f0"

Point = tuple[float, float]


def number(value: float) -> str:
    """At most one decimal of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from ``low`` to ``high``, at most ``most`` and one."""
    span = high - low
    steps = (factor * 10.0**power for power in range(-6, 9) for factor in (1, 2, 5))
    step = next(step for step in steps if span / step <= most)
    first = -int(-low // step)
    made = [step * i for i in range(first, first + most + 2)]
    return [round(value, 9) for value in made if value <= high + 1e-9 * span]


@dataclass
class Chart:
    """One pair of axes and what is drawn between them.

    Attributes:
        title: above it.
        x_label: below it.
        x, y: first and last value of each axis.
        percent: whether the y axis has fractions, to be written as percentages.
        width, height: in pixels; the names of what is drawn come below.
    """

    title: str
    x_label: str
    x: tuple[float, float]
    y: tuple[float, float]
    percent: bool = False
    width: int = 300
    height: int = 220
    _body: list[str] = field(default_factory=list)
    _legend: list[tuple[str, str]] = field(default_factory=list)

    @property
    def full_height(self) -> int:
        """Height with the names, in pixels."""
        return self.height + _ROW * len(self._legend) + (4 if self._legend else 0)

    def place(self, x: float, y: float) -> Point:
        """Where a value lies, in pixels; what is outside of the axes lies on their edge."""
        across = min(1.0, max(0.0, (x - self.x[0]) / (self.x[1] - self.x[0])))
        up = min(1.0, max(0.0, (y - self.y[0]) / (self.y[1] - self.y[0])))
        return (
            LEFT + across * (self.width - LEFT - RIGHT),
            self.height - BOTTOM - up * (self.height - TOP - BOTTOM),
        )

    def line(
        self, points: Iterable[Point], colour: str, name: str = "", dashed: bool = False, thin: bool = False
    ) -> None:
        """A line through points, with its name below where it has one."""
        path = " ".join(f"{number(x)},{number(y)}" for x, y in (self.place(*point) for point in points))
        dash = " stroke-dasharray='3 3'" if dashed else ""
        self._body.append(
            f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='{1 if thin else 1.6}'{dash}/>"
        )
        if name:
            self._legend.append((name, colour))

    def dots(self, points: Iterable[Point], colour: str, name: str = "", hollow: bool = False) -> None:
        """A dot at each point."""
        fill = "#fff" if hollow else colour
        for x, y in (self.place(*point) for point in points):
            self._body.append(f"<circle cx='{number(x)}' cy='{number(y)}' r='3' fill='{fill}' stroke='{colour}'/>")
        if name:
            self._legend.append((name, colour))

    def draw(self) -> list[str]:
        """The elements."""
        return [*self._axes(), *self._body, *self._names()]

    def _axes(self) -> list[str]:
        (left, bottom), (right, top) = self.place(self.x[0], self.y[0]), self.place(self.x[1], self.y[1])
        made = [f"<text x='{number(left)}' y='14' font-weight='600'>{escape(self.title)}</text>"]
        for value in ticks(*self.y):
            _, y = self.place(self.x[0], value)
            text = f"{100 * value:.0f} %" if self.percent else f"{value:g}"
            made.append(f"<path d='M{number(left)} {number(y)}H{number(right)}' stroke='{_GRID}'/>")
            made.append(f"<text x='{number(left - 5)}' y='{number(y + 4)}' text-anchor='end'>{text}</text>")
        for value in ticks(*self.x):
            x, _ = self.place(value, self.y[0])
            made.append(f"<text x='{number(x)}' y='{number(bottom + 14)}' text-anchor='middle'>{value:g}</text>")
        made.append(
            f"<path d='M{number(left)} {number(top)}V{number(bottom)}H{number(right)}' fill='none' stroke='{_INK}'/>"
        )
        middle = number((left + right) / 2)
        made.append(f"<text x='{middle}' y='{self.height - 5}' text-anchor='middle'>{escape(self.x_label)}</text>")
        return made

    def _names(self) -> list[str]:
        made = []
        for row, (name, colour) in enumerate(self._legend):
            y = self.height + 8 + _ROW * row
            made.append(f"<rect x='{LEFT}' y='{y - 7}' width='8' height='8' fill='{colour}'/>")
            made.append(f"<text x='{LEFT + 12}' y='{y}'>{escape(name)}</text>")
        return made


def write(path: Path, charts: Sequence[Chart]) -> None:
    """Writes charts side by side as one file."""
    width, height = sum(chart.width for chart in charts), max(chart.full_height for chart in charts)
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' height='{height}' "
        f"{_FONT} fill='{_INK}'>",
        f"<rect width='{width}' height='{height}' fill='#fff'/>",
    ]
    at = 0
    for chart in charts:
        parts += [f"<g transform='translate({at})'>", *chart.draw(), "</g>"]
        at += chart.width
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*parts, "</svg>\n"]), encoding="utf-8")
