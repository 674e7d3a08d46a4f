"""Reliability diagrams."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from training.calibration.reliability import Finding, Panel, Shown, bins
from training.figures.svg import Chart, write

_BEFORE, _AFTER = "#94a3b8", "#0f766e"


def draw(path: Path, finding: Finding) -> None:
    """Writes a stage's diagram: how often each confidence was right, before and after, a chart a kind of confidence."""
    write(path, [_chart(panel) for panel in finding.panels])


def _chart(panel: Panel) -> Chart:
    chart = Chart(f"{panel.name}: how often right", "confidence", (0.0, 1.0), (0.0, 1.0), percent=True)
    chart.line([(0, 0), (1, 1)], "#cbd5e1", dashed=True, thin=True)
    chart.dots(_points(panel.before), _BEFORE, "as the model says", hollow=True)
    chart.line(_points(panel.after), _AFTER, thin=True)
    chart.dots(_points(panel.after), _AFTER, "calibrated on other calls")
    return chart


def _points(confidences: Sequence[Shown]) -> list[tuple[float, float]]:
    return [(one.confidence, one.right) for one in bins(confidences)]
