"""Emotion probabilities of clips: batches by seconds, long clips in windows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedModel

from services.emotion.labels import EMOTIONS, Scores, emotions_of
from services.serving.audio import FloatArray

MIN_SECONDS = 0.5
"""Shorter clips are padded with silence: the convolutions need 25 ms, attention something to look at."""


@dataclass(frozen=True)
class _Window:
    clip: int
    samples: FloatArray


class Classifier:
    """A wav2vec2 sequence classifier with its feature extractor.

    Args:
        model: any ``…ForSequenceClassification`` of the wav2vec2 family, on its device.
        extractor: what the checkpoint's ``preprocessor_config.json`` says.
        window_seconds: longest piece that the model hears at once; a longer clip is cut into equal windows, and
            their probabilities are averaged.
        batch_seconds: most audio in one forward, padding included.
    """

    def __init__(
        self, model: PreTrainedModel, extractor: Any, window_seconds: float = 8.0, batch_seconds: float = 64.0
    ) -> None:
        self._model = model
        self._extractor = extractor
        self._emotions = emotions_of(model.config.id2label)
        self.sample_rate_hz = int(extractor.sampling_rate)
        self._window = int(window_seconds * self.sample_rate_hz)
        # Group norm mixes the padding into every value, and such models take no mask: one clip at a time.
        alone = getattr(model.config, "feat_extract_norm", "layer") == "group"
        self._budget = 0 if alone else int(batch_seconds * self.sample_rate_hz)

    def classify(self, clips: Sequence[FloatArray]) -> Iterator[tuple[int, Scores]]:
        """Judges clips.

        Args:
            clips: arrays of shape (samples,) at ``sample_rate_hz``.

        Yields:
            The position of a clip and its scores, as soon as all of its windows are judged: short clips first.
        """
        windows = [_Window(number, part) for number, clip in enumerate(clips) for part in self._windows(clip)]
        windows.sort(key=lambda window: window.samples.size)
        missing = Counter(window.clip for window in windows)
        totals: dict[int, np.ndarray[Any, Any]] = {number: np.zeros(len(EMOTIONS)) for number in missing}
        for batch in self._batches(windows):
            for window, scores in zip(batch, self._forward(batch), strict=True):
                totals[window.clip] += scores
                missing[window.clip] -= 1
                if not missing[window.clip]:
                    total = totals.pop(window.clip)
                    yield window.clip, dict(zip(self._emotions, (total / total.sum()).tolist(), strict=True))

    def _windows(self, clip: FloatArray) -> list[FloatArray]:
        least = int(MIN_SECONDS * self.sample_rate_hz)
        if clip.size < least:
            return [np.pad(clip, (0, least - clip.size))]
        return list(np.array_split(clip, -(-clip.size // self._window)))

    def _batches(self, windows: Sequence[_Window]) -> Iterator[list[_Window]]:
        """Windows come from short to long: the last one of a batch decides its padded length."""
        batch: list[_Window] = []
        for window in windows:
            if batch and window.samples.size * (len(batch) + 1) > self._budget:
                yield batch
                batch = []
            batch.append(window)
        if batch:
            yield batch

    @torch.inference_mode()
    def _forward(self, batch: Sequence[_Window]) -> np.ndarray[Any, Any]:
        inputs = self._extractor(
            [window.samples for window in batch],
            sampling_rate=self.sample_rate_hz,
            padding=True,
            return_tensors="pt",
        )
        values = inputs["input_values"].to(self._model.device, self._model.dtype)
        mask = inputs.get("attention_mask")
        logits = self._model(values, attention_mask=None if mask is None else mask.to(self._model.device)).logits
        probabilities: np.ndarray[Any, Any] = torch.softmax(logits.float(), dim=-1).cpu().numpy()
        return probabilities
