"""What is heard beside the voices: noises at a level, and the tones of a queue on hold. All at 16 kHz."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, lfilter, sosfilt

from training.corpus.draw import pick
from training.corpus.speak import SAMPLE_RATE, Waveform

# Two octaves of the pentatonic scale on a small a.
_NOTES_HZ = tuple(220 * 2 ** (step / 12) for step in (0, 2, 4, 7, 9, 12, 14, 16, 19))

_SYLLABLE = SAMPLE_RATE // 8


def noise(rng: np.random.Generator, samples: int) -> Waveform:
    """float32 [samples] of white, pink, brown, humming or babbling noise with a root mean square of one."""
    made = pick(rng, tuple(KINDS.values()))(rng, samples)
    return (made / max(float(np.sqrt(np.mean(np.square(made)))), 1e-9)).astype(np.float32)


def music(rng: np.random.Generator, samples: int) -> Waveform:
    """float32 [samples] of a simple melody with chords, at most 0.2 in amplitude, faded at both ends."""
    length = int(rng.uniform(0.2, 0.5) * SAMPLE_RATE)
    time = np.arange(length) / SAMPLE_RATE
    decay = np.exp(-time * rng.uniform(1, 6))
    played = np.zeros(samples + length)
    for start in range(0, samples, length):
        root = pick(rng, _NOTES_HZ)
        for partial, weight in ((1, 1.0), (1.5, 0.5), (2, 0.4), (3, 0.2)):
            played[start : start + length] += weight * decay * np.sin(2 * np.pi * root * partial * time)
    fade = np.minimum(1, np.minimum(np.arange(samples), np.arange(samples)[::-1]) / (0.05 * SAMPLE_RATE))
    return np.asarray(played[:samples] * fade * (0.2 / max(np.abs(played).max(), 1e-9)), np.float32)


def band(low_hz: float, high_hz: float, rate_hz: int) -> npt.NDArray[np.float64]:
    """A Butterworth band-pass as second-order sections [sections, 6]."""
    return np.asarray(butter(4, (low_hz, high_hz), "bandpass", fs=rate_hz, output="sos"), np.float64)


def _white(rng: np.random.Generator, samples: int) -> Waveform:
    return rng.standard_normal(samples, dtype=np.float32)


def _pink(rng: np.random.Generator, samples: int) -> Waveform:
    # Paul Kellet's economy filter for -3 dB an octave.
    white = _white(rng, samples)
    parts = ((0.99765, 0.0990460), (0.96300, 0.2965164), (0.57000, 1.0526913))
    coloured = sum(lfilter([gain], [1, -pole], white) for pole, gain in parts) + 0.1848 * white
    return np.asarray(coloured, np.float32)


def _brown(rng: np.random.Generator, samples: int) -> Waveform:
    return np.asarray(lfilter([1], [1, -0.98], _white(rng, samples)), np.float32)


def _hum(rng: np.random.Generator, samples: int) -> Waveform:
    time = np.arange(samples, dtype=np.float32) / SAMPLE_RATE
    mains = sum(
        np.sin(100 * np.pi * k * time + rng.uniform(0, 6.3)) * rng.uniform(0.2, 1) / k for k in (2, 4, 6, 7, 10)
    )
    return np.asarray(mains, np.float32) + 0.1 * _white(rng, samples)


def _babble(rng: np.random.Generator, samples: int) -> Waveform:
    # Voices too many to be told apart: noise in the speech band that swells at the pace of syllables.
    total = np.zeros(samples, np.float32)
    for _ in range(3):
        low = rng.uniform(250, 900)
        syllables = np.abs(rng.standard_normal(samples // _SYLLABLE + 2))
        swell = np.interp(np.arange(samples) / _SYLLABLE, np.arange(len(syllables)), syllables)
        total += sosfilt(band(low, low * 2.2, SAMPLE_RATE), _white(rng, samples)) * swell
    return total


KINDS: dict[str, Callable[[np.random.Generator, int], Waveform]] = {
    "white": _white,
    "pink": _pink,
    "brown": _brown,
    "hum": _hum,
    "babble": _babble,
}
"""The noises by name, each float32 [samples] of any level."""
