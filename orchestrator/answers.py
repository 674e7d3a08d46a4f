"""Results of stages as they are stored: the services' own messages, length-prefixed, one after the other."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from callcenter.v1 import (
    asr_pb2,
    call_pb2,
    common_pb2,
    diarization_pb2,
    emotion_pb2,
    quality_pb2,
    roles_pb2,
    summary_pb2,
    topics_pb2,
)
from google.protobuf import proto

_TYPES: dict[str, type[Any]] = {
    "decode": call_pb2.Recording,
    "diarize": diarization_pb2.DiarizeResponse,
    "asr": asr_pb2.RecognizeResponse,
    # First what a list shows (speakers, language), then the turns.
    "turns": call_pb2.Call,
    "roles": roles_pb2.ClassifyRolesResponse,
    "emotion": emotion_pb2.ClassifyEmotionsResponse,
    "summarize": summary_pb2.SummarizeResponse,
    "topics": topics_pb2.ClassifyTopicResponse,
    "quality": quality_pb2.RateQualityResponse,
}


@dataclass(frozen=True)
class Answer:
    """The result of a stage.

    Attributes:
        messages: of the stage's type; streams without their progress.
        model: the model that made it; None for a stage without one.
        text: what a search finds the call by.
    """

    messages: Sequence[Any]
    model: common_pb2.Model | None = None
    text: str = ""


def to_bytes(messages: Sequence[Any]) -> bytes:
    """Writes messages one after the other."""
    output = io.BytesIO()
    for message in messages:
        proto.serialize_length_prefixed(message, output)
    return output.getvalue()


def from_bytes(stage: str, data: bytes, limit: int | None = None) -> list[Any]:
    """Reads the messages of a stage.

    Args:
        stage: whose result it is.
        data: from ``to_bytes``.
        limit: read no more messages than this.
    """
    source = io.BytesIO(data)
    messages: list[Any] = []
    while (limit is None or len(messages) < limit) and source.tell() < len(data):
        messages.append(proto.parse_length_prefixed(_TYPES[stage], source))
    return messages


# The four Azerbaijani letters i fall together: whoever searches for "kredit" or "KREDİT" means the same.
_LETTERS_I = str.maketrans({"İ": "i", "I": "i", "ı": "i"})


def fold(text: str) -> str:
    """Takes case out of a text, in Azerbaijani and in English."""
    return text.translate(_LETTERS_I).casefold()
