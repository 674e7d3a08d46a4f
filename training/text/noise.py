"""Written sentences as a recogniser would hand them over: lower case, no punctuation, words wrong."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from training.corpus.draw import pick, weighted
from training.corpus.words import lower

# Letters that Azerbaijani recognisers confuse: neighbours in vowel height, rounding or voicing.
_CONFUSED = {
    "a": "əoı", "ə": "ae", "e": "əi", "i": "eıü", "ı": "iua", "o": "uöa", "ö": "oü", "u": "oüı", "ü": "uöi",
    "b": "pv", "p": "b", "d": "tn", "t": "d", "g": "kğy", "k": "gqx", "q": "kğx", "ğ": "yqx", "x": "hkq", "h": "x",
    "c": "çj", "ç": "cş", "ş": "sç", "s": "zş", "z": "s", "j": "cş", "v": "bf", "f": "v", "m": "n", "n": "ml",
    "l": "rn", "r": "l", "y": "ği",
}  # fmt: skip
_LETTERS = "aəeiıoöuübcçdfgğhxjkqlmnprsştvyz"
_KINDS = {"letters": 0.45, "similar": 0.2, "lost": 0.15, "merged": 0.1, "split": 0.1}
_STEM = 3
_NOT_WORD = re.compile(r"[^\w\s]+")


def plain(text: str) -> str:
    """Lower case with Azerbaijani casing, no punctuation, single spaces."""
    return " ".join(_NOT_WORD.sub(" ", lower(text)).split())


class Noise:
    """Damages words.

    Args:
        texts: where similar words are taken from.
        max_rate: largest share of damaged words; each text draws its own rate from 0 to this.
        written_share: share of texts that stay as they are written, with case and punctuation.
    """

    def __init__(self, texts: Iterable[str], max_rate: float = 0.35, written_share: float = 0.2) -> None:
        self._max_rate, self._written_share = max_rate, written_share
        words = {word for text in texts for word in plain(text).split()}
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for word in sorted(words):
            self._by_stem[word[:_STEM]].append(word)

    def call(self, rng: np.random.Generator, texts: Iterable[str], heard: bool = False) -> list[str]:
        """The texts of one call, all with one rate of errors; those that a recogniser heard have their own already."""
        if heard or rng.random() < self._written_share:
            return list(texts)
        rate = self._max_rate * rng.random()
        return [self.damage(rng, plain(text), rate) for text in texts]

    def damage(self, rng: np.random.Generator, text: str, rate: float) -> str:
        """Text with about this share of its words wrong; never quite empty."""
        words = text.split()
        hit = rng.random(len(words)) < rate
        out: list[str] = []
        joined = False
        for word, wrong in zip(words, hit, strict=True):
            kind = weighted(rng, _KINDS) if wrong else ""
            new = self._word(rng, word, kind)
            if joined and new:
                out[-1] += new
            elif new:
                out.append(new)
            joined = kind == "merged" and bool(out)
        return " ".join(out) or text

    def _word(self, rng: np.random.Generator, word: str, kind: str) -> str:
        if kind == "lost":
            return ""
        if kind == "similar":
            return pick(rng, self._by_stem.get(word[:_STEM]) or [word])
        if kind == "split" and len(word) > _STEM:
            cut = int(rng.integers(2, len(word) - 1))
            return f"{word[:cut]} {word[cut:]}"
        if kind == "letters":
            for _ in range(1 + int(rng.random() < 0.3)):
                word = _edit(rng, word)
        return word


def _edit(rng: np.random.Generator, word: str) -> str:
    at = int(rng.integers(len(word))) if word else 0
    draw = rng.random()
    if draw < 0.6 and word:
        return word[:at] + pick(rng, _CONFUSED.get(word[at], _LETTERS)) + word[at + 1 :]
    if draw < 0.85 and len(word) > 1:
        return word[:at] + word[at + 1 :]
    return word[:at] + pick(rng, _LETTERS) + word[at:]
