"""Recordings as the recipes hear them."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from training.corpus.speak import SAMPLE_RATE, Waveform


def read(path: Path) -> Waveform:
    """Any audio file that FFmpeg reads as float32 [samples] at 16 kHz; the mean of its channels.

    Raises:
        ValueError: it cannot be read, or has no sound.
    """
    # Channels are kept: FFmpeg's own mono is 3 dB louder than the mean of two.
    resampler = av.AudioResampler(format="fltp", rate=SAMPLE_RATE)
    try:
        with av.open(str(path)) as container:
            pieces = [piece.to_ndarray() for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
            pieces += [piece.to_ndarray() for piece in resampler.resample(None)]
        return np.asarray(np.concatenate(pieces, axis=1).mean(axis=0), np.float32)
    except (av.error.FFmpegError, IndexError, ValueError) as error:
        raise ValueError(f"{path} is not a recording that can be read: {error}") from error
