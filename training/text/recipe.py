"""From a recipe to a model folder: from nothing, or on top of a base model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from training.common.log import keep
from training.text import quality, roles, summarize, topics
from training.text.calls import Source
from training.text.loop import Schedule, Step, train
from training.text.noise import Noise

FINE_TUNING_RATE = 3e-5
"""Peak learning rate on top of a base model, after the BERT paper's range (Devlin et al. 2019, A.3)."""


FINE_TUNING_MINUTES = 60.0


@dataclass(frozen=True)
class Recipe:
    """What is special to a stage.

    Attributes:
        tokenizer: trains the stage's own tokenizer.
        network: makes the untrained network for a tokenizer.
        prepare: gives the untrained network a better start.
        objective: makes the training step of a model.
        base: class that loads a base model.
        labels: of a classifier that is the stage's own; empty: what the base model has.
        minutes: training time on one core, from nothing; 0 where ``prepare`` does it all.
        learning_rate: peak rate, from nothing.
    """

    tokenizer: Callable[[Source], PreTrainedTokenizerBase]
    network: Callable[[Any], PreTrainedModel]
    prepare: Callable[[Any, Any, Source, Noise, int], None]
    objective: Callable[[Any, Any, Source, Noise], Step]
    base: Any
    labels: tuple[str, ...]
    minutes: float
    learning_rate: float


def _as_it_is(model: Any, tokens: Any, source: Source, noise: Noise, seed: int) -> None:
    """Random weights will do."""


RECIPES: Mapping[str, Recipe] = {
    name: Recipe(
        module.tokenizer,
        module.network,
        prepare,
        module.objective,
        base,
        labels,
        module.MINUTES,
        module.LEARNING_RATE,
    )
    for name, module, prepare, base, labels in (
        ("roles", roles, _as_it_is, AutoModelForSequenceClassification, roles.LABELS),
        ("quality", quality, _as_it_is, AutoModelForSequenceClassification, quality.LABELS),
        ("topics", topics, topics.prepare, AutoModelForSequenceClassification, ()),
        ("summarize", summarize, summarize.prepare, AutoModelForSeq2SeqLM, ()),
    )
}


def make(stage: str, source: Source, schedule: Schedule, run: Path, out: Path, base: str = "") -> int:
    """Trains a stage's model and writes its folder.

    Args:
        stage: key of ``RECIPES``.
        source: labelled calls.
        schedule: how long and how fast.
        run: folder for the log and the state to resume from.
        out: folder of the finished model: configuration, fp16 weights, tokenizer.
        base: folder or hub id of the model to start from; empty: from nothing, with a vocabulary of its own.

    Returns:
        Number of steps taken.
    """
    recipe = RECIPES[stage]
    torch.manual_seed(schedule.seed)
    if base:
        tokens = AutoTokenizer.from_pretrained(base)
        model = recipe.base.from_pretrained(base, dtype=torch.float32, **_new_head(base, recipe.labels))
    else:
        tokens = recipe.tokenizer(source)
        model = recipe.network(tokens)
    noise = Noise([*source.spoken(), *source.summaries()])
    if not base:
        recipe.prepare(model, tokens, source, noise, schedule.seed)
    steps = 0
    if schedule.minutes or schedule.max_steps:
        steps = train(model, recipe.objective(model, tokens, source, noise), schedule, run)
    model.to(torch.float16).save_pretrained(out)
    for weights in out.glob("*.safetensors"):
        weights.chmod(0o644)  # safetensors writes files that only their owner reads
    tokens.save_pretrained(out)
    keep(run / "log.csv", out)
    return steps


def _new_head(base: str, labels: tuple[str, ...]) -> dict[str, Any]:
    """Arguments that give a base model, a bare BERT for example, a head with the stage's labels if it has others."""
    present = {str(label).lower() for label in AutoConfig.from_pretrained(base).id2label.values()} if labels else set()
    if present == set(labels):
        return {}
    by_number = dict(enumerate(labels))
    numbers = {label: number for number, label in by_number.items()}
    return {"id2label": by_number, "label2id": numbers, "num_labels": len(labels), "ignore_mismatched_sizes": True}
