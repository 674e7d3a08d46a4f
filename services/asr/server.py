"""SpeechRecognitionService over the model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from callcenter.v1 import asr_pb2, asr_pb2_grpc, common_pb2

from services.asr.model import Outcome, Phrase, Recogniser
from services.serving.audio import receive
from services.serving.worker import ModelWorker

Part = Phrase | float | Outcome


class SpeechRecognitionServicer(asr_pb2_grpc.SpeechRecognitionServiceServicer):  # type: ignore[misc]
    """Proto to dataclass and back."""

    def __init__(self, worker: ModelWorker[Recogniser]) -> None:
        self._worker = worker

    async def Recognize(self, request_iterator: Any, context: Any) -> AsyncIterator[asr_pb2.RecognizeResponse]:
        """Streams progress and phrases, then the result."""
        config, audio = await receive(request_iterator)

        def work(model: Recogniser, emit: Callable[[Part], None]) -> None:
            emit(model.recognise(audio, config.language, emit))

        async for part in self._worker.stream(work):
            yield self._response(part)

    def _response(self, part: Part) -> asr_pb2.RecognizeResponse:
        match part:
            case Phrase():
                return asr_pb2.RecognizeResponse(phrase=_phrase(part))
            case Outcome():
                result = asr_pb2.RecognizeResult(
                    language=part.language, speech_ms=part.speech_ms, model=self._worker.model.info.to_proto()
                )
                return asr_pb2.RecognizeResponse(result=result)
            case float():
                return asr_pb2.RecognizeResponse(progress=part)


def _phrase(phrase: Phrase) -> asr_pb2.Phrase:
    words = [
        common_pb2.Word(
            text=word.text,
            start_ms=word.start_ms,
            end_ms=word.end_ms,
            probability=word.probability,
            channel=word.channel,
        )
        for word in phrase.words
    ]
    return asr_pb2.Phrase(words=words, channel=phrase.channel)


def register(server: Any, worker: ModelWorker[Recogniser]) -> str:
    """Adds the service; returns its full name."""
    asr_pb2_grpc.add_SpeechRecognitionServiceServicer_to_server(SpeechRecognitionServicer(worker), server)
    return str(asr_pb2.DESCRIPTOR.services_by_name["SpeechRecognitionService"].full_name)
