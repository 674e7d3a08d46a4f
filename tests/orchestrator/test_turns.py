"""Words and segments to turns."""

from __future__ import annotations

import random
import time

from orchestrator.turns import Segment, Turn, Word, by_channels, by_segments

HOUR_MS = 3_600_000


def words(text: str, start_ms: int, step_ms: int = 300, length_ms: int = 250, channel: int = 0) -> list[Word]:
    return [
        Word(word, start_ms + n * step_ms, start_ms + n * step_ms + length_ms, channel=channel)
        for n, word in enumerate(text.split())
    ]


def told(turns: list[Turn]) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in turns]


def test_words_go_to_the_segment_that_they_overlap_most() -> None:
    segments = [Segment("B", 0, 1000), Segment("A", 1000, 2000)]
    spoken = [*words("salam necəsiniz", 0), Word("yaxşı", 900, 1300), *words("sağ olun", 1400)]
    turns = by_segments(spoken, segments, 2000)
    assert told(turns) == [("S1", "salam necəsiniz"), ("S2", "yaxşı sağ olun")]
    assert [(turn.start_ms, turn.end_ms) for turn in turns] == [(0, 550), (900, 1950)]


def test_words_beside_all_segments_go_to_the_nearest() -> None:
    segments = [Segment("A", 1000, 2000), Segment("B", 5000, 6000)]
    spoken = [Word("əvvəl", 0, 300), Word("arada", 2100, 2300), Word("yaxın", 4500, 4800), Word("sonra", 9000, 9300)]
    turns = by_segments(spoken, segments, 10_000)
    assert told(turns) == [("S1", "əvvəl arada"), ("S2", "yaxın"), ("S2", "sonra")]


def test_segments_without_words_make_no_turn_and_take_no_name() -> None:
    segments = [Segment("S1", 0, 900), Segment("S2", 1000, 2000)]
    assert told(by_segments(words("tək mən", 1000), segments, 2000)) == [("S1", "tək mən")]


def test_words_without_segments_are_one_speaker() -> None:
    assert told(by_segments(words("bir iki üç", 0), [], 1000)) == [("S1", "bir iki üç")]
    assert by_segments([], [Segment("A", 0, 1000)], 1000) == []


def test_long_pause_begins_a_new_turn() -> None:
    segments = [Segment("A", 0, 9000)]
    spoken = [*words("bir", 0), *words("iki", 1200), *words("üç", 4000)]
    assert told(by_segments(spoken, segments, 9000)) == [("S1", "bir iki"), ("S1", "üç")]


def test_order_of_the_input_does_not_matter() -> None:
    segments = [Segment("A", 0, 1000), Segment("B", 1000, 2000), Segment("A", 2000, 3000)]
    spoken = [*words("a b c", 0), *words("d e f", 1000), *words("g h i", 2000)]
    expected = by_segments(spoken, segments, 3000)
    random.Random(1).shuffle(spoken)
    assert by_segments(spoken, segments[::-1], 3000) == expected
    assert told(expected) == [("S1", "a b c"), ("S2", "d e f"), ("S1", "g h i")]


def test_turns_stay_within_the_recording_and_are_never_empty() -> None:
    spoken = [Word("nöqtə", 500, 500), Word("sonda", 2990, 3100), Word("arxada", 6000, 6200)]
    turns = by_segments(spoken, [Segment("A", 0, 600), Segment("B", 2000, 3000), Segment("A", 5900, 6000)], 3000)
    assert len(turns) == 3
    assert all(0 <= turn.start_ms < turn.end_ms <= 3000 for turn in turns)


def test_channels_are_interleaved_by_time() -> None:
    spoken = [*words("salam", 0), *words("salam aleykum", 1000, channel=1), *words("buyurun", 2500)]
    turns = by_channels(spoken, 5000)
    assert told(turns) == [("S1", "salam"), ("S2", "salam aleykum"), ("S1", "buyurun")]


def test_first_speaker_is_named_first_whatever_the_channel() -> None:
    spoken = [*words("alo", 500, channel=1), *words("salam", 2000, channel=0)]
    turns = by_channels(spoken, 5000)
    assert [(turn.speaker, turn.words[0].channel) for turn in turns] == [("S1", 1), ("S2", 0)]


def test_assent_while_somebody_speaks_does_not_tear_the_sentence() -> None:
    spoken = [*words("mən dünən kartımı itirmişəm bilirsiniz", 0), *words("hə", 500, channel=1)]
    assert told(by_channels(spoken, 5000)) == [("S1", "mən dünən kartımı itirmişəm bilirsiniz"), ("S2", "hə")]


def test_four_hours_take_a_moment() -> None:
    generator = random.Random(0)
    segments = [Segment(f"S{n % 2}", n * 3000, n * 3000 + 2900) for n in range(4 * HOUR_MS // 3000)]
    spoken = [Word("söz", start, start + generator.randint(50, 400)) for start in range(0, 4 * HOUR_MS, 450)]
    started = time.process_time()
    turns = by_segments(spoken, segments, 4 * HOUR_MS)
    assert sum(len(turn.words) for turn in turns) == len(spoken)
    assert time.process_time() - started < 5
