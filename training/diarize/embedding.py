"""Speaker embeddings: learned by telling training voices apart, then turned so that moods and lines matter least."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.linalg
import torch
from torch.nn import functional

from training.common import state
from training.common.budget import Budget, cosine
from training.common.log import CsvLog
from training.corpus.draw import chance
from training.corpus.speak import SAMPLE_RATE
from training.diarize.networks import embedding_network
from training.diarize.pool import Pool

_PEAK_RATE, _BATCH, _SECONDS = 1.5e-3, 32, (1.5, 2.0, 3.0)
_SCALE, _MARGIN = 16.0, 0.15
_NOISY = 0.6
_PRINCIPAL, _SHRINKAGE = 600, 0.05

Vectors = npt.NDArray[np.float64]


class MarginHead(torch.nn.Module):
    """Additive angular margin softmax over the training voices (https://arxiv.org/abs/1801.07698)."""

    def __init__(self, dimension: int, classes: int) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(classes, dimension) * 0.1)

    def forward(self, vectors: torch.Tensor, targets: torch.Tensor, margin: float) -> tuple[torch.Tensor, torch.Tensor]:
        """The loss, and the share of the targets that are hit."""
        cosines = functional.linear(functional.normalize(vectors), functional.normalize(self.weight))
        hit = (cosines.argmax(1) == targets).float().mean()
        angles = torch.arccos(cosines.clamp(-1 + 1e-6, 1 - 1e-6))
        wanted = functional.one_hot(targets, cosines.shape[1]).bool()
        logits = torch.where(wanted, torch.cos(angles + margin), cosines)
        return functional.cross_entropy(_SCALE * logits, targets), hit


