"""Speaker embeddings: learned by telling the training speakers apart, whatever their mood and words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from training.common import state
from training.common.budget import Budget, cosine
from training.common.log import CsvLog
from training.corpus.draw import chance
from training.corpus.speak import SAMPLE_RATE
from training.diarize.networks import embedding_network
from training.diarize.pool import Pool
from training.diarize.schedule import Schedule

_BATCH, _SECONDS = 48, (1.0, 1.5, 2.0, 2.5)
_SCALE, _MARGIN = 24.0, 0.2
_NOISY = 0.6
# How loud a party is stays the same in a call: small enough that it may count.
_GAIN_DB = 3.0


class Standardized(torch.nn.Module):
    """Cepstra with a mean of zero and a deviation of one, coefficient by coefficient.

    The first cepstral coefficient is a hundred times the last: as they come, no learning rate suits both,
    and the network does not begin to learn.
    """

    def __init__(self, mfcc: torch.nn.Module, waves: torch.Tensor) -> None:
        super().__init__()
        self.mfcc = mfcc
        with torch.no_grad():
            cepstra = mfcc(waves).squeeze(1)
        self.register_buffer("mean", cepstra.mean((0, 2))[:, None])
        self.register_buffer("deviation", cepstra.std((0, 2))[:, None])

    def forward(self, waves: torch.Tensor) -> torch.Tensor:
        """Shape (batch, 1, coefficients, frames)."""
        return (self.mfcc(waves) - self.mean) / self.deviation

    @torch.no_grad()
    def fold_into(self, net: Any) -> None:
        """Makes the network take cepstra as they come: its first layer, which does not pad, does the same inside."""
        first = net.tdnns[0]
        first.weight /= self.deviation
        first.bias -= (first.weight * self.mean).sum((1, 2))
        net.mfcc = self.mfcc


class MarginHead(torch.nn.Module):
    """Additive angular margin softmax over the training speakers (https://arxiv.org/abs/1801.07698)."""

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
        waves[row, 0] = wave * np.float32(10 ** (rng.uniform(-_GAIN_DB, _GAIN_DB) / 20))
    return torch.from_numpy(waves), torch.from_numpy(pool.persona[chosen])


def make(pool: Pool, held_out: Pool, work: Path, schedule: Schedule, seed: int, log: CsvLog) -> Any:
    """A trained network; read from ``work`` when it is there.

    Args:
        pool: speakers to learn from.
        held_out: other voices, for the error in the log.
        work: where the state is kept.
        schedule: how long and how fast.
        seed: of every draw.
        log: gets losses and errors.
    """
    torch.manual_seed(seed)
    net = embedding_network()
    path = work / "embedding-trained.pt"
    if saved := state.load(path):
        net.load_state_dict(saved["net"])
        return net.eval()
    train(net, pool, held_out, work, schedule, seed, log)
    state.save(path, net=net.state_dict())
    return net.eval()


def train(net: Any, pool: Pool, held_out: Pool, work: Path, schedule: Schedule, seed: int, log: CsvLog) -> None:
    """Trains a new network in place; resumes from ``work``. The arguments are those of ``make``."""
    torch.manual_seed(seed)
    standardized = Standardized(net.mfcc, batch(pool, np.random.default_rng([seed, 6]), 8 * _BATCH, 2.0)[0])
    net.mfcc = standardized
    both = torch.nn.ModuleDict({"net": net, "head": MarginHead(net.dimension, pool.personas)})
    optimizer = state.adamw(both, (0.9, 0.98), 0.02)
    path = work / "embedding-training.pt"
    saved = state.load(path)
    step, spent = 0, 0.0
    if saved:
        both.load_state_dict(saved["both"])
        optimizer.load_state_dict(saved["optimizer"])
        step, spent = saved["step"], saved["spent"]
    budget = Budget(schedule.minutes, spent)
    losses: list[float] = []
    hits: list[float] = []
    while (progress := step / schedule.steps if schedule.steps else budget.progress) < 1:
        rate = schedule.peak_rate * cosine(progress)
        state.set_learning_rate(optimizer, rate)
        rng = np.random.default_rng([seed, 2, step])
        waves, speakers = batch(pool, rng, _BATCH, _SECONDS[step % len(_SECONDS)])
        both.train()
        # Without a margin at first: it asks for what the network cannot do yet.
        loss, hit = both["head"](net(waves), speakers, _MARGIN * min(1.0, 2 * progress))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(both.parameters(), 5.0)
        optimizer.step()
        step += 1
        losses.append(float(loss))
        hits.append(float(hit))
        done = step >= schedule.steps if schedule.steps else budget.progress >= 1
        if step % 100 == 0 or done:
            error = equal_error_rate(net.eval(), held_out, seed)
            log.write(stage="embedding", step=step, seconds=budget.spent_seconds, rate=rate,
                      loss=float(np.mean(losses)), accuracy=float(np.mean(hits)), error=error)  # fmt: skip
            losses, hits = [], []
            state.save(path, both=both.state_dict(), optimizer=optimizer.state_dict(),
                       step=step, spent=budget.spent_seconds)  # fmt: skip
    standardized.fold_into(net)


@torch.inference_mode()
def equal_error_rate(net: Any, pool: Pool, seed: int) -> float:
    """How often two pieces of two seconds are wrongly said to be of one speaker, or of two, where both are as often."""
    drawn = [batch(pool, np.random.default_rng([seed, 8, number]), _BATCH, 2.0) for number in range(10)]
    vectors = functional.normalize(torch.cat([net(waves) for waves, _ in drawn]))
    speakers = torch.cat([who for _, who in drawn])
    voices = torch.from_numpy(pool.voice)[speakers]
    first, second = torch.triu_indices(len(speakers), len(speakers), 1)
    same = speakers[first] == speakers[second]
    # One voice as two speakers is no question that a call asks.
    fair = same | (voices[first] != voices[second])
    likeness, same = (vectors @ vectors.T)[first, second][fair], same[fair]
    order = likeness.argsort(descending=True)
    missed = 1 - same[order].cumsum(0) / same.sum()
    mistaken = (~same[order]).cumsum(0) / (~same).sum()
    return float(mistaken[(missed - mistaken).abs().argmin()])
