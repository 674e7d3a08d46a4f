"""Where somebody speaks, and windows that are cut where nobody does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from faster_whisper.vad import get_vad_model

SAMPLE_RATE = 16000

_FRAME = 512
"""Samples for which Silero gives one probability, at 16 kHz."""
_ON, _OFF = 0.4, 0.15
"""Speech starts over the first and ends under the second. Lower than Silero's own 0.5 and 0.35, because telephone
bands cost it certainty; noise, tones and music of the corpus stay under them but for a few frames."""
_LONGEST_DIP_FRAMES = 12
"""Pauses within speech up to 0.38 s do not end it."""
_LEAST_SPEECH_FRAMES = 5
"""Speech of less than 0.16 s is a click."""
_LEAST_SURE = 0.35
"""A window of which the detector is less sure, over the frames that it counts as speech, is not recognised: in music on
hold that is every second stretch that looks like speech, of single syllables on a bad line one in sixty."""
_PADDING_FRAMES = 7
"""0.22 s around speech are heard, too: onsets are soft."""
_LONGEST_PAUSE_SECONDS = 1.5
"""A longer pause ends a window."""

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Span:
    """A stretch of audio, in samples at 16 kHz, the end exclusive."""

    start: int
    end: int

    @property
    def seconds(self) -> float:
        """Duration."""
        return (self.end - self.start) / SAMPLE_RATE


@dataclass(frozen=True)
class Window:
    """Audio that is recognised at once.

    Attributes:
        channel: counted from 0.
        span: where in the recording.
        speech: where in the recording somebody speaks, within the span.
        samples: float32 [samples] at 16 kHz.
    """

    channel: int
    span: Span
    speech: tuple[Span, ...]
    samples: FloatArray


def speech(samples: FloatArray) -> tuple[list[Span], FloatArray]:
    """Finds speech with Silero's detector, which comes inside faster-whisper.

    Args:
        samples: float32 [samples] at 16 kHz.

    Returns:
        Stretches of speech in order, and the probability of speech for each 32 ms.
    """
    if not len(samples):
        return [], np.zeros(0, dtype=np.float32)
    padded = np.pad(samples, (0, -len(samples) % _FRAME))
    probabilities = np.asarray(get_vad_model()(padded), dtype=np.float32).reshape(-1)
    spans: list[Span] = []
    for first, last in _runs(probabilities):
        start = max(0, first - _PADDING_FRAMES) * _FRAME
        end = min(len(samples), (last + 1 + _PADDING_FRAMES) * _FRAME)
        if spans and start <= spans[-1].end:
            spans[-1] = Span(spans[-1].start, end)
        else:
            spans.append(Span(start, end))
    return spans, probabilities


def _runs(probabilities: FloatArray) -> Iterator[tuple[int, int]]:
    """First and last frame of each run of speech."""
    first, last = -1, -1
    for i, probability in enumerate(probabilities.tolist()):
        if first < 0:
            if probability >= _ON:
                first = last = i
        elif probability >= _OFF:
            last = i
        elif i - last > _LONGEST_DIP_FRAMES:
            if last - first + 1 >= _LEAST_SPEECH_FRAMES:
                yield first, last
            first = -1
    if first >= 0 and last - first + 1 >= _LEAST_SPEECH_FRAMES:
        yield first, last


def cut(channel: int, samples: FloatArray, longest_seconds: float) -> list[Window]:
    """Cuts a channel into windows of at most ``longest_seconds``.

    Windows end in pauses. Speech that goes on for longer is cut where the detector is least sure of it.
    """
    found, probabilities = speech(samples)
    longest = int(longest_seconds * SAMPLE_RATE)
    pieces = [piece for span in found for piece in _split(span, longest, probabilities)]
    groups: list[list[Span]] = []
    for piece in pieces:
        if groups and _fits(groups[-1], piece, longest):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return [
        Window(channel, Span(group[0].start, group[-1].end), tuple(group), samples[group[0].start : group[-1].end])
        for group in groups
        if _sure(probabilities[group[0].start // _FRAME : group[-1].end // _FRAME])
    ]


def _sure(probabilities: FloatArray) -> bool:
    taken = probabilities[probabilities >= _OFF]
    return len(taken) > 0 and bool(taken.mean() >= _LEAST_SURE)


def _fits(group: list[Span], piece: Span, longest: int) -> bool:
    pause = (piece.start - group[-1].end) / SAMPLE_RATE
    return pause <= _LONGEST_PAUSE_SECONDS and piece.end - group[0].start <= longest


def _split(span: Span, longest: int, probabilities: FloatArray) -> list[Span]:
    if span.end - span.start <= longest:
        return [span]
    # Not in the first quarter: a sliver of audio is hard to recognise.
    first, last = (span.start + longest // 4) // _FRAME, (span.start + longest) // _FRAME
    middle = (first + int(np.argmin(probabilities[first:last]))) * _FRAME + _FRAME // 2
    return [Span(span.start, middle), *_split(Span(middle, span.end), longest, probabilities)]
