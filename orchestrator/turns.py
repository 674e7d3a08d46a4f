"""Words with times and the diarizer's segments to turns: who said what."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PAUSE_MS = 2000
"""A pause after which the same speaker begins a new turn: a mood or a subject may have changed."""

INTERRUPTION_MS = 300
"""With one channel a party, the other's word ends a turn only if it falls into a gap that is at least this long: short
words of assent while somebody goes on speaking do not tear the sentence apart."""


@dataclass(frozen=True)
class Word:
    """A word; times in milliseconds from the start of the call, the end not before the start."""

    text: str
    start_ms: int
    end_ms: int
    probability: float = 1.0
    channel: int = 0

    @property
    def middle_ms(self) -> float:
        """Middle of the word."""
        return (self.start_ms + self.end_ms) / 2


@dataclass(frozen=True)
class Segment:
    """A stretch of speech of one speaker; times in milliseconds."""

    speaker: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class Turn:
    """Words that one speaker said in a row; ``start_ms`` is before ``end_ms``, both within the recording."""

    speaker: str
    words: tuple[Word, ...]
    start_ms: int
    end_ms: int

    @property
    def text(self) -> str:
        """What was said."""
        return " ".join(word.text for word in self.words)


def by_segments(words: Iterable[Word], segments: Iterable[Segment], duration_ms: int) -> list[Turn]:
    """Makes turns of a mono recording.

    A word belongs to the segment that it overlaps most, or else to the nearest one. Without any segment one speaker
    said everything. Segments without words make no turn. Speakers are named anew, "S1" for who speaks first.

    Args:
        words: in any order.
        segments: without overlaps; in any order.
        duration_ms: length of the recording.
    """
    ordered = sorted(words, key=lambda word: (word.start_ms, word.end_ms))
    speakers = _Assignment(sorted(segments, key=lambda segment: segment.start_ms))
    return _turns([(speakers.of(word), word) for word in ordered], None, duration_ms)


def by_channels(words: Iterable[Word], duration_ms: int) -> list[Turn]:
    """Makes turns of a recording with one party a channel: the channel is the speaker.

    Args:
        words: in any order.
        duration_ms: length of the recording.
    """
    ordered = sorted(words, key=lambda word: (word.start_ms, word.channel))
    return _turns([(str(word.channel), word) for word in ordered], INTERRUPTION_MS, duration_ms)


class _Assignment:
    """Finds the speaker of a word among segments that are in order and do not overlap."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._starts = [segment.start_ms for segment in segments]

    def of(self, word: Word) -> str:
        if not self._segments:
            return ""
        first = max(0, bisect_left(self._starts, word.start_ms) - 1)
        last = bisect_left(self._starts, word.end_ms)
        near = self._segments[first : last + 1]
        return min(near, key=lambda segment: (-_overlap_ms(word, segment), _distance_ms(word, segment))).speaker


def _overlap_ms(word: Word, segment: Segment) -> int:
    return max(0, min(word.end_ms, segment.end_ms) - max(word.start_ms, segment.start_ms))


def _distance_ms(word: Word, segment: Segment) -> int:
    return max(0, segment.start_ms - word.end_ms, word.start_ms - segment.end_ms)


def _turns(spoken: Sequence[tuple[str, Word]], interruption_ms: int | None, duration_ms: int) -> list[Turn]:
    """Cuts each speaker's words into turns: at a long pause, and where another speaks in a gap.

    Args:
        spoken: speakers with their words, in order of time.
        interruption_ms: least gap in which another's word ends the turn; None: any.
        duration_ms: turns end here at the latest.
    """
    middles = sorted((word.middle_ms, speaker) for speaker, word in spoken)
    times = [middle for middle, _ in middles]
    by_speaker: dict[str, list[list[Word]]] = {}
    for speaker, word in spoken:
        runs = by_speaker.setdefault(speaker, [])
        if runs:
            before = runs[-1][-1]
            gap_ms = word.start_ms - before.end_ms
            # Between the middles lie, but for the two words themselves, only words of others.
            between = middles[bisect_left(times, before.middle_ms) : bisect_left(times, word.middle_ms)]
            interrupted = any(other != speaker for _, other in between)
            if interruption_ms is not None and gap_ms < interruption_ms:
                interrupted = False
            if gap_ms < PAUSE_MS and not interrupted:
                runs[-1].append(word)
                continue
        runs.append([word])
    runs_in_order = sorted(
        ((speaker, run) for speaker, runs in by_speaker.items() for run in runs), key=lambda item: item[1][0].start_ms
    )
    names: dict[str, str] = {}
    turns = []
    for speaker, run in runs_in_order:
        name = names.setdefault(speaker, f"S{len(names) + 1}")
        end_ms = min(max(word.end_ms for word in run), duration_ms)
        start_ms = max(0, min(run[0].start_ms, end_ms - 1))
        turns.append(Turn(name, tuple(run), start_ms, max(end_ms, start_ms + 1)))
    return turns
