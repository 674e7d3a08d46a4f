"""Log-mel features as SeamlessM4TFeatureExtractor makes them, but all frames at once (five times as fast)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.fft import rfft
from transformers import SeamlessM4TFeatureExtractor

FloatArray = npt.NDArray[np.float32]

_FRAME, _HOP, _FFT = 400, 160, 512
_PREEMPHASIS = 0.97
_FLOOR = 1.192092955078125e-07


class Fbank:
    """Features of 16 kHz audio, normalised per mel bin over the window, before frames are stacked.

    Args:
        extractor: whose filters and window are used; a test holds that both give the same numbers.
    """

    def __init__(self, extractor: SeamlessM4TFeatureExtractor) -> None:
        self._window = extractor.window.astype(np.float32)
        self._filters = extractor.mel_filters.astype(np.float32)

    def __call__(self, samples: FloatArray) -> FloatArray:
        """Takes float32 [samples] from -1 to 1, at least 50 ms; gives float32 [frames of 10 ms, 80]."""
        frames = np.lib.stride_tricks.sliding_window_view(samples * np.float32(2**15), _FRAME)[::_HOP]
        frames = frames - frames.mean(axis=1, keepdims=True)
        emphasised = frames.copy()
        emphasised[:, 1:] -= _PREEMPHASIS * frames[:, :-1]
        emphasised[:, 0] *= 1 - _PREEMPHASIS
        spectrum = rfft(emphasised * self._window, _FFT, axis=1)
        power = spectrum.real**2 + spectrum.imag**2
        mel = np.log(np.maximum(_FLOOR, power @ self._filters))
        deviation = np.sqrt(mel.var(axis=0, ddof=1) + 1e-7)
        return np.asarray((mel - mel.mean(axis=0)) / deviation, dtype=np.float32)


def mask(features: FloatArray, rng: np.random.Generator) -> FloatArray:
    """SpecAugment (Park et al. 2019) in place, light: the corpus is already spoken by many voices over many lines."""
    frames, bins = features.shape
    for _ in range(int(rng.integers(0, 3))):
        width = int(rng.integers(1, 12))
        start = int(rng.integers(0, bins - width))
        features[:, start : start + width] = 0.0
    for _ in range(int(rng.integers(0, 1 + frames // 150))):
        width = int(rng.integers(1, 10))
        start = int(rng.integers(0, max(1, frames - width)))
        features[start : start + width] = 0.0
    return features
