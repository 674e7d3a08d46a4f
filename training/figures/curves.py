"""Learning curves out of the logs that recipes keep."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.figures.svg import Chart, Point

# What recipes call the time, and how many of it make a minute.
_TIMES = {"minutes": 1.0, "seconds": 60.0}
_LOSSES = ("loss", "error")
_FRACTIONS = {
    "cer": "letters wrong",
    "cer_without_spaces": "letters wrong, without spaces",
    "wer_greedy": "words wrong, no word model",
    "uar": "emotions right (mean recall)",
    "trend": "trends right",
    "accuracy": "right, training",
    "error": "wrong, other voices",
}
_COLOURS = ("#0f766e", "#c2410c", "#4338ca", "#be185d")

Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Curve:
    """One training as it went.

    Attributes:
        name: of the stage and the part, for example ``diarize-embedding``; the figure's name, too.
        minutes: that it took.
        charts: of the loss, and of what is right or wrong.
    """

    name: str
    minutes: float
    charts: tuple[Chart, ...]


def logs(root: Path) -> list[Path]:
    """The logs in a checkout: those beside models, and those of earlier sittings beside recipes."""
    return sorted([*root.glob("models/mini/*/*.csv"), *root.glob("training/*/log/*.csv")])


def curves(path: Path) -> Iterator[Curve]:
    """The trainings of a log: one, or one a ``stage`` where it has such a column; a part without a loss is left out.

    Args:
        path: ``…/STAGE/log.csv`` or ``…/STAGE/log/NAME.csv``.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    stage = path.parent.name if path.parent.name != "log" else path.parents[1].name
    own = "" if path.stem == "log" else f"-{path.stem.replace('_', '-')}"
    for part in dict.fromkeys(row.get("stage", "") for row in rows):
        name = f"{stage}{own}{f'-{part}' if part else ''}"
        if curve := _curve(name, [row for row in rows if row.get("stage", "") == part]):
            yield curve


def _curve(name: str, rows: Rows) -> Curve | None:
    loss = next((column for column in _LOSSES if _points(rows, column)), None)
    if loss is None:
        return None
    minutes = max(_minutes(row) for row in rows)
    charts = [_chart(f"{name}: loss", {"": _points(rows, loss)}, minutes)]
    found = {text: _points(rows, column) for column, text in _FRACTIONS.items() if column != loss}
    if found := {text: points for text, points in found.items() if len(points) > 1}:
        charts.append(_chart(f"{name}: right and wrong", found, minutes, percent=True))
    return Curve(name, minutes, tuple(charts))


def _minutes(row: Mapping[str, str]) -> float:
    return next((float(row[column]) / a_minute for column, a_minute in _TIMES.items() if row.get(column)), 0.0)


def _points(rows: Rows, column: str) -> list[Point]:
    return [(_minutes(row), float(row[column])) for row in rows if row.get(column)]


def _chart(title: str, lines: Mapping[str, Iterable[Point]], minutes: float, percent: bool = False) -> Chart:
    values = [value for points in lines.values() for _, value in points]
    top = 1.0 if percent else 1.05 * max(values)
    chart = Chart(title, "minutes", (0.0, minutes), (0.0, top), percent=percent)
    for (name, points), colour in zip(lines.items(), _COLOURS, strict=False):
        chart.line(points, colour, name)
    return chart
