"""Wav2vec2 sequence classification of turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

from rpc.errors import InvalidInput
from services.emotion.classifier import Classifier
from services.emotion.clips import Span, cut
from services.emotion.labels import Scores
from services.serving.audio import Audio
from services.serving.checkpoint import locate
from services.serving.pretrained import load_pretrained
from services.serving.profile import StageConfig
from services.serving.provenance import ModelInfo, describe

MAX_TURNS = 5000


@dataclass(frozen=True)
class Judged:
    """How a turn sounds.

    Attributes:
        span: the turn.
        scores: probability of each emotion.
        progress: share of the call's speech that is judged with it, 0 to 1.
    """

    span: Span
    scores: Scores
    progress: float


class EmotionModel:
    """A sequence classifier of the wav2vec2 family and its feature extractor.

    Options of the stage: ``window_seconds`` and ``batch_seconds`` of `Classifier`.
    """

    def __init__(self, config: StageConfig) -> None:
        checkpoint = locate(config)
        extractor = AutoFeatureExtractor.from_pretrained(checkpoint.folder, local_files_only=True)
        model = load_pretrained(AutoModelForAudioClassification, checkpoint, config)
        self._classifier = Classifier(
            model,
            extractor,
            window_seconds=config.option("window_seconds", 8.0),
            batch_seconds=config.option("batch_seconds", 64.0),
        )
        self._line_rate_hz = int(config.option("line_rate_hz", 0))
        self.info: ModelInfo = describe(config, checkpoint, type(model).__name__)

    def warm_up(self) -> None:
        """Judges a second of noise."""
        rate = self._classifier.sample_rate_hz
        noise = np.random.default_rng(0).normal(0, 0.05, (1, rate)).astype(np.float32)
        list(self.classify(Audio(noise, rate), [Span(0, 0, 1000)]))

    def classify(self, audio: Audio, spans: Sequence[Span]) -> Iterator[Judged]:
        """Judges the turns of a call.

        Args:
            audio: the recording, at any rate.
            spans: 1 to 5000 turns.

        Yields:
            Each turn when it is judged, short ones first, or those of the speaker who speaks least.

        Raises:
            InvalidInput: no turns, too many, or one that is not within the audio.
        """
        if not 1 <= len(spans) <= MAX_TURNS:
            raise InvalidInput(f"{len(spans)} turns were sent", f"send 1 to {MAX_TURNS}")
        clips = cut(audio.over_line(self._line_rate_hz).resampled(self._classifier.sample_rate_hz), spans)
        samples, done = sum(clip.size for clip in clips), 0
        for number, scores in self._classifier.classify(clips, [span.voice for span in spans]):
            done += clips[number].size
            yield Judged(spans[number], scores, done / samples)
