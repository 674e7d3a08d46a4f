"""The convolutions of a network from nothing learn to hear how high and how loud a voice is.

That is what sets the emotions apart. From the labels of whole turns a network finds it out after hours, from the pitch
itself within minutes; and the convolutions, once they know it, need not be run again in every step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, smooth_l1_loss
from transformers import PreTrainedModel

from training.common import state
from training.common.budget import Budget, cosine
from training.common.log import CsvLog
from training.emotion.data import LabelledCall, Pool, Turn
from training.emotion.frontend import Frontend


@dataclass(frozen=True)
class Lesson:
    """How to train.

    Attributes:
        minutes: core-minutes.
        learning_rate: peak; linear warm-up, then half a cosine to zero.
        pieces: of turns, a step.
        seconds: of a piece.
        pool_seconds: audio to have in memory before the first step.
        steps_a_call: steps after which one more call is taken into the pool.
        seed: of the draws.
    """

    minutes: float = 7.0
    learning_rate: float = 4.0e-3
    pieces: int = 32
    seconds: float = 2.4
    pool_seconds: float = 900.0
    steps_a_call: int = 2
    seed: int = 1


class Reader(torch.nn.Module):
    """Reads the prosody of every frame from what the convolutions make of it; not part of the model.

    Args:
        channels: of the last convolution.
        frames: that one of its outputs is to tell: as many as the hop from one output to the next holds.
    """

    def __init__(self, channels: int, frames: int) -> None:
        super().__init__()
        self._frames = frames
        self._read = torch.nn.Linear(channels, 3 * frames)

    def forward(self, sound: torch.Tensor, turns: Sequence[Turn]) -> torch.Tensor:
        """How wrong it is: octaves of the voiced frames, which frames are voiced, and levels.

        Args:
            sound: shape (turns, outputs, channels).
            turns: with their prosody.
        """
        octaves, levels = (self._of_outputs(sound, rows) for rows in zip(*map(_rows, turns), strict=True))
        read_octaves, read_voiced, read_levels = self._read(sound).chunk(3, dim=-1)
        voiced = ~octaves.isnan()
        error = 0.3 * binary_cross_entropy_with_logits(read_voiced, voiced.float())
        error = error + 0.3 * smooth_l1_loss(read_levels, levels, beta=0.1)
        if voiced.any():
            error = error + smooth_l1_loss(read_octaves[voiced], octaves[voiced], beta=0.1)
        return error

    def _of_outputs(self, sound: torch.Tensor, rows: Sequence[Any]) -> torch.Tensor:
        """The frames of each output; it sees as many again as it has of its own, half of them before these."""
        first, count = self._frames // 2, sound.shape[1]
        own = np.stack([row[first : first + count * self._frames] for row in rows]).astype(np.float32)
        return torch.from_numpy(own.reshape(len(rows), count, self._frames)).to(sound.device)


def _rows(turn: Turn) -> tuple[Any, Any]:
    if turn.prosody is None:
        raise ValueError("a turn without prosody teaches nothing about it")
    return turn.prosody.octaves, turn.prosody.levels


def teach(model: PreTrainedModel, extractor: Any, calls: Iterator[LabelledCall], lesson: Lesson, run: Path) -> None:
    """Trains the convolutions of a model in place and freezes them; done once for a ``run``.

    Args:
        model: a sequence classifier of the wav2vec2 family with frozen first convolutions.
        extractor: its feature extractor.
        calls: invented, with clean voices, without end.
        lesson: how.
        run: folder for the log and what was learnt.
    """
    convolutions = model.base_model.feature_extractor
    if saved := state.load(run / "ear.pt"):
        convolutions.load_state_dict(saved["convolutions"])
        model.freeze_feature_encoder()
        return
    log = CsvLog(run / "ear.csv", ("minutes", "step", "error", "pool_hours"))
    frontend = Frontend(model, extractor)
    reader = Reader(model.config.conv_dim[-1], frontend.frames_an_output).to(model.device)
    learner = torch.nn.ModuleList([convolutions, reader])
    optimizer = state.adamw(learner, (0.9, 0.98), weight_decay=0.02)
    pool = Pool(calls, frontend, with_prosody=True)
    while pool.seconds < lesson.pool_seconds:
        pool.grow()
    pieces = pool.pieces(np.random.default_rng(lesson.seed), lesson.pieces, lesson.seconds)
    budget, step, seen = Budget(lesson.minutes), 0, []
    learner.train()
    while (progress := budget.progress) < 1:
        state.set_learning_rate(optimizer, lesson.learning_rate * cosine(progress))
        turns = next(pieces)
        error = reader(frontend.sound([turn.features for turn in turns]), turns)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(error)
        torch.nn.utils.clip_grad_norm_(learner.parameters(), 1.0)
        optimizer.step()
        seen.append(float(error.detach()))
        step += 1
        if step % lesson.steps_a_call == 0:
            pool.grow()
        if step % 100 == 0:
            log.write(minutes=budget.spent_seconds / 60, step=step, error=float(np.mean(seen)),
                      pool_hours=pool.seconds / 3600)  # fmt: skip
            seen.clear()
    state.save(run / "ear.pt", convolutions=convolutions.state_dict())
    model.freeze_feature_encoder()
