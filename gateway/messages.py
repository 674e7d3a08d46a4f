"""The orchestrator's messages as the JSON that goes out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, cast, get_args

from callcenter.v1 import call_pb2, common_pb2, quality_pb2

from gateway import schema

# A path of this machine in a sentence: nobody outside needs it.
_PATH = re.compile(r"(?<![\w:/.])/(?:[^\s/'\":;,()]+/)+([^\s/'\":;,()]*)")


def word_of(enum: Any, prefix: str, value: int) -> Any:
    """The lower-case word of an enum's value; None for unspecified."""
    return enum.Name(value).removeprefix(prefix).lower() if value else None


def value_of(enum: Any, prefix: str, word: str | None) -> Any:
    """The value of a word that ``word_of`` gives; unspecified for None."""
    return enum.Value(f"{prefix}{word.upper()}") if word else 0


def call_state(value: int) -> Any:
    """Word of a call's state."""
    return word_of(call_pb2.CallState, "CALL_STATE_", value)


def emotion(value: int) -> Any:
    """Word of an emotion."""
    return word_of(common_pb2.Emotion, "EMOTION_", value)


def role(value: int) -> Any:
    """Word of a role."""
    return word_of(common_pb2.Role, "ROLE_", value)


def without_paths(text: str) -> str:
    """A sentence with the name of a file in place of its path."""
    return _PATH.sub(r"…/\1", text)


def call(message: call_pb2.Call) -> schema.Call:
    """A call with its turns."""
    return schema.Call(**_listed(message), turns=[turn(entry) for entry in message.turns])


def listed_call(message: call_pb2.Call) -> schema.ListedCall:
    """A call as a list shows it."""
    return schema.ListedCall(**_listed(message))


def _listed(message: call_pb2.Call) -> dict[str, Any]:
    return {
        "id": message.id,
        "state": call_state(message.state),
        "error": without_paths(message.error),
        "recording": recording(message.recording),
        "create_time": _time(message, "create_time"),
        "end_time": _time(message, "end_time"),
        "stages": [stage(entry) for entry in message.stages],
        "speakers": [_speaker(entry) for entry in message.speakers],
        "trend": _trend(message.trend) if message.HasField("trend") else None,
        "summary": message.summary or None,
        "topic": _topic(message.topic) if message.HasField("topic") else None,
        "quality": _quality(message.quality) if message.HasField("quality") else None,
        "sequence": message.sequence,
        "language": message.language or None,
    }


def recording(message: call_pb2.Recording) -> schema.Recording:
    """What is known of a file."""
    return schema.Recording(
        file_name=message.file_name,
        size_bytes=message.size_bytes,
        sha256=message.sha256,
        media_type=message.media_type or None,
        codec=message.codec or None,
        sample_rate_hz=message.sample_rate_hz or None,
        channel_count=message.channel_count or None,
        duration_ms=message.duration_ms or None,
        party_per_channel=message.party_per_channel,
    )


def stage(message: call_pb2.Stage) -> schema.Stage:
    """A stage as it is."""
    return schema.Stage(
        name=cast(schema.StageName, message.name),
        state=word_of(call_pb2.StageState, "STAGE_STATE_", message.state),
        progress=_share(message.progress),
        reason=without_paths(message.reason),
        start_time=_time(message, "start_time"),
        end_time=_time(message, "end_time"),
        model=_model(message.model) if message.HasField("model") else None,
        attempt_count=message.attempt_count,
        needs=[cast(schema.StageName, name) for name in message.needs],
    )


def turn(message: call_pb2.Turn) -> schema.Turn:
    """A turn with its words."""
    return schema.Turn(
        index=message.index,
        speaker=message.speaker,
        start_ms=message.start_ms,
        end_ms=message.end_ms,
        text=message.text,
        words=[
            schema.Word(
                text=word.text,
                start_ms=word.start_ms,
                end_ms=word.end_ms,
                probability=_share(word.probability),
                channel=word.channel,
            )
            for word in message.words
        ],
        role=role(message.role),
        emotion=emotion(message.emotion),
        emotion_scores=[
            schema.EmotionScore(emotion=emotion(entry.emotion), score=_share(entry.score))
            for entry in message.emotion_scores
        ],
        channel=message.channel,
    )


