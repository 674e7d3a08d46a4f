"""Turns cut out of a recording: levels within a speaker, wrong spans."""

from __future__ import annotations

import numpy as np
import pytest

from rpc.errors import InvalidInput
from services.emotion.clips import REFERENCE_DBFS, Span, cut
from services.serving.audio import Audio

RATE = 16000


def tone(seconds: float, dbfs: float) -> np.ndarray:
    time = np.arange(int(seconds * RATE)) / RATE
    return (np.sqrt(2) * 10 ** (dbfs / 20) * np.sin(2 * np.pi * 440 * time)).astype(np.float32)


def dbfs(clip: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(clip))))


def test_turns_of_a_speaker_keep_their_levels_to_one_another() -> None:
    audio = Audio(np.concatenate([tone(1, -30), tone(1, -20), tone(1, -50)])[None], RATE)
    spans = [Span(0, 0, 1000, speaker="S1"), Span(1, 1000, 2000, speaker="S1"), Span(2, 2000, 3000, speaker="S2")]
    quiet, loud, other = cut(audio, spans)
    assert dbfs(loud) - dbfs(quiet) == pytest.approx(10, abs=0.01)
    assert (dbfs(loud) + dbfs(quiet)) / 2 == pytest.approx(REFERENCE_DBFS, abs=0.01)
    assert dbfs(other) == pytest.approx(REFERENCE_DBFS, abs=0.01)


def test_a_long_turn_weighs_more_in_the_level() -> None:
    audio = Audio(np.concatenate([tone(3, -20), tone(1, -40)])[None], RATE)
    long, short = cut(audio, [Span(0, 0, 3000, speaker="S1"), Span(1, 3000, 4000, speaker="S1")])
    assert (3 * dbfs(long) + dbfs(short)) / 4 == pytest.approx(REFERENCE_DBFS, abs=0.01)


def test_a_turn_is_cut_from_its_own_channel() -> None:
    audio = Audio(np.stack([tone(1, -20), np.zeros(RATE, np.float32)]), RATE)
    heard, silent = cut(audio, [Span(0, 0, 1000, channel=0), Span(1, 0, 1000, channel=1, speaker="S2")])
    assert dbfs(heard) == pytest.approx(REFERENCE_DBFS, abs=0.01)
    assert not silent.any()


def test_a_turn_that_ends_a_little_late_is_clipped() -> None:
    (clip,) = cut(Audio(tone(1, -20)[None], RATE), [Span(0, 400, 1500)])
    assert clip.size == 0.6 * RATE


@pytest.mark.parametrize(
    ("span", "complaint"),
    [
        (Span(7, 500, 500), "turn 7 runs from 500 to 500 ms"),
        (Span(7, 800, 300), "turn 7 runs from 800 to 300 ms"),
        (Span(7, -10, 300), "turn 7 runs from -10 to 300 ms"),
        (Span(7, 1000, 1200), "turn 7 runs from 1000 to 1200 ms, the audio has 1000 ms"),
        (Span(7, 0, 60_000), "turn 7 runs from 0 to 60000 ms, the audio has 1000 ms"),
        (Span(7, 0, 500, channel=1), "turn 7 is on channel 1, the audio has 1"),
    ],
)
def test_a_wrong_span_is_refused_by_name(span: Span, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint) as refused:
        cut(Audio(tone(1, -20)[None], RATE), [Span(0, 0, 1000), span])
    assert refused.value.action
