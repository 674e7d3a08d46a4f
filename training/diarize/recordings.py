"""Pieces of recorded calls whose turns are known: a bank's labelled manifest, or rendered calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.common import audio, manifest
from training.corpus.draw import pick
from training.corpus.speak import SAMPLE_RATE, Waveform
from training.diarize.scenes import Scene


@dataclass(frozen=True)
class Recording:
    """A whole call.

    Attributes:
        id: name of the call.
        wave: float32 [samples] at 16 kHz, mono.
        turns: start and end in seconds, and the speaker's name.
    """

    id: str
    wave: Waveform
    turns: tuple[tuple[float, float, str], ...]


class Recordings:
    """Draws pieces from calls.

    Args:
        calls: at least one.
        speakers: a piece keeps the speakers who talk most in it, up to this number.
    """

    def __init__(self, calls: Sequence[Recording], speakers: int = 3) -> None:
        self._calls = calls
        self._speakers = speakers

    def draw(self, rng: np.random.Generator, seconds: float) -> Scene:
        """A piece of a call from anywhere in it, followed by silence where the call is shorter."""
        call = pick(rng, self._calls)
        samples = round(seconds * SAMPLE_RATE)
        first = int(rng.integers(0, max(1, len(call.wave) - samples + 1)))
        wave = np.zeros(samples, np.float32)
        piece = call.wave[first : first + samples]
        wave[: len(piece)] = piece
        at = first / SAMPLE_RATE
        inside = [
            (max(start - at, 0.0), min(end - at, seconds), who)
            for start, end, who in call.turns
            if end > at and start < at + seconds
        ]
        spoken: Counter[str] = Counter()
        for start, end, who in inside:
            spoken[who] += round(1000 * (end - start))
        numbers = {who: number for number, (who, _) in enumerate(spoken.most_common(self._speakers))}
        turns = tuple((start, end, numbers[who]) for start, end, who in inside if who in numbers)
        return Scene(wave, turns, (-1,) * len(numbers))


def read_manifest(path: Path) -> list[Recording]:
    """The calls of a manifest with their audio.

    Raises:
        ValueError: as ``training.common.manifest``.
    """
    return [
        Recording(call.id, audio.read(call.audio), tuple((turn.start, turn.end, turn.speaker) for turn in call.turns))
        for call in manifest.read(path, "id", "audio", "speaker")
    ]
