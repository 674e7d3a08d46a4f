"""A log-linear classifier of texts, fitted in seconds.

On the few thousand sentences of the corpus a network trained from random weights learns templates by heart; a
regularised log-linear model over word pieces does not. Its weights become a network's: ``product`` writes them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

Encoded = Sequence[Sequence[int]]

SINK = 64.0
"""Pieces that a call must have before its length stops to matter much: evidence is summed over ``SINK`` + pieces."""
_PENALTY, _RARITY = 0.01, 1.0


def fit_evidence(
    calls: Encoded,
    blocks: Sequence[Sequence[int]],
    sizes: Sequence[int],
    pieces: int,
    parts: torch.Tensor | None = None,
    penalty: float = _PENALTY,
) -> torch.Tensor:
    """Fits piece weights by L-BFGS.

    Args:
        calls: piece ids of each text.
        blocks: for each question (which topic? which subtopic?) the right answer of each text.
        sizes: number of answers of each question.
        pieces: size of the vocabulary.
        parts: what the pieces have in common, sparse, shape (pieces, parts): a piece weighs the sum of its parts,
            so that rare pieces lean on frequent ones. None: each piece stands for itself.
        penalty: of the weights' squares.

    Returns:
        Shape (pieces, sum of sizes), each question's weights centred.
    """
    counts = shares(calls, pieces)
    if parts is not None:
        counts = torch.sparse.mm(counts, parts).coalesce()
    found = torch.bincount(counts.indices()[1], minlength=counts.shape[1])
    rarity = (1.0 + torch.log((1 + len(calls)) / (1 + found))) ** _RARITY
    entries = counts.values() * rarity[counts.indices()[1]]
    counts = torch.sparse_coo_tensor(counts.indices(), entries, counts.shape, is_coalesced=True)
    answers = [torch.tensor(block) for block in blocks]
    weights = torch.zeros(counts.shape[1], sum(sizes), requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=60, history_size=8, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        scores = torch.split(torch.sparse.mm(counts, weights), list(sizes), dim=1)  # type: ignore[no-untyped-call]
        entropy = [torch.nn.functional.cross_entropy(s, a) for s, a in zip(scores, answers, strict=True)]
        total = torch.stack(entropy).sum() + penalty * weights.square().sum() / len(calls)
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    weighed = weights.detach() * rarity.unsqueeze(1)
    if parts is not None:
        weighed = torch.sparse.mm(parts, weighed)
    by_block = weighed.split(list(sizes), dim=1)  # type: ignore[no-untyped-call]
    return torch.cat([block - block.mean(1, keepdim=True) for block in by_block], dim=1)


def shares(calls: Encoded, pieces: int) -> torch.Tensor:
    """How much of each text each piece is, as the network sees it: sparse, shape (texts, pieces)."""
    rows = np.repeat(np.arange(len(calls)), [len(ids) for ids in calls])
    columns = np.concatenate([np.asarray(ids, dtype=np.int64) for ids in calls])
    values = np.repeat([1.0 / (SINK + len(ids)) for ids in calls], [len(ids) for ids in calls])
    where = torch.from_numpy(np.stack([rows, columns]))
    entries = torch.tensor(values, dtype=torch.float32)
    return torch.sparse_coo_tensor(where, entries, (len(calls), pieces), check_invariants=False).coalesce()


def fit_naming(names: Sequence[tuple[Sequence[int], Sequence[int], float]], pieces: int, subjects: int) -> torch.Tensor:
    """Least squares: the pieces of a hypothesis add up to the subjects that it names.

    Args:
        names: piece ids of each hypothesis, the subjects that it names, and its weight.
        pieces: size of the vocabulary.
        subjects: number of subjects.

    Returns:
        Shape (pieces, subjects).
    """
    used = sorted({piece for ids, _, _ in names for piece in ids})
    place = {piece: column for column, piece in enumerate(used)}
    counts, targets = np.zeros((len(names), len(used))), np.zeros((len(names), subjects))
    for row, (ids, named, weight) in enumerate(names):
        for piece in ids:
            counts[row, place[piece]] += weight
        targets[row, list(named)] = weight
    solved = np.linalg.solve(counts.T @ counts + 1e-3 * np.eye(len(used)), counts.T @ targets)
    naming = torch.zeros(pieces, subjects)
    naming[used] = torch.tensor(solved, dtype=torch.float32)
    return naming
