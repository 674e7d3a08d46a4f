"""Labelled calls, with every label that a confidence is about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Turn:
    """A turn as it is labelled: seconds from the start of the call; role and emotion empty where they are not known."""

    start: float
    end: float
    speaker: str
    text: str
    role: str = ""
    emotion: str = ""


@dataclass(frozen=True)
class Call:
    """A labelled call; what is not known is empty, stars are 0."""

    audio: Path
    turns: tuple[Turn, ...]
    language: str = ""
    topic: str = ""
    subtopic: str = ""
    stars: int = 0

    @property
    def text(self) -> str:
        """Everything that is said, in order of time."""
        return " ".join(turn.text for turn in self.turns)


def read(manifest: Path) -> list[Call]:
    """Reads a manifest, JSON Lines, as the evaluation has it.

    Raises:
        ValueError: a line is not a labelled call; says which.
    """
    calls = []
    for number, line in enumerate(manifest.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                calls.append(_call(json.loads(line), manifest.parent))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ValueError(f"{manifest}:{number}: not a labelled call: {error!r}") from error
    return calls


def _call(entry: dict[str, Any], folder: Path) -> Call:
    turns = [
        Turn(
            float(turn["start"]),
            float(turn["end"]),
            str(turn["speaker"]),
            str(turn["text"]),
            turn.get("role") or "",
            turn.get("emotion") or "",
        )
        for turn in entry["turns"]
    ]
    return Call(
        folder / entry["audio"],
        tuple(sorted(turns, key=lambda turn: turn.start)),
        entry.get("language") or "",
        entry.get("topic") or "",
        entry.get("subtopic") or "",
        int((entry.get("quality") or {}).get("stars") or 0),
    )
