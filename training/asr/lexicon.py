"""Makes the recogniser's word model from the text of the training split."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from services.asr.lexicon import Lexicon, count
from services.asr.text import normalise
from training.asr.forms import form
from training.asr.text import Sentences
from training.corpus.slots import Split, Values, numbers

K = TypeVar("K")

_FILLINGS = 4
"""Times that each line is written out: a line with slots reads differently each time."""
_NUMBERS = 4000
_FORMS = 80_000


def make(split: Split = "train", seed: int = 3) -> Lexicon:
    """Counts words and pairs of the split's lines, with their slots filled several times, and of spoken numbers."""
    rng = np.random.default_rng(seed)
    lines = Sentences(split).lines
    written = [normalise(Values(rng, split).fill(line)) for _ in range(_FILLINGS) for line in lines]
    words, pairs = count(written)
    more_words, more_pairs = count(normalise(numbers(rng, split)) for _ in range(_NUMBERS))
    # A line counts once, however often it was written out; numbers only help where lines know little.
    return Lexicon(_sum(words, more_words), _sum(pairs, more_pairs), form(words, _FORMS))


def _sum(lines: dict[K, float], numbers_: dict[K, float]) -> dict[K, float]:
    return {
        key: lines.get(key, 0.0) / _FILLINGS + numbers_.get(key, 0.0) / 10
        for key in sorted({*lines, *numbers_}, key=str)
    }
