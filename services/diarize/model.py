"""Who spoke when: a pyannote.audio pipeline over a recording in memory."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from rpc.errors import InvalidInput
from services.diarize.pipeline import load_pipeline
from services.serving.audio import Audio
from services.serving.pretrained import torch_device
from services.serving.profile import StageConfig
from services.serving.provenance import ModelInfo, describe

SAMPLE_RATE_HZ = 16000
MAX_SPEAKERS = 20
# Share of the whole time at which each step of the pipeline starts and ends; what is not named comes after.
_STEPS = {"segmentation": (0.0, 0.3), "embeddings": (0.3, 0.95)}


@dataclass(frozen=True)
class Segment:
    """A stretch of speech of one speaker, named S1, S2, … in order of first appearance; times in milliseconds."""

    speaker: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class Hints:
    """What is known about the number of speakers; 0: nothing.

    Attributes:
        exact: number of speakers; the other two are then ignored.
        fewest: at least so many.
        most: at most so many.
    """

    exact: int = 0
    fewest: int = 0
    most: int = 0

    def __post_init__(self) -> None:
        if not all(0 <= value <= MAX_SPEAKERS for value in (self.exact, self.fewest, self.most)):
            raise InvalidInput("a number of speakers is out of range", f"send 1 to {MAX_SPEAKERS}, or 0: not known")
        if not self.exact and self.most and self.fewest > self.most:
            raise InvalidInput(
                f"at least {self.fewest} and at most {self.most} speakers contradict each other",
                "send a minimum that is not above the maximum",
            )

    def or_else(self, default: Hints) -> Hints:
        """Where this says nothing about the number, the default counts."""
        if self.exact:
            return self
        if not (self.fewest or self.most):
            return default
        fewest, most = self.fewest or default.fewest, self.most or default.most
        return Hints(0, fewest if self.fewest else min(fewest, most or fewest), max(most, fewest) if most else 0)


@dataclass(frozen=True)
class Diarization:
    """Who spoke when.

    Attributes:
        segments: in order of start; overlapping speech has a segment for each speaker.
        exclusive_segments: the same with every moment given to one speaker only.
    """

    segments: tuple[Segment, ...]
    exclusive_segments: tuple[Segment, ...]

    @property
    def speaker_count(self) -> int:
        """Number of different speakers, 0 where nobody speaks."""
        return len({segment.speaker for segment in self.segments})


class DiarizeModel:
    """A ``SpeakerDiarization`` pipeline.

    The profile's ``min_speakers`` and ``max_speakers`` hold where a request says nothing about the number.
    """

    def __init__(self, config: StageConfig) -> None:
        if config.precision != "fp32":
            raise InvalidInput(f"diarize.precision is {config.precision!r}", "the pipeline runs in fp32")
        device = torch_device(config)
        self._pipeline, checkpoint = load_pipeline(config)
        self._pipeline.to(device)
        self._line_rate_hz = int(config.option("line_rate_hz", 0))
        self._default = Hints(0, config.option("min_speakers", 0), config.option("max_speakers", 0))
        self.info: ModelInfo = describe(config, checkpoint, type(self._pipeline).__name__)

    def warm_up(self) -> None:
        """Runs every network once, on two seconds of noise that counts as speech of somebody or of nobody."""
        noise = np.random.default_rng(0).normal(0, 0.1, (1, 2 * SAMPLE_RATE_HZ)).astype(np.float32)
        self.diarize(Audio(noise, SAMPLE_RATE_HZ))
        self._pipeline.warm_up_embedding()

    def diarize(
        self, audio: Audio, hints: Hints | None = None, on_progress: Callable[[float], None] | None = None
    ) -> Diarization:
        """Finds the speakers.

        Args:
            audio: any rate; channels are mixed.
            hints: what is known about the number of speakers.
            on_progress: told the share that is done, 0 to 1, never falling; what it raises ends the work.
        """
        hints = (hints or Hints()).or_else(self._default)
        heard = Audio(audio.mono()[None], audio.sample_rate_hz).over_line(self._line_rate_hz)
        mono = heard.resampled(SAMPLE_RATE_HZ)
        progress = _Progress(on_progress)
        progress.reach(0.0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on fewer speakers than hinted at, and on pooling over a single frame
            found: Any = self._pipeline(
                {"waveform": torch.from_numpy(mono.samples), "sample_rate": SAMPLE_RATE_HZ},
                num_speakers=hints.exact or None,
                min_speakers=hints.fewest or None,
                max_speakers=hints.most or None,
                hook=progress,
            )
        progress.reach(1.0)
        names: dict[Any, str] = {}
        duration_ms = round(1000 * mono.seconds)
        segments = _segments(found.speaker_diarization, names, duration_ms)
        return Diarization(segments, exclusive(_segments(found.exclusive_speaker_diarization, names, duration_ms)))


class _Progress:
    """pyannote.audio's hook; every value is told once."""

    def __init__(self, tell: Callable[[float], None] | None) -> None:
        self._tell = tell
        self._reached = -1.0

    def __call__(
        self, step: str, artefact: Any, file: Any = None, total: int | None = None, completed: int | None = None
    ) -> None:
        if step in _STEPS:
            start, end = _STEPS[step]
            share = 1.0 if total is None or completed is None else min(1.0, completed / max(1, total))
            self.reach(start + share * (end - start))

    def reach(self, share: float) -> None:
        if share > self._reached:
            self._reached = share
            if self._tell is not None:
                self._tell(share)


def exclusive(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Segments without overlaps: the one that starts later interrupts the other, which may go on after it.

    ``min_duration_off`` bridges a speaker's short pauses, also where somebody else has said something in one.

    Args:
        segments: in order of start.
    """
    pieces: list[Segment] = []
    for new in segments:
        after: list[Segment] = []
        while pieces and pieces[-1].end_ms > new.start_ms:
            old = pieces.pop()
            if old.end_ms > new.end_ms:
                after.append(replace(old, start_ms=max(old.start_ms, new.end_ms)))
            if old.start_ms < new.start_ms:
                pieces.append(replace(old, end_ms=new.start_ms))
                break
        pieces += [new, *reversed(after)]
    return tuple(pieces)


def _segments(annotation: Any, names: dict[Any, str], duration_ms: int) -> tuple[Segment, ...]:
    """Turns pyannote's annotation into segments inside of the recording; new speakers get the next name."""
    tracks = sorted((turn.start, turn.end, label) for turn, _, label in annotation.itertracks(yield_label=True))
    segments = []
    for start, end, label in tracks:
        start_ms, end_ms = max(0, round(1000 * start)), min(duration_ms, round(1000 * end))
        if end_ms > start_ms:
            segments.append(Segment(names.setdefault(label, f"S{len(names) + 1}"), start_ms, end_ms))
    return tuple(segments)
