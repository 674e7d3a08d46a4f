"""Words that were never seen, formed as the seen ones are.

Azerbaijani strings endings to stems: a text of 60 000 words lacks a fifth of the words of another text. Endings are put
where they are missing, if they go with the same stems as the ones that are there. That finds two fifths of what is
lacking without a grammar; vowel harmony comes out of which endings meet.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection

import numpy as np
from scipy.sparse import csr_array, diags_array

_SHORTEST_STEM = 3
_LONGEST_ENDING = 7
_LEAST_STEMS = 4
"""Stems that an ending must be seen with."""
_STEMS_AT_ONCE = 2000


def form(words: Collection[str], most: int) -> list[str]:
    """The likeliest unseen words, at most ``most``: first those that more of the stem's endings call for.

    Args:
        words: what was seen.
        most: how many to give.
    """
    endings: dict[str, set[str]] = defaultdict(set)
    for word in words:
        for cut in range(max(_SHORTEST_STEM, len(word) - _LONGEST_ENDING), len(word) + 1):
            endings[word[:cut]].add(word[cut:])
    stems = sorted(stem for stem, own in endings.items() if len(own) > 1)
    stems_with = Counter(ending for stem in stems for ending in endings[stem])
    common = sorted(ending for ending, count in stems_with.items() if count >= _LEAST_STEMS)
    column = {ending: i for i, ending in enumerate(common)}
    rows, columns = [], []
    for row, stem in enumerate(stems):
        for ending in endings[stem]:
            if ending in column:
                rows.append(row)
                columns.append(column[ending])
    seen = csr_array((np.ones(len(rows), np.float32), (rows, columns)), shape=(len(stems), len(common)))
    # An ending of few stems says little of what goes with it.
    weight = 1.0 / (np.array([stems_with[ending] for ending in common], np.float32) + 8)
    votes_of = (diags_array(weight) @ (seen.T @ seen)).tocsr()
    known = set(words)
    scores: dict[str, float] = {}
    for start in range(0, len(stems), _STEMS_AT_ONCE):
        part = seen[start : start + _STEMS_AT_ONCE]
        share = 1.0 / (part.sum(axis=1) + 0.5)
        votes = diags_array(share) @ (part @ votes_of)
        votes = (votes - votes * part).tocoo()  # of the endings that are missing
        best = np.argsort(-votes.data, kind="stable")[:most]
        for row, ending, score in zip(votes.row[best], votes.col[best], votes.data[best], strict=True):
            word = stems[start + row] + common[ending]
            if word not in known and score > scores.get(word, 0.0):
                scores[word] = float(score)
    return sorted(scores, key=lambda word: (-scores[word], word))[:most]
