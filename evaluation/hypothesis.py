"""What the system said about a call, in the terms of the metrics."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.manifest import ReferenceTurn


@dataclass(frozen=True)
class Span:
    """Speech of one speaker; start and end in seconds from the start of the call."""

    start: float
    end: float
    speaker: str


@dataclass
class Hypothesis:
    """Answers for one call; None where a stage gave none.

    Attributes:
        spans: who spoke when.
        speaker_count: number of different speakers.
        text: all words in order of time.
        speaker_texts: words of each speaker in order of time; end to end only.
        roles: role for each reference turn; None: no answer for that turn.
        emotions: emotion for each reference turn.
        trend: the customer's first and last emotion.
    """

    spans: list[Span] | None = None
    speaker_count: int | None = None
    text: str | None = None
    speaker_texts: dict[str, str] | None = None
    roles: list[str | None] | None = None
    emotions: list[str | None] | None = None
    trend: tuple[str, str] | None = None
    summary: str | None = None
    topic: str | None = None
    subtopic: str | None = None
    stars: int | None = None


def most_overlapping(turn: ReferenceTurn, spans: list[Span]) -> int | None:
    """Index of the span that shares most time with a turn; None where none shares any."""
    shared = [min(turn.end, span.end) - max(turn.start, span.start) for span in spans]
    best = max(range(len(spans)), key=shared.__getitem__, default=None)
    return best if best is not None and shared[best] > 0 else None
