"""How high and how loud a voice is, frame by frame: what the ear of a network from nothing is taught to hear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from services.emotion.clips import REFERENCE_DBFS
from services.serving.audio import FloatArray

_RATE_HZ, _DOWN = 4000, 4
_LOW_PASS = np.hanning(4 * _DOWN + 2)[1:-1] / np.hanning(4 * _DOWN + 2).sum()
_WINDOW = _RATE_HZ // 20
_LOWEST_HZ, _HIGHEST_HZ = 55, 500
_VOICED, _QUIET_DB = 0.6, -30.0
# Of several lags at which the voice repeats, the shortest is its period.
_AS_GOOD = 0.85
_SOFTEST_DB = -40.0

Frames = npt.NDArray[np.float16]


@dataclass(frozen=True)
class Prosody:
    """Of each frame of a turn.

    Attributes:
        octaves: pitch above 100 Hz, shape (frames,); NaN where the voice has none.
        levels: tens of dB above the reference level, shape (frames,).
    """

    octaves: Frames
    levels: Frames


def measure(clean: FloatArray, heard: FloatArray, hop: int, field: int) -> Prosody:
    """The prosody of a turn.

    Args:
        clean: samples of the voice at 16 kHz, without noise and with the fundamental.
        heard: the same turn as the network hears it.
        hop: samples from one frame to the next.
        field: samples that a frame sees; its pitch is that of 50 ms in their middle.
    """
    power = np.lib.stride_tricks.sliding_window_view(np.square(heard), field)[::hop].mean(1)
    decibels = np.maximum(10 * np.log10(power + 1e-12) - REFERENCE_DBFS, _SOFTEST_DB)
    return Prosody(pitch(clean, hop, field), (decibels / 10).astype(np.float16))


def pitch(clean: FloatArray, hop: int, field: int) -> Frames:
    """The pitch of a voice without noise, by autocorrelation, as in `Prosody`; arguments as of `measure`."""
    frames = (clean.size - field) // hop + 1
    slow = np.pad(np.convolve(clean, _LOW_PASS, mode="same")[::_DOWN], _WINDOW)
    starts = _WINDOW + (hop * np.arange(frames) + field // 2) // _DOWN - _WINDOW // 2
    pieces = slow[starts[:, None] + np.arange(_WINDOW)] * np.hanning(_WINDOW)
    size = 2 * _WINDOW
    lags = np.fft.irfft(np.abs(np.fft.rfft(pieces, size)) ** 2, axis=1)
    power = lags[:, 0]
    first, last = _RATE_HZ // _HIGHEST_HZ, _RATE_HZ // _LOWEST_HZ
    # The window's own autocorrelation falls with the lag.
    own = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(_WINDOW), size)) ** 2)
    alike = lags[:, : last + 2] / (power[:, None] + 1e-12) * (own[0] / own[: last + 2])
    inner = alike[:, first : last + 1]
    peaks = (inner >= alike[:, first - 1 : last]) & (inner >= alike[:, first + 1 : last + 2])
    good = peaks & (inner >= _AS_GOOD * np.where(peaks, inner, 0).max(1, keepdims=True))
    lag = good.argmax(1) + first
    rows = np.arange(frames)
    before, at, after = (alike[rows, lag + offset] for offset in (-1, 0, 1))
    exact = lag + _vertex(before, at, after)
    voiced = (at > _VOICED) & (power > power.max(initial=0) * 10 ** (_QUIET_DB / 10)) & good.any(1)
    return np.where(voiced, np.log2(_RATE_HZ / exact / 100), np.nan).astype(np.float16)


def _vertex(before: npt.NDArray[Any], at: npt.NDArray[Any], after: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Where the parabola through three neighbours is highest, from the middle one."""
    bend = before - 2 * at + after
    return np.clip(0.5 * (before - after) / np.where(bend < -1e-9, bend, -1e9), -0.5, 0.5)
