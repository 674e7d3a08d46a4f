"""Turns as lines, and long calls in parts."""

from __future__ import annotations

import pytest
from callcenter.v1 import common_pb2

from rpc.errors import InvalidInput
from services.serving.transcript import MAX_TURNS, Layout, Turn, from_proto, windows


def words(text: str) -> int:
    return len(text.split())


def test_textless_turns_are_left_out() -> None:
    said = from_proto([common_pb2.TranscriptTurn(index=i, speaker="S1", text=text) for i, text in enumerate(" a\n")])
    assert [(turn.index, turn.text) for turn in said] == [(1, "a")]


def test_a_call_without_text_or_without_end_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no turn has text"):
        from_proto([common_pb2.TranscriptTurn(text="  ")])
    with pytest.raises(InvalidInput, match="5001 turns"):
        from_proto([common_pb2.TranscriptTurn(text="a")] * (MAX_TURNS + 1))


def test_a_speaker_without_role_goes_by_name() -> None:
    layout = Layout(operator="Agent")
    assert layout.line(Turn(0, "S1", "operator", "Salam\n {role}")) == "Agent: Salam {role}"
    assert layout.line(Turn(0, "S2", "", "Alo")) == "S2: Alo"


@pytest.mark.parametrize("budget", [3, 4, 7, 10, 50, 1000])
def test_parts_fit_and_nothing_is_lost(budget: int) -> None:
    lines = [" ".join(f"w{i}_{j}" for j in range(1 + i * 7 % 11)) for i in range(30)]
    parts = windows(lines, words, budget)
    assert " ".join(" ".join(part) for part in parts) == " ".join(lines)
    assert all(sum(map(words, part)) <= budget for part in parts)


def test_parts_are_of_about_the_same_length() -> None:
    parts = windows(["a b c d e"] * 11, words, 50)
    assert [len(part) for part in parts] == [6, 5]


def test_a_word_longer_than_a_part_is_cut() -> None:
    parts = windows(["abcdefgh"], len, 3)
    assert "".join(piece for part in parts for piece in part) == "abcdefgh"
    assert all(sum(map(len, part)) <= 3 for part in parts)
