"""REST and Server-Sent Events over the orchestrator's CallService."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import grpc
from callcenter.v1 import call_pb2, call_pb2_grpc
from fastapi import Depends, FastAPI, Header, Query, Request, Response, UploadFile
from fastapi.sse import EventSourceResponse, ServerSentEvent
from google.protobuf.json_format import MessageToDict

from gateway.problems import from_grpc
from rpc.channel import CHUNK_BYTES, connect
from rpc.security import Security


def _stub(request: Request) -> Any:
    return request.app.state.calls


CallsStub = Annotated[Any, Depends(_stub)]


def create_app(orchestrator: str, security: Security) -> FastAPI:
    """Makes the application.

    Args:
        orchestrator: address of the CallService.
        security: TLS and token towards the orchestrator.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with connect(orchestrator, security) as channel:
            app.state.calls = call_pb2_grpc.CallServiceStub(channel)
            yield

    # The interactive documentation of FastAPI loads scripts from another host: a bank's page must not.
    app = FastAPI(title="Call analysis", version="0.1.0", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_exception_handler(grpc.aio.AioRpcError, from_grpc)

    @app.post("/api/calls", status_code=202, summary="Submit a recording")
    async def submit(file: UploadFile, calls: CallsStub, response: Response) -> dict[str, Any]:
        """Takes one recording; the same recording twice is one call."""
        answer = await calls.SubmitCall(_parts(file))
        response.headers["Location"] = f"/api/calls/{answer.call_id}"
        return {"callId": answer.call_id, "alreadyKnown": answer.already_known}

    @app.get("/api/calls", summary="List calls, newest first")
    async def list_calls(
        calls: CallsStub,
        page_size: Annotated[int, Query(ge=1, le=500)] = 50,
        page_token: str = "",
        topic: str = "",
        subtopic: str = "",
        text: str = "",
    ) -> dict[str, Any]:
        request = call_pb2.ListCallsRequest(
            page_size=page_size, page_token=page_token, topic=topic, subtopic=subtopic, text=text
        )
        return MessageToDict(await calls.ListCalls(request))

    @app.get("/api/calls/{call_id}", summary="Read a call with all results so far")
    async def get_call(call_id: str, calls: CallsStub) -> dict[str, Any]:
        answer = await calls.GetCall(call_pb2.GetCallRequest(call_id=call_id))
        return MessageToDict(answer.call)

    @app.post("/api/calls/{call_id}/retry", status_code=202, summary="Run the failed stages again")
    async def retry(call_id: str, calls: CallsStub, from_stage: str = "") -> dict[str, Any]:
        request = call_pb2.RetryCallRequest(call_id=call_id, from_stage=from_stage)
        return {"stages": list((await calls.RetryCall(request)).stages)}

    @app.delete("/api/calls/{call_id}", status_code=204, summary="Delete a call for good")
    async def delete(call_id: str, calls: CallsStub) -> None:
        await calls.DeleteCall(call_pb2.DeleteCallRequest(call_id=call_id))

    @app.get("/api/events", response_class=EventSourceResponse, summary="Follow events of all calls")
    async def events(
        calls: CallsStub, last_event_id: Annotated[int, Header(ge=-1)] = -1
    ) -> AsyncIterator[ServerSentEvent]:
        """Goes on after `Last-Event-ID` without a gap or a repeat."""
        request = call_pb2.WatchCallsRequest(after_sequence=last_event_id)
        async for answer in calls.WatchCalls(request):
            yield ServerSentEvent(data=MessageToDict(answer.event), event="call", id=str(answer.event.sequence))

    @app.get("/api/models", summary="Which stages are up and what they serve")
    async def models(calls: CallsStub) -> dict[str, Any]:
        return MessageToDict(await calls.ListModels(call_pb2.ListModelsRequest()))

    @app.get("/healthz", include_in_schema=False)
    async def alive() -> dict[str, str]:
        return {"status": "ok"}

    return app


async def _parts(file: UploadFile) -> AsyncIterator[call_pb2.SubmitCallRequest]:
    name = file.filename or "recording"
    yield call_pb2.SubmitCallRequest(config=call_pb2.SubmitCallConfig(file_name=name))
    while chunk := await file.read(CHUNK_BYTES):
        yield call_pb2.SubmitCallRequest(data=chunk)
