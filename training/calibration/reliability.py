"""How far confidences are from what is true."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.calibration.maps import Decision, Map, losses

BINS = 15
_LEAST_IN_A_BIN = 8
"""In smaller bins chance alone looks like an error."""


@dataclass(frozen=True)
class Shown:
    """A confidence as a reader of the dashboard sees it, 0 to 1, and whether it was right."""

    call: int
    confidence: float
    right: bool


@dataclass(frozen=True)
class Bin:
    """Confidences that are next to each other: their mean, the share that was right, and how many they are."""

    confidence: float
    right: float
    count: int


@dataclass(frozen=True)
class Stage:
    """What is to be calibrated together, because one map serves it all.

    Attributes:
        name: of the stage.
        decisions: that the map is fitted on.
        fit: finds the map of some decisions.
        identity: the map that changes nothing.
        panels: what is shown, by name, as it is with a map.
    """

    name: str
    decisions: Sequence[Decision]
    fit: Callable[[Sequence[Decision]], Map]
    identity: Map
    panels: Mapping[str, Callable[[Map], list[Shown]]]


@dataclass(frozen=True)
class Panel:
    """One kind of confidence before and after, the latter with maps that were fitted on other calls."""

    name: str
    before: Sequence[Shown]
    after: Sequence[Shown]


@dataclass(frozen=True)
class Finding:
    """A stage's calibration.

    Attributes:
        stage: its name.
        map: fitted on all calls.
        helps: whether maps that were fitted on other calls make the right options more probable.
        panels: what is shown.
    """

    stage: str
    map: Map
    helps: bool
    panels: tuple[Panel, ...]


def shown(decisions: Sequence[Decision]) -> Callable[[Map], list[Shown]]:
    """Confidence in what was chosen."""

    def with_map(map_: Map) -> list[Shown]:
        return [
            Shown(one.call, float(np.exp(map_.log_probabilities(one.scores)[one.chosen])), one.chosen == one.target)
            for one in decisions
        ]

    return with_map


def examine(stage: Stage) -> Finding:
    """Fits a stage's map, and measures it by halves of the calls: fitted on one, looked at on the other."""
    halves = [[one for one in stage.decisions if one.call % 2 == half] for half in (0, 1)]
    if not all(halves):
        raise ValueError(f"{stage.name}: decisions of two calls and more are needed")
    maps = [stage.fit(half) for half in reversed(halves)]
    before = sum(float(losses(stage.identity, half).sum()) for half in halves)
    after = sum(float(losses(map_, half).sum()) for map_, half in zip(maps, halves, strict=True))
    panels = tuple(
        Panel(
            name, panel(stage.identity), [one for half in (0, 1) for one in panel(maps[half]) if one.call % 2 == half]
        )
        for name, panel in stage.panels.items()
        if panel(stage.identity)
    )
    return Finding(stage.name, stage.fit(stage.decisions), after < before, panels)


def bins(confidences: Iterable[Shown], count: int = BINS) -> list[Bin]:
    """Bins of equal mass, in order; fewer where there are few confidences."""
    ordered = sorted(confidences, key=lambda one: one.confidence)
    parts = np.array_split(np.arange(len(ordered)), min(count, max(1, len(ordered) // _LEAST_IN_A_BIN)))
    return [
        Bin(
            float(np.mean([ordered[i].confidence for i in part])),
            float(np.mean([ordered[i].right for i in part])),
            len(part),
        )
        for part in parts
    ]


def calibration_error(confidences: Sequence[Shown]) -> float:
    """Expected calibration error (Naeini et al. 2015) over bins of equal mass, 0 to 1."""
    return sum(one.count * abs(one.confidence - one.right) for one in bins(confidences)) / len(confidences)
