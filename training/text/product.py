"""A log-linear model written into a DeBERTa-v2 network that reads call and candidate together.

[CLS] gathers, through the attention, the evidence of the call's pieces for each subject in one half of its state and
the subject that the candidate's pieces name in the other. The feed-forward layer multiplies the halves, unit by unit:
``gelu(x) - x / 2`` is even and about a square, so ``gelu(a + b) - gelu(a - b)`` is ``b`` and a product. A subject that
has parts (a topic and its subtopics) is told by its best part: units that only its name opens add what stands out
among the parts' evidence. The pooler hands the sum on as entailment. It is a starting point like any other and can be
trained further.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from training.text.loglinear import SINK

_NAME_SINK, _NAME_PIECES = 1000.0, 11.0
_NAT, _NAMED, _OUT = 0.03, 0.3, 0.2
"""What stands for a nat of evidence, for "this subject is meant", and for a nat of entailment."""
_BENDS = (1.0, 3.0)
"""Nats above which a part counts: with both, the sum over the parts grows about as the log of their exponentials."""
_SHUT = 20.0
"""Nats that a unit lacks while its subject is not named."""
_CALL_NORM, _NAME_NORM = 0.25, 0.1
"""Largest norms of what pieces carry, small against their constants: a candidate's pieces must add up exactly."""
_SPARE = 32
"""Numbers of the state that hold a large constant at least."""


@dataclass(frozen=True)
class LogLinear:
    """What is written.

    Attributes:
        evidence: of each piece of a call for each subject, nats, shape (pieces, subjects).
        naming: how much each piece of a candidate names each subject, shape (pieces, subjects).
        constant: evidence that every call has, nats, shape (subjects).
        parts: pairs of a subject and a part of it.
    """

    evidence: torch.Tensor
    naming: torch.Tensor
    constant: torch.Tensor
    parts: Sequence[tuple[int, int]]


def combined(scores: torch.Tensor, parts: Sequence[tuple[int, int]]) -> torch.Tensor:
    """The subjects' evidence with what their parts add, as the network sums it: shape (texts, subjects), nats."""
    out = scores.clone()
    for whole, part in parts:
        out[:, whole] += sum(torch.nn.functional.gelu(scores[:, part] - bend) for bend in _BENDS) / len(_BENDS)
    return out


@torch.no_grad()
def write(model: Any, fitted: LogLinear, cls_id: int, entailment: int, temperature: float = 1.0) -> None:
    """Writes a log-linear model into a ``DebertaV2ForSequenceClassification`` of one layer with four heads.

    Args:
        model: without positions, with two segments.
        fitted: what to write; special pieces must have no weights.
        cls_id: piece id of ``[CLS]``.
        entailment: the output that means entailment.
        temperature: nats of evidence for a nat of entailment.

    Raises:
        ValueError: the network's state or its feed-forward layer is too small for so many subjects.
    """
    subjects, size = fitted.evidence.shape[1], int(model.config.hidden_size)
    units = 2 * subjects + 2 + len(_BENDS) * len(fitted.parts)
    if size < 2 * subjects + 4 + _SPARE or size // 2 < subjects or model.config.intermediate_size < units:
        raise ValueError(f"{subjects} subjects need a state of {2 * subjects + 4 + _SPARE} and {units} units")
    model.eval()  # what [CLS] holds is read from the network below: no dropout
    for parameter in model.parameters():
        parameter.zero_()
    for module in model.modules():
        if isinstance(module, torch.nn.LayerNorm):
            module.weight.fill_(1.0)
    places = _Places(subjects, size)
    scales = _embed(model.deberta.embeddings, fitted, places, cls_id)
    _gather(model, fitted, places, scales, cls_id)
    _multiply(model.deberta.encoder.layer[0], fitted, places)
    # The pooler's gelu is the identity far from zero.
    model.pooler.dense.weight[0, places.result], model.pooler.dense.bias[0] = 1.0, 8.0
    steep = 1.0 / (_OUT * temperature)
    model.classifier.weight[:, 0], model.classifier.bias[:] = -steep / 2, 4.0 * steep
    model.classifier.weight[entailment, 0], model.classifier.bias[entailment] = steep, -8.0 * steep


class _Places:
    """Where in the state everything is."""

    def __init__(self, subjects: int, size: int) -> None:
        self.call, self.name = slice(0, subjects), slice(subjects, 2 * subjects)
        self.result, self.segment, self.balance, self.cls = (2 * subjects + i for i in range(4))
        self.constant = slice(2 * subjects + 4, size - size % 2)
        self.constants = self.constant.stop - self.constant.start
        self.gain = math.sqrt(size / (self.constants + 2))
        """What the first layer norm multiplies with."""


