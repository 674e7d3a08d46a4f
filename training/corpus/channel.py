"""A telephone line: 8 kHz, 300–3400 Hz, a mu-law or A-law round trip, back to 16 kHz; a room before it."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.signal import firwin, oaconvolve, sosfilt, upfirdn

from training.corpus import noise as noises
from training.corpus.draw import chance
from training.corpus.speak import SAMPLE_RATE, Waveform

Law = Literal["mu", "a"]

_LINE_RATE = 8000
_NOISY, _CODED, _REVERBERANT = 0.6, 0.5, 0.3
# ITU-T G.711's compression constants; the curves are its smooth forms, rounded to eight bits.
_MU, _A = 255.0, 87.6


@dataclass(frozen=True)
class Channel:
    """How one party's voice comes through.

    `snr_db` is None on a quiet line, `law` None where there is no codec, `room_s` (reverberation to −60 dB)
    None where the mouth is close to the microphone.
    """

    snr_db: float | None
    law: Law | None
    room_s: float | None


def draw_law(rng: np.random.Generator) -> Law | None:
    """The codec of a call: none on half of them."""
    if not chance(rng, _CODED):
        return None
    return "mu" if chance(rng, 0.5) else "a"


def draw(rng: np.random.Generator, law: Law | None) -> Channel:
    """One party's end of a line with the given codec: noise of 10–35 dB SNR on part of the lines."""
    return Channel(
        snr_db=rng.uniform(10, 35) if chance(rng, _NOISY) else None,
        law=law,
        room_s=rng.uniform(0.05, 0.25) if chance(rng, _REVERBERANT) else None,
    )


def transmit(wave: Waveform, channel: Channel, rng: np.random.Generator) -> Waveform:
    """float32 [samples] at 16 kHz as it comes out at the other end: as many samples, at the same times.

    The signal-to-noise ratio is that of the samples that are not silent.
    """
    if channel.room_s is not None:
        wave = reverberate(wave, channel.room_s, rng)
    if channel.snr_db is not None:
        wave = add_noise(wave, noises.noise(rng, len(wave)), channel.snr_db)
    return telephone(wave, channel.law)


def telephone(wave: Waveform, law: Law | None) -> Waveform:
    """Band-passed to 300–3400 Hz at 8 kHz, through the codec, back at 16 kHz: [samples] to [samples]."""
    half_band = _half_band()
    # Padded by the two filters' delay, which is cut off again at the end.
    delay = len(half_band) - 1
    padded = np.concatenate([wave, np.zeros(delay + 2, np.float32)])
    narrow = sosfilt(_line_band(), upfirdn(half_band, padded, down=2)).astype(np.float32)
    if law is not None:
        narrow = _round_trip(narrow, law)
    wide = upfirdn(2 * half_band, narrow, up=2)[delay : delay + len(wave)]
    return np.asarray(np.clip(wide, -1, 1), np.float32)


def add_noise(wave: Waveform, noise: Waveform, snr_db: float) -> Waveform:
    """`noise` (root mean square of one) under `wave`, both [samples]; a silent wave stays as it is."""
    loud = wave[np.abs(wave) > 1e-4]
    if not len(loud):
        return wave
    level = float(np.sqrt(np.mean(np.square(loud)))) * 10 ** (-snr_db / 20)
    return wave + np.float32(level) * noise


def reverberate(wave: Waveform, room_s: float, rng: np.random.Generator) -> Waveform:
    """`wave` in a small room: the direct sound, then decaying echoes of a third of its strength."""
    samples = int(room_s * SAMPLE_RATE)
    echoes = rng.standard_normal(samples, dtype=np.float32) * 10 ** (-3 * np.arange(samples) / samples)
    echoes *= 0.33 / max(float(np.sqrt(np.sum(np.square(echoes)))), 1e-9)
    echoes[0] = 1
    return np.asarray(oaconvolve(wave, echoes)[: len(wave)], np.float32)


def _round_trip(wave: npt.NDArray[np.floating], law: Law) -> npt.NDArray[np.floating]:
    """Compressed, rounded to 128 steps a sign, and expanded again."""
    size = np.minimum(np.abs(wave), np.float32(1))
    if law == "mu":
        scale = np.log1p(_MU)
        steps = np.round(np.log1p(_MU * size) / scale * 127) / 127
        expanded = np.expm1(steps * scale) / _MU
    else:
        scale = 1 + np.log(_A)
        steps = np.where(size < 1 / _A, _A * size, 1 + np.log(np.maximum(_A * size, 1))) / scale
        steps = np.round(steps * 127) / 127
        expanded = np.where(steps < 1 / scale, steps * scale, np.exp(steps * scale - 1)) / _A
    return np.asarray(np.copysign(expanded, wave))


@cache
def _half_band() -> Waveform:
    return np.asarray(firwin(31, 0.5, window=("kaiser", 5.0)), np.float32)


@cache
def _line_band() -> npt.NDArray[np.float64]:
    return noises.band(300, 3400, _LINE_RATE)