def batch(pool: Pool, rng: np.random.Generator, size: int, seconds: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Pieces of single utterances, shape (size, 1, samples), and whose they are, shape (size,)."""
    samples = round(seconds * SAMPLE_RATE)
    waves = np.empty((size, 1, samples), np.float32)
    chosen = rng.integers(len(pool.persona), size=size)
    for row, index in enumerate(chosen):
        spoken = pool.utterance(int(index))
        spoken = np.tile(spoken, -(-samples // len(spoken)))
        first = int(rng.integers(len(spoken) - samples + 1))
        wave = spoken[first : first + samples] + rng.standard_normal(samples, dtype=np.float32) * np.float32(1e-4)
        if chance(rng, _NOISY):
            level = float(np.sqrt(np.mean(np.square(wave)))) * 10 ** (-rng.uniform(10, 35) / 20)
            start = int(rng.integers(pool.noises.shape[1] - samples))
            noise = int(rng.integers(len(pool.noises)))
            wave = wave + np.float32(level) * pool.noises[noise, start : start + samples]
        waves[row, 0] = wave * np.float32(10 ** (rng.uniform(-6, 6) / 20))
    return torch.from_numpy(waves), torch.from_numpy(pool.speaker[pool.persona[chosen]])


def make(pool: Pool, held_out: Pool, work: Path, minutes: float, seed: int, log: CsvLog, examples: int = 10000) -> Any:
    """A network that tells voices apart: trained, then its discriminants found; read from ``work`` when it is there.

    Args:
        pool: voices to learn from.
        held_out: other voices, for the error in the log.
        work: where the state is kept.
        minutes: of training; 0 leaves the network as it was drawn.
        seed: of every draw.
        log: gets losses and errors.
        examples: pieces of speech that the discriminants are found from.
    """
    path = work / "embedding.pt"
    if saved := state.load(path):
        net = embedding_network()
        net.load_state_dict(saved["net"])
        return net.eval()
    net = train(pool, work, minutes, seed, log)
    discriminate(net, pool, held_out, seed, log, examples)
    state.save(path, net=net.state_dict())
    return net


def train(pool: Pool, work: Path, minutes: float, seed: int, log: CsvLog) -> Any:
    """Trains a new network for the given minutes, earlier sittings included; resumes from ``work``.

    With no minutes it stays as drawn, but for the statistics of its normalization: pooled random
    features are enough for ``discriminate`` to tell voices apart, at a hundredth of the cost.
    """
    torch.manual_seed(seed)
    net = embedding_network()
    head = MarginHead(net.dimension, pool.speakers)
    both = torch.nn.ModuleDict({"net": net, "head": head})
    optimizer = state.adamw(both, (0.9, 0.98), 0.02)
    path = work / "embedding-training.pt"
    saved = state.load(path)
    step, spent = 0, 0.0
    if saved:
        both.load_state_dict(saved["both"])
        optimizer.load_state_dict(saved["optimizer"])
        step, spent = saved["step"], saved["spent"]
    budget = Budget(minutes, spent)
    both.train()
    with torch.no_grad():
        for number in range(0 if saved else 10):
            net(batch(pool, np.random.default_rng([seed, 6, number]), _BATCH, 2.0)[0])
    losses: list[float] = []
    hits: list[float] = []
    while (progress := budget.progress if minutes else 1.0) < 1:
        rate = _PEAK_RATE * cosine(progress)
        state.set_learning_rate(optimizer, rate)
        waves, voices = batch(pool, np.random.default_rng([seed, 2, step]), _BATCH, _SECONDS[step % len(_SECONDS)])
        loss, hit = head(net(waves), voices, _MARGIN * min(1.0, 3 * progress))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(both.parameters(), 5.0)
        optimizer.step()
        step += 1
        losses.append(float(loss))
        hits.append(float(hit))
        done = budget.progress >= 1
        if step % 50 == 0 or done:
            log.write(stage="embedding", step=step, seconds=budget.spent_seconds, rate=rate,
                      loss=float(np.mean(losses)), accuracy=float(np.mean(hits)))  # fmt: skip
            losses, hits = [], []
            state.save(path, both=both.state_dict(), optimizer=optimizer.state_dict(),
                       step=step, spent=budget.spent_seconds)  # fmt: skip
    return net.eval()


def discriminate(net: Any, pool: Pool, held_out: Pool, seed: int, log: CsvLog, examples: int) -> None:
    """Sets the network's last layer to a linear discriminant analysis of what it pools over the training voices.

    What differs between a voice's moods, words and lines is made small, what differs between voices large
    (https://arxiv.org/abs/1803.10963 does so with x-vectors, before PLDA); cosines then compare voices.
    """
    pooled, voices = collect(net, pool, examples, seed)
    projection, mean = discriminants(pooled, voices, net.dimension)
    with torch.no_grad():
        net.embedding.weight.copy_(torch.from_numpy(projection.T))
        net.embedding.bias.copy_(torch.from_numpy(-mean @ projection))
    log.write(stage="discriminants", step=len(pooled), error=equal_error_rate(net, held_out, seed))


@torch.inference_mode()
def equal_error_rate(net: Any, pool: Pool, seed: int) -> float:
    """How often two pieces of speech are wrongly said to be of one voice, or of two, where both happen as often."""
    drawn = [batch(pool, np.random.default_rng([seed, 8, number]), _BATCH, 2.0) for number in range(16)]
    vectors = functional.normalize(torch.cat([net(waves) for waves, _ in drawn]))
    voices = torch.cat([who for _, who in drawn])
    first, second = torch.triu_indices(len(voices), len(voices), 1)
    likeness = (vectors @ vectors.T)[first, second]
    same = (voices[:, None] == voices[None])[first, second]
    order = likeness.argsort(descending=True)
    missed = 1 - same[order].cumsum(0) / same.sum()
    mistaken = (~same[order]).cumsum(0) / (~same).sum()
    return float(mistaken[(missed - mistaken).abs().argmin()])


@torch.inference_mode()
def collect(net: Any, pool: Pool, examples: int, seed: int) -> tuple[Vectors, npt.NDArray[np.int64]]:
    """What goes into the network's last layer, shape (examples, features), and whose voice each is."""
    pooled: list[npt.NDArray[np.float32]] = []
    voices: list[npt.NDArray[np.int64]] = []
    hook = net.embedding.register_forward_pre_hook(lambda _, inputs: pooled.append(inputs[0].numpy()))
    try:
        for number in range(-(-examples // _BATCH)):
            rng = np.random.default_rng([seed, 7, number])
            waves, who = batch(pool, rng, _BATCH, _SECONDS[number % len(_SECONDS)])
            net(waves)
            voices.append(who.numpy())
    finally:
        hook.remove()
    return np.concatenate(pooled).astype(np.float64), np.concatenate(voices)


def discriminants(pooled: Vectors, voices: npt.NDArray[np.int64], dimension: int) -> tuple[Vectors, Vectors]:
    """Linear discriminants, strongest first, shape (features, dimension), and the mean, shape (features,).

    Each is weighted by how much farther it spreads between voices than within them: weak ones are mostly noise.
    The features are scaled and reduced to their principal components, the covariance within voices is shrunk
    towards a sphere: there are fewer examples than a full covariance would need.
    """
    mean, scale = pooled.mean(axis=0), pooled.std(axis=0) + 1e-6
    scaled = (pooled - mean) / scale
    count = min(_PRINCIPAL, len(scaled) - 1, scaled.shape[1])
    last = scaled.shape[1] - 1
    _, axes = scipy.linalg.eigh(scaled.T @ scaled, subset_by_index=(last - count + 1, last))
    reduced = scaled @ axes
    names, index, sizes = np.unique(voices, return_inverse=True, return_counts=True)
    means = np.zeros((len(names), count))
    np.add.at(means, index, reduced)
    means /= sizes[:, None]
    inner = reduced - means[index]
    within = inner.T @ inner / len(inner)
    within = (1 - _SHRINKAGE) * within + _SHRINKAGE * np.trace(within) / count * np.eye(count)
    between = (means * sizes[:, None]).T @ means / len(reduced)
    wanted = min(dimension, count)
    ratios, found = scipy.linalg.eigh(between, within, subset_by_index=(count - wanted, count - 1))
    by_chance = len(names) / len(reduced)
    found = found * np.sqrt(np.maximum(ratios - by_chance, 0))
    projection = np.zeros((scaled.shape[1], dimension))
    projection[:, :wanted] = axes @ found[:, ::-1] / scale[:, None]
    return projection, mean
