"""Server-Sent Events: what happens to calls, as it happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from http import HTTPStatus
from typing import Annotated, Any

from callcenter.v1 import call_pb2
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from starlette.types import Receive, Scope, Send

from gateway.backend import UNARY_SECONDS, CallId, Calls, Settings
from gateway.follow import NEW_ONLY, Follower
from gateway.hub import Hub
from gateway.problems import documented
from rpc import logs

router = APIRouter(tags=["events"])

_log = logs.get(__name__)

MEDIA_TYPE = "text/event-stream"
_LARGEST = 2**63 - 1


class EventStream(Response):
    """Sends chunks as they come, and cuts a client off that takes none for too long.

    Args:
        chunks: in the form of Server-Sent Events; closed in the end.
        stall_seconds: longest time that sending one may take.
    """

    def __init__(self, chunks: AsyncGenerator[bytes], stall_seconds: float) -> None:
        # Proxies that gather an answer before they pass it on would hold every event back.
        super().__init__(headers={"X-Accel-Buffering": "no"}, media_type=MEDIA_TYPE)
        del self.headers["content-length"]
        self._chunks = chunks
        self._stall_seconds = stall_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends until there is no more, the client has gone, or it has to go."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, leaving):
                task.cancel()
            outcomes = await asyncio.gather(sending, leaving, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    async def _send(self, send: Send) -> None:
        async with aclosing(self._chunks):
            async for chunk in self._chunks:
                try:
                    async with asyncio.timeout(self._stall_seconds):
                        await send({"type": "http.response.body", "body": chunk, "more_body": True})
                except TimeoutError:
                    _log.warning("a client that takes no events is cut off")
                    return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _hub(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


def _after(
    last_event_id: Annotated[str | None, Header(description="Number of the last event that the client has.")] = None,
    after: Annotated[
        int | None,
        Query(ge=NEW_ONLY, le=_LARGEST, description="The same, for the first connection; -1: new ones only."),
    ] = None,
) -> int | None:
    """The last event that a client has; None: a number that no event can have."""
    if last_event_id is None:
        return NEW_ONLY if after is None else after
    plain = last_event_id.isascii() and last_event_id.isdigit()
    return int(last_event_id) if plain and int(last_event_id) <= _LARGEST else None


TheHub = Annotated[Hub, Depends(_hub)]
After = Annotated[int | None, Depends(_after)]

_EXAMPLE = """: following
retry: 2000

id: 4711
event: call
data: {"sequence":4711,"call_id":"01kxaz5m9q3v7c2h8t4w6y0r1e","time":"2026-11-24T08:00:02.100000Z",...}

"""


def _one_event(name: str, text: str, data: dict[str, Any]) -> dict[str, Any]:
    """The form of an event of the stream."""
    return {
        "type": "object",
        "description": text,
        "properties": {
            "id": {"type": "string", "description": "What Last-Event-ID names."},
            "event": {"type": "string", "const": name},
            "data": {"type": "string", "contentMediaType": "application/json"} | data,
        },
        "required": ["id", "event", "data"],
    }


_EVENTS = {
    "oneOf": [
        _one_event(
            "call", "Something happened to a call.", {"contentSchema": {"$ref": "#/components/schemas/CallEvent"}}
        ),
        _one_event("reset", "What the client knows may be wrong.", {"const": "{}"}),
    ]
}


def _documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    stream = {"schema": _EVENTS, "example": _EXAMPLE}
    return {200: {"description": "Events without end.", "content": {MEDIA_TYPE: stream}}, **documented(*statuses)}


@router.get("/events", status_code=200, summary="Follow all calls", response_class=EventStream, responses=_documented())
async def follow_calls(calls: Calls, hub: TheHub, settings: Settings, after: After) -> Response:
    """Events of all calls, as Server-Sent Events. The `data` of an `event: call` is a CallEvent, its `id` its number.

    A client that comes back with `Last-Event-ID` misses nothing and gets nothing twice. Without it, only new events
    come. `event: reset` says that the number is none that was given: what the client knows may be wrong, and new events
    follow. A client that reads too slowly is cut off, and may come back. A comment comes every 15 seconds at least.
    """
    follower = Follower(hub, calls, "", settings.keep_alive_seconds)
    return EventStream(follower.stream(after), settings.stall_seconds)


@router.get(
    "/calls/{call_id}/events",
    status_code=200,
    summary="Follow a call",
    response_class=EventStream,
    responses=_documented(HTTPStatus.NOT_FOUND),
)
async def follow_call(call_id: CallId, calls: Calls, hub: TheHub, settings: Settings, after: After) -> Response:
    """Events of one call, as those of all calls."""
    await calls.GetCall(call_pb2.GetCallRequest(call_id=call_id), timeout=UNARY_SECONDS)  # is there such a call?
    follower = Follower(hub, calls, call_id, settings.keep_alive_seconds)
    return EventStream(follower.stream(after), settings.stall_seconds)
