"""A second thing to learn, for the training alone: which frames of a chunk are of the same speaker."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

_WIDTH = 48


class Likeness(torch.nn.Module):
    """Hears what a network's LSTM says, and asks that it be alike where the speaker is the same one.

    Who is which of the speakers does not matter to it, so it teaches from the first step on, where the
    permutation-invariant loss only begins to (https://arxiv.org/abs/1909.05952 has such a loss beside its own).

    Args:
        lstm: the network's; it is listened to from now on.
    """

    def __init__(self, lstm: torch.nn.LSTM) -> None:
        super().__init__()
        self.project = torch.nn.Linear(lstm.hidden_size * (1 + lstm.bidirectional), _WIDTH)
        self.scale = torch.nn.Parameter(torch.tensor(5.0))
        self.offset = torch.nn.Parameter(torch.tensor(-2.0))
        self._heard = torch.empty(0)
        lstm.register_forward_hook(self._hear)

    def _hear(self, module: torch.nn.Module, inputs: Any, output: tuple[torch.Tensor, Any]) -> None:
        self._heard = output[0]

    def forward(self, active: torch.Tensor) -> torch.Tensor:
        """Cross-entropy over the pairs of frames in which one speaker talks alone.

        Args:
            active: who speaks in what the network has just heard, shape (chunks, frames, speakers), 0 or 1.
        """
        vectors = functional.normalize(self.project(self._heard), dim=-1)
        scores = self.scale * (vectors @ vectors.transpose(1, 2)) + self.offset
        alone = (active.sum(2) == 1).float()
        weights = alone[:, :, None] * alone[:, None, :]
        same = (active @ active.transpose(1, 2)).clamp(max=1)
        losses = functional.binary_cross_entropy_with_logits(scores, same, reduction="none")
        return (losses * weights).sum() / weights.sum().clamp(min=1)
