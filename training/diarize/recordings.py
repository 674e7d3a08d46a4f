"""Pieces of recorded calls whose turns are known: a bank's labelled manifest, or rendered calls."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from training.corpus.draw import pick
from training.corpus.speak import SAMPLE_RATE, Waveform
from training.diarize.scenes import Scene


class ManifestError(ValueError):
    """The manifest cannot be learned from; the message names the line."""


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
    """Reads a manifest (``spec/evaluation.md``) with its audio.

    Raises:
        ManifestError: a line is not JSON, has no turns, or its audio cannot be read.
    """
    calls = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            turns = tuple((float(turn["start"]), float(turn["end"]), str(turn["speaker"])) for turn in entry["turns"])
            calls.append(Recording(str(entry["id"]), read_audio(path.parent / entry["audio"]), turns))
        except (KeyError, TypeError, ValueError, OSError, av.error.FFmpegError) as error:
            raise ManifestError(f"{path}:{number}: {type(error).__name__}: {error}") from error
    if not calls:
        raise ManifestError(f"{path} has no calls")
    return calls


def read_audio(path: Path) -> Waveform:
    """Any audio file as float32 [samples] at 16 kHz, channels mixed."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    pieces: list[Waveform] = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            pieces += [resampled.to_ndarray()[0] for resampled in resampler.resample(frame)]
        pieces += [resampled.to_ndarray()[0] for resampled in resampler.resample(None)]
    return np.concatenate(pieces).astype(np.float32) if pieces else np.zeros(0, np.float32)
