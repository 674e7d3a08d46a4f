"""TopicService over the model."""

from __future__ import annotations

import asyncio
from typing import Any

from callcenter.v1 import common_pb2, topics_pb2, topics_pb2_grpc

from services.serving.transcript import from_proto
from services.serving.worker import ModelWorker
from services.topics.model import TopicsModel


class TopicServicer(topics_pb2_grpc.TopicServiceServicer):  # type: ignore[misc]
    """Proto to dataclass and back."""

    def __init__(self, worker: ModelWorker[TopicsModel]) -> None:
        self._worker = worker

    async def ClassifyTopic(
        self, request: topics_pb2.ClassifyTopicRequest, context: Any
    ) -> topics_pb2.ClassifyTopicResponse:
        """Chooses topic and subtopic."""
        turns = from_proto(request.turns)
        found = await self._worker.run(lambda model: model.classify(turns))
        return topics_pb2.ClassifyTopicResponse(
            topic=found.topic,
            subtopic=found.subtopic,
            topics=[common_pb2.LabelScore(label=label, score=score) for label, score in found.topics],
            subtopics=[common_pb2.LabelScore(label=label, score=score) for label, score in found.subtopics],
            model=self._worker.model.info.to_proto(),
            taxonomy_digest=found.taxonomy_digest,
        )

    async def ListTopics(self, request: topics_pb2.ListTopicsRequest, context: Any) -> topics_pb2.ListTopicsResponse:
        """Lists what is in force; a look at the file needs no turn in the model's queue."""
        taxonomy, refused = await asyncio.to_thread(self._worker.model.taxonomy.current)
        return topics_pb2.ListTopicsResponse(
            entries=[
                topics_pb2.TopicEntry(
                    topic=entry.topic,
                    subtopic=entry.subtopic,
                    topic_az=entry.topic_az,
                    subtopic_az=entry.subtopic_az,
                )
                for entry in taxonomy.entries
            ],
            taxonomy_digest=taxonomy.digest,
            refused_reason=refused,
        )


def register(server: Any, worker: ModelWorker[TopicsModel]) -> str:
    """Adds the service; returns its full name."""
    topics_pb2_grpc.add_TopicServiceServicer_to_server(TopicServicer(worker), server)
    return str(topics_pb2.DESCRIPTOR.services_by_name["TopicService"].full_name)
