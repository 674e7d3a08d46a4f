"""A word model that knows which words there are, which follow which, and how unknown words are spelt.

What recognisers of letters lack: in fluent speech the spaces between words can hardly be heard.
"""

from __future__ import annotations

import gzip
import json
import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path

from services.asr.text import LETTERS

FILE_NAME = "lexicon.json.gz"

UNSEEN = 0.1
"""Probability that a word of a new text was not seen before."""
KNOWN = 0.8
"""Share of those that are known as words of the language."""
_CHARACTER_ORDER = 7
_LEAST = 1e-7
_END = "$"
_BEHIND_ALL = "\uffff"


@dataclass(frozen=True)
class Weights:
    """How the parts of the search are weighed; tuned on the validation split.

    Attributes:
        language: of the log probability of the words against that of the letters.
        space: of what was heard between two words, or not heard within one.
        word: added for each word, in nats.
        certainty: factor on the log-odds of a word's letters, for the probability that the word is right (Platt 1999).
        assurance: added to them.
    """

    language: float = 0.6
    space: float = 0.5
    word: float = 1.0
    certainty: float = 1.0
    assurance: float = 0.0

    def right(self, letters: float) -> float:
        """Probability that a word is right whose letters have this probability, the geometric mean."""
        sure = min(max(letters, _LEAST), 1 - _LEAST)
        return 1 / (1 + math.exp(-self.certainty * math.log(sure / (1 - sure)) - self.assurance))


class Lexicon:
    """Probabilities of words, of word starts and of spellings.

    A word's probability given the one before is an interpolated bigram (Witten and Bell 1991). A word that was never
    seen has what an n-gram of letters, made from all seen words, gives to its spelling; words of the language that were
    not seen share most of what is set aside for these.

    Args:
        words: how often each word was seen.
        pairs: how often a word was seen after another.
        known: words of the language that were never seen, with scores.
        weights: for the search.
        delay_ms: how much later than it is spoken the recogniser writes a letter.
    """

    def __init__(
        self,
        words: Mapping[str, float],
        pairs: Mapping[tuple[str, str], float],
        known: Mapping[str, float] | None = None,
        weights: Weights | None = None,
        delay_ms: int = 0,
    ) -> None:
        self.weights = weights or Weights()
        self.delay_ms = delay_ms
        self._words, self._pairs, self._known = dict(words), dict(pairs), dict(known or {})
        total, all_known = sum(words.values()), sum(self._known.values())
        self.unknown = UNSEEN * (1 - KNOWN if self._known else 1.0)
        self._word = {word: (1 - UNSEEN) * count / total for word, count in words.items()}
        self._word |= {word: UNSEEN * KNOWN * score / all_known for word, score in self._known.items()}
        self._order = sorted(self._word)
        self._below = [0.0, *accumulate(self._word[word] for word in self._order)]
        self._starts: dict[str, float] = {}
        self._after: dict[str, float] = defaultdict(float)
        followers: Counter[str] = Counter()
        for (first, _), count in pairs.items():
            self._after[first] += count
            followers[first] += 1
        self._seen = {first: count / (count + followers[first]) for first, count in self._after.items()}
        self._spelling = _Spelling(words)

    def spelling(self, partial: str, letter: str) -> float:
        """Probability that an unknown word goes on with ``letter`` after ``partial``."""
        return self._spelling.probability(partial, letter)

    def start(self, partial: str, spelt: float) -> float:
        """Probability that a word starts with ``partial``, whose spelling has the probability ``spelt``."""
        known = self._starts.get(partial)
        if known is None:
            first = bisect_left(self._order, partial)
            behind = bisect_left(self._order, partial + _BEHIND_ALL, first)
            known = self._starts[partial] = self._below[behind] - self._below[first]
        return known + self.unknown * spelt

    def word(self, previous: str, word: str, spelt: float) -> float:
        """Probability of a word after another; ``spelt`` as in ``start``."""
        alone = self._word.get(word, 0.0) + self.unknown * spelt * self._spelling.probability(word, _END)
        seen = self._seen.get(previous, 0.0)
        if not seen:
            return alone
        return seen * self._pairs.get((previous, word), 0.0) / self._after[previous] + (1 - seen) * alone

    def save(self, folder: Path) -> None:
        """Writes the compact file."""
        order = ["", *sorted(self._words)]  # nothing stands before the first word
        index = {word: i for i, word in enumerate(order)}
        content = {
            "weights": asdict(self.weights),
            "delay_ms": self.delay_ms,
            "words": order,
            "counts": [round(self._words.get(word, 0.0), 2) for word in order],
            "known": sorted(self._known),
            "scores": [round(self._known[word], 2) for word in sorted(self._known)],
            "pairs": [[index[a], index[b], round(count, 2)] for (a, b), count in sorted(self._pairs.items())],
        }
        data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        (folder / FILE_NAME).write_bytes(gzip.compress(data, mtime=0))

    @classmethod
    def load(cls, folder: Path) -> Lexicon | None:
        """Reads a folder's lexicon; None where there is none."""
        path = folder / FILE_NAME
        if not path.exists():
            return None
        content = json.loads(gzip.decompress(path.read_bytes()))
        order = content["words"]
        return cls(
            dict(zip(order[1:], content["counts"][1:], strict=True)),
            {(order[a], order[b]): count for a, b, count in content["pairs"]},
            dict(zip(content["known"], content["scores"], strict=True)),
            Weights(**content["weights"]),
            content["delay_ms"],
        )


class _Spelling:
    """An interpolated n-gram of letters over the distinct words."""

    def __init__(self, words: Iterable[str]) -> None:
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for word in words:
            padded = f"^{word}{_END}"
            for i in range(1, len(padded)):
                for order in range(min(i, _CHARACTER_ORDER - 1) + 1):
                    counts[padded[i - order : i]][padded[i]] += 1
        self._counts = dict(counts)
        self._totals = {context: sum(after.values()) for context, after in counts.items()}
        self._outcomes = max(len(LETTERS) + 1, len(counts[""]))
        self._known: dict[tuple[str, str], float] = {}

    def probability(self, partial: str, letter: str) -> float:
        context = f"^{partial}"[-(_CHARACTER_ORDER - 1) :]
        known = self._known.get((context, letter))
        if known is None:
            known = self._known[context, letter] = self._interpolate(context, letter)
        return known

    def _interpolate(self, context: str, letter: str) -> float:
        probability = 1.0 / self._outcomes
        for start in range(len(context), -1, -1):
            after = self._counts.get(context[start:])
            if after is None:
                break
            total, kinds = self._totals[context[start:]], len(after)
            probability = (after[letter] + kinds * probability) / (total + kinds)
        return probability


def count(sentences: Iterable[str]) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    """Counts words and pairs of normalised sentences; the word before the first is empty."""
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for sentence in sentences:
        previous = ""
        for word in sentence.split():
            words[word] += 1
            pairs[previous, word] += 1
            previous = word
    return dict(words), dict(pairs)


def log(probability: float) -> float:
    """Natural logarithm that is finite at 0."""
    return math.log(max(probability, 1e-300))
