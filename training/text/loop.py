"""One training loop for the four recipes: by core-minutes, resumable."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from training.common import state
from training.common.budget import Budget, cosine
from training.common.log import CsvLog

Step = Callable[[np.random.Generator], torch.Tensor]
"""Draws a batch with the generator and gives its loss."""

_LOG_SECONDS = 20.0
_SAVE_SECONDS = 120.0


@dataclass(frozen=True)
class Schedule:
    """How long and how fast.

    Attributes:
        minutes: core-minutes, after which the learning rate has come down to zero; unused when ``max_steps`` is set.
        learning_rate: peak of AdamW's rate.
        seed: of the data's order; the budget decides how far it gets.
        max_steps: number of steps; 0: the budget decides.
        warm_up: share of the time in which the rate rises.
    """

    minutes: float
    learning_rate: float
    seed: int = 0
    max_steps: int = 0
    warm_up: float = 0.04


def train(model: torch.nn.Module, step: Step, schedule: Schedule, run: Path) -> int:
    """Trains a model in place.

    Args:
        model: whose parameters are trained.
        step: gives the loss of a fresh batch.
        schedule: how long and how fast.
        run: folder for the log and the state to resume from.

    Returns:
        Number of steps taken, earlier sittings included.
    """
    torch.manual_seed(schedule.seed)
    optimizer = state.adamw(model, betas=(0.9, 0.98), weight_decay=0.02)
    saved = state.load(run / "state.pt")
    spent, steps = 0.0, 0
    if saved:
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        spent, steps = float(saved["spent_seconds"]), int(saved["steps"])
    rng = np.random.default_rng([schedule.seed, steps])
    # With steps to count, the budget must not end the run before them.
    budget, log = (
        Budget(math.inf if schedule.max_steps else schedule.minutes, spent),
        CsvLog(run / "log.csv", ("steps", "minutes", "loss")),
    )
    losses: list[float] = []
    logged = stored = time.monotonic()
    model.train()
    while budget.progress < 1.0 and not (schedule.max_steps and steps >= schedule.max_steps):
        progress = steps / schedule.max_steps if schedule.max_steps else budget.progress
        state.set_learning_rate(optimizer, schedule.learning_rate * cosine(progress, schedule.warm_up))
        loss = step(rng)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(float(loss.detach()))
        steps += 1
        if (now := time.monotonic()) - logged > _LOG_SECONDS:
            log.write(steps=steps, minutes=budget.spent_seconds / 60, loss=float(np.mean(losses)))
            losses, logged = [], now
        if now - stored > _SAVE_SECONDS:
            progress_so_far = {"spent_seconds": budget.spent_seconds, "steps": steps}
            state.save(run / "state.pt", model=model.state_dict(), optimizer=optimizer.state_dict(), **progress_so_far)
            stored = now
    (run / "state.pt").unlink(missing_ok=True)
    model.eval()
    return steps
