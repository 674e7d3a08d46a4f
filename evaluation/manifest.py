"""Labelled calls: one JSON object a line; the format serves training, testing and a bank's own calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROLES = ("operator", "customer")
EMOTIONS = ("neutral", "happy", "sad", "angry")


class ManifestError(ValueError):
    """A manifest that cannot be used; the message names the file, the line and what is wrong."""


@dataclass(frozen=True)
class ReferenceTurn:
    """A turn as a person labelled it.

    Attributes:
        start, end: seconds from the start of the call.
        speaker: any name that is the speaker's within the call.
        text: what was said.
        role: ``operator``, ``customer`` or None where it was not labelled.
        emotion: one of EMOTIONS, or None.
    """

    start: float
    end: float
    speaker: str
    text: str
    role: str | None = None
    emotion: str | None = None

    @property
    def seconds(self) -> float:
        """Duration."""
        return self.end - self.start


@dataclass(frozen=True)
class ReferenceCall:
    """A labelled call; what is None was not labelled and is left out of the metrics."""

    id: str
    audio: Path
    turns: tuple[ReferenceTurn, ...]
    language: str = "az"
    summary: str | None = None
    topic: str | None = None
    subtopic: str | None = None
    stars: int | None = None
    label: str | None = None

    @property
    def text(self) -> str:
        """All words in order of time."""
        return " ".join(turn.text for turn in self.turns)

    @property
    def trend(self) -> tuple[str, str] | None:
        """Emotions of the customer's first and last turn; None where they are not labelled."""
        emotions = [turn.emotion for turn in self.turns if turn.role == "customer"]
        if not emotions or emotions[0] is None or emotions[-1] is None:
            return None
        return emotions[0], emotions[-1]


def read(path: Path) -> list[ReferenceCall]:
    """Reads a manifest.

    Raises:
        ManifestError: the file or a recording is missing, or a line does not follow the format.
    """
    if not path.is_file():
        raise ManifestError(f"{path}: no such file")
    calls = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            calls.append(_call(json.loads(line), path.parent))
        except (ValueError, KeyError, TypeError) as error:
            what = f"missing {error}" if isinstance(error, KeyError) else str(error)
            raise ManifestError(f"{path}:{number}: {what}") from error
    if not calls:
        raise ManifestError(f"{path}: no calls in it")
    return calls


def _call(table: Mapping[str, Any], folder: Path) -> ReferenceCall:
    audio = folder / table["audio"]
    if not audio.is_file():
        raise ValueError(f"no recording {audio}")
    turns = sorted((_turn(turn) for turn in table["turns"]), key=lambda turn: turn.start)
    quality = table.get("quality") or {}
    stars = quality.get("stars")
    if stars is not None and stars not in range(1, 6):
        raise ValueError(f"quality.stars is {stars}, not 1 to 5")
    return ReferenceCall(
        id=str(table["id"]),
        audio=audio,
        turns=tuple(turns),
        language=table.get("language", "az"),
        summary=table.get("summary"),
        topic=table.get("topic"),
        subtopic=table.get("subtopic"),
        stars=stars,
        label=quality.get("label"),
    )


def _turn(table: Mapping[str, Any]) -> ReferenceTurn:
    turn = ReferenceTurn(
        start=float(table["start"]),
        end=float(table["end"]),
        speaker=str(table["speaker"]),
        text=str(table["text"]),
        role=table.get("role"),
        emotion=table.get("emotion"),
    )
    if turn.end <= turn.start or turn.start < 0:
        raise ValueError(f"a turn from {turn.start} to {turn.end}")
    if turn.role is not None and turn.role not in ROLES:
        raise ValueError(f"role is {turn.role!r}, not one of {', '.join(ROLES)}")
    if turn.emotion is not None and turn.emotion not in EMOTIONS:
        raise ValueError(f"emotion is {turn.emotion!r}, not one of {', '.join(EMOTIONS)}")
    return turn
