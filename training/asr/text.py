"""What the recogniser is taught to hear: half sentences, half random words, and the words themselves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from services.asr.text import normalise
from training.asr import wordlist
from training.corpus import values
from training.corpus.draw import chance, pick
from training.corpus.script import Emotion, Turn
from training.corpus.slots import Split, Values, numbers, share
from training.corpus.splits import call_lines, load_apart, pool_lines

_EMOTIONS: tuple[Emotion, ...] = ("neutral", "neutral", "happy", "sad", "sad", "angry")
"""Sad speech, low and slow, is the hardest to hear."""


class Sentences:
    """Turns of a split's calls and pools, with their slots filled.

    Args:
        split: whose text and values.
    """

    def __init__(self, split: Split) -> None:
        self._split = split
        text = load_apart(split)
        self._calls = [call.turns for call in text.calls if call.turns]
        self.lines = [line for pools in (text.general, *text.pools.values()) for line in pool_lines(pools)]
        self.lines += [line for call in text.calls for line in call_lines(call)]

    def turns(self, rng: np.random.Generator, count: int) -> list[Turn]:
        """Turns that follow each other: of a written call, or drawn one by one with the parties taking turns."""
        filled = Values(rng, self._split)
        if count > 1 and self._calls and chance(rng, 0.4):
            call = pick(rng, self._calls)
            start = int(rng.integers(max(1, len(call) - count + 1)))
            return [Turn(t.role, t.emotion, filled.fill(t.text)) for t in call[start : start + count]]
        drawn = []
        for i in range(count):
            text = self.words(rng) if chance(rng, 0.5) else self.sentence(rng, filled)
            drawn.append(Turn("operator" if i % 2 else "customer", pick(rng, _EMOTIONS), text))
        return drawn

    def sentence(self, rng: np.random.Generator, filled: Values) -> str:
        """A line as it stands, its slots filled; sometimes only a number, an amount, a date."""
        return numbers(rng, self._split) if chance(rng, 0.1) else filled.fill(pick(rng, self.lines))

    def words(self, rng: np.random.Generator) -> str:
        """Random words in random order: what keeps the recogniser from learning sentences by heart."""
        drawn = [self._word(rng) for _ in range(int(rng.integers(1, 12)))]
        if chance(rng, 0.3):
            drawn += numbers(rng, self._split).split()
        return " ".join(drawn[i] for i in rng.permutation(len(drawn)))

    def _word(self, rng: np.random.Generator) -> str:
        """A word of the split or of the language, or one's head with another's tail: a fifth of a call's are new."""
        if self._split == "train" and chance(rng, 0.5):
            return pick(rng, wordlist.words())
        word = pick(rng, self.vocabulary)
        if not chance(rng, 0.25):
            return word
        other = pick(rng, self.vocabulary)
        return word[: int(rng.integers(2, 7))] + other[-int(rng.integers(2, 7)) :]

    @cached_property
    def vocabulary(self) -> list[str]:
        """Every word that the split's text and values have, in order of the alphabet."""
        texts = [*(line.replace("{", " {").replace("}", "} ") for line in self.lines)]
        names = (values.FEMALE, values.MALE, values.SURNAMES, values.BANKS, values.DISTRICTS, values.CITIES)
        texts += [item for items in (*names, values.STREETS, values.MERCHANTS) for item in share(items, self._split)]
        return sorted({word for text in texts for word in _plain(text)})


def _plain(text: str) -> Iterator[str]:
    for token in text.split():
        if "{" not in token:
            yield from normalise(token).split()
