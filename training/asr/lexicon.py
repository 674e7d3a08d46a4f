"""Makes the recogniser's word model: from the text of the training split, and from what other words there are."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from services.asr.lexicon import Lexicon, count
from services.asr.text import normalise
from training.asr import wordlist
from training.asr.forms import form
from training.asr.text import Sentences
from training.corpus.slots import Split, Values, numbers

K = TypeVar("K")

_FILLINGS = 4
"""Times that each line is written out: a line with slots reads differently each time."""
_NUMBERS = 4000
_FORMS = 80_000
_BOTH, _LISTED, _FORMED = 7.0, 1.0, 0.6
"""How likely an unseen word is that stands in the list of the language's words and is formed as seen ones are, or only
the one or the other: as the unseen words of the validation split are."""


def make(split: Split = "train", seed: int = 3) -> Lexicon:
    """Counts words and pairs of the split's lines, with their slots filled several times, and of spoken numbers."""
    rng = np.random.default_rng(seed)
    lines = Sentences(split).lines
    written = [normalise(Values(rng, split).fill(line)) for _ in range(_FILLINGS) for line in lines]
    words, pairs = count(written)
    more_words, more_pairs = count(normalise(numbers(rng, split)) for _ in range(_NUMBERS))
    # A line counts once, however often it was written out; numbers only help where lines know little.
    seen = _sum(words, more_words)
    formed, listed = set(form(words, _FORMS)), set(wordlist.words())
    known = {
        word: _BOTH if word in formed and word in listed else _LISTED if word in listed else _FORMED
        for word in sorted((formed | listed) - set(seen))
    }
    return Lexicon(seen, _sum(pairs, more_pairs), known)


def _sum(lines: dict[K, float], numbers_: dict[K, float]) -> dict[K, float]:
    return {
        key: lines.get(key, 0.0) / _FILLINGS + numbers_.get(key, 0.0) / 10
        for key in sorted({*lines, *numbers_}, key=str)
    }
