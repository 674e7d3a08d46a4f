"""What is heard where nobody speaks, and what a recogniser makes of it: ``python -m training.asr.quiet``.

Whoever invents words on a line on which nothing is said cannot be trusted on one on which something is.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from services.asr.model import Phrase, Recogniser
from services.serving.audio import Audio
from services.serving.profile import load_stage
from training.corpus import channel, noise
from training.corpus.speak import SAMPLE_RATE, Waveform

SECONDS = 120.0
_LEVELS_DBFS = (-60.0, -45.0, -30.0, -20.0)
_ROOT_HZ = 196.0

Sound = Callable[[np.random.Generator, int], Waveform]
"""Draws float32 [samples]."""


@dataclass(frozen=True)
class Heard:
    """What a recogniser made of one sound.

    Attributes:
        name: of the sound.
        seconds: how long it was.
        speech_seconds: how much of it was taken for speech.
        words: that were heard in it; there are none.
    """

    name: str
    seconds: float
    speech_seconds: float
    words: tuple[str, ...]


def sounds() -> dict[str, Sound]:
    """Silence, every noise at several levels, music on hold of two kinds, and the tones of the network."""
    made: dict[str, Sound] = {"silence": lambda rng, samples: np.zeros(samples, np.float32)}
    for name, kind in noise.KINDS.items():
        for level in _LEVELS_DBFS:
            made[f"{name} noise, {level:.0f} dBFS"] = _at_level(kind, level)
    made["music on hold"] = _pieces(noise.music)
    made["music on hold, over the line"] = lambda rng, samples: channel.telephone(
        _pieces(noise.music)(rng, samples), "a"
    )
    made["a band"] = band
    made["a band, over the line"] = lambda rng, samples: channel.telephone(band(rng, samples), "mu")
    made["dialling tone"] = lambda rng, samples: _cadence(samples, (425.0,), (1.0, 0.0))
    made["ringing tone"] = lambda rng, samples: _cadence(samples, (425.0,), (1.0, 4.0))
    made["engaged tone"] = lambda rng, samples: _cadence(samples, (425.0,), (0.35, 0.35))
    made["keys"] = keys
    return made


def play(recogniser: Recogniser, name: str, seed: int, seconds: float = SECONDS) -> Heard:
    """Plays a sound to a recogniser.

    Args:
        recogniser: as its server has it.
        name: one of ``sounds``.
        seed: of the draws; take one that nothing was trained on.
        seconds: how long.
    """
    samples = sounds()[name](np.random.default_rng([seed, *name.encode()]), int(seconds * SAMPLE_RATE))
    words: list[str] = []

    def take(part: Phrase | float) -> None:
        if isinstance(part, Phrase):
            words.extend(word.text for word in part.words)

    outcome = recogniser.recognise(Audio(samples[None], SAMPLE_RATE), "", take)
    return Heard(name, seconds, outcome.speech_ms / 1000, tuple(words))


def band(rng: np.random.Generator, samples: int) -> Waveform:
    """float32 [samples]: a melody with vibrato, chords beneath and a drum, at most 0.3 in amplitude."""
    beat = int(rng.uniform(0.3, 0.6) * SAMPLE_RATE)
    time = np.arange(beat) / SAMPLE_RATE
    played = np.zeros(samples + beat, np.float64)
    step = 0
    for number, start in enumerate(range(0, samples, beat)):
        step = int(np.clip(step + rng.integers(-3, 4), -5, 19))
        for semitones, loud in ((step, 1.0), (-12, 0.4), (-8, 0.3), (-5, 0.3)):
            phase = 2 * np.pi * _ROOT_HZ * 2 ** (semitones / 12) * time + 0.3 * np.sin(2 * np.pi * 5.5 * time)
            tone = sum(np.sin(k * phase) / k for k in range(1, 8))
            played[start : start + beat] += loud * tone * np.minimum(1, 40 * time) * np.exp(-1.5 * time)
        if number % 2:
            played[start : start + beat] += 2 * rng.standard_normal(beat) * np.exp(-40 * time)
    return np.asarray(0.3 * played[:samples] / np.abs(played).max(), np.float32)


def keys(rng: np.random.Generator, samples: int) -> Waveform:
    """float32 [samples]: keys of a telephone, 0.1 s each (ITU-T Q.23), pressed twice a second."""
    rows, columns = (697, 770, 852, 941), (1209, 1336, 1477)
    made = np.zeros(samples, np.float32)
    for start in range(0, samples - SAMPLE_RATE // 10, SAMPLE_RATE // 2):
        pair = (float(rng.choice(rows)), float(rng.choice(columns)))
        made[start : start + SAMPLE_RATE // 10] = _cadence(SAMPLE_RATE // 10, pair, (1.0, 0.0))
    return made


def _at_level(kind: Sound, dbfs: float) -> Sound:
    def sound(rng: np.random.Generator, samples: int) -> Waveform:
        made = kind(rng, samples)
        scaled = made * (10 ** (dbfs / 20) / np.sqrt(np.mean(np.square(made))))
        return np.asarray(np.clip(scaled, -1, 1), np.float32)

    return sound


def _pieces(tune: Sound, seconds: float = 8.0) -> Sound:
    """One tune after another, each drawn anew, at three levels in turn."""

    def sound(rng: np.random.Generator, samples: int) -> Waveform:
        piece = int(seconds * SAMPLE_RATE)
        played = [tune(rng, piece) * (0.3, 0.6, 1.0)[i % 3] for i in range(-(-samples // piece))]
        return np.asarray(np.concatenate(played)[:samples], np.float32)

    return sound


def _cadence(samples: int, frequencies_hz: tuple[float, ...], on_off_seconds: tuple[float, float]) -> Waveform:
    time = np.arange(samples) / SAMPLE_RATE
    tone = sum(np.sin(2 * np.pi * hz * time) for hz in frequencies_hz)
    return np.asarray(0.1 * tone * (time % sum(on_off_seconds) < on_off_seconds[0]), np.float32)


def main() -> None:
    """Prints what a profile's recogniser hears where nobody speaks."""
    parser = argparse.ArgumentParser(prog="python -m training.asr.quiet", description=__doc__)
    parser.add_argument("--profile", default="mini", help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each sound (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=9001, help="default: %(default)s")
    options = parser.parse_args()
    recogniser = Recogniser(load_stage("asr", options.profile, os.environ))
    total = 0
    print(f"{'sound':32}{'seconds':>9}{'taken for speech':>18}{'words':>7}")
    for name in sounds():
        heard = play(recogniser, name, options.seed, options.seconds)
        said = f"  {' '.join(heard.words[:8])}" if heard.words else ""
        print(
            f"{heard.name:32}{heard.seconds:9.0f}{heard.speech_seconds:16.1f} s{len(heard.words):7}{said}", flush=True
        )
        total += len(heard.words)
    print(f"{total} words in all")


if __name__ == "__main__":
    main()