def event(message: call_pb2.CallEvent) -> schema.CallEvent:
    """An event."""
    return schema.CallEvent(
        sequence=message.sequence,
        call_id=message.call_id,
        time=message.time.ToDatetime(UTC),
        call_state=call_state(message.call_state),
        stage=stage(message.stage) if message.HasField("stage") else None,
        deleted=message.deleted,
        file_name=message.file_name,
    )


def models(message: call_pb2.ListModelsResponse) -> list[schema.StageModel]:
    """All stages' servers."""
    return [
        schema.StageModel(
            stage=cast(schema.StageName, entry.stage),
            serving=entry.serving,
            model=_model(entry.model) if entry.HasField("model") else None,
            reason=without_paths(entry.reason),
        )
        for entry in message.models
    ]


def waveform(message: call_pb2.GetWaveformResponse) -> schema.Waveform:
    """The peaks, 0 to 1 with three decimals."""
    return schema.Waveform(
        points_per_second=message.points_per_second,
        duration_ms=message.duration_ms,
        channels=[[_PEAKS[peak] for peak in channel.peaks] for channel in message.channels],
    )


_PEAKS = [round(peak / 255, 3) for peak in range(256)]


def overview(message: call_pb2.GetOverviewResponse) -> schema.Overview:
    """The figures of a period."""
    states = dict.fromkeys(get_args(schema.CallState), 0)
    states.update({call_state(entry.state): entry.call_count for entry in message.states})
    return schema.Overview(
        call_count=message.call_count,
        duration_ms=message.duration_ms,
        rated_count=message.rated_count,
        poor_count=message.poor_count,
        states=schema.StateCounts(**states),
        stars=list(message.stars),
        topics=[_topic_count(entry) for entry in message.topics],
        trends=[
            schema.TrendCount(start=emotion(entry.start), end=emotion(entry.end), call_count=entry.call_count)
            for entry in message.trends
        ],
        days=[
            schema.DayCount(
                date=entry.date,
                call_count=entry.call_count,
                poor_count=entry.poor_count,
                duration_ms=entry.duration_ms,
            )
            for entry in message.days
        ],
    )


def _topic_count(message: call_pb2.TopicCount) -> schema.TopicCount:
    subtopics = [
        schema.SubtopicCount(subtopic=entry.subtopic, call_count=entry.call_count, poor_count=entry.poor_count)
        for entry in message.subtopics
    ]
    return schema.TopicCount(
        topic=message.topic, call_count=message.call_count, poor_count=message.poor_count, subtopics=subtopics
    )


def _speaker(message: call_pb2.Speaker) -> schema.Speaker:
    known = role(message.role)
    return schema.Speaker(
        name=message.name,
        role=known,
        role_confidence=_share(message.role_confidence) if known else None,
        speech_ms=message.speech_ms,
    )


def _trend(message: Any) -> schema.Trend:
    return schema.Trend(
        start=emotion(message.start),
        end=emotion(message.end),
        description=message.description,
        points=[
            schema.TrendPoint(
                time_ms=point.time_ms,
                emotion=emotion(point.emotion),
                valence=max(-1.0, min(1.0, round(point.valence, 4))),
            )
            for point in message.points
        ],
    )


def _topic(message: call_pb2.CallTopic) -> schema.Topic:
    return schema.Topic(
        topic=message.topic,
        subtopic=message.subtopic,
        topics=[_label(entry) for entry in message.topics],
        subtopics=[_label(entry) for entry in message.subtopics],
    )


def _label(message: common_pb2.LabelScore) -> schema.LabelScore:
    return schema.LabelScore(label=message.label, score=_share(message.score))


def _quality(message: call_pb2.CallQuality) -> schema.Quality:
    return schema.Quality(
        label=word_of(quality_pb2.QualityLabel, "QUALITY_LABEL_", message.label),
        stars=message.stars,
        distribution=[_share(entry) for entry in message.distribution],
    )


def _model(message: common_pb2.Model) -> schema.Model:
    return schema.Model(
        id=message.id,
        revision=message.revision,
        digest=message.digest,
        architecture=message.architecture,
        profile=message.profile,
        device=message.device,
        software_version=message.software_version,
    )


def _share(value: float) -> float:
    """Four decimals: single precision has few more, and a sum over 1 by rounding is no probability."""
    return max(0.0, min(1.0, round(value, 4)))


def _time(message: Any, field: str) -> datetime | None:
    return getattr(message, field).ToDatetime(UTC) if message.HasField(field) else None
