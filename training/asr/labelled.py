"""Windows out of labelled recordings, a bank's own for example."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from services.asr.text import normalise
from training.asr.windows import Window
from training.common import audio
from training.common.manifest import Turn, read
from training.corpus.draw import pick
from training.corpus.speak import SAMPLE_RATE

_MARGIN_SECONDS = 0.2


class LabelledWindows:
    """Windows of one or more turns that follow each other, cut out of labelled calls.

    Args:
        manifest: labelled calls (``docs/evaluation.md``); neither speakers nor roles are needed.
        longest_seconds: of a window; a turn that is longer is left out.
        written: text as it is written, with capitals and punctuation, in place of normalised text.

    Raises:
        ValueError: as ``training.common.manifest``, or no turn is short enough.
    """

    def __init__(self, manifest: Path, longest_seconds: float, *, written: bool = False) -> None:
        self._longest, self._written = longest_seconds, written
        self._calls: list[tuple[Path, list[Turn]]] = []
        for call in read(manifest, "audio", "text"):
            if fitting := [turn for turn in call.turns if turn.seconds <= longest_seconds - 2 * _MARGIN_SECONDS]:
                self._calls.append((call.audio, fitting))
        if not self._calls:
            raise ValueError(f"{manifest} has no turn of at most {longest_seconds:.0f} s")

    def draw(self, rng: np.random.Generator, progress: float) -> Window:
        """A window, whatever the ``progress``: who fine-tunes starts from a model that knows how to listen."""
        recording, turns = pick(rng, self._calls)
        first = last = int(rng.integers(len(turns)))
        start = max(0.0, turns[first].start - _MARGIN_SECONDS)
        most = int(rng.integers(1, 7))
        while last + 1 < len(turns) and last - first + 1 < most:
            if turns[last + 1].end + _MARGIN_SECONDS - start > self._longest:
                break
            last += 1
        end = max(turn.end for turn in turns[first : last + 1]) + _MARGIN_SECONDS
        text = " ".join(turn.text for turn in turns[first : last + 1])
        samples = audio.read(recording)[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]
        return Window(samples, text if self._written else normalise(text))
