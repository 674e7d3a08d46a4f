"""Which model each stage's server serves, and whether it is up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import grpc
from callcenter.v1 import call_pb2, model_pb2, model_pb2_grpc

from orchestrator.graph import SERVED
from orchestrator.trials import describe

TIMEOUT_SECONDS = 2.0


async def list_models(
    channels: Mapping[str, grpc.aio.Channel], addresses: Mapping[str, str]
) -> list[call_pb2.StageModel]:
    """Asks all servers at once.

    Args:
        channels: by stage.
        addresses: by stage, for people.
    """
    return list(await asyncio.gather(*(_ask(s.name, channels[s.name], addresses[s.name]) for s in SERVED)))


async def _ask(stage: str, channel: grpc.aio.Channel, address: str) -> call_pb2.StageModel:
    found = call_pb2.StageModel(stage=stage, address=address)
    try:
        stub = model_pb2_grpc.ModelServiceStub(channel)
        response = await stub.GetModel(model_pb2.GetModelRequest(), timeout=TIMEOUT_SECONDS)
    except grpc.aio.AioRpcError as error:
        found.reason = describe(error)
        return found
    if response.stage != stage:
        found.reason = f"the server at this address serves {response.stage!r}"
        return found
    found.serving = True
    found.model.CopyFrom(response.model)
    return found
