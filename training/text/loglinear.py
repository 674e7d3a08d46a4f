"""A log-linear classifier written into a DeBERTa-v2 network, so that inference starts where counting words ends.

On the few thousand sentences of the corpus a network trained from random weights learns templates by heart; a
regularised log-linear model over word pieces does not, and is fitted in seconds. Its weights become the network's:
[CLS] gathers, through the attention, the evidence of the call's pieces for each subject in one half of its state and
the subject that the candidate's pieces name in the other; the feed-forward layer multiplies the halves, unit by unit
(``gelu(x) + gelu(-x)`` is even, so ``f(a + b) - f(a - b)`` is a product for small a and b); the pooler hands the sum on
as entailment. It is a starting point like any other and can be trained further.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

Encoded = Sequence[Sequence[int]]

_SINK = 64.0
"""Pieces that a call must have before its length stops to matter much: evidence is summed over ``_SINK`` + pieces."""
_NAME_SINK = 200.0
_PENALTY, _RARITY = 0.01, 1.0
_OTHER_NAMES = 0.1
"""Weight of a subject's other names against its own when pieces are taught to name it."""


@dataclass(frozen=True)
class LogLinear:
    """Evidence of each piece for each subject, shape (pieces, subjects), both for calls and for candidates' names."""

    evidence: torch.Tensor
    naming: torch.Tensor


