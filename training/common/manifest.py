"""The manifest of labelled calls (``docs/evaluation.md``), the corpus' own or a bank's, as all recipes read it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from training.corpus.script import EMOTIONS, Role

Field = Literal["id", "audio", "speaker", "text"]
"""What the format asks for, but not every recipe: ``id`` and ``audio`` of a call, the others of each of its turns."""
ROLES: tuple[Role, ...] = get_args(Role)
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Turn:
    """A turn as it is labelled: seconds from the start of the call; what is not known of it is empty.

    Attributes:
        role: ``operator`` or ``customer``.
        emotion: one of EMOTIONS.
    """

    start: float
    end: float
    speaker: str = ""
    text: str = ""
    role: str = ""
    emotion: str = ""

    @property
    def seconds(self) -> float:
        """Duration."""
        return self.end - self.start


@dataclass(frozen=True)
class Call:
    """A labelled call; what is not known is empty.

    Attributes:
        turns: in order of their starts.
        audio: the recording.
        stars: 1 to 5, or 0 where they are not known.
    """

    turns: tuple[Turn, ...]
    id: str = ""
    audio: Path = Path()
    language: str = ""
    summary: str = ""
    topic: str = ""
    subtopic: str = ""
    stars: int = 0

    @property
    def text(self) -> str:
        """Everything that is said, in order of time."""
        return " ".join(turn.text for turn in self.turns)


def read(path: Path, *needed: Field) -> list[Call]:
    """Reads a manifest, compressed with gzip or not.

    Args:
        path: JSON Lines, one call a line; recordings are relative to its folder.
        needed: what no call, or no turn, may lack; a recording that is needed must exist.

    Raises:
        ValueError: a line is not a labelled call, or there is none; names file, line and what is wrong.
    """
    content = path.read_bytes()
    if content.startswith(_GZIP):
        content = gzip.decompress(content)
    calls = []
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip():
            try:
                calls.append(_call(json.loads(line), path.parent, needed))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                what = f"missing {error}" if isinstance(error, KeyError) else str(error)
                raise ValueError(f"{path}:{number}: {what}") from error
    if not calls:
        raise ValueError(f"{path}: no calls")
    return calls


def _call(table: Mapping[str, Any], folder: Path, needed: Collection[Field]) -> Call:
    recording = _field(table, "audio", needed)
    audio = folder / recording if recording else Path()
    if "audio" in needed and not audio.is_file():
        raise ValueError(f"no recording {audio}")
    stars = (table.get("quality") or {}).get("stars")
    if stars is not None and stars not in range(1, 6):
        raise ValueError(f"quality.stars is {stars}, not 1 to 5")
    return Call(
        turns=tuple(sorted((_turn(turn, needed) for turn in table["turns"]), key=lambda turn: turn.start)),
        id=_field(table, "id", needed),
        audio=audio,
        language=_field(table, "language"),
        summary=_field(table, "summary"),
        topic=_field(table, "topic"),
        subtopic=_field(table, "subtopic"),
        stars=int(stars or 0),
    )


def _turn(table: Mapping[str, Any], needed: Collection[Field]) -> Turn:
    turn = Turn(
        start=float(table["start"]),
        end=float(table["end"]),
        speaker=_field(table, "speaker", needed),
        text=_field(table, "text", needed),
        role=_field(table, "role"),
        emotion=_field(table, "emotion"),
    )
    if not 0 <= turn.start < turn.end:
        raise ValueError(f"a turn from {turn.start} to {turn.end}")
    for name, value, known in (("role", turn.role, ROLES), ("emotion", turn.emotion, EMOTIONS)):
        if value and value not in known:
            raise ValueError(f"{name} is {value!r}, not one of {', '.join(known)}")
    return turn


def _field(table: Mapping[str, Any], name: str, needed: Collection[str] = ()) -> str:
    if table.get(name) is not None:
        return str(table[name])
    if name in needed:
        raise KeyError(name)
    return ""
