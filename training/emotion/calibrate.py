"""Probabilities that mean what they say: a temperature, chosen on held-out calls and folded into the classifier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import torch
from transformers import PreTrainedModel

from services.emotion.classifier import Classifier
from services.emotion.clips import cut
from services.emotion.labels import emotions_of
from training.calibration.maps import decision, fit_temperature
from training.emotion.data import LabelledCall


def calibrate(model: PreTrainedModel, extractor: Any, calls: Sequence[LabelledCall]) -> float:
    """Divides the model's logits, in place, by the temperature that makes the calls' labels most probable.

    Every emotion counts the same. The most probable emotion of a turn stays what it is: the classifier is linear.

    Args:
        model: a sequence classifier of the wav2vec2 family with the four emotions as labels.
        extractor: its feature extractor.
        calls: that it was not trained on.

    Returns:
        The temperature, from 1/8 to 8: above 1 where the model was surer than right.
    """
    outputs = emotions_of(model.config.id2label)
    decisions = []
    model.eval()
    classifier = Classifier(model, extractor)
    for place, call in enumerate(calls):
        judged = classifier.classify(cut(call.audio, call.spans), [span.voice for span in call.spans])
        for number, scores in judged:
            said = [scores[emotion] for emotion in outputs]
            decisions.append(decision(place, said, outputs.index(call.labels[number])))
    counts = Counter(one.target for one in decisions)
    best = fit_temperature(decisions, [1 / counts[one.target] for one in decisions]).value
    with torch.no_grad():
        model.classifier.weight.div_(best)
        model.classifier.bias.div_(best)
    return best
