"""SummaryService over the model."""

from __future__ import annotations

from typing import Any

from callcenter.v1 import summary_pb2, summary_pb2_grpc

from services.serving.transcript import from_proto
from services.serving.worker import ModelWorker
from services.summarize.model import SummaryModel


class SummaryServicer(summary_pb2_grpc.SummaryServiceServicer):  # type: ignore[misc]
    """Proto to dataclass and back."""

    def __init__(self, worker: ModelWorker[SummaryModel]) -> None:
        self._worker = worker

    async def Summarize(self, request: summary_pb2.SummarizeRequest, context: Any) -> summary_pb2.SummarizeResponse:
        """Summarizes a call."""
        turns = from_proto(request.turns)
        summary = await self._worker.run(lambda model: model.summarize(turns, request.max_tokens, request.min_tokens))
        return summary_pb2.SummarizeResponse(
            summary=summary.text, part_count=summary.part_count, model=self._worker.model.info.to_proto()
        )


def register(server: Any, worker: ModelWorker[SummaryModel]) -> str:
    """Adds the service; returns its full name."""
    summary_pb2_grpc.add_SummaryServiceServicer_to_server(SummaryServicer(worker), server)
    return str(summary_pb2.DESCRIPTOR.services_by_name["SummaryService"].full_name)
