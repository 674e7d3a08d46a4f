"""Audio from a stream: what comes out, and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest
from callcenter.v1 import asr_pb2, common_pb2

from rpc.errors import Busy, InvalidInput
from services.serving.audio import Audio, receive


async def stream(*parts: asr_pb2.RecognizeRequest) -> AsyncIterator[asr_pb2.RecognizeRequest]:
    for part in parts:
        yield part


def config(rate: int = 16000, channels: int = 1) -> asr_pb2.RecognizeRequest:
    audio_format = common_pb2.AudioFormat(sample_rate_hz=rate, channel_count=channels)
    return asr_pb2.RecognizeRequest(config=asr_pb2.RecognizeConfig(format=audio_format, language="az"))


def pcm(values: list[int]) -> asr_pb2.RecognizeRequest:
    return asr_pb2.RecognizeRequest(pcm=np.array(values, dtype="<i2").tobytes())


async def test_channels_are_taken_apart_and_scaled() -> None:
    settings, audio = await receive(stream(config(channels=2), pcm([16384, -32768]), pcm([0, 32767])))
    assert settings.language == "az"
    assert audio.samples.shape == (2, 2)
    np.testing.assert_allclose(audio.samples, [[0.5, 0.0], [-1.0, 32767 / 32768]])


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([], "first message must carry the config"),
        ([pcm([1])], "first message must carry the config"),
        ([config()], "the audio is empty"),
        ([config(rate=4000), pcm([1])], "sample_rate_hz is 4000"),
        ([config(channels=3), pcm([1])], "channel_count is 3"),
        ([config(channels=2), pcm([1, 2, 3])], "ends within a sample"),
        ([config(), config()], "only the first message"),
    ],
)
async def test_refuses(parts: list[asr_pb2.RecognizeRequest], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        await receive(stream(*parts))


async def test_refuses_what_is_too_long() -> None:
    with pytest.raises(Busy, match="longer than 1 s"):
        await receive(stream(config(), pcm([0] * 16001)), max_seconds=1)


def test_resampling_keeps_a_tone() -> None:
    seconds = np.arange(8000) / 8000
    tone = Audio(np.sin(2 * np.pi * 440 * seconds, dtype=np.float64)[None].astype(np.float32), 8000)
    resampled = tone.resampled(16000)
    assert resampled.samples.shape == (1, 16000)
    spectrum = np.abs(np.fft.rfft(resampled.mono()))
    assert int(spectrum.argmax()) == 440


def test_a_line_carries_nothing_above_half_its_rate() -> None:
    seconds = np.arange(16000) / 16000
    both = np.sin(2 * np.pi * 1000 * seconds) + np.sin(2 * np.pi * 6000 * seconds)
    heard = Audio(both[None].astype(np.float32), 16000).over_line(8000)
    assert (heard.samples.shape, heard.sample_rate_hz) == ((1, 16000), 16000)
    spectrum = np.abs(np.fft.rfft(heard.mono()))
    assert spectrum[1000] > 7000
    assert spectrum[6000] < 70
