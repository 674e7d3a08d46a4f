"""Each stage alone: it is given the reference of the stages before it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import av
import grpc
import numpy as np
from callcenter.v1 import (
    asr_pb2,
    asr_pb2_grpc,
    common_pb2,
    diarization_pb2,
    diarization_pb2_grpc,
    emotion_pb2,
    emotion_pb2_grpc,
    quality_pb2,
    quality_pb2_grpc,
    roles_pb2,
    roles_pb2_grpc,
    summary_pb2,
    summary_pb2_grpc,
    topics_pb2,
    topics_pb2_grpc,
)

from evaluation.hypothesis import Hypothesis, Span
from evaluation.manifest import ReferenceCall
from rpc.channel import CHUNK_BYTES

SAMPLE_RATE_HZ = 16000
_ROLE_VALUES = {"operator": common_pb2.ROLE_OPERATOR, "customer": common_pb2.ROLE_CUSTOMER}
ROLE_NAMES = {value: name for name, value in _ROLE_VALUES.items()}
EMOTION_NAMES = {
    common_pb2.EMOTION_NEUTRAL: "neutral",
    common_pb2.EMOTION_HAPPY: "happy",
    common_pb2.EMOTION_SAD: "sad",
    common_pb2.EMOTION_ANGRY: "angry",
}


def decode(path: Path) -> bytes:
    """Decodes a recording to 16-bit mono PCM at 16 kHz."""
    parts = []
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
        for frame in container.decode(audio=0):
            parts += [piece.to_ndarray() for piece in resampler.resample(frame)]
        parts += [piece.to_ndarray() for piece in resampler.resample(None)]
    return np.concatenate(parts, axis=1).astype("<i2").tobytes()


async def judge(call: ReferenceCall, channels: dict[str, grpc.aio.Channel], advance: Callable[[], None]) -> Hypothesis:
    """Asks every stage about one call.

    Args:
        call: the labelled call.
        channels: a channel to each stage's server.
        advance: called after each stage.
    """
    answer = Hypothesis()
    pcm = decode(call.audio)
    stages: list[Callable[[ReferenceCall, bytes, dict[str, grpc.aio.Channel], Hypothesis], Awaitable[None]]]
    stages = [_diarize, _asr, _roles, _emotion, _summarize, _topics, _quality]
    for stage in stages:
        await stage(call, pcm, channels, answer)
        advance()
    return answer


def _format() -> common_pb2.AudioFormat:
    return common_pb2.AudioFormat(sample_rate_hz=SAMPLE_RATE_HZ, channel_count=1)


async def _requests(kind: Any, config: Any, pcm: bytes) -> AsyncIterator[Any]:
    yield kind(config=config)
    for start in range(0, len(pcm), CHUNK_BYTES):
        yield kind(pcm=pcm[start : start + CHUNK_BYTES])


def _turns(call: ReferenceCall, with_roles: bool) -> list[common_pb2.TranscriptTurn]:
    return [
        common_pb2.TranscriptTurn(
            index=index,
            speaker=turn.speaker,
            text=turn.text,
            role=_ROLE_VALUES.get(turn.role or "", common_pb2.ROLE_UNSPECIFIED) if with_roles else None,
        )
        for index, turn in enumerate(call.turns)
    ]


async def _diarize(call: ReferenceCall, pcm: bytes, channels: dict[str, grpc.aio.Channel], answer: Hypothesis) -> None:
    config = diarization_pb2.DiarizeConfig(format=_format())
    stub = diarization_pb2_grpc.DiarizationServiceStub(channels["diarize"])
    answer.spans = []
    async for part in stub.Diarize(_requests(diarization_pb2.DiarizeRequest, config, pcm)):
        if part.HasField("segment"):
            segment = part.segment
            answer.spans.append(Span(segment.start_ms / 1000, segment.end_ms / 1000, segment.speaker))
        elif part.HasField("result"):
            answer.speaker_count = part.result.speaker_count


async def _asr(call: ReferenceCall, pcm: bytes, channels: dict[str, grpc.aio.Channel], answer: Hypothesis) -> None:
    config = asr_pb2.RecognizeConfig(format=_format(), language=call.language)
    stub = asr_pb2_grpc.SpeechRecognitionServiceStub(channels["asr"])
    words = []
    async for part in stub.Recognize(_requests(asr_pb2.RecognizeRequest, config, pcm)):
        words += part.phrase.words
    answer.text = " ".join(word.text for word in sorted(words, key=lambda word: word.start_ms))


async def _roles(call: ReferenceCall, pcm: bytes, channels: dict[str, grpc.aio.Channel], answer: Hypothesis) -> None:
    if not any(turn.role for turn in call.turns):
        return
    stub = roles_pb2_grpc.RoleServiceStub(channels["roles"])
    result = await stub.ClassifyRoles(roles_pb2.ClassifyRolesRequest(turns=_turns(call, with_roles=False)))
    roles = {speaker.speaker: ROLE_NAMES.get(speaker.role) for speaker in result.speakers}
    answer.roles = [roles.get(turn.speaker) for turn in call.turns]


async def _emotion(call: ReferenceCall, pcm: bytes, channels: dict[str, grpc.aio.Channel], answer: Hypothesis) -> None:
    if not any(turn.emotion for turn in call.turns):
        return
    end_ms = len(pcm) // 2 * 1000 // SAMPLE_RATE_HZ
    spans = [
        emotion_pb2.TurnSpan(
            index=index,
            start_ms=round(turn.start * 1000),
            end_ms=min(round(turn.end * 1000), end_ms),
            role=_ROLE_VALUES.get(turn.role or "", common_pb2.ROLE_UNSPECIFIED),
            speaker=turn.speaker,
        )
        for index, turn in enumerate(call.turns)
    ]
    config = emotion_pb2.ClassifyEmotionsConfig(format=_format(), turns=spans)
    stub = emotion_pb2_grpc.EmotionServiceStub(channels["emotion"])
    answer.emotions = [None] * len(call.turns)
    async for part in stub.ClassifyEmotions(_requests(emotion_pb2.ClassifyEmotionsRequest, config, pcm)):
        if part.HasField("turn"):
            answer.emotions[part.turn.index] = EMOTION_NAMES.get(part.turn.emotion)
        elif part.HasField("result"):
            answer.trend = trend_of(part.result.trend)


def trend_of(trend: emotion_pb2.EmotionTrend) -> tuple[str, str] | None:
    """First and last emotion of a trend; None where no customer speaks."""
    if trend.start not in EMOTION_NAMES or trend.end not in EMOTION_NAMES:
        return None
    return EMOTION_NAMES[trend.start], EMOTION_NAMES[trend.end]


async def _summarize(
    call: ReferenceCall, pcm: bytes, channels: dict[str, grpc.aio.Channel], answer: Hypothesis
) -> None:
    if call.summary is None:
        return
    stub = summary_pb2_grpc.SummaryServiceStub(channels["summarize"])
    result = await stub.Summarize(summary_pb2.SummarizeRequest(turns=_turns(call, with_roles=True)))
    answer.summary = result.summary


async def _topics(call: ReferenceCall, pcm: bytes, channels: dict[str, grpc.aio.Channel], answer: Hypothesis) -> None:
    if call.topic is None:
        return
    stub = topics_pb2_grpc.TopicServiceStub(channels["topics"])
    result = await stub.ClassifyTopic(topics_pb2.ClassifyTopicRequest(turns=_turns(call, with_roles=True)))
    answer.topic, answer.subtopic = result.topic, result.subtopic


async def _quality(call: ReferenceCall, pcm: bytes, channels: dict[str, grpc.aio.Channel], answer: Hypothesis) -> None:
    if call.summary is None or (call.stars is None and call.label is None):
        return
    stub = quality_pb2_grpc.QualityServiceStub(channels["quality"])
    result = await stub.RateQuality(quality_pb2.RateQualityRequest(summary=call.summary))
    answer.stars = result.stars
