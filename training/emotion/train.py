"""The loop: a time budget, batches from the pool, a figure on unseen voices now and then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedModel

from services.emotion.classifier import Classifier
from services.emotion.clips import cut
from services.emotion.labels import EMOTIONS, emotions_of
from training.common import state
from training.common.budget import Budget, cosine
from training.common.log import CsvLog
from training.emotion.data import LabelledCall, Pool
from training.emotion.frontend import Frontend

Calls = Callable[[np.random.Generator], Iterator[LabelledCall]]
"""Gives labelled calls, finite or not, in an order that the generator draws."""


@dataclass(frozen=True)
class Settings:
    """How to train.

    Attributes:
        minutes: wall-clock time of the whole run.
        learning_rate: peak; linear warm-up, then half a cosine to zero.
        batch: clips a step.
        seconds: long turns are cropped to a random length between these.
        pool_seconds: audio to have in memory before the first step.
        steps_per_call: steps after which one more call is taken into the pool.
        judge_minutes: time between two looks at the validation calls.
        max_steps: end after so many steps even if time is left; 0: no limit.
        weight_decay: of AdamW.
        label_smoothing: share of the target that is spread over all labels.
        seed: of the draws.
    """

    minutes: float = 30.0
    learning_rate: float = 1.5e-3
    batch: int = 32
    seconds: tuple[float, float] = (1.5, 4.0)
    pool_seconds: float = 1800.0
    steps_per_call: int = 2
    judge_minutes: float = 7.0
    max_steps: int = 0
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    seed: int = 1


def train(
    model: PreTrainedModel,
    extractor: Any,
    calls: Calls,
    validation: Sequence[LabelledCall],
    settings: Settings,
    run: Path,
) -> None:
    """Trains a model in place; killed, it goes on where it was when it is started again with the same ``run``.

    Args:
        model: a sequence classifier of the wav2vec2 family with the four emotions as labels.
        extractor: its feature extractor.
        calls: what to train on; asked with other draws each time the run is resumed.
        validation: calls to judge on, of other voices.
        settings: how.
        run: folder for the log and the state.
    """
    log = CsvLog(run / "log.csv", ("minutes", "step", "loss", "accuracy", "pool_hours", "uar", *EMOTIONS))
    optimizer = state.adamw(model, (0.9, 0.98), settings.weight_decay)
    saved = state.load(run / "state.pt") or {"spent_seconds": 0.0, "step": 0}
    if saved["step"]:
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
    step = int(saved["step"])
    rng = np.random.default_rng([settings.seed, step])
    frontend = Frontend(model, extractor)
    pool = Pool(calls(np.random.default_rng([settings.seed, step, 1])), frontend)
    while pool.seconds < settings.pool_seconds and pool.grow():
        pass
    budget = Budget(settings.minutes, saved["spent_seconds"])
    batches = pool.batches(rng, settings.batch, settings.seconds)
    outputs = emotions_of(model.config.id2label)
    seen, judged = [], budget.spent_seconds

    def judge() -> None:
        log.write(minutes=budget.spent_seconds / 60, step=step, **recalls(model, extractor, validation))
        state.save(run / "state.pt", model=model.state_dict(), optimizer=optimizer.state_dict(), step=step,
                   spent_seconds=budget.spent_seconds)  # fmt: skip

    while budget.progress < 1 and not (settings.max_steps and step >= settings.max_steps):
        model.train()
        state.set_learning_rate(optimizer, settings.learning_rate * cosine(budget.progress))
        features, labels = next(batches)
        targets = torch.tensor([outputs.index(label) for label in labels], device=model.device)
        seen.append(_step(model, optimizer, frontend.logits(features), targets, settings.label_smoothing))
        step += 1
        if step % settings.steps_per_call == 0:
            pool.grow()
        if step % 100 == 0:
            loss, accuracy = np.mean(seen, axis=0)
            log.write(minutes=budget.spent_seconds / 60, step=step, loss=float(loss), accuracy=float(accuracy),
                      pool_hours=pool.seconds / 3600)  # fmt: skip
            seen.clear()
        if budget.spent_seconds - judged > 60 * settings.judge_minutes:
            judged = budget.spent_seconds
            judge()
    judge()


def recalls(model: PreTrainedModel, extractor: Any, calls: Sequence[LabelledCall]) -> dict[str, float]:
    """Recall of each emotion on whole calls, and their mean ``uar``; turns are judged as the server does it."""
    model.eval()
    classifier = Classifier(model, extractor)
    hits: dict[str, list[bool]] = {}
    for call in calls:
        for number, scores in classifier.classify(cut(call.audio, call.spans)):
            label = call.labels[number]
            hits.setdefault(label, []).append(max(scores, key=scores.__getitem__) == label)
    found = {emotion: float(np.mean(hits[emotion])) for emotion in EMOTIONS if emotion in hits}
    return {"uar": float(np.mean(list(found.values()))), **found}


def _step(
    model: PreTrainedModel,
    optimizer: torch.optim.Optimizer,
    logits: torch.Tensor,
    targets: torch.Tensor,
    smoothing: float,
) -> tuple[float, float]:
    """One update; returns the loss and the accuracy before it."""
    loss = torch.nn.functional.cross_entropy(logits, targets, label_smoothing=smoothing)
    optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach()), float((logits.argmax(-1) == targets).float().mean())
