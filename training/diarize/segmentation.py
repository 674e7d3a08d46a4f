"""Who of up to three speakers talks in each frame of a chunk: powerset classes, whichever speaker comes first."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pyannote.audio.utils.powerset import Powerset
from torch.nn import functional

from training.common import state
from training.common.budget import Budget, cosine
from training.common.log import CsvLog
from training.diarize.likeness import Likeness
from training.diarize.networks import frame_times
from training.diarize.scenes import Scene, Source, activity
from training.diarize.schedule import Schedule

_BATCH_SECONDS = 80.0


def batch(
    source: Source, net: Any, rng: np.random.Generator, size: int, seconds: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Chunks, shape (size, 1, samples), and who speaks, shape (size, frames, speakers)."""
    scenes: list[Scene] = [source.draw(rng, seconds) for _ in range(size)]
    times = frame_times(net, seconds)
    speakers = len(net.specifications.classes)
    active = np.stack([activity(scene, times, speakers) for scene in scenes])
    return torch.from_numpy(np.stack([scene.wave for scene in scenes]))[:, None], torch.from_numpy(active)


def powerset_loss(scores: torch.Tensor, active: torch.Tensor, powerset: Powerset) -> torch.Tensor:
    """Negative log-likelihood under the best order of the speakers, chunk by chunk.

    Args:
        scores: log-probabilities of the powerset classes, shape (chunks, frames, classes).
        active: shape (chunks, frames, speakers), 0 or 1.
        powerset: between the two (https://arxiv.org/abs/2310.13025).
    """
    orders = [
        functional.nll_loss(
            scores.transpose(1, 2), powerset.to_powerset(active[..., order]).argmax(-1), reduction="none"
        ).mean(1)
        for order in permutations(range(active.shape[2]))
    ]
    return torch.stack(orders).min(0).values.mean()


@torch.inference_mode()
def frame_error(net: Any, waves: torch.Tensor, active: torch.Tensor, powerset: Powerset) -> float:
    """Share of speech that is missed, invented or given to the wrong speaker, no collar, chunk by chunk."""
    found = torch.cat([powerset.to_multilabel(net(part)) for part in torch.split(waves, 8)])
    wrong = torch.stack(
        [
            torch.maximum(found.sum(2), active.sum(2)).sum(1) - (found * active[..., order]).sum((1, 2))
            for order in permutations(range(active.shape[2]))
        ]
    )
    return float(wrong.min(0).values.sum() / active.sum())


def train(
    net: Any,
    source: Source,
    held_out: Source,
    work: Path,
    schedule: Schedule,
    seed: int,
    log: CsvLog,
    likeness: bool = False,
) -> Any:
    """Trains the network in place; resumes from ``work``.

    Args:
        net: a PyanNet, new or to be fine-tuned.
        source: what to learn from.
        held_out: what the error in the log is measured on.
        work: where the state is kept.
        schedule: how long and how fast.
        seed: of the draws and the dropout.
        log: gets the loss and the error.
        likeness: learn also which frames are of one speaker; for a PyanNet with a monolithic LSTM.
    """
    torch.manual_seed(seed)
    learner = torch.nn.ModuleDict({"net": net})
    if likeness:
        learner["likeness"] = Likeness(net.lstm)
    specifications = net.specifications
    seconds = float(specifications.duration)
    powerset = Powerset(len(specifications.classes), specifications.powerset_max_classes)
    optimizer = state.adamw(learner, (0.9, 0.98), 0.01)
    path = work / "segmentation.pt"
    saved = state.load(path)
    step, spent = 0, 0.0
    if saved:
        learner.load_state_dict(saved["learner"])
        optimizer.load_state_dict(saved["optimizer"])
        step, spent = saved["step"], saved["spent"]
    test = batch(held_out, net, np.random.default_rng([seed, 3]), 48, seconds)
    budget = Budget(schedule.minutes, spent)
    losses: list[float] = []
    while (progress := step / schedule.steps if schedule.steps else budget.progress) < 1:
        rate = schedule.peak_rate * cosine(progress)
        state.set_learning_rate(optimizer, rate)
        rng = np.random.default_rng([seed, 4, step])
        piece = seconds / 2 if progress < schedule.half_length_share else seconds
        waves, active = batch(source, net, rng, max(1, round(_BATCH_SECONDS / piece)), piece)
        net.train()
        loss = powerset_loss(net(waves), active, powerset)
        optimizer.zero_grad()
        (loss + learner["likeness"](active) if likeness else loss).backward()
        torch.nn.utils.clip_grad_norm_(learner.parameters(), 1.0)
        optimizer.step()
        step += 1
        losses.append(float(loss))
        done = step >= schedule.steps if schedule.steps else budget.progress >= 1
        if step % 100 == 0 or done:
            error = frame_error(net.eval(), *test, powerset)
            log.write(stage="segmentation", step=step, seconds=budget.spent_seconds, rate=rate,
                      loss=float(np.mean(losses)), error=error)  # fmt: skip
            losses = []
            state.save(path, learner=learner.state_dict(), optimizer=optimizer.state_dict(),
                       step=step, spent=budget.spent_seconds)  # fmt: skip
    return net.eval()
