"""Exclusive segments: one speaker at a time, also where a bridged pause was not silent."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from services.diarize.model import Segment, exclusive


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([("A", 0, 10), ("B", 10, 20)], [("A", 0, 10), ("B", 10, 20)]),
        ([("A", 0, 30), ("B", 10, 20)], [("A", 0, 10), ("B", 10, 20), ("A", 20, 30)]),
        ([("A", 0, 20), ("B", 10, 30)], [("A", 0, 10), ("B", 10, 30)]),
        (
            [("A", 0, 50), ("B", 10, 40), ("A", 20, 30)],
            [("A", 0, 10), ("B", 10, 20), ("A", 20, 30), ("B", 30, 40), ("A", 40, 50)],
        ),
        (
            [("A", 0, 50), ("B", 10, 20), ("B", 30, 60)],
            [("A", 0, 10), ("B", 10, 20), ("A", 20, 30), ("B", 30, 60)],
        ),
        ([], []),
    ],
)
def test_who_starts_later_interrupts(given: list[tuple[str, int, int]], expected: list[tuple[str, int, int]]) -> None:
    assert exclusive([Segment(*each) for each in given]) == tuple(Segment(*each) for each in expected)


def test_no_moment_is_lost_or_given_twice() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        starts = np.sort(rng.choice(200, 12, replace=False))
        given = [Segment(f"S{rng.integers(3)}", int(start), int(start + rng.integers(1, 40))) for start in starts]
        found = exclusive(given)
        assert all(one.end_ms <= other.start_ms for one, other in itertools.pairwise(found))
        assert all(segment.end_ms > segment.start_ms for segment in found)
        for moment in range(240):
            at = [segment for segment in given if segment.start_ms <= moment < segment.end_ms]
            who = [segment.speaker for segment in found if segment.start_ms <= moment < segment.end_ms]
            assert who == [at[-1].speaker] if at else not who
