"""EmotionService over the model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from callcenter.v1 import common_pb2, emotion_pb2, emotion_pb2_grpc

from services.emotion.clips import Span
from services.emotion.model import EmotionModel, Judged
from services.emotion.trend import Trend, top, trend
from services.serving.audio import Audio, receive
from services.serving.worker import ModelWorker

_EMOTIONS = {
    "": common_pb2.EMOTION_UNSPECIFIED,
    "neutral": common_pb2.EMOTION_NEUTRAL,
    "happy": common_pb2.EMOTION_HAPPY,
    "sad": common_pb2.EMOTION_SAD,
    "angry": common_pb2.EMOTION_ANGRY,
}


class EmotionServicer(emotion_pb2_grpc.EmotionServiceServicer):  # type: ignore[misc]
    """Proto to dataclass and back."""

    def __init__(self, worker: ModelWorker[EmotionModel]) -> None:
        self._worker = worker

    async def ClassifyEmotions(
        self, requests: AsyncIterator[emotion_pb2.ClassifyEmotionsRequest], context: Any
    ) -> AsyncIterator[emotion_pb2.ClassifyEmotionsResponse]:
        """Streams each turn as it is judged, then the trend."""
        config, audio = await receive(requests)
        judged: list[Judged] = []
        async for item in self._worker.stream(_work(audio, [_span(turn) for turn in config.turns])):
            judged.append(item)
            yield emotion_pb2.ClassifyEmotionsResponse(turn=_turn(item))
            yield emotion_pb2.ClassifyEmotionsResponse(progress=item.progress)
        mood = trend((item.span, item.scores) for item in judged)
        result = emotion_pb2.ClassifyEmotionsResult(trend=_trend(mood), model=self._worker.model.info.to_proto())
        yield emotion_pb2.ClassifyEmotionsResponse(result=result)


def register(server: Any, worker: ModelWorker[EmotionModel]) -> str:
    """Adds the service; returns its full name."""
    emotion_pb2_grpc.add_EmotionServiceServicer_to_server(EmotionServicer(worker), server)
    return str(emotion_pb2.DESCRIPTOR.services_by_name["EmotionService"].full_name)


def _work(audio: Audio, spans: list[Span]) -> Callable[[EmotionModel, Callable[[Judged], None]], None]:
    def work(model: EmotionModel, emit: Callable[[Judged], None]) -> None:
        for item in model.classify(audio, spans):
            emit(item)

    return work


def _span(turn: emotion_pb2.TurnSpan) -> Span:
    customer = turn.role == common_pb2.ROLE_CUSTOMER
    return Span(turn.index, turn.start_ms, turn.end_ms, customer, turn.channel, turn.speaker)


def _turn(judged: Judged) -> emotion_pb2.TurnEmotion:
    ranked = sorted(judged.scores, key=judged.scores.__getitem__, reverse=True)
    scores = [common_pb2.EmotionScore(emotion=_EMOTIONS[name], score=judged.scores[name]) for name in ranked]
    return emotion_pb2.TurnEmotion(index=judged.span.index, emotion=_EMOTIONS[top(judged.scores)], scores=scores)


def _trend(mood: Trend) -> emotion_pb2.EmotionTrend:
    points = [
        emotion_pb2.EmotionPoint(time_ms=point.time_ms, emotion=_EMOTIONS[point.emotion], valence=point.valence)
        for point in mood.points
    ]
    return emotion_pb2.EmotionTrend(
        start=_EMOTIONS[mood.start], end=_EMOTIONS[mood.end], description=mood.description, points=points
    )
