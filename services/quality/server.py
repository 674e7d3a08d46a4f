"""QualityService over the model."""

from __future__ import annotations

from typing import Any

from callcenter.v1 import quality_pb2, quality_pb2_grpc

from services.quality.model import QualityModel
from services.serving.worker import ModelWorker


class QualityServicer(quality_pb2_grpc.QualityServiceServicer):  # type: ignore[misc]
    """Proto to dataclass and back."""

    def __init__(self, worker: ModelWorker[QualityModel]) -> None:
        self._worker = worker

    async def RateQuality(
        self, request: quality_pb2.RateQualityRequest, context: Any
    ) -> quality_pb2.RateQualityResponse:
        """Rates a summary."""
        rating = await self._worker.run(lambda model: model.rate(request.summary))
        return quality_pb2.RateQualityResponse(
            label=quality_pb2.QUALITY_LABEL_GOOD if rating.good else quality_pb2.QUALITY_LABEL_POOR,
            stars=rating.stars,
            distribution=rating.distribution,
            model=self._worker.model.info.to_proto(),
        )


def register(server: Any, worker: ModelWorker[QualityModel]) -> str:
    """Adds the service; returns its full name."""
    quality_pb2_grpc.add_QualityServiceServicer_to_server(QualityServicer(worker), server)
    return str(quality_pb2.DESCRIPTOR.services_by_name["QualityService"].full_name)
