"""Emotion probabilities of clips: batches by seconds, long clips in windows, or a speaker's turns in passages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedModel

from services.emotion.labels import EMOTIONS, Scores, emotions_of
from services.emotion.passages import Passage, hop_of, lay_out, turn_logits
from services.serving.audio import FloatArray

MIN_SECONDS = 0.5
"""Shorter clips are padded with silence: the convolutions need 25 ms, attention something to look at."""


@dataclass(frozen=True)
class _Window:
    clip: int
    samples: FloatArray


class Classifier:
    """A wav2vec2 sequence classifier with its feature extractor.

    A model whose configuration has ``context_seconds`` hears so much of a speaker's turns at once; to all others a
    turn is a clip of its own.

    Args:
        model: any ``…ForSequenceClassification`` of the wav2vec2 family, on its device.
        extractor: what the checkpoint's ``preprocessor_config.json`` says.
        window_seconds: longest piece that the model hears at once; a longer clip is cut into equal windows, and
            their probabilities are averaged.
        batch_seconds: most audio in one forward, padding included. A passage of turns is always heard alone.
    """

    def __init__(
        self, model: PreTrainedModel, extractor: Any, window_seconds: float = 8.0, batch_seconds: float = 64.0
    ) -> None:
        self._model = model
        self._extractor = extractor
        self._emotions = emotions_of(model.config.id2label)
        self.sample_rate_hz = int(extractor.sampling_rate)
        self._passage = int(getattr(model.config, "context_seconds", 0.0) * self.sample_rate_hz)
        self._window = int(window_seconds * self.sample_rate_hz)
        # Group norm mixes the padding into every value, and such models take no mask: one clip at a time.
        alone = getattr(model.config, "feat_extract_norm", "layer") == "group"
        self._budget = 0 if alone else int(batch_seconds * self.sample_rate_hz)

    def classify(
        self, clips: Sequence[FloatArray], speakers: Sequence[Hashable] | None = None
    ) -> Iterator[tuple[int, Scores]]:
        """Judges clips.

        Args:
            clips: arrays of shape (samples,) at ``sample_rate_hz``.
            speakers: whose each clip is; without: all are the same voice.

        Yields:
            The position of a clip and its scores, as soon as it is judged: short clips first, or short passages.
        """
        windows = [_Window(number, part) for number, clip in enumerate(clips) for part in self._windows(clip)]
        missing = Counter(window.clip for window in windows)
        totals: dict[int, np.ndarray[Any, Any]] = {number: np.zeros(len(EMOTIONS)) for number in missing}
        judged = self._in_passages(windows, speakers or [""] * len(clips)) if self._passage else self._alone(windows)
        for window, scores in judged:
            totals[window.clip] += scores
            missing[window.clip] -= 1
            if not missing[window.clip]:
                total = totals.pop(window.clip)
                yield window.clip, dict(zip(self._emotions, (total / total.sum()).tolist(), strict=True))

    def _alone(self, windows: Sequence[_Window]) -> Iterator[tuple[_Window, np.ndarray[Any, Any]]]:
        for batch in self._batches(sorted(windows, key=lambda window: window.samples.size)):
            yield from zip(batch, self._forward(batch), strict=True)

    def _in_passages(
        self, windows: Sequence[_Window], speakers: Sequence[Hashable]
    ) -> Iterator[tuple[_Window, np.ndarray[Any, Any]]]:
        passages = lay_out(
            [window.samples for window in windows],
            [speakers[window.clip] for window in windows],
            self._passage,
            hop_of(self._model),
            self.sample_rate_hz,
        )
        for passage in sorted(passages, key=lambda passage: passage.samples.size):
            yield from zip((windows[number] for number in passage.clips), self._hear(passage), strict=True)

    def _windows(self, clip: FloatArray) -> list[FloatArray]:
        least = int(MIN_SECONDS * self.sample_rate_hz)
        if clip.size < least:
            return [np.pad(clip, (0, least - clip.size))]
        return list(np.array_split(clip, -(-clip.size // (self._passage or self._window))))

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
    def _hear(self, passage: Passage) -> np.ndarray[Any, Any]:
        inputs = self._extractor(passage.samples, sampling_rate=self.sample_rate_hz, return_tensors="pt")
        values = inputs["input_values"].to(self._model.device, self._model.dtype)
        hidden = self._model.base_model(values).last_hidden_state
        logits = turn_logits(self._model, hidden, [passage.frames])
        probabilities: np.ndarray[Any, Any] = torch.softmax(logits.float(), dim=-1).cpu().numpy()
        return probabilities

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