def _embed(embeddings: Any, fitted: LogLinear, places: _Places, cls_id: int) -> tuple[float, float]:
    """Pieces: small weights on a large constant, so that layer norms, which cannot be left out, change next to nothing.

    Returns the scales of calls' and names' weights.
    """
    words = embeddings.word_embeddings.weight
    call_scale = _CALL_NORM / float(fitted.evidence.norm(dim=1).max())
    name_scale = _NAME_NORM / float(fitted.naming.norm(dim=1).max())
    words[:, places.call], words[:, places.name] = call_scale * fitted.evidence, name_scale * fitted.naming
    words[cls_id, places.cls] = 1.0
    words[:, places.balance] = -words.sum(1)
    words[:, places.constant] = torch.tensor([1.0, -1.0]).repeat(places.constants // 2)
    embeddings.token_type_embeddings.weight[:, places.segment] = torch.tensor([-1.0, 1.0])
    embeddings.token_type_embeddings.weight[:, places.balance] = torch.tensor([1.0, -1.0])
    return call_scale, name_scale


def _gather(model: Any, fitted: LogLinear, places: _Places, scales: tuple[float, float], cls_id: int) -> None:
    """Attention: two heads gather the call, two the candidate; [CLS], which carries nothing, takes the rest."""
    attention = model.deberta.encoder.layer[0].attention
    subjects, width = len(fitted.constant), model.config.hidden_size // 4
    first = torch.zeros(1, 1, dtype=torch.long)
    seen = model.deberta.embeddings(torch.tensor([[cls_id]]), token_type_ids=first)[0, 0]
    for head in range(4):
        calls = head < 2
        at, query = head * width, _stored(math.sqrt(width))
        slope = _stored((-15.0 if calls else 15.0) / places.gain)
        aside = slope * float(seen[places.segment])
        reach = (15.0 + math.log(SINK - 1 if calls else _NAME_SINK) - aside) / float(seen[places.cls])
        attention.self.query_proj.bias[at] = query
        attention.self.key_proj.weight[at, places.segment] = slope
        attention.self.key_proj.weight[at, places.cls] = _stored(reach)
        # What [CLS] takes in the end: the logits are steep, and half precision shows.
        ahead = aside + _stored(reach) * float(seen[places.cls]) - abs(slope) * places.gain
        sink = math.exp(ahead * query / math.sqrt(width))
        begin = (head % 2) * width
        source = (places.call if calls else places.name).start + begin
        summed = _NAT / scales[0] if calls else _NAMED * (sink + _NAME_PIECES) / scales[1]
        for i in range(min(width, subjects - begin)):
            attention.self.value_proj.weight[at + i, source + i] = 1.0
            attention.output.dense.weight[source + i, at + i] = summed / places.gain
    attention.output.dense.bias[places.call] = _NAT * fitted.constant
    attention.output.dense.weight[places.balance] = -attention.output.dense.weight.sum(0)
    attention.output.dense.bias[places.balance] = -attention.output.dense.bias.sum()


def _stored(value: float) -> float:
    """The number as the finished model's half precision keeps it."""
    return float(torch.tensor(value, dtype=torch.float16))


def _multiply(layer: Any, fitted: LogLinear, places: _Places) -> None:
    """Products of both halves, and what the parts of a named subject add."""
    into, out = layer.intermediate.dense, layer.output.dense.weight
    gelu, both = torch.nn.functional.gelu, torch.tensor([_NAT + _NAMED, _NAT - _NAMED])
    unit = float(gelu(both) @ torch.tensor([1.0, -1.0])) - _NAMED
    subjects = len(fitted.constant)
    for subject in range(subjects):
        rows = slice(2 * subject, 2 * subject + 2)
        into.weight[rows, places.call.start + subject] = 1.0
        into.weight[rows, places.name.start + subject] = torch.tensor([1.0, -1.0])
        out[places.result, rows] = torch.tensor([1.0, -1.0]) * _OUT / unit
    rows = slice(2 * subjects, 2 * subjects + 2)
    into.weight[rows, places.name] = torch.tensor([[1.0], [-1.0]])
    out[places.result, rows] = torch.tensor([-1.0, 1.0]) * _OUT / unit
    for i, (whole, part) in enumerate(fitted.parts):
        for j, bend in enumerate(_BENDS):
            row = 2 * subjects + 2 + len(_BENDS) * i + j
            into.weight[row, places.call.start + part] = 1.0 / _NAT
            into.weight[row, places.name.start + whole] = _SHUT / _NAMED
            into.bias[row] = -bend - _SHUT
            out[places.result, row] = _OUT / len(_BENDS)
