"""The waveform of a recording: the loudest sample of each short stretch, few enough to draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from callcenter.v1 import call_pb2

from orchestrator.graph import SAMPLE_RATE_HZ

MAX_POINTS = 8000
"""Of a channel: more than a screen has columns, and two such channels are 16 KB."""

_STRETCH = SAMPLE_RATE_HZ // 100
_BATCH = 200 * _STRETCH


class Peaks:
    """Finds the peaks while the sound goes by; memory is 100 bytes a second and channel.

    Args:
        channel_count: of the sound, interleaved.
    """

    def __init__(self, channel_count: int) -> None:
        self._channel_count = channel_count
        self._waiting = bytearray()
        self._found: list[npt.NDArray[np.uint8]] = []
        self._sample_count = 0

    def add(self, pcm: bytes) -> None:
        """Takes 16-bit little-endian PCM of ``SAMPLE_RATE_HZ``, whole samples of all channels."""
        self._waiting += pcm
        if len(self._waiting) >= 2 * self._channel_count * _BATCH:
            self._take(len(self._waiting) // (2 * self._channel_count * _STRETCH) * _STRETCH)

    def message(self) -> call_pb2.GetWaveformResponse:
        """The waveform of all sound so far, at most ``MAX_POINTS`` points a channel."""
        self._take(len(self._waiting) // (2 * self._channel_count))
        fine = np.concatenate(self._found) if self._found else np.zeros((0, self._channel_count), np.uint8)
        joined = max(1, -(-len(fine) // MAX_POINTS))
        points = _largest(fine, joined)
        return call_pb2.GetWaveformResponse(
            points_per_second=SAMPLE_RATE_HZ / _STRETCH / joined,
            duration_ms=round(1000 * self._sample_count / SAMPLE_RATE_HZ),
            channels=[
                call_pb2.WaveformChannel(peaks=points[:, channel].tobytes()) for channel in range(self._channel_count)
            ],
        )

    def _take(self, sample_count: int) -> None:
        size = 2 * self._channel_count * sample_count
        samples = np.frombuffer(bytes(self._waiting[:size]), "<i2").reshape(-1, self._channel_count)
        del self._waiting[:size]
        self._sample_count += sample_count
        magnitudes = _largest(np.abs(samples.astype(np.int32)), _STRETCH)
        self._found.append(np.rint(magnitudes * (255 / 32768)).astype(np.uint8))


def _largest(values: npt.NDArray[Any], count: int) -> npt.NDArray[Any]:
    """The largest of each ``count`` values that follow one another, shape (…, channels); the last may be of fewer."""
    missing = -len(values) % count
    padded = np.pad(values, ((0, missing), (0, 0)))
    largest: npt.NDArray[Any] = padded.reshape(-1, count, values.shape[1]).max(axis=1)
    return largest
