"""Labelled recordings: the manifest that serves training, testing and a bank's own calls (``evaluation``'s format)."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from services.asr.text import normalise
from training.asr.windows import Window
from training.corpus.draw import pick
from training.corpus.speak import SAMPLE_RATE, Waveform

_MARGIN_SECONDS = 0.2


class LabelledWindows:
    """Windows of one or more turns that follow each other, cut out of labelled calls.

    Args:
        manifest: JSON Lines, one call a line, with ``audio`` (16-bit WAV) and ``turns``.
        longest_seconds: of a window; a turn that is longer is left out.
        written: text as it is written, with capitals and punctuation, in place of normalised text.

    Raises:
        ValueError: no turn is short enough.
    """

    def __init__(self, manifest: Path, longest_seconds: float, *, written: bool = False) -> None:
        self._folder, self._longest, self._written = manifest.parent, longest_seconds, written
        lines = manifest.read_text(encoding="utf-8").splitlines()
        self._calls: list[tuple[str, list[tuple[float, float, str]]]] = []
        for entry in map(json.loads, filter(str.strip, lines)):
            turns = sorted((turn["start"], turn["end"], turn["text"]) for turn in entry["turns"])
            if fitting := [turn for turn in turns if turn[1] - turn[0] <= longest_seconds - 2 * _MARGIN_SECONDS]:
                self._calls.append((entry["audio"], fitting))
        if not self._calls:
            raise ValueError(f"{manifest} has no turn of at most {longest_seconds:.0f} s")

    def draw(self, rng: np.random.Generator, progress: float) -> Window:
        """A window, whatever the ``progress``: who fine-tunes starts from a model that knows how to listen."""
        audio, turns = pick(rng, self._calls)
        first = last = int(rng.integers(len(turns)))
        start = max(0.0, turns[first][0] - _MARGIN_SECONDS)
        most = int(rng.integers(1, 7))
        while last + 1 < len(turns) and last - first + 1 < most:
            if turns[last + 1][1] + _MARGIN_SECONDS - start > self._longest:
                break
            last += 1
        end = max(turn[1] for turn in turns[first : last + 1]) + _MARGIN_SECONDS
        text = " ".join(turn[2] for turn in turns[first : last + 1])
        samples = read_wav(self._folder / audio)[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]
        return Window(samples, text if self._written else normalise(text))


def read_wav(path: Path) -> Waveform:
    """float32 [samples] at 16 kHz of a 16-bit WAV file; the mean of its channels.

    Raises:
        ValueError: the samples are not 16 bits wide.
    """
    with wave.open(str(path), "rb") as file:
        if file.getsampwidth() != 2:
            raise ValueError(f"{path} is not 16-bit PCM")
        data = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, file.getnchannels())
        rate = file.getframerate()
    samples = data.mean(axis=1).astype(np.float32) / np.float32(32768)
    common = np.gcd(SAMPLE_RATE, rate)
    return np.asarray(resample_poly(samples, SAMPLE_RATE // common, rate // common), dtype=np.float32)
