"""The manifest: what is read, and errors that name the line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evaluation.manifest import ManifestError, read

CALL: dict[str, Any] = {
    "id": "c1",
    "audio": "audio/c1.wav",
    "language": "az",
    "turns": [
        {"start": 4.0, "end": 5.0, "speaker": "B", "role": "customer", "emotion": "sad", "text": "Kartım itib."},
        {"start": 0.5, "end": 3.0, "speaker": "A", "role": "operator", "emotion": "neutral", "text": "Salam."},
    ],
    "topic": "cards",
    "quality": {"label": "Good", "stars": 5},
}


def write(folder: Path, *lines: Any) -> Path:
    (folder / "audio").mkdir(exist_ok=True)
    (folder / "audio" / "c1.wav").write_bytes(b"")
    path = folder / "manifest.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return path


def test_reads_turns_in_order_and_leaves_out_what_is_absent(tmp_path: Path) -> None:
    (call,) = read(write(tmp_path, CALL, ""))
    assert [turn.speaker for turn in call.turns] == ["A", "B"]
    assert call.text == "Salam. Kartım itib."
    assert call.trend == ("sad", "sad")
    assert (call.topic, call.subtopic, call.summary, call.stars) == ("cards", None, None, 5)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"manifest\.jsonl:2: "),
        ({**CALL, "audio": "audio/none.wav"}, "2: no recording"),
        ({key: value for key, value in CALL.items() if key != "turns"}, "2: missing 'turns'"),
        ({**CALL, "quality": {"stars": 6}}, "2: quality.stars is 6"),
        ({**CALL, "turns": [{**CALL["turns"][0], "end": 1.0}]}, "2: a turn from 4.0 to 1.0"),
        ({**CALL, "turns": [{**CALL["turns"][0], "role": "boss"}]}, "2: role is 'boss'"),
    ],
)
def test_error_names_the_line(tmp_path: Path, line: Any, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        read(write(tmp_path, CALL, line))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="no such file"):
        read(tmp_path / "nothing.jsonl")
