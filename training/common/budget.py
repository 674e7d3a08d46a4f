"""Training by time: a recipe is given minutes of a core, not steps, and anneals to zero exactly when they are over."""

from __future__ import annotations

import math
import time


class Budget:
    """Time that a run computes, continued when the run is resumed.

    Time of a core that the process itself used, all its threads together: a busy machine makes a run longer, not
    poorer. What other processes do for it does not count.

    Args:
        minutes: core-minutes of the whole run.
        spent_seconds: what earlier sittings of the same run have used.
    """

    def __init__(self, minutes: float, spent_seconds: float = 0.0) -> None:
        self.minutes = minutes
        self._start = time.process_time() - spent_seconds

    @property
    def spent_seconds(self) -> float:
        """Core-seconds used so far, earlier sittings included."""
        return time.process_time() - self._start

    @property
    def progress(self) -> float:
        """Share of the budget that is used, 0 to 1."""
        return min(1.0, self.spent_seconds / (60.0 * self.minutes))


def cosine(progress: float, warm_up: float = 0.05, floor: float = 0.0) -> float:
    """Factor on the peak learning rate: linear warm-up, then half a cosine down to ``floor``.

    Args:
        progress: share of the run that is done, 0 to 1.
        warm_up: share of the run that warms up.
        floor: factor at the end.
    """
    if progress < warm_up:
        return max(progress, 1e-3 * warm_up) / warm_up
    annealed = (progress - warm_up) / (1.0 - warm_up)
    return floor + (1.0 - floor) * 0.5 * (1.0 + math.cos(math.pi * min(1.0, annealed)))
