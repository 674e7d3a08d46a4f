"""RoleService over the model."""

from __future__ import annotations

from typing import Any

from callcenter.v1 import common_pb2, roles_pb2, roles_pb2_grpc

from services.roles.decision import CUSTOMER, OPERATOR
from services.roles.model import RolesModel
from services.serving.transcript import from_proto
from services.serving.worker import ModelWorker

_ROLES = {OPERATOR: common_pb2.ROLE_OPERATOR, CUSTOMER: common_pb2.ROLE_CUSTOMER}


class RoleServicer(roles_pb2_grpc.RoleServiceServicer):  # type: ignore[misc]
    """Proto to dataclass and back."""

    def __init__(self, worker: ModelWorker[RolesModel]) -> None:
        self._worker = worker

    async def ClassifyRoles(
        self, request: roles_pb2.ClassifyRolesRequest, context: Any
    ) -> roles_pb2.ClassifyRolesResponse:
        """Decides the role of every speaker."""
        turns = from_proto(request.turns)
        roles = await self._worker.run(lambda model: model.classify(turns))
        return roles_pb2.ClassifyRolesResponse(
            speakers=[
                roles_pb2.SpeakerRole(speaker=s.speaker, role=_ROLES[s.role], confidence=s.confidence)
                for s in roles.speakers
            ],
            turns=[roles_pb2.TurnRole(index=t.index, operator_probability=t.operator_probability) for t in roles.turns],
            model=self._worker.model.info.to_proto(),
        )


def register(server: Any, worker: ModelWorker[RolesModel]) -> str:
    """Adds the service; returns its full name."""
    roles_pb2_grpc.add_RoleServiceServicer_to_server(RoleServicer(worker), server)
    return str(roles_pb2.DESCRIPTOR.services_by_name["RoleService"].full_name)
