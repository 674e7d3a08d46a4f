"""Turns as the text models read them, and long calls cut into what a model can read at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from callcenter.v1 import common_pb2

from rpc.errors import InvalidInput
from services.serving.profile import StageConfig

MAX_TURNS = 5000
_ROLES = {common_pb2.ROLE_OPERATOR: "operator", common_pb2.ROLE_CUSTOMER: "customer"}


@dataclass(frozen=True)
class Turn:
    """What one speaker says at a stretch.

    Attributes:
        index: position in the call, from 0.
        speaker: anonymous name within the call.
        role: ``operator`` or ``customer``; empty where it is not known.
        text: what was said, not blank.
    """

    index: int
    speaker: str
    role: str
    text: str


@dataclass(frozen=True)
class Layout:
    """How a turn is written for a model: what the model was trained with.

    Attributes:
        turn: a line's template with ``{role}`` and ``{text}``.
        operator: name of the operator in it.
        customer: name of the customer in it.
    """

    turn: str = "{role}: {text}"
    operator: str = "Operator"
    customer: str = "Müştəri"

    def line(self, turn: Turn) -> str:
        """One turn as one line; a speaker without a role goes by the speaker's name."""
        role = {"operator": self.operator, "customer": self.customer}.get(turn.role, turn.speaker)
        return self.turn.replace("{role}", role).replace("{text}", " ".join(turn.text.split()))


def layout(config: StageConfig, turn: str = Layout.turn) -> Layout:
    """Reads the options ``turn_template``, ``operator_name`` and ``customer_name``.

    Raises:
        InvalidInput: the template has no place for the text.
    """
    template = str(config.option("turn_template", turn))
    if "{text}" not in template:
        raise InvalidInput(f"{config.stage}.turn_template is {template!r}", "it needs {text}")
    return Layout(
        template,
        str(config.option("operator_name", Layout.operator)),
        str(config.option("customer_name", Layout.customer)),
    )


def from_proto(turns: Sequence[Any]) -> tuple[Turn, ...]:
    """Reads ``TranscriptTurn`` messages; turns without text are left out.

    Raises:
        InvalidInput: no turn has text, or there are more than ``MAX_TURNS``.
    """
    if len(turns) > MAX_TURNS:
        raise InvalidInput(f"the call has {len(turns)} turns", f"send at most {MAX_TURNS}")
    said = tuple(Turn(t.index, t.speaker, _ROLES.get(t.role, ""), t.text) for t in turns if t.text.strip())
    if not said:
        raise InvalidInput("no turn has text", "send the turns of a call in which somebody speaks")
    return said


def windows(lines: Iterable[str], count: Callable[[str], int], budget: int) -> list[list[str]]:
    """Cuts a call into as few parts of about the same length as a model can read.

    Args:
        lines: the call's turns, a line each.
        count: number of tokens of a line.
        budget: most tokens of a part. A line that is longer is cut between words.

    Returns:
        The parts in order, each a list of lines; nothing is left out.
    """
    pieces = [piece for line in lines for piece in _fitting(line, count, budget)]
    lengths = [count(piece) for piece in pieces]
    # Even parts: a last part of two words would be summarised, or judged, out of nothing.
    for parts in range(max(1, math.ceil(sum(lengths) / budget)), len(pieces) + 1):
        packed = _packed(pieces, lengths, sum(lengths) / parts, budget)
        if len(packed) <= parts:
            return packed
    return [[piece] for piece in pieces]


def _packed(pieces: list[str], lengths: list[int], target: float, budget: int) -> list[list[str]]:
    """Greedy: a part is closed when it has reached the target, or when the next line does not fit."""
    packed: list[list[str]] = []
    size = budget + 1
    for piece, length in zip(pieces, lengths, strict=True):
        if size >= target or size + length > budget:
            packed.append([])
            size = 0
        packed[-1].append(piece)
        size += length
    return packed


def _fitting(line: str, count: Callable[[str], int], budget: int) -> list[str]:
    if count(line) <= budget or len(line) < 2:
        return [line]
    words = line.split()
    middle = len(words) // 2
    halves = (" ".join(words[:middle]), " ".join(words[middle:])) if middle else _halves(line)
    return [piece for half in halves for piece in _fitting(half, count, budget)]


def _halves(word: str) -> tuple[str, str]:
    return word[: len(word) // 2], word[len(word) // 2 :]
