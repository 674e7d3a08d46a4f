"""The corpus' card: its counts, and the command that writes them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from training.corpus import __main__ as command
from training.corpus import card
from training.corpus.card import Counts, count, table
from training.corpus.render import write_wav
from training.corpus.splits import load_apart


def test_a_rendered_split_is_counted(tmp_path: Path) -> None:
    text = load_apart("validation")
    folder = tmp_path / "validation" / "audio"
    folder.mkdir(parents=True)
    for number in range(len(text.calls)):
        write_wav(folder / f"c{number:04d}.wav", np.zeros(16000, np.float32))
    found = count("validation", tmp_path)
    assert (found.calls, found.rendered) == (len(text.calls), True)
    assert found.minutes == pytest.approx(len(text.calls) / 60)
    assert sum(found.stars) == found.calls and found.subtopics == 38
    assert found.turns == sum(len(call.turns) for call in text.calls)
    assert 0 < found.distinct < found.words and found.a_subtopic[0] <= found.calls / 38 <= found.a_subtopic[1]


def test_the_table_has_a_column_a_split() -> None:
    one = Counts("train", 3, 20, 12_345, 900, 100, 7, 4.4, False, (1, 1, 0, 0, 1), (1, 2), 2)
    lines = table([one, one], 0).splitlines()
    assert lines[0] == "| | train | train |" and lines[-1].endswith("stand in two splits: none.")
    assert "| words said | 12 345 | 12 345 |" in lines and "| minutes, spoken once | about 4 | about 4 |" in lines
    assert table([one], 2).endswith("in two splits: 2.")


def test_the_command_writes_the_card_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "card.md"
    page.write_text("<!-- counts -->\n<!-- /counts -->\n", encoding="utf-8")
    one = Counts("train", 3, 20, 12, 9, 10, 7, 4.4, True, (1, 1, 0, 0, 1), (1, 2), 2)
    monkeypatch.setattr(card, "count", lambda split, rendered: one)
    monkeypatch.setattr(sys, "argv", ["corpus", "--card", "--out", str(tmp_path / "corpus")])
    monkeypatch.setattr(card, "CARD", page)
    assert command.main() == 0
    assert "| calls, written by hand | 3 | 3 | 3 |" in page.read_text(encoding="utf-8")
    assert "| turns | 20 |" in capsys.readouterr().out and not (tmp_path / "corpus").exists()
