"""Times from an emission."""

from __future__ import annotations

import numpy as np

from services.asr.alignment import align


def emission(path: list[int], outputs: int = 4) -> np.ndarray:
    probabilities = np.full((len(path), outputs), 0.01, dtype=np.float32)
    probabilities[np.arange(len(path)), path] = 0.97
    return np.log(probabilities)


def test_finds_each_token_where_it_is_loudest() -> None:
    assert align(emission([0, 1, 1, 0, 0, 2, 0]), [1, 2], blank=0) == [(1, 2), (5, 5)]


def test_tells_a_token_twice_from_a_long_one() -> None:
    assert align(emission([1, 0, 1, 1]), [1, 1], blank=0) == [(0, 0), (2, 3)]


def test_tokens_that_were_not_heard_are_still_in_order() -> None:
    spans = align(emission([0, 1, 0, 0, 2, 0]), [1, 3, 2], blank=0)
    assert [first for first, _ in spans] == sorted(first for first, _ in spans)


def test_too_few_frames_give_no_times() -> None:
    assert align(emission([1]), [1, 2, 3], blank=0) == [(0, 0)] * 3


def test_nothing_said_needs_no_times() -> None:
    assert align(emission([0, 0]), [], blank=0) == []
