"""A sentence in a speaker's voice and mood: emotion is prosody, as `spec/evaluation.md` lays down."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.signal import firwin, resample_poly

from training.corpus import espeak
from training.corpus.script import Emotion
from training.corpus.voices import Speaker

SAMPLE_RATE = 16000
_UP, _DOWN = 320, 441

Waveform = npt.NDArray[np.float32]

_FRAME = SAMPLE_RATE // 100
_VOICED_DB = -38.0


@dataclass(frozen=True)
class Prosody:
    """Offsets against the speaker's neutral voice: each a middle and a spread to both sides."""

    speed: tuple[float, float]
    pitch: tuple[float, float]
    pitch_range: str
    level_db: tuple[float, float]


PROSODY: Mapping[Emotion, Prosody] = {
    "neutral": Prosody((1.00, 0.05), (0, 0), "medium", (0, 0)),
    "happy": Prosody((1.10, 0.05), (18, 4), "x-high", (2, 1)),
    "sad": Prosody((0.80, 0.05), (-14, 4), "x-low", (-4, 1)),
    "angry": Prosody((1.22, 0.06), (10, 4), "high", (7, 1)),
}


def speak(text: str, speaker: Speaker, emotion: Emotion, rng: np.random.Generator) -> Waveform:
    """float32 [samples] at 16 kHz, from the first voiced sample to the last; empty for text without words.

    The samples repeat only in a process that has spoken the same before: espeak-ng's pitch flutter runs on
    from one sentence to the next. Raises espeak.EspeakError.
    """
    prosody = PROSODY[emotion]
    spoken = espeak.synthesise(
        text,
        speaker.variant,
        speed=round(speaker.speed * _around(rng, prosody.speed)),
        pitch=round(min(max(speaker.pitch + _around(rng, prosody.pitch), 0), 99)),
        gap=speaker.gap,
        pitch_range=prosody.pitch_range,
    )
    level = speaker.level_dbfs + _around(rng, prosody.level_db)
    wave = resample_poly(spoken.astype(np.float32) / 32768, _UP, _DOWN, window=_anti_alias())
    return _at_level(_trimmed(np.asarray(wave, np.float32)), level)


def _around(rng: np.random.Generator, middle_spread: tuple[float, float]) -> float:
    middle, spread = middle_spread
    return middle + rng.uniform(-spread, spread)


def _trimmed(wave: Waveform) -> Waveform:
    voiced = np.flatnonzero(_voiced(wave))
    if not len(voiced):
        return wave[:0]
    return wave[voiced[0] * _FRAME : (voiced[-1] + 1) * _FRAME]


def _at_level(wave: Waveform, level_dbfs: float) -> Waveform:
    voiced = _voiced(wave)
    if not voiced.any():
        return wave
    frames = wave[: len(voiced) * _FRAME].reshape(-1, _FRAME)[voiced]
    gain = 10 ** (level_dbfs / 20) / float(np.sqrt(np.mean(np.square(frames))))
    return np.asarray(np.clip(wave * np.float32(gain), -1, 1), np.float32)


def _voiced(wave: Waveform) -> npt.NDArray[np.bool_]:
    frames = wave[: len(wave) // _FRAME * _FRAME].reshape(-1, _FRAME)
    power = np.mean(np.square(frames), axis=1) if len(frames) else np.zeros(0, np.float32)
    loudest = power.max(initial=0)
    return np.asarray((power > loudest * 10 ** (_VOICED_DB / 10)) & (power > 0), np.bool_)


@cache
def _anti_alias() -> Waveform:
    # Six zero crossings to a side, SciPy's default has ten: enough for speech, and a third faster.
    return np.asarray(firwin(12 * _DOWN + 1, 1 / _DOWN, window=("kaiser", 5.0)), np.float32)
