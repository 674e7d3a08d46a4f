"""Recordings made for a test: noise in bursts that stands for speech, in any container and codec."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]


def speech(seconds: float = 4.0, rate: int = 8000, seed: int = 0) -> Samples:
    """Bursts of noise with pauses, shape (samples,): no two seeds give the same."""
    generator = np.random.default_rng(seed)
    times = np.arange(int(seconds * rate)) / rate
    loud = (np.sin(2 * np.pi * 1.3 * times + seed) > -0.5) * 0.25
    return np.asarray(generator.standard_normal(times.size) * loud * 8000, dtype=np.int16)


def conversation(seconds: float = 8.0, rate: int = 8000, seed: int = 0) -> Samples:
    """Two parties that speak in turn, each on its channel with a weak echo of the other, shape (samples, 2)."""
    times = np.arange(int(seconds * rate)) / rate
    first = (times // 2) % 2 == 0
    noise = np.random.default_rng(seed).standard_normal((times.size, 2)) * 10
    voices = np.stack([speech(seconds, rate, seed) * first, speech(seconds, rate, seed + 1000) * ~first], axis=1)
    return np.asarray(voices + 0.03 * voices[:, ::-1] + noise, dtype=np.int16)


def write(path: Path, samples: Samples, rate: int = 8000, codec: str = "pcm_s16le", container: str = "wav") -> Path:
    """Writes samples of shape (samples,) or (samples, channels) with FFmpeg's encoders."""
    frames = samples.reshape(len(samples), -1)
    layout = "mono" if frames.shape[1] == 1 else "stereo"
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(frames.reshape(1, -1)), format="s16", layout=layout)
        frame.sample_rate = rate
        resampler = av.AudioResampler(
            format=stream.codec_context.format,
            layout=layout,
            rate=rate,
            frame_size=stream.codec_context.frame_size or None,
        )
        for resampled in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(resampled))
        output.mux(stream.encode(None))
    return path
