"""DiarizationService over the model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

from callcenter.v1 import common_pb2, diarization_pb2, diarization_pb2_grpc

from services.diarize.model import Diarization, DiarizeModel, Hints, Segment
from services.serving.audio import receive
from services.serving.worker import ModelWorker


class DiarizationServicer(diarization_pb2_grpc.DiarizationServiceServicer):  # type: ignore[misc]
    """Proto to dataclass and back."""

    def __init__(self, worker: ModelWorker[DiarizeModel]) -> None:
        self._worker = worker

    async def Diarize(
        self, request_iterator: AsyncIterator[diarization_pb2.DiarizeRequest], context: Any
    ) -> AsyncIterator[diarization_pb2.DiarizeResponse]:
        """Progress, then segments, then the result."""
        config, audio = await receive(request_iterator)
        hints = Hints(config.speaker_count, config.min_speaker_count, config.max_speaker_count)

        def work(model: DiarizeModel, emit: Callable[[float | Diarization], None]) -> None:
            emit(model.diarize(audio, hints, emit))

        async with aclosing(self._worker.stream(work)) as parts:  # type: ignore[type-var]
            async for part in parts:
                if isinstance(part, float):
                    yield diarization_pb2.DiarizeResponse(progress=part)
                    continue
                for segment in part.segments:
                    yield diarization_pb2.DiarizeResponse(segment=_segment(segment))
                yield diarization_pb2.DiarizeResponse(
                    result=diarization_pb2.DiarizeResult(
                        speaker_count=part.speaker_count,
                        exclusive_segments=map(_segment, part.exclusive_segments),
                        model=self._worker.model.info.to_proto(),
                    )
                )


def _segment(segment: Segment) -> common_pb2.Segment:
    return common_pb2.Segment(speaker=segment.speaker, start_ms=segment.start_ms, end_ms=segment.end_ms)


def register(server: Any, worker: ModelWorker[DiarizeModel]) -> str:
    """Adds the service; returns its full name."""
    diarization_pb2_grpc.add_DiarizationServiceServicer_to_server(DiarizationServicer(worker), server)
    return str(diarization_pb2.DESCRIPTOR.services_by_name["DiarizationService"].full_name)
