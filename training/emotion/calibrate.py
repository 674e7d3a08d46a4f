"""Probabilities that mean what they say: a temperature, chosen on held-out calls and folded into the classifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedModel

from services.emotion.classifier import Classifier
from services.emotion.clips import cut
from services.emotion.labels import emotions_of
from training.emotion.data import LabelledCall

_TEMPERATURES = tuple(2.0 ** (step / 8) for step in range(-16, 17))


def calibrate(model: PreTrainedModel, extractor: Any, calls: Sequence[LabelledCall]) -> float:
    """Divides the model's logits, in place, by the temperature that makes the calls' labels most probable.

    Every emotion counts the same. The most probable emotion of a turn stays what it is: the classifier is linear.

    Args:
        model: a sequence classifier of the wav2vec2 family with the four emotions as labels.
        extractor: its feature extractor.
        calls: that it was not trained on.

    Returns:
        The temperature, from 1/4 to 4: above 1 where the model was surer than right.
    """
    outputs = emotions_of(model.config.id2label)
    logits, labels = [], []
    model.eval()
    classifier = Classifier(model, extractor)
    for call in calls:
        judged = classifier.classify(cut(call.audio, call.spans), [span.voice for span in call.spans])
        for number, scores in judged:
            logits.append([np.log(scores[emotion] + 1e-12) for emotion in outputs])
            labels.append(outputs.index(call.labels[number]))
    values, targets = torch.tensor(logits), torch.tensor(labels)
    weights = 1 / torch.bincount(targets, minlength=len(outputs)).clamp(min=1)
    loss = torch.nn.CrossEntropyLoss(weights.to(values.dtype))
    best = min(_TEMPERATURES, key=lambda temperature: float(loss(values / temperature, targets)))
    with torch.no_grad():
        model.classifier.weight.div_(best)
        model.classifier.bias.div_(best)
    return best
