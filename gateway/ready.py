"""Which services are up, and what each serves."""

from __future__ import annotations

import grpc
from callcenter.v1 import call_pb2
from fastapi import APIRouter, Response

from gateway import messages, schema
from gateway.backend import Calls
from gateway.problems import documented

router = APIRouter(tags=["services"])
probes = APIRouter(tags=["services"])

_SECONDS = 5.0


@router.get("/models", summary="Which stages are up and what they serve", responses=documented())
async def list_models(calls: Calls) -> schema.Models:
    """Asks every stage's server for its model."""
    return schema.Models(models=await _models(calls))


@probes.get(
    "/readyz",
    summary="Whether everything is up",
    responses={503: {"model": schema.Readiness, "description": "Something is not up; `models` says what."}},
)
async def ready(calls: Calls, response: Response) -> schema.Readiness:
    """Ready when the orchestrator and every stage's server serve. Calls are taken as soon as the orchestrator does."""
    try:
        models, up = await _models(calls), True
    except grpc.aio.AioRpcError:
        models, up = [], False
    everything = up and all(entry.serving for entry in models)
    response.status_code = 200 if everything else 503
    return schema.Readiness(models=models, ready=everything, orchestrator=up)


@probes.get("/healthz", summary="Whether the gateway answers")
async def alive() -> schema.Alive:
    """Asks nobody else."""
    return schema.Alive()


async def _models(calls: Calls) -> list[schema.StageModel]:
    return messages.models(await calls.ListModels(call_pb2.ListModelsRequest(), timeout=_SECONDS))
