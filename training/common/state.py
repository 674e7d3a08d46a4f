"""A run's state on disk, so that it can be killed and resumed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch


def save(path: Path, **objects: Any) -> None:
    """Writes tensors, state dicts and plain values; a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(objects, partial)
    partial.replace(path)


def load(path: Path) -> dict[str, Any] | None:
    """Reads what ``save`` wrote; None when there is nothing to resume from."""
    if not path.exists():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def adamw(model: torch.nn.Module, betas: tuple[float, float], weight_decay: float) -> torch.optim.AdamW:
    """AdamW that decays matrices and leaves biases and norms alone."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=0.0, betas=betas)


def set_learning_rate(optimizer: torch.optim.Optimizer, value: float) -> None:
    """Sets the rate of all groups."""
    for group in optimizer.param_groups:
        group["lr"] = value
