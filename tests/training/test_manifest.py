"""The manifest as the recipes read it: what is read, what may be absent, and errors that name the line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from training.common.manifest import Call, Field, Turn, read

TURNS: list[dict[str, Any]] = [
    {"start": 4, "end": 5.5, "speaker": "B", "role": "customer", "emotion": "sad", "text": "Kartım\u2028itib."},
    {"start": 0.5, "end": 3.0, "speaker": 1, "text": "Salam."},
]
CALL: dict[str, Any] = {"id": "c1", "audio": "c1.wav", "turns": TURNS, "topic": "cards", "quality": {"stars": 5}}


def write(folder: Path, *lines: Any) -> Path:
    (folder / "c1.wav").touch()
    path = folder / "calls.jsonl"
    dumped = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(dumped), encoding="utf-8")
    return path


def without(table: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name not in names}


def turn(**changed: Any) -> dict[str, Any]:
    return {**CALL, "turns": [{**TURNS[0], **changed}]}


def test_turns_are_in_order_and_what_is_not_known_is_empty(tmp_path: Path) -> None:
    (call,) = read(write(tmp_path, "", CALL), "id", "audio", "speaker", "text")
    turns = (Turn(0.5, 3.0, "1", "Salam."), Turn(4.0, 5.5, "B", "Kartım\u2028itib.", "customer", "sad"))
    assert call == Call(turns, "c1", tmp_path / "c1.wav", topic="cards", stars=5)
    assert call.text == "Salam. Kartım\u2028itib." and turns[1].seconds == 1.5


def test_a_compressed_manifest_is_the_same(tmp_path: Path) -> None:
    path = write(tmp_path, CALL, CALL)
    compressed = tmp_path / "calls.jsonl.gz"
    compressed.write_bytes(gzip.compress(path.read_bytes()))
    assert read(compressed) == read(path)


def test_what_is_not_needed_may_be_absent(tmp_path: Path) -> None:
    bare = {"turns": [{"start": 0, "end": 1, "role": None, "emotion": None}], "quality": None}
    other = {**CALL, "audio": "elsewhere.wav"}
    assert read(write(tmp_path, bare, other))[0] == Call((Turn(0.0, 1.0),))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "Expecting property name"),
        ([], "list indices|no attribute"),
        ({**CALL, "turns": 5}, "not iterable"),
        (without(CALL, "id"), "missing 'id'"),
        (without(CALL, "audio"), "missing 'audio'"),
        (without(CALL, "turns"), "missing 'turns'"),
        ({**CALL, "audio": "none.wav"}, "no recording .*none.wav"),
        ({**CALL, "quality": {"stars": 6}}, "quality.stars is 6"),
        ({**CALL, "turns": [without(TURNS[0], "start")]}, "missing 'start'"),
        (turn(speaker=None), "missing 'speaker'"),
        (turn(text=None), "missing 'text'"),
        (turn(end=1.0), "a turn from 4.0 to 1.0"),
        (turn(start=-1.0), "a turn from -1.0 to 5.5"),
        (turn(role="boss"), "role is 'boss', not one of operator, customer"),
        (turn(emotion="furious"), "emotion is 'furious', not one of neutral, happy, sad, angry"),
    ],
)
def test_an_error_names_the_line(tmp_path: Path, line: Any, message: str) -> None:
    needed: tuple[Field, ...] = ("id", "audio", "speaker", "text")
    with pytest.raises(ValueError, match=rf"calls\.jsonl:3: .*({message})"):
        read(write(tmp_path, CALL, "", line), *needed)


def test_a_manifest_without_calls_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"calls\.jsonl: no calls"):
        read(write(tmp_path, ""))
