"""How long and how fast a network is trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """Of one network's training.

    Attributes:
        minutes: core-minutes of the run, earlier sittings included.
        peak_rate: highest learning rate.
        half_length_share: share of the run in which the segmentation hears chunks of half their length:
            fewer speakers a chunk are easier to tell apart.
        steps: stop after so many; 0: when the minutes are over.
    """

    minutes: float
    peak_rate: float = 2e-3
    half_length_share: float = 0.3
    steps: int = 0
