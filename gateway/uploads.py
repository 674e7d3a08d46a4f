"""Recordings on their way in: from the browser's form straight to the orchestrator."""

from __future__ import annotations

import asyncio
import contextlib
from http import HTTPStatus
from typing import Annotated, Any

import grpc
from callcenter.v1 import call_pb2
from fastapi import APIRouter, Header, Request, Response
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from gateway import problems, schema
from gateway.backend import Calls, Settings
from gateway.config import MIB
from gateway.kinds import HEAD_BYTES, no_recording
from gateway.multipart import Body, Part, PartEnd, parts
from gateway.problems import ProblemError, documented
from rpc.channel import CHUNK_BYTES

router = APIRouter(tags=["calls"])

_FIELD = "file"
_NAMELESS = "recording"
_LINGER_SECONDS = 30.0

_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [_FIELD],
                    "properties": {
                        _FIELD: {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "minItems": 1,
                            "description": "Recordings, in any format that FFmpeg reads.",
                        }
                    },
                }
            }
        },
    }
}


@router.post(
    "/calls",
    status_code=202,
    summary="Submit recordings",
    response_model=schema.Submission,
    openapi_extra=_FORM,
    responses={
        202: {"headers": {"Location": {"description": "Address of the first call.", "schema": {"type": "string"}}}},
        **documented(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.TOO_MANY_REQUESTS
        ),
    },
)
async def submit(
    request: Request,
    calls: Calls,
    settings: Settings,
    idempotency_key: Annotated[
        str, Header(max_length=200, description="The same key gives the same call. For one file only.")
    ] = "",
) -> Response:
    """Takes one or more recordings; answered when all are safely stored and queued.

    The same recording twice is one call. If one file is refused, the files after it are not taken; `submitted` of the
    problem names those before it, which are.
    """
    taken: list[schema.Submitted] = []
    body = Body(request.receive)
    try:
        await _take(request.headers, body, calls, settings.max_upload_bytes, idempotency_key, taken)
    except ClientDisconnect:
        return Response(status_code=HTTPStatus.BAD_REQUEST)  # nobody reads it
    except grpc.aio.AioRpcError as error:
        return _Refusal(problems.respond(problems.from_grpc(error), taken), body)
    except ProblemError as error:
        return _Refusal(problems.respond(error, taken), body)
    answer = schema.Submission(submitted=taken).model_dump_json()
    return Response(answer, HTTPStatus.ACCEPTED, {"Location": taken[0].location}, "application/json")


async def _take(headers: Headers, body: Body, calls: Any, limit: int, key: str, taken: list[schema.Submitted]) -> None:
    """Passes all files on; ``taken`` grows by each that is safe."""
    too_large = ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"the upload is larger than {limit // MIB} MiB",
        "send the files one by one; a recording of that size in parts",
    )
    length = headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length) > limit:
        raise too_large
    file: _File | None = None
    size = 0
    try:
        async for found in parts(headers.get("content-type", ""), body):
            if isinstance(found, Part):
                if found.field == _FIELD and found.file_name is not None:
                    if key and taken:
                        raise ProblemError(
                            HTTPStatus.BAD_REQUEST, "a key came with several files", "send one file with each key"
                        )
                    file = _File(calls, found.file_name or _NAMELESS, key)
            elif file is None:
                continue  # a field of the form that means nothing here
            elif isinstance(found, PartEnd):
                taken.append(await file.end())
                file = None
            else:
                size += len(found)
                if size > limit:
                    raise too_large
                await file.write(found)
    finally:
        if file is not None:
            file.cancel()
    if not taken:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "no file came", f"send the recording in the field '{_FIELD}'")


class _File:
    """One recording on its way to the orchestrator, which takes the bytes at its own pace.

    Args:
        calls: stub of the CallService.
        name: as the sender gave it; the orchestrator cleans it.
        key: idempotency key; empty: none.
    """

    def __init__(self, calls: Any, name: str, key: str) -> None:
        self._calls = calls
        self._name = name
        self._config = call_pb2.SubmitCallConfig(file_name=name, idempotency_key=key)
        self._waiting = bytearray()
        self._call: Any = None

    async def write(self, data: bytes) -> None:
        """Passes bytes on.

        Raises:
            ProblemError: 415: the first bytes say that it is no recording.
            grpc.aio.AioRpcError: the orchestrator refuses it.
        """
        self._waiting += data
        if self._call is None and len(self._waiting) >= HEAD_BYTES:
            await self._begin()
        if self._call is not None:
            await self._pass_on()

    async def end(self) -> schema.Submitted:
        """All bytes have come; returns when the recording is safe. Raises as ``write`` does."""
        if self._call is None:
            await self._begin()
            await self._pass_on()
        await self._call.done_writing()
        answer = await self._call
        return schema.Submitted(
            file_name=self._name,
            call_id=answer.call_id,
            already_known=answer.already_known,
            location=f"/api/calls/{answer.call_id}",
        )

    def cancel(self) -> None:
        """Leaves it: the orchestrator drops what it has of it."""
        if self._call is not None:
            self._call.cancel()

    async def _begin(self) -> None:
        kind = no_recording(bytes(self._waiting[:HEAD_BYTES]))
        if kind is not None:
            raise ProblemError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                f"{self._name!r} is {kind}, not a recording",
                "send a sound file (WAV, MP3, Ogg, M4A, FLAC, AMR, ...)",
            )
        self._call = self._calls.SubmitCall()
        await self._send(call_pb2.SubmitCallRequest(config=self._config))

    async def _pass_on(self) -> None:
        for start in range(0, len(self._waiting), CHUNK_BYTES):
            await self._send(call_pb2.SubmitCallRequest(data=bytes(self._waiting[start : start + CHUNK_BYTES])))
        self._waiting.clear()

    async def _send(self, message: call_pb2.SubmitCallRequest) -> None:
        try:
            await self._call.write(message)
        except Exception:
            # The orchestrator has ended the call; why, its answer says.
            if self._call.done():
                await self._call
            raise


class _Refusal(Response):
    """Answers at once, then takes what is still coming off the line for a while: a browser whose connection is closed
    while it sends shows no reason at all.

    Args:
        problem: the answer.
        body: of the request.
    """

    def __init__(self, problem: Response, body: Body) -> None:
        super().__init__(bytes(problem.body), problem.status_code, dict(problem.headers))
        self._rest = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the answer and reads the rest."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": bytes(self.body), "more_body": True})
        with contextlib.suppress(ClientDisconnect, TimeoutError):
            async with asyncio.timeout(_LINGER_SECONDS):
                async for _ in self._rest:
                    pass
        await send({"type": "http.response.body", "body": b"", "more_body": False})
