"""From a recording and its turns to the clips that the model hears."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from rpc.errors import InvalidInput
from services.serving.audio import Audio, FloatArray

REFERENCE_DBFS = -23.0
"""Level that a speaker's turns are brought to on average: the target of EBU R 128."""

MAX_OVERHANG_MS = 2000
"""A turn may end this far behind the audio, as it does after rounding or a cut; it is then clipped."""

_FLOOR_DBFS = -70.0


@dataclass(frozen=True)
class Span:
    """Where a turn is in the recording, and whose it is.

    Attributes:
        index: as the caller counts, for messages and answers.
        start_ms: from the start of the call.
        end_ms: after the start.
        customer: whether it counts for the customer's trend.
        channel: counted from 0.
        speaker: whose voice; turns of one speaker are compared with one another.
    """

    index: int
    start_ms: int
    end_ms: int
    customer: bool = False
    channel: int = 0
    speaker: str = ""

    @property
    def voice(self) -> tuple[str, bool, int]:
        """Equal for turns that are compared with one another."""
        return self.speaker, self.customer, self.channel

    @property
    def seconds(self) -> float:
        """Duration."""
        return (self.end_ms - self.start_ms) / 1000.0


def cut(audio: Audio, spans: Sequence[Span]) -> list[FloatArray]:
    """Cuts the turns out of the recording and brings each speaker to the reference level with one gain.

    One gain for all turns of a speaker keeps what matters, that an angry turn is louder than a neutral one of the
    same voice, and drops what does not, how loud the telephone is. Models whose feature extractor normalises every
    clip (``do_normalize``) hear no difference.

    Args:
        audio: shape (channels, samples).
        spans: the turns.

    Returns:
        One array of shape (samples,) a span, in the same order.

    Raises:
        InvalidInput: a span outside of the audio, naming the turn.
    """
    clips = [_cut_one(audio, span) for span in spans]
    gains = speaker_gains([span.voice for span in spans], clips)
    return [clip * gain for clip, gain in zip(clips, gains, strict=True)]


def speaker_gains(speakers: Sequence[Hashable], clips: Sequence[FloatArray]) -> FloatArray:
    """The factor that brings each speaker's mean level, in dB and weighted by time, to the reference.

    Args:
        speakers: whose each clip is.
        clips: arrays of shape (samples,).

    Returns:
        Shape (clips,); the same number for all clips of a speaker.
    """
    levels, lengths = defaultdict(list), defaultdict(list)
    for speaker, clip in zip(speakers, clips, strict=True):
        levels[speaker].append(_level_dbfs(clip))
        lengths[speaker].append(clip.size)
    means = {speaker: float(np.average(levels[speaker], weights=lengths[speaker])) for speaker in levels}
    return np.asarray([10 ** ((REFERENCE_DBFS - means[speaker]) / 20) for speaker in speakers], dtype=np.float32)


def _level_dbfs(clip: FloatArray) -> float:
    power = float(np.mean(np.square(clip)))
    return max(_FLOOR_DBFS, 10 * np.log10(power + 1e-12))


def _cut_one(audio: Audio, span: Span) -> FloatArray:
    if not 0 <= span.start_ms < span.end_ms:
        raise InvalidInput(
            f"turn {span.index} runs from {span.start_ms} to {span.end_ms} ms", "send 0 <= start_ms < end_ms"
        )
    length_ms = 1000.0 * audio.seconds
    if span.start_ms >= length_ms or span.end_ms > length_ms + MAX_OVERHANG_MS:
        raise InvalidInput(
            f"turn {span.index} runs from {span.start_ms} to {span.end_ms} ms, the audio has {length_ms:.0f} ms",
            "send turns that lie within the audio",
        )
    channels = audio.samples.shape[0]
    if not 0 <= span.channel < channels:
        raise InvalidInput(
            f"turn {span.index} is on channel {span.channel}, the audio has {channels}",
            "count channels from 0; 0 for mono audio",
        )
    first, last = (round(ms * audio.sample_rate_hz / 1000) for ms in (span.start_ms, span.end_ms))
    clip = audio.samples[span.channel, min(first, audio.samples.shape[1] - 1) : last]
    return clip
