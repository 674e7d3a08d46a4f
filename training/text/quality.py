"""The recipe of the quality model: BERT, a summary in, one to five stars out."""

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

LABELS = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
MINUTES, LEARNING_RATE = 6.0, 1.2e-3
MAX_TOKENS = 256
_BATCH = 32
_NEIGHBOUR = 0.1
"""Share of the target that each neighbouring number of stars gets: four for five is a small mistake."""


def tokenizer(source: Source) -> PreTrainedTokenizerFast:
    """WordPiece of 3000 over the summaries."""
    return wordpiece(source.summaries(), 3000, MAX_TOKENS)


def network(tokens: PreTrainedTokenizerFast) -> BertForSequenceClassification:
    """0.9 M parameters."""
    return classifier(tokens, LABELS, MAX_TOKENS, dropout=0.2)


def targets(stars: list[int]) -> torch.Tensor:
    """Soft targets, shape (calls, 5); a neighbour that does not exist leaves its share to the star itself."""
    soft = torch.zeros(len(stars), 5)
    for row, star in enumerate(stars):
        for near in (star - 1, star + 1):
            soft[row, near - 1 if 1 <= near <= 5 else star - 1] += _NEIGHBOUR
        soft[row, star - 1] += 1.0 - 2 * _NEIGHBOUR
    return soft


def objective(model: Any, tokens: Any, source: Source, noise: Noise) -> Step:
    """Cross-entropy against the softened stars."""

    def step(rng: np.random.Generator) -> torch.Tensor:
        calls = [call for call in source.draw_many(rng, _BATCH) if call.summary and call.stars]
        texts = [noise.call(rng, [call.summary])[0] for call in calls]
        batch = tokens(texts, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
        soft = targets([call.stars for call in calls]).to(model.device)
        loss: torch.Tensor = torch.nn.functional.cross_entropy(model(**batch.to(model.device)).logits, soft)
        return loss

    return step
