"""One function for each stage's server: results of earlier stages in, its answer out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from callcenter.v1 import (
    asr_pb2,
    asr_pb2_grpc,
    call_pb2,
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

from orchestrator.answers import Answer
from orchestrator.graph import SAMPLE_RATE_HZ
from rpc.channel import CHUNK_BYTES, call_metadata
from rpc.errors import ModelFailure

_WORK_SECONDS = 2.0


@dataclass
class Job:
    """What a client works on.

    Attributes:
        call_id: goes into the logs of the server.
        recording: result of decode.
        pcm: the decoded audio; None for a stage that does not hear it.
        answers: results of the stages that it needs.
        language: ISO 639-1; empty: the server's own.
        timeout_seconds: deadline of the rpc.
        progress: told the share that is done.
        taken_at: when the server had taken the first of a stream, in monotonic seconds; None: it has not.
        answered: the server has answered something.
    """

    call_id: str
    recording: call_pb2.Recording
    pcm: Path | None
    answers: Mapping[str, Sequence[Any]]
    language: str
    timeout_seconds: float
    progress: Callable[[float], Awaitable[None]]
    taken_at: float | None = field(default=None, init=False)
    answered: bool = field(default=False, init=False)

    @property
    def format(self) -> common_pb2.AudioFormat:
        """Format of ``pcm``."""
        count = 2 if self.recording.party_per_channel else 1
        return common_pb2.AudioFormat(sample_rate_hz=SAMPLE_RATE_HZ, channel_count=count)

    @property
    def under_way(self) -> bool:
        """The server works on it: more than a proxy in front of a server that is away would do."""
        return self.answered or (self.taken_at is not None and time.monotonic() - self.taken_at >= _WORK_SECONDS)

    @property
    def turns(self) -> list[call_pb2.Turn]:
        """Turns, with roles where they are known."""
        roles = {
            speaker.speaker: speaker.role for answer in self.answers.get("roles", ()) for speaker in answer.speakers
        }
        turns = [turn for part in self.answers["turns"] for turn in part.turns]
        for turn in turns:
            turn.role = roles.get(turn.speaker, common_pb2.ROLE_UNSPECIFIED)
        return turns

    @property
    def transcript(self) -> list[common_pb2.TranscriptTurn]:
        """Turns as the language models read them."""
        return [
            common_pb2.TranscriptTurn(index=turn.index, speaker=turn.speaker, role=turn.role, text=turn.text)
            for turn in self.turns
        ]

    async def unary(self, method: Any, request: Any) -> Any:
        """Asks and gets one answer."""
        return await method(request, timeout=self.timeout_seconds, metadata=call_metadata(self.call_id))

    async def stream(self, method: Any, request_type: Any, config: Any) -> list[Any]:
        """Sends the config and the audio; collects what comes back, but for the progress.

        Raises:
            ModelFailure: the answer ends without a result.
        """
        requests = self._requests(request_type, config)
        responses = []
        async for response in method(requests, timeout=self.timeout_seconds, metadata=call_metadata(self.call_id)):
            self.answered = True
            if response.WhichOneof("part") == "progress":
                await self.progress(response.progress)
            else:
                responses.append(response)
        if not responses or responses[-1].WhichOneof("part") != "result":
            raise ModelFailure("the answer ended without a result", "see the server's log")
        return responses

    async def _requests(self, request_type: Any, config: Any) -> AsyncIterator[Any]:
        loop = asyncio.get_running_loop()
        yield request_type(config=config)
        self.taken_at = time.monotonic()
        assert self.pcm is not None
        with self.pcm.open("rb") as file:
            while data := await loop.run_in_executor(None, file.read, CHUNK_BYTES):
                yield request_type(pcm=data)


async def diarize(channel: grpc.aio.Channel, job: Job) -> Answer:
    """Asks who spoke when."""
    stub = diarization_pb2_grpc.DiarizationServiceStub(channel)
    config = diarization_pb2.DiarizeConfig(format=job.format)
    responses = await job.stream(stub.Diarize, diarization_pb2.DiarizeRequest, config)
    return Answer(responses, responses[-1].result.model)


async def asr(channel: grpc.aio.Channel, job: Job) -> Answer:
    """Asks what was said."""
    stub = asr_pb2_grpc.SpeechRecognitionServiceStub(channel)
    config = asr_pb2.RecognizeConfig(format=job.format, language=job.language)
    responses = await job.stream(stub.Recognize, asr_pb2.RecognizeRequest, config)
    return Answer(responses, responses[-1].result.model)


async def roles(channel: grpc.aio.Channel, job: Job) -> Answer:
    """Asks who is the operator."""
    stub = roles_pb2_grpc.RoleServiceStub(channel)
    response = await job.unary(stub.ClassifyRoles, roles_pb2.ClassifyRolesRequest(turns=job.transcript))
    return Answer([response], response.model)


async def emotion(channel: grpc.aio.Channel, job: Job) -> Answer:
    """Asks how each turn sounded."""
    stub = emotion_pb2_grpc.EmotionServiceStub(channel)
    spans = [
        emotion_pb2.TurnSpan(
            index=turn.index,
            start_ms=turn.start_ms,
            end_ms=turn.end_ms,
            role=turn.role,
            channel=turn.channel,
            speaker=turn.speaker,
        )
        for turn in job.turns
    ]
    config = emotion_pb2.ClassifyEmotionsConfig(format=job.format, turns=spans)
    responses = await job.stream(stub.ClassifyEmotions, emotion_pb2.ClassifyEmotionsRequest, config)
    return Answer(responses, responses[-1].result.model)


async def summarize(channel: grpc.aio.Channel, job: Job) -> Answer:
    """Asks what happened."""
    stub = summary_pb2_grpc.SummaryServiceStub(channel)
    response = await job.unary(stub.Summarize, summary_pb2.SummarizeRequest(turns=job.transcript))
    if not response.summary.strip():
        raise ModelFailure("the summary is empty", "see the server's log")
    return Answer([response], response.model, text=response.summary)


async def topics(channel: grpc.aio.Channel, job: Job) -> Answer:
    """Asks what it was about."""
    stub = topics_pb2_grpc.TopicServiceStub(channel)
    response = await job.unary(stub.ClassifyTopic, topics_pb2.ClassifyTopicRequest(turns=job.transcript))
    return Answer([response], response.model)


async def quality(channel: grpc.aio.Channel, job: Job) -> Answer:
    """Asks how good the service was."""
    stub = quality_pb2_grpc.QualityServiceStub(channel)
    request = quality_pb2.RateQualityRequest(summary=job.answers["summarize"][0].summary)
    response = await job.unary(stub.RateQuality, request)
    return Answer([response], response.model)


CLIENTS: Mapping[str, Callable[[grpc.aio.Channel, Job], Awaitable[Answer]]] = {
    "diarize": diarize,
    "asr": asr,
    "roles": roles,
    "emotion": emotion,
    "summarize": summarize,
    "topics": topics,
    "quality": quality,
}
