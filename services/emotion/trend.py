"""How the customer's mood moved, from the emotions of the turns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.emotion.clips import Span
from services.emotion.labels import EMOTIONS, Scores

EDGE_SECONDS = 1.5
"""Speech that decides on the mood at either end: one long turn, or several of a word each."""

_VALENCE = {"neutral": 0.0, "happy": 1.0, "sad": -1.0, "angry": -1.0}


@dataclass(frozen=True)
class Point:
    """A turn of the customer in the series.

    Attributes:
        time_ms: its middle, from the start of the call.
        emotion: the most probable one.
        valence: expected mood, from -1 (angry or sad) over 0 (neutral) to 1 (happy).
    """

    time_ms: int
    emotion: str
    valence: float


@dataclass(frozen=True)
class Trend:
    """The customer's mood; empty strings and no points where no customer speaks."""

    start: str = ""
    end: str = ""
    points: tuple[Point, ...] = ()

    @property
    def description(self) -> str:
        """In words."""
        return f"Customer started {self.start.capitalize()} and finished {self.end.capitalize()}" if self.points else ""


def top(scores: Scores) -> str:
    """The most probable emotion; of equal ones the first of neutral, happy, sad and angry."""
    return max(EMOTIONS, key=lambda emotion: scores[emotion])


def trend(judged: Iterable[tuple[Span, Scores]]) -> Trend:
    """The trend of a call.

    Args:
        judged: all turns, or the customer's alone, in any order.
    """
    turns = sorted((pair for pair in judged if pair[0].customer), key=lambda pair: (pair[0].start_ms, pair[0].end_ms))
    if not turns:
        return Trend()
    points = tuple(
        Point(
            time_ms=(span.start_ms + span.end_ms) // 2,
            emotion=top(scores),
            valence=sum(_VALENCE[emotion] * score for emotion, score in scores.items()),
        )
        for span, scores in turns
    )
    return Trend(_edge(turns), _edge(turns[::-1]), points)


def _edge(turns: Sequence[tuple[Span, Scores]]) -> str:
    """The mood of the first seconds of speech: probabilities weighted by the time that each turn has in them."""
    total = dict.fromkeys(EMOTIONS, 0.0)
    left = EDGE_SECONDS
    for span, scores in turns:
        seconds = min(left, span.seconds)
        for emotion in EMOTIONS:
            total[emotion] += seconds * scores[emotion]
        left -= seconds
        if left <= 0:
            break
    return top(total)
