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

from services.emotion.passages import hop_of, padded, turn_logits
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
        self.hop, self.field = 1, 1
        for kernel, stride in list(zip(model.config.conv_kernel, model.config.conv_stride, strict=True))[: len(frozen)]:
            self.field += (kernel - 1) * self.hop
            self.hop *= stride
        self.in_context = bool(getattr(model.config, "context_seconds", 0.0))

    @property
    def frame_seconds(self) -> float:
        """Time from one frame to the next."""
        return float(self.hop / self._extractor.sampling_rate)

    @property
    def frames_an_output(self) -> int:
        """Frames from one output of the whole network to the next."""
        return hop_of(self._model) // self.hop

    @property
    def pause_frames(self) -> int:
        """Frames at the end of a turn's features that are the pause behind it."""
        return len(padded(np.zeros(0, np.float32), hop_of(self._model), self._extractor.sampling_rate)) // self.hop

    def laid_out(self, clip: FloatArray) -> FloatArray:
        """The samples that a turn's features are made of: in a passage with its pause, else the clip alone."""
        if not self.in_context:
            return clip
        return np.pad(
            padded(clip, hop_of(self._model), self._extractor.sampling_rate), (0, max(0, self.field - self.hop))
        )

    @torch.no_grad()
    def features(self, clip: FloatArray) -> Features:
        """Runs the frozen convolutions on a clip of shape (samples,)."""
        inputs = self._extractor(self.laid_out(clip), sampling_rate=self._extractor.sampling_rate, return_tensors="pt")
        hidden = self._layers(inputs["input_values"].to(self._model.device)[:, None])
        result: Features = hidden[0].T.half().cpu().numpy()
        return result

    def logits(self, batch: Sequence[Features]) -> torch.Tensor:
        """Runs the rest of the network on single turns, with gradients; shape (clips, labels)."""
        padded_frames, mask = self._padded(batch)
        with self._bypassed():
            result: torch.Tensor = self._model(padded_frames, attention_mask=mask).logits
        return result

    def sound(self, batch: Sequence[Features]) -> torch.Tensor:
        """What all convolutions make of clips of one length, with gradients; shape (clips, outputs, channels)."""
        frames = torch.from_numpy(np.stack(batch).astype(np.float32)).to(self._model.device)
        result: torch.Tensor = self._rest(frames.transpose(1, 2)).transpose(1, 2)
        return result

    def passage_logits(self, passages: Sequence[Sequence[Features]]) -> torch.Tensor:
        """Runs the rest of the network on passages of turns of one speaker each, with gradients.

        Returns:
            Shape (turns, labels), passage by passage.
        """
        frames, pause = [], self.pause_frames
        for turns in passages:
            starts = np.cumsum([0, *(len(turn) for turn in turns)]) // self.frames_an_output
            lengths = [(len(turn) - pause) // self.frames_an_output for turn in turns]
            frames.append([(int(at), int(at) + length) for at, length in zip(starts, lengths, strict=False)])
        padded_frames, mask = self._padded([np.concatenate(turns) for turns in passages])
        with self._bypassed():
            hidden = self._model.base_model(padded_frames, attention_mask=mask).last_hidden_state
        return turn_logits(self._model, hidden, frames)

    def _padded(self, batch: Sequence[Features]) -> tuple[torch.Tensor, torch.Tensor]:
        frames = [torch.from_numpy(features.astype(np.float32)) for features in batch]
        padded_frames = torch.nn.utils.rnn.pad_sequence(frames, batch_first=True).transpose(1, 2)
        # The network counts its frames from samples.
        samples = torch.tensor([(len(features) - 1) * self.hop + self.field for features in batch])
        mask = (torch.arange(int(samples.max()))[None] < samples[:, None]).long()
        return padded_frames.to(self._model.device), mask.to(self._model.device)

    @contextmanager
    def _bypassed(self) -> Iterator[None]:
        base = self._model.base_model
        whole, base.feature_extractor = base.feature_extractor, self._rest
        try:
            yield
        finally:
            base.feature_extractor = whole