def fit_evidence(calls: Encoded, blocks: Sequence[Sequence[int]], sizes: Sequence[int], pieces: int) -> torch.Tensor:
    """Fits piece weights by L-BFGS.

    Args:
        calls: piece ids of each text.
        blocks: for each question (which topic? which subtopic?) the right answer of each text.
        sizes: number of answers of each question.
        pieces: size of the vocabulary.

    Returns:
        Shape (pieces, sum of sizes), each question's weights centred.
    """
    rows = np.repeat(np.arange(len(calls)), [len(ids) for ids in calls])
    columns = np.concatenate([np.asarray(ids, dtype=np.int64) for ids in calls])
    values = np.repeat([1.0 / (_SINK + len(ids)) for ids in calls], [len(ids) for ids in calls])
    found = np.bincount(np.concatenate([np.unique(ids) for ids in calls]).astype(np.int64), minlength=pieces)
    rarity = (1.0 + np.log((1 + len(calls)) / (1 + found))) ** _RARITY
    entries = torch.tensor(values * rarity[columns], dtype=torch.float32)
    counts = torch.sparse_coo_tensor(
        torch.from_numpy(np.stack([rows, columns])), entries, (len(calls), pieces), check_invariants=False
    )
    counts = counts.coalesce()
    answers = [torch.tensor(block) for block in blocks]
    weights = torch.zeros(pieces, sum(sizes), requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=60, history_size=8, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        scores = torch.split(torch.sparse.mm(counts, weights), list(sizes), dim=1)  # type: ignore[no-untyped-call]
        entropy = [torch.nn.functional.cross_entropy(s, a) for s, a in zip(scores, answers, strict=True)]
        total = torch.stack(entropy).sum() + _PENALTY * weights.square().sum() / len(calls)
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    by_block = (weights.detach() * torch.tensor(rarity, dtype=torch.float32).unsqueeze(1)).split(list(sizes), dim=1)  # type: ignore[no-untyped-call]
    return torch.cat([block - block.mean(1, keepdim=True) for block in by_block], dim=1)


def fit_naming(own: Encoded, other: Sequence[tuple[int, Sequence[int]]], pieces: int) -> torch.Tensor:
    """Least squares: the pieces of a subject's hypothesis add up to that subject.

    Args:
        own: piece ids of each subject's own hypothesis.
        other: subject and piece ids of further hypotheses, which weigh less.
        pieces: size of the vocabulary.

    Returns:
        Shape (pieces, subjects).
    """
    rows = [(subject, ids, 1.0) for subject, ids in enumerate(own)]
    rows += [(subject, ids, _OTHER_NAMES) for subject, ids in other]
    used = sorted({piece for _, ids, _ in rows for piece in ids})
    place = {piece: column for column, piece in enumerate(used)}
    counts, targets = np.zeros((len(rows), len(used))), np.zeros((len(rows), len(own)))
    for row, (subject, ids, weight) in enumerate(rows):
        for piece in ids:
            counts[row, place[piece]] += weight
        targets[row, subject] = weight
    solved = np.linalg.solve(counts.T @ counts + 1e-4 * np.eye(len(used)), counts.T @ targets)
    naming = torch.zeros(pieces, len(own))
    naming[used] = torch.tensor(solved, dtype=torch.float32)
    return naming


@torch.no_grad()
def write(model: Any, fitted: LogLinear, cls_id: int, entailment: int) -> None:
    """Writes a log-linear model into a ``DebertaV2ForSequenceClassification`` of one layer with four heads.

    Args:
        model: without positions, with two segments, and with room for two halves and 32 more numbers in its state.
        fitted: what to write; special pieces must have no weights.
        cls_id: piece id of ``[CLS]``.
        entailment: the output that means entailment.
    """
    subjects = fitted.evidence.shape[1]
    size = model.config.hidden_size
    call, name = slice(0, subjects), slice(subjects, 2 * subjects)
    result, segment, balance, cls = (2 * subjects + i for i in range(4))
    constant = slice(2 * subjects + 4, 2 * subjects + 4 + (size - 2 * subjects - 4) // 2 * 2)
    for parameter in model.parameters():
        parameter.zero_()
    for module in model.modules():
        if isinstance(module, torch.nn.LayerNorm):
            module.weight.fill_(1.0)

    # Pieces: small weights on a large constant, so that layer norms, which cannot be left out, change next to nothing.
    embeddings = model.deberta.embeddings
    words = embeddings.word_embeddings.weight
    call_scale = 0.7 / float(fitted.evidence.norm(dim=1).max())
    name_scale = 0.7 / float(fitted.naming.norm(dim=1).max())
    words[:, call], words[:, name] = call_scale * fitted.evidence, name_scale * fitted.naming
    words[cls_id, cls] = 1.0
    words[:, balance] = -words.sum(1)
    words[:, constant] = torch.tensor([1.0, -1.0]).repeat((constant.stop - constant.start) // 2)
    embeddings.token_type_embeddings.weight[:, segment] = torch.tensor([-1.0, 1.0])
    embeddings.token_type_embeddings.weight[:, balance] = torch.tensor([1.0, -1.0])
    gain = math.sqrt(size / (constant.stop - constant.start + 2))

    # Attention: two heads gather the call, two the candidate; [CLS], which carries nothing, takes the rest.
    attention = model.deberta.encoder.layer[0].attention
    width = size // 4
    seen = embeddings(torch.tensor([[cls_id]]), token_type_ids=torch.zeros(1, 1, dtype=torch.long))[0, 0]
    for head in range(4):
        side = -1.0 if head < 2 else 1.0
        sink = math.log(_SINK - 1 if head < 2 else _NAME_SINK)
        at, slope = head * width, side * 15.0 / gain
        attention.self.query_proj.bias[at] = math.sqrt(width)
        attention.self.key_proj.weight[at, segment] = slope
        attention.self.key_proj.weight[at, cls] = (15.0 + sink - slope * float(seen[segment])) / float(seen[cls])
        first, count = (head % 2) * width, min(width, subjects - (head % 2) * width)
        source = (call if head < 2 else name).start + first
        strength = 0.06 / (call_scale * gain) if head < 2 else 0.3 * (_NAME_SINK + 11) / (name_scale * gain)
        for i in range(count):
            attention.self.value_proj.weight[at + i, source + i] = 1.0
            attention.output.dense.weight[source + i, at + i] = strength

    # Product of both halves, unit by unit: 0.3 stands for "this subject is meant", 0.06 for one nat of evidence.
    layer = model.deberta.encoder.layer[0]
    signs = torch.tensor([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]])
    gelu = torch.nn.functional.gelu
    unit = float((gelu(signs @ torch.tensor([0.06, 0.3])) * torch.tensor([1.0, 1.0, -1.0, -1.0])).sum())
    for subject in range(subjects):
        rows = slice(4 * subject, 4 * subject + 4)
        layer.intermediate.dense.weight[rows, call.start + subject] = signs[:, 0]
        layer.intermediate.dense.weight[rows, name.start + subject] = signs[:, 1]
        layer.output.dense.weight[result, rows] = torch.tensor([1.0, 1.0, -1.0, -1.0]) * 0.2 / unit

    # The pooler's gelu is the identity far from zero; 0.2 stands for one nat.
    model.pooler.dense.weight[0, result], model.pooler.dense.bias[0] = 1.0, 8.0
    model.classifier.weight[:, 0], model.classifier.bias[:] = -2.5, 20.0
    model.classifier.weight[entailment, 0], model.classifier.bias[entailment] = 5.0, -40.0
