"""Seven stage servers without models: for outages, failures and slow peers, and for counting who was asked what.

They speak the real protocol on real ports. What they answer depends on the request only.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from typing import Any

from callcenter.v1 import (
    asr_pb2,
    asr_pb2_grpc,
    common_pb2,
    diarization_pb2,
    diarization_pb2_grpc,
    emotion_pb2,
    emotion_pb2_grpc,
    model_pb2,
    model_pb2_grpc,
    quality_pb2,
    quality_pb2_grpc,
    roles_pb2,
    roles_pb2_grpc,
    summary_pb2,
    summary_pb2_grpc,
    topics_pb2,
    topics_pb2_grpc,
)

from rpc.logs import CALL_ID_KEY
from rpc.server import Server, ServerConfig

NAMES = ("diarize", "asr", "roles", "emotion", "summarize", "topics", "quality")
SENTENCES = ("Salam, Paşa Bank.", "Kartımı itirmişəm.", "Kömək edərəm, narahat olmayın.", "Çox sağ olun.")


class Stages:
    """The seven servers.

    Attributes:
        asked: how often each (stage, call) was asked.
        delay_seconds: by stage, how long an answer takes.
        errors: by stage, errors to raise in place of the next answers, first one first.
        arrived: by stage, set when it has been asked.
        hold: by stage, answers wait until the event is set.
        silent: the recogniser hears nothing.
    """

    def __init__(self) -> None:
        self.asked: Counter[tuple[str, str]] = Counter()
        self.delay_seconds: dict[str, float] = {}
        self.errors: dict[str, list[Exception]] = defaultdict(list)
        self.arrived: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.hold: dict[str, asyncio.Event] = {}
        self.silent = False
        self.ports = dict.fromkeys(NAMES, 0)
        self._servers: dict[str, Server] = {}

    @property
    def addresses(self) -> dict[str, str]:
        """Address of each stage."""
        return {name: f"127.0.0.1:{port}" for name, port in self.ports.items()}

    async def start(self, *names: str) -> None:
        """Starts servers (all by default), again at the port that they had."""
        for name in names or NAMES:
            server = Server(ServerConfig(port=self.ports[name]))
            _ADD[name](_Servicer(self, name), server.grpc_server)
            model_pb2_grpc.add_ModelServiceServicer_to_server(_Servicer(self, name), server.grpc_server)
            self.ports[name] = await server.start()
            await server.serving(True)
            self._servers[name] = server

    async def stop(self, *names: str) -> None:
        """Ends servers (all by default) at once; who waits for an answer gets none."""
        for name in names or tuple(self._servers):
            await self._servers.pop(name).stop(0)

    async def enter(self, stage: str, context: Any) -> None:
        """Counts a request, and does to it what the test wants."""
        self.asked[stage, str(dict(context.invocation_metadata()).get(CALL_ID_KEY, ""))] += 1
        self.arrived[stage].set()
        if self.errors[stage]:
            raise self.errors[stage].pop(0)
        if stage in self.hold:
            await self.hold[stage].wait()
        await asyncio.sleep(self.delay_seconds.get(stage, 0.0))


def model(stage: str) -> common_pb2.Model:
    """The model that a stage says it serves."""
    return common_pb2.Model(id=f"test-{stage}", digest="0" * 64, architecture="None", profile="test", device="cpu")


async def _read(requests: AsyncIterator[Any]) -> tuple[Any, float]:
    """Reads config and audio; returns the config and the seconds of audio."""
    first = await anext(aiter(requests))
    size = 0
    async for request in requests:
        size += len(request.pcm)
    return first.config, size / 2 / first.config.format.channel_count / first.config.format.sample_rate_hz


class _Servicer(
    diarization_pb2_grpc.DiarizationServiceServicer,  # type: ignore[misc]
    asr_pb2_grpc.SpeechRecognitionServiceServicer,  # type: ignore[misc]
    roles_pb2_grpc.RoleServiceServicer,  # type: ignore[misc]
    emotion_pb2_grpc.EmotionServiceServicer,  # type: ignore[misc]
    summary_pb2_grpc.SummaryServiceServicer,  # type: ignore[misc]
    topics_pb2_grpc.TopicServiceServicer,  # type: ignore[misc]
    quality_pb2_grpc.QualityServiceServicer,  # type: ignore[misc]
    model_pb2_grpc.ModelServiceServicer,  # type: ignore[misc]
):
    """All services; each server registers the one of its stage."""

    def __init__(self, stages: Stages, name: str) -> None:
        self._stages = stages
        self._name = name

    async def GetModel(self, request: Any, context: Any) -> Any:
        return model_pb2.GetModelResponse(model=model(self._name), stage=self._name)

    async def Diarize(self, requests: Any, context: Any) -> AsyncIterator[Any]:
        """Two speakers, two seconds each in turn."""
        _, seconds = await _read(requests)
        yield diarization_pb2.DiarizeResponse(progress=0.5)
        await self._stages.enter("diarize", context)
        segments = [
            common_pb2.Segment(speaker=f"S{1 + n % 2}", start_ms=2000 * n, end_ms=2000 * (n + 1))
            for n in range(round(seconds) // 2)
        ]
        for segment in segments:
            yield diarization_pb2.DiarizeResponse(segment=segment)
        result = diarization_pb2.DiarizeResult(speaker_count=2, exclusive_segments=segments, model=model("diarize"))
        yield diarization_pb2.DiarizeResponse(result=result)

    async def Recognize(self, requests: Any, context: Any) -> AsyncIterator[Any]:
        """A sentence every two seconds; with two channels, on one after the other."""
        config, seconds = await _read(requests)
        yield asr_pb2.RecognizeResponse(progress=0.3)
        await self._stages.enter("asr", context)
        for n in range(0 if self._stages.silent else round(seconds) // 2):
            channel = n % config.format.channel_count
            words = [
                common_pb2.Word(
                    text=text,
                    start_ms=2000 * n + 300 * i,
                    end_ms=2000 * n + 300 * i + 250,
                    probability=0.9,
                    channel=channel,
                )
                for i, text in enumerate(SENTENCES[n % len(SENTENCES)].split())
            ]
            yield asr_pb2.RecognizeResponse(phrase=asr_pb2.Phrase(words=words, channel=channel))
        result = asr_pb2.RecognizeResult(language="az", speech_ms=1000, model=model("asr"))
        yield asr_pb2.RecognizeResponse(result=result)

    async def ClassifyRoles(self, request: Any, context: Any) -> Any:
        """Who speaks first is the operator."""
        await self._stages.enter("roles", context)
        names = list(dict.fromkeys(turn.speaker for turn in request.turns))
        speakers = [
            roles_pb2.SpeakerRole(
                speaker=name, role=common_pb2.ROLE_CUSTOMER if n else common_pb2.ROLE_OPERATOR, confidence=0.9
            )
            for n, name in enumerate(names)
        ]
        return roles_pb2.ClassifyRolesResponse(speakers=speakers, model=model("roles"))

    async def ClassifyEmotions(self, requests: Any, context: Any) -> AsyncIterator[Any]:
        """Everybody is happy."""
        config, seconds = await _read(requests)
        await self._stages.enter("emotion", context)
        for turn in config.turns:
            assert 0 <= turn.start_ms < turn.end_ms <= seconds * 1000
            score = common_pb2.EmotionScore(emotion=common_pb2.EMOTION_HAPPY, score=1.0)
            emotion = emotion_pb2.TurnEmotion(index=turn.index, emotion=common_pb2.EMOTION_HAPPY, scores=[score])
            yield emotion_pb2.ClassifyEmotionsResponse(turn=emotion)
        trend = emotion_pb2.EmotionTrend()
        if any(turn.role == common_pb2.ROLE_CUSTOMER for turn in config.turns):
            trend.start = trend.end = common_pb2.EMOTION_HAPPY
            trend.description = "Customer started Happy and finished Happy"
        result = emotion_pb2.ClassifyEmotionsResult(trend=trend, model=model("emotion"))
        yield emotion_pb2.ClassifyEmotionsResponse(result=result)

    async def Summarize(self, request: Any, context: Any) -> Any:
        """Names the customer's first words."""
        await self._stages.enter("summarize", context)
        said = [turn.text for turn in request.turns if turn.role == common_pb2.ROLE_CUSTOMER]
        return summary_pb2.SummarizeResponse(
            summary=f"Müştəri dedi: {said[0] if said else 'heç nə'}", part_count=1, model=model("summarize")
        )

    async def ClassifyTopic(self, request: Any, context: Any) -> Any:
        """Always the same."""
        await self._stages.enter("topics", context)
        return topics_pb2.ClassifyTopicResponse(
            topic="cards",
            subtopic="lost or stolen card",
            topics=[common_pb2.LabelScore(label="cards", score=1.0)],
            subtopics=[common_pb2.LabelScore(label="lost or stolen card", score=1.0)],
            model=model("topics"),
        )

    async def RateQuality(self, request: Any, context: Any) -> Any:
        """Four stars."""
        await self._stages.enter("quality", context)
        return quality_pb2.RateQualityResponse(
            label=quality_pb2.QUALITY_LABEL_GOOD,
            stars=4,
            distribution=[0.0, 0.0, 0.1, 0.8, 0.1],
            model=model("quality"),
        )


_ADD: dict[str, Any] = {
    "diarize": diarization_pb2_grpc.add_DiarizationServiceServicer_to_server,
    "asr": asr_pb2_grpc.add_SpeechRecognitionServiceServicer_to_server,
    "roles": roles_pb2_grpc.add_RoleServiceServicer_to_server,
    "emotion": emotion_pb2_grpc.add_EmotionServiceServicer_to_server,
    "summarize": summary_pb2_grpc.add_SummaryServiceServicer_to_server,
    "topics": topics_pb2_grpc.add_TopicServiceServicer_to_server,
    "quality": quality_pb2_grpc.add_QualityServiceServicer_to_server,
}
