"""pyannote.audio's pipeline as it is served: the same answers sooner, and turn by turn where that is wanted."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from pyannote.audio.pipelines import SpeakerDiarization
from pyannote.core import SlidingWindowFeature

from services.diarize.turns import turns_apart

_CPU_BATCH = 4
"""Chunks at once: on a CPU small batches of convolutions are faster than pyannote's 32 (measured: 1 to 4)."""


class ChunkwiseDiarization(SpeakerDiarization):
    """pyannote.audio's pipeline with the embedding network run once a chunk, not once a speaker of the chunk.

    The speakers of a chunk differ in the pooling only: same embeddings at a third of the time.

    Attributes:
        by_turn: each turn of a chunk finds its speaker on its own; the segmentation must be a powerset one.
    """

    by_turn = False

    def get_segmentations(self, file: Any, hook: Callable[..., None] | None = None) -> SlidingWindowFeature:
        """Who speaks in each chunk, shape (chunks, frames, speakers or turns)."""
        found: SlidingWindowFeature = super().get_segmentations(file, hook)
        return turns_apart(found) if self.by_turn else found

    def get_embeddings(
        self,
        file: Any,
        binary_segmentations: SlidingWindowFeature,
        exclude_overlap: bool = False,
        hook: Callable[..., None] | None = None,
    ) -> npt.NDArray[np.float32]:
        """Embeddings, shape (chunks, speakers, dimension); zeros for chunks in which nobody speaks."""
        masks = np.nan_to_num(binary_segmentations.data).astype(np.float32)
        used = self._masks_without_overlap(binary_segmentations, masks) if exclude_overlap else masks
        spoken = np.flatnonzero(masks.any(axis=(1, 2)))
        embeddings = np.zeros((len(masks), masks.shape[2], self._embedding.dimension), np.float32)
        model: Any = self._embedding.model_
        size = self.embedding_batch_size if self._embedding.device.type != "cpu" else _CPU_BATCH
        for first in range(0, len(spoken), size):
            if hook is not None:
                hook("embeddings", None, total=len(spoken), completed=first)
            chunks = spoken[first : first + size]
            waves = torch.stack([self._wave(file, binary_segmentations.sliding_window[int(c)]) for c in chunks])
            weights = torch.from_numpy(used[chunks]).transpose(1, 2)
            with torch.inference_mode():
                vectors = model(waves.to(self._embedding.device), weights=weights.to(self._embedding.device))
            embeddings[chunks] = vectors.float().cpu().numpy()
        return embeddings

    def reconstruct(
        self,
        segmentations: SlidingWindowFeature,
        hard_clusters: npt.NDArray[np.integer],
        count: SlidingWindowFeature,
    ) -> SlidingWindowFeature:
        """Who speaks in each frame; never more at once than there are speakers.

        pyannote.audio adds a speaker without a voice where two are counted at once and clustering found one.
        """
        count.data = np.minimum(count.data, np.max(hard_clusters) + 1).astype(np.int8)
        return super().reconstruct(segmentations, hard_clusters, count)

    def warm_up_embedding(self) -> None:
        """Runs the embedding network on a second of noise: it has no other work where nobody speaks."""
        self._embedding(torch.randn(1, 1, self._embedding.sample_rate), masks=torch.ones(1, 100))

    def _wave(self, file: Any, chunk: Any) -> torch.Tensor:
        wave: torch.Tensor = self._audio.crop(file, chunk, mode="pad")[0]
        return wave

    def _masks_without_overlap(
        self, segmentations: SlidingWindowFeature, masks: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """Each speaker's speech alone, or all of it where that is less than the network can take."""
        clean = masks * (masks.sum(axis=2, keepdims=True) < 2)
        samples = segmentations.sliding_window.duration * self._embedding.sample_rate
        least = math.ceil(masks.shape[1] * self._embedding.min_num_samples / samples)
        return np.where(clean.sum(axis=1, keepdims=True) > least, clean, masks)
