"""The loop: a time budget, batches from the pool, a figure on unseen voices now and then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from services.emotion.classifier import Classifier
from services.emotion.clips import cut
from services.emotion.labels import EMOTIONS, emotions_of
from services.emotion.trend import top, trend
from training.common import state
from training.common.budget import Budget, cosine
from training.common.log import CsvLog
from training.emotion.data import LabelledCall, Pool
from training.emotion.frontend import Frontend

Calls = Callable[[np.random.Generator], Iterator[LabelledCall]]
"""Gives labelled calls, finite or not, in an order that the generator draws."""

_PASSAGE_SECONDS = 60.0
# Turns that are heard alone are cropped to a random length between these.
_TURN_SECONDS = (1.5, 4.0)


@dataclass(frozen=True)
class Settings:
    """How to train.

    Attributes:
        minutes: core-minutes of the whole run.
        learning_rate: peak; linear warm-up, then half a cosine to zero.
        batch: passages a step for a model that hears turns in context, turns for one that hears each alone.
        pool_seconds: audio to have in memory before the first step.
        steps_a_call: steps after which one more call is taken into the pool.
        judge_minutes: core-minutes between two looks at the validation calls.
        max_steps: end after so many steps even if time is left; 0: no limit.
        weight_decay: of AdamW.
        label_smoothing: share of the target that is spread over all labels.
        seed: of the draws.
    """

    minutes: float = 58.0
    learning_rate: float = 1.0e-3
    batch: int = 4
    pool_seconds: float = 1200.0
    steps_a_call: int = 2
    judge_minutes: float = 4.0
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
    log = CsvLog(run / "log.csv", ("minutes", "step", "loss", "accuracy", "pool_hours", "uar", "trend", *EMOTIONS))
    optimizer = state.adamw(model, (0.9, 0.98), settings.weight_decay)
    saved = state.load(run / "state.pt") or {"spent_seconds": 0.0, "step": 0}
    if saved["step"]:
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
    step = int(saved["step"])
    frontend = Frontend(model, extractor)
    pool = Pool(calls(np.random.default_rng([settings.seed, step, 1])), frontend)
    while pool.seconds < settings.pool_seconds and pool.grow():
        pass
    updates = _updates(model, frontend, pool, np.random.default_rng([settings.seed, step]), settings)
    budget = Budget(settings.minutes, saved["spent_seconds"])
    judged = budget.spent_seconds
    seen: list[tuple[float, float]] = []

    def judge() -> None:
        log.write(minutes=budget.spent_seconds / 60, step=step, **recalls(model, extractor, validation))
        state.save(run / "state.pt", model=model.state_dict(), optimizer=optimizer.state_dict(), step=step,
                   spent_seconds=budget.spent_seconds)  # fmt: skip

    while budget.progress < 1 and not (settings.max_steps and step >= settings.max_steps):
        model.train()
        state.set_learning_rate(optimizer, settings.learning_rate * cosine(budget.progress))
        loss, accuracy = next(updates)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        seen.append((float(loss.detach()), accuracy))
        step += 1
        if step % settings.steps_a_call == 0:
            pool.grow()
        if step % 100 == 0:
            mean_loss, mean_accuracy = np.mean(seen, axis=0)
            log.write(minutes=budget.spent_seconds / 60, step=step, loss=float(mean_loss),
                      accuracy=float(mean_accuracy), pool_hours=pool.seconds / 3600)  # fmt: skip
            seen.clear()
        if budget.spent_seconds - judged > 60 * settings.judge_minutes:
            judged = budget.spent_seconds
            judge()
    judge()


def _updates(
    model: PreTrainedModel, frontend: Frontend, pool: Pool, rng: np.random.Generator, settings: Settings
) -> Iterator[tuple[torch.Tensor, float]]:
    """The loss of a batch and the share of its turns that are judged rightly, without end."""
    outputs = emotions_of(model.config.id2label)
    if frontend.in_context:
        batches = pool.passages(rng, settings.batch, _PASSAGE_SECONDS)
    else:
        batches = ([[turn] for turn in turns] for turns in pool.turns(rng, settings.batch, _TURN_SECONDS))
    for batch in batches:
        labels = [outputs.index(turn.label) for turns in batch for turn in turns]
        targets, weights = torch.tensor(labels, device=model.device), None
        if frontend.in_context:
            logits = frontend.passage_logits([[turn.features for turn in turns] for turns in batch])
            # As in balanced batches: what counts is the mean over the emotions.
            counts = torch.tensor([max(1, pool.counts[label]) for label in outputs], device=model.device)
            weights = counts.sum() / (len(outputs) * counts)
        else:
            logits = frontend.logits([turn.features for (turn,) in batch])
        loss = cross_entropy(logits, targets, weights, label_smoothing=settings.label_smoothing)
        yield loss, float((logits.argmax(-1) == targets).float().mean())


def recalls(model: PreTrainedModel, extractor: Any, calls: Sequence[LabelledCall]) -> dict[str, float]:
    """Recall of each emotion on whole calls, their mean ``uar``, and how often the customer's ``trend`` is right.

    Turns are judged as the server does it.
    """
    model.eval()
    classifier = Classifier(model, extractor)
    hits: dict[str, list[bool]] = {}
    trends: list[bool] = []
    for call in calls:
        judged = dict(classifier.classify(cut(call.audio, call.spans), [span.voice for span in call.spans]))
        for number, scores in judged.items():
            hits.setdefault(call.labels[number], []).append(top(scores) == call.labels[number])
        customer = [number for number, span in enumerate(call.spans) if span.customer]
        if customer:
            mood = trend((call.spans[number], scores) for number, scores in judged.items())
            trends.append((mood.start, mood.end) == (call.labels[customer[0]], call.labels[customer[-1]]))
    found = {emotion: float(np.mean(hits[emotion])) for emotion in EMOTIONS if emotion in hits}
    return {"uar": float(np.mean(list(found.values()))), "trend": float(np.mean(trends)) if trends else 0.0, **found}
