"""What the two channels of a recording are: one party each, the same twice, one of them silent, or a mixture."""

from __future__ import annotations

from enum import Enum

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int16]

_FRAME = 480  # 30 ms at 16 kHz: shorter than a syllable
_SILENT_PEAK = 16
"""-66 dBFS: the idle tone of A-law is 8, dither of 16 bits is 1; nothing that is heard stays below."""

_SAME_CORRELATION = 0.95
_ACTIVE_RANGE_DB = 35.0
_NOISE_MARGIN_DB = 8.0
_APART_DB = 10.0
_APART_SHARE = 0.75
_LEAST_SHARE = 0.02


class Layout(Enum):
    """What to do with two channels."""

    SILENT = "silent"
    FIRST = "first"
    SECOND = "second"
    MIX = "mix"
    PARTIES = "parties"


def silent(samples: IntArray) -> bool:
    """Says whether there is no sound at all."""
    return samples.size == 0 or max(int(samples.max()), -int(samples.min())) <= _SILENT_PEAK


def judge(samples: IntArray) -> Layout:
    """Finds out what two channels are.

    A party's channel is loud while the other party's is not: channels with one party each differ by 10 dB or more in
    most of the frames with speech, and each of them leads for some time. Echo and crosstalk, which are weaker than
    that, and talking at once, which is rarer than that, do not matter. The same sound on both (dual mono) is known by
    its correlation, whatever its level.

    Args:
        samples: shape (samples, 2), 16 kHz.
    """
    first_silent, second_silent = silent(samples[:, 0]), silent(samples[:, 1])
    if first_silent or second_silent:
        return Layout.SILENT if first_silent and second_silent else Layout.SECOND if first_silent else Layout.FIRST
    if _correlation(samples) >= _SAME_CORRELATION:
        return Layout.MIX
    levels = _levels_db(samples)
    active = np.stack([_active(levels[:, channel]) for channel in (0, 1)], axis=1)
    speech = active.any(axis=1)
    count = int(speech.sum())
    if count == 0:
        return Layout.MIX
    difference = levels[speech, 0] - levels[speech, 1]
    lead_first = float((difference >= _APART_DB).sum()) / count
    lead_second = float((difference <= -_APART_DB).sum()) / count
    apart = lead_first + lead_second >= _APART_SHARE and min(lead_first, lead_second) >= _LEAST_SHARE
    return Layout.PARTIES if apart else Layout.MIX


def _correlation(samples: IntArray) -> float:
    """Correlation coefficient of the two channels."""
    first_first = second_second = first_second = 0.0
    for start in range(0, len(samples), 1 << 20):
        block = samples[start : start + (1 << 20)].astype(np.float64)
        first_first += float(block[:, 0] @ block[:, 0])
        second_second += float(block[:, 1] @ block[:, 1])
        first_second += float(block[:, 0] @ block[:, 1])
    return first_second / float(np.sqrt(first_first * second_second))


def _levels_db(samples: IntArray) -> npt.NDArray[np.float64]:
    """Level of each frame and channel, shape (frames, 2), dB relative to one unit."""
    frames = len(samples) // _FRAME
    levels = np.empty((frames, 2))
    for start in range(0, frames, 4096):
        stop = min(frames, start + 4096)
        block = samples[start * _FRAME : stop * _FRAME].astype(np.float64).reshape(stop - start, _FRAME, 2)
        levels[start:stop] = 10 * np.log10((block**2).mean(axis=1) + 1.0)
    return levels


def _active(levels: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Frames with speech: not far below the loud ones, and above the noise between them."""
    loud, noise = np.percentile(levels, 95), np.percentile(levels, 10)
    return levels >= max(loud - _ACTIVE_RANGE_DB, min(noise + _NOISE_MARGIN_DB, loud - 3.0))
