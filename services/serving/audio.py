"""Audio from a client stream to an array."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from math import gcd
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from rpc.errors import Busy, InvalidInput

FloatArray = npt.NDArray[np.float32]

MAX_SECONDS = 4 * 3600.0
"""Longest recording that a model takes: four hours of 16 kHz mono are 440 MiB as float32."""


@dataclass(frozen=True)
class Audio:
    """A recording in memory.

    Attributes:
        samples: shape (channels, samples), float32, -1 to 1.
        sample_rate_hz: samples a second.
    """

    samples: FloatArray
    sample_rate_hz: int

    @property
    def seconds(self) -> float:
        """Duration."""
        return float(self.samples.shape[1]) / self.sample_rate_hz

    def resampled(self, sample_rate_hz: int) -> Audio:
        """The same audio at another rate (polyphase filter)."""
        if sample_rate_hz == self.sample_rate_hz:
            return self
        common = gcd(sample_rate_hz, self.sample_rate_hz)
        samples = resample_poly(self.samples, sample_rate_hz // common, self.sample_rate_hz // common, axis=1)
        return Audio(np.asarray(samples, dtype=np.float32), sample_rate_hz)

    def over_line(self, line_rate_hz: int) -> Audio:
        """The audio as a line of this sample rate carries it; 0: as it is.

        A model that only ever heard telephone speech is thrown off by what codecs and resamplers leave above its band:
        the embedded recogniser made three times as many errors on an MP3 of a call that it else understood.
        """
        return self.resampled(line_rate_hz).resampled(self.sample_rate_hz) if line_rate_hz else self

    def mono(self) -> FloatArray:
        """The mean of the channels, shape (samples,)."""
        return np.asarray(self.samples.mean(axis=0), dtype=np.float32)


async def receive(requests: AsyncIterator[Any], max_seconds: float = MAX_SECONDS) -> tuple[Any, Audio]:
    """Reads a client stream of one ``config`` and then ``pcm`` chunks.

    Args:
        requests: messages with a oneof ``part`` of ``config`` (which has a ``format``) and ``pcm``.
        max_seconds: longest audio that is taken.

    Returns:
        The config message and the audio.

    Raises:
        InvalidInput: no config, no audio, a format out of range, half a sample.
        Busy: longer than ``max_seconds``.
    """
    first = await anext(aiter(requests), None)
    if first is None or first.WhichOneof("part") != "config":
        raise InvalidInput("the first message must carry the config", "send a config, then PCM chunks")
    config = first.config
    rate, channels = config.format.sample_rate_hz, config.format.channel_count
    if not 8000 <= rate <= 48000:
        raise InvalidInput(f"sample_rate_hz is {rate}", "send 8000 to 48000")
    if channels not in (1, 2):
        raise InvalidInput(f"channel_count is {channels}", "send 1 or 2 channels")
    limit = int(max_seconds * rate) * channels * 2
    data = bytearray()
    async for request in requests:
        if request.WhichOneof("part") != "pcm":
            raise InvalidInput("only the first message may carry a config")
        data += request.pcm
        if len(data) > limit:
            raise Busy(f"the audio is longer than {max_seconds:.0f} s", "send it in parts")
    if not data:
        raise InvalidInput("the audio is empty", "send PCM after the config")
    if len(data) % (2 * channels):
        raise InvalidInput("the audio ends within a sample", "send whole 16-bit samples of every channel")
    samples = np.frombuffer(data, dtype="<i2").reshape(-1, channels).T
    return config, Audio(samples.astype(np.float32) / 32768.0, rate)
