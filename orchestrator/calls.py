"""A call as callers see it, put together from its rows and results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from callcenter.v1 import call_pb2, common_pb2

from orchestrator.graph import BY_NAME, NAMES


def stage_message(row: Any, model: bytes) -> call_pb2.Stage:
    """Makes a stage's message from its row of the table ``stages`` and its result's model."""
    stage = call_pb2.Stage(
        name=row.name,
        state=row.state,
        progress=row.progress,
        reason=row.reason,
        attempt_count=row.attempt_count,
        needs=BY_NAME[row.name].needs,
    )
    if row.start_ms is not None:
        stage.start_time.FromMilliseconds(row.start_ms)
    if row.end_ms is not None:
        stage.end_time.FromMilliseconds(row.end_ms)
    if model:
        stage.model.CopyFrom(common_pb2.Model.FromString(model))
    return stage


def recording_message(call: Any, decoded: call_pb2.Recording | None) -> call_pb2.Recording:
    """What is known of a call's recording.

    Args:
        call: its row of the table ``calls``.
        decoded: the result of its decode stage.
    """
    recording = call_pb2.Recording()
    if decoded is not None:
        recording.CopyFrom(decoded)
    recording.file_name = call.file_name
    recording.size_bytes = call.size_bytes
    recording.sha256 = call.sha256
    return recording


def call_message(
    call: Any, stages: Iterable[Any], models: Mapping[str, bytes], answers: Mapping[str, list[Any]], sequence: int
) -> call_pb2.Call:
    """Puts a call together.

    Args:
        call: its row of the table ``calls``.
        stages: its rows of the table ``stages``.
        models: serialised model of each stage that has one.
        answers: results by stage; stages may be missing, and turns may lack their second message.
        sequence: number of its newest event.
    """
    message = call_pb2.Call(id=call.id, state=call.state, error=call.error, sequence=sequence)
    message.recording.CopyFrom(recording_message(call, next(iter(answers.get("decode", ())), None)))
    message.create_time.FromMilliseconds(call.create_ms)
    if call.end_ms is not None:
        message.end_time.FromMilliseconds(call.end_ms)
    by_name = {row.name: row for row in stages}
    message.stages.extend(stage_message(by_name[name], models.get(name, b"")) for name in NAMES if name in by_name)
    for part in answers.get("turns", ()):
        message.MergeFrom(part)
    for roles in answers.get("roles", ()):
        _add_roles(message, roles)
    for response in answers.get("emotion", ()):
        _add_emotion(message, response)
    for summary in answers.get("summarize", ()):
        message.summary = summary.summary
    for topic in answers.get("topics", ()):
        message.topic.topic = topic.topic
        message.topic.subtopic = topic.subtopic
        message.topic.topics.extend(topic.topics)
        message.topic.subtopics.extend(topic.subtopics)
    for rating in answers.get("quality", ()):
        message.quality.label = rating.label
        message.quality.stars = rating.stars
        message.quality.distribution.extend(rating.distribution)
    return message


def _add_roles(message: call_pb2.Call, roles: Any) -> None:
    by_name = {speaker.speaker: speaker for speaker in roles.speakers}
    for speaker in message.speakers:
        if speaker.name in by_name:
            speaker.role = by_name[speaker.name].role
            speaker.role_confidence = by_name[speaker.name].confidence
    for turn in message.turns:
        if turn.speaker in by_name:
            turn.role = by_name[turn.speaker].role


def _add_emotion(message: call_pb2.Call, response: Any) -> None:
    if response.WhichOneof("part") == "result":
        message.trend.CopyFrom(response.result.trend)
    elif 0 <= response.turn.index < len(message.turns):  # a list has no turns
        turn = message.turns[response.turn.index]
        turn.emotion = response.turn.emotion
        turn.emotion_scores.extend(response.turn.scores)
