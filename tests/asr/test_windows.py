"""Where somebody speaks, and where windows are cut."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.signal import resample_poly

from services.asr.windows import SAMPLE_RATE, FloatArray, cut, speech
from tests.asr.serving import recording


@pytest.fixture(scope="module")
def call() -> FloatArray:
    return np.asarray(resample_poly(recording()[0] / 32768, 2, 1), dtype=np.float32)


def test_covers_what_is_said_and_leaves_pauses_out(call: FloatArray) -> None:
    covered = np.zeros(len(call), dtype=bool)
    for span in speech(call)[0]:
        covered[span.start : span.end] = True
    said = np.zeros(len(call), dtype=bool)
    for turn in recording()[1]:
        said[int(turn["start"] * SAMPLE_RATE) : int(turn["end"] * SAMPLE_RATE)] = True
    assert covered[said].mean() > 0.85
    assert covered[~said].mean() < 0.6


@pytest.mark.parametrize("longest_seconds", [5.0, 12.0, 30.0])
def test_windows_are_short_enough_and_lose_no_speech(call: FloatArray, longest_seconds: float) -> None:
    windows = cut(1, call, longest_seconds)
    assert all(window.span.seconds <= longest_seconds for window in windows)
    assert all(len(window.samples) == window.span.end - window.span.start for window in windows)
    assert all(window.channel == 1 for window in windows)
    spans = [span for window in windows for span in window.speech]
    assert sum(span.seconds for span in spans) == pytest.approx(sum(s.seconds for s in speech(call)[0]), abs=0.01)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


def test_a_long_pause_ends_a_window(call: FloatArray) -> None:
    piece = call[: 10 * SAMPLE_RATE]
    apart = np.concatenate([piece, np.zeros(5 * SAMPLE_RATE, dtype=np.float32), piece])
    windows = cut(0, apart, 60.0)
    assert len(windows) >= 2
    assert all(window.span.seconds < 11 for window in windows)


def test_silence_and_an_empty_recording_have_no_windows() -> None:
    assert cut(0, np.zeros(3 * SAMPLE_RATE, dtype=np.float32), 30.0) == []
    assert cut(0, np.zeros(0, dtype=np.float32), 30.0) == []
