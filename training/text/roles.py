"""The recipe of the roles model: BERT, one turn in, operator or customer out."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from transformers import BertForSequenceClassification, PreTrainedTokenizerFast

from training.text.bert import classifier
from training.text.calls import Source
from training.text.loop import Step
from training.text.noise import Noise
from training.text.vocabulary import wordpiece

LABELS = ("operator", "customer")
MINUTES, LEARNING_RATE = 6.0, 1.5e-3
MAX_TOKENS = 128
_BATCH_CALLS = 6


def tokenizer(source: Source) -> PreTrainedTokenizerFast:
    """WordPiece of 3000 over everything that is said."""
    return wordpiece(source.spoken(), 3000, MAX_TOKENS)


def network(tokens: PreTrainedTokenizerFast) -> BertForSequenceClassification:
    """0.9 M parameters."""
    return classifier(tokens, LABELS, MAX_TOKENS)


def objective(model: Any, tokens: Any, source: Source, noise: Noise) -> Step:
    """Cross-entropy of a turn's role; the class by name, whatever order a base model has."""
    classes = {str(label).lower(): int(i) for i, label in model.config.id2label.items()}

    def step(rng: np.random.Generator) -> torch.Tensor:
        texts: list[str] = []
        labels: list[int] = []
        for call in source.draw_many(rng, _BATCH_CALLS):
            turns = [turn for turn in call.turns if turn.role in classes]
            texts += noise.call(rng, [turn.text for turn in turns], call.heard)
            labels += [classes[turn.role] for turn in turns]
        batch = tokens(texts, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
        loss: torch.Tensor = torch.nn.functional.cross_entropy(
            model(**batch.to(model.device)).logits, torch.tensor(labels, device=model.device), label_smoothing=0.05
        )
        return loss

    return step
