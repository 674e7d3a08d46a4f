"""Batches of windows with about as much audio each, made in a process of their own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset
from transformers import Wav2Vec2BertProcessor

from training.asr.features import Fbank, mask
from training.asr.windows import Window


@dataclass(frozen=True)
class Batch:
    """Windows of like length.

    Attributes:
        features: float32 [windows, frames, bins × stride].
        mask: int64 [windows, frames], 1 where there is audio.
        labels: int64 [sum of lengths], all labels one after the other.
        label_lengths: int64 [windows].
        texts: what is said.
    """

    features: torch.Tensor
    mask: torch.Tensor
    labels: torch.Tensor
    label_lengths: torch.Tensor
    texts: list[str]


class Source(Protocol):
    """Where windows come from."""

    def draw(self, rng: np.random.Generator, progress: float) -> Window:
        """One window; ``progress`` of the run, 0 to 1, may make it harder."""


class Collator:
    """Turns windows into a batch, as the processor of the model does."""

    def __init__(self, processor: Wav2Vec2BertProcessor) -> None:
        self._fbank = Fbank(processor.feature_extractor)
        self._stride = int(processor.feature_extractor.stride)
        self._tokenizer = processor.tokenizer

    def __call__(self, windows: list[Window], rng: np.random.Generator | None) -> Batch:
        """Makes a batch; with a generator, features are masked for training."""
        stacked = []
        for window in windows:
            features = self._fbank(window.audio)
            if rng is not None:
                features = mask(features, rng)
            length = len(features) // self._stride
            stacked.append(torch.from_numpy(features[: length * self._stride].reshape(length, -1)))
        lengths = torch.tensor([len(item) for item in stacked])
        labels = [self._tokenizer(window.text).input_ids if window.text else [] for window in windows]
        return Batch(
            features=torch.nn.utils.rnn.pad_sequence(stacked, batch_first=True),
            mask=(torch.arange(int(lengths.max()))[None] < lengths[:, None]).long(),
            labels=torch.tensor([label for row in labels for label in row], dtype=torch.long),
            label_lengths=torch.tensor([len(row) for row in labels]),
            texts=[window.text for window in windows],
        )


class _Stream(IterableDataset[Batch]):
    def __init__(self, processor: Wav2Vec2BertProcessor, source: Source, seed: int, progress: Any) -> None:
        self._windows, self._collate = source, Collator(processor)
        self._seed, self._progress = seed, progress

    def __iter__(self) -> Iterator[Batch]:
        torch.set_num_threads(1)
        rng = np.random.default_rng(self._seed)
        while True:
            progress = float(self._progress.value)
            batch_seconds = 40.0 + 40.0 * min(1.0, 2 * progress)
            drawn = sorted((self._windows.draw(rng, progress) for _ in range(48)), key=lambda window: len(window.audio))
            batches = list(_cut(drawn, batch_seconds))
            # Each twice, masked anew: speaking and transmitting cost half as much as the step itself.
            for i in [*rng.permutation(len(batches)), *rng.permutation(len(batches))]:
                yield self._collate(batches[i], rng)


def _cut(windows: list[Window], batch_seconds: float) -> Iterator[list[Window]]:
    """Batches whose padded length is at most ``batch_seconds``; windows come sorted by length."""
    batch: list[Window] = []
    for window in windows:
        if batch and len(window.audio) * (len(batch) + 1) > batch_seconds * 16000:
            yield batch
            batch = []
        batch.append(window)
    yield batch


class Batches:
    """An endless stream of training batches.

    Args:
        processor: makes features and labels.
        source: of windows.
        seed: of this sitting.
    """

    def __init__(self, processor: Wav2Vec2BertProcessor, source: Source, seed: int) -> None:
        self.progress: Any = multiprocessing.get_context("fork").Value("d", 0.0)
        stream = _Stream(processor, source, seed, self.progress)
        self._loader = DataLoader(
            stream, batch_size=None, num_workers=1, prefetch_factor=6, multiprocessing_context="fork"
        )

    def __iter__(self) -> Iterator[Batch]:
        return iter(self._loader)
