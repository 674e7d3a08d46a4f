"""What lists are sorted and filtered by, and what overviews count: facts of a call out of its stages' answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

# By stage, the columns of the table ``calls`` and how the last message of its answer fills them.
_FACTS: Mapping[str, Mapping[str, Callable[[Any], str | int]]] = {
    "decode": {"duration_ms": lambda recording: recording.duration_ms},
    "emotion": {
        "trend_start": lambda response: response.result.trend.start,
        "trend_end": lambda response: response.result.trend.end,
    },
    "topics": {"topic": lambda response: response.topic, "subtopic": lambda response: response.subtopic},
    "quality": {"quality": lambda response: response.label, "stars": lambda response: response.stars},
}


def facts_of(stage: str, messages: Sequence[Any]) -> dict[str, str | int | None]:
    """Takes the facts out of a stage's answer.

    Args:
        stage: whose answer it is.
        messages: as in ``answers.Answer``.

    Returns:
        Values by column; empty and unspecified ones as what they mean, None. Nothing for a stage without facts.
    """
    return {column: read(messages[-1]) or None for column, read in _FACTS.get(stage, {}).items()}


def no_facts(stages: Iterable[str]) -> dict[str, None]:
    """The columns of some stages as they are before there is an answer."""
    return {column: None for stage in stages for column in _FACTS.get(stage, {})}
