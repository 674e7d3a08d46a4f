"""The frozen part of a wav2vec2 network, run once for each turn and not once for each step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from transformers import PreTrainedModel

from services.serving.audio import FloatArray

Features = npt.NDArray[np.float16]
"""What the frozen convolutions make of a clip, shape (frames, channels)."""


class Frontend:
    """The leading convolutions that have no parameter to learn.

    Args:
        model: a sequence classifier of the wav2vec2 family whose feature encoder is frozen, at least in part.
        extractor: its feature extractor.
    """

    def __init__(self, model: PreTrainedModel, extractor: Any) -> None:
        layers = list(model.base_model.feature_extractor.conv_layers)
        frozen = list(takewhile(lambda layer: not any(p.requires_grad for p in layer.parameters()), layers))
        self._model = model
        self._extractor = extractor
        self._layers = torch.nn.Sequential(*frozen)
        self._rest = torch.nn.Sequential(*layers[len(frozen) :])
        self._hop, self._field = 1, 1
        for kernel, stride in list(zip(model.config.conv_kernel, model.config.conv_stride, strict=True))[: len(frozen)]:
            self._field += (kernel - 1) * self._hop
            self._hop *= stride

    @property
    def frame_seconds(self) -> float:
        """Time from one frame to the next."""
        return float(self._hop / self._extractor.sampling_rate)

    @torch.no_grad()
    def features(self, clip: FloatArray) -> Features:
        """Runs the frozen convolutions on a clip of shape (samples,)."""
        inputs = self._extractor(clip, sampling_rate=self._extractor.sampling_rate, return_tensors="pt")
        hidden = self._layers(inputs["input_values"].to(self._model.device)[:, None])
        result: Features = hidden[0].T.half().cpu().numpy()
        return result

    def logits(self, batch: Sequence[Features]) -> torch.Tensor:
        """Runs the rest of the network on features, with gradients; shape (clips, labels)."""
        frames = [torch.from_numpy(features.astype(np.float32)) for features in batch]
        padded = torch.nn.utils.rnn.pad_sequence(frames, batch_first=True).transpose(1, 2)
        # The network counts its frames from samples.
        samples = torch.tensor([(len(features) - 1) * self._hop + self._field for features in batch])
        mask = (torch.arange(int(samples.max()))[None] < samples[:, None]).long()
        device = self._model.device
        with self._bypassed():
            result: torch.Tensor = self._model(padded.to(device), attention_mask=mask.to(device)).logits
        return result

    @contextmanager
    def _bypassed(self) -> Iterator[None]:
        base = self._model.base_model
        whole, base.feature_extractor = base.feature_extractor, self._rest
        try:
            yield
        finally:
            base.feature_extractor = whole
