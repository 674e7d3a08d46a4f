"""Errors as RFC 9457 problem details that say what to do."""

from __future__ import annotations

from http import HTTPStatus

import grpc
from fastapi import Request
from fastapi.responses import JSONResponse

from rpc.errors import action_of

_HTTP = {
    grpc.StatusCode.INVALID_ARGUMENT: HTTPStatus.BAD_REQUEST,
    grpc.StatusCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    grpc.StatusCode.FAILED_PRECONDITION: HTTPStatus.CONFLICT,
    grpc.StatusCode.OUT_OF_RANGE: HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    grpc.StatusCode.RESOURCE_EXHAUSTED: HTTPStatus.TOO_MANY_REQUESTS,
    grpc.StatusCode.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    grpc.StatusCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED: HTTPStatus.GATEWAY_TIMEOUT,
}


async def from_grpc(request: Request, error: Exception) -> JSONResponse:
    """Answers a request whose call to the orchestrator failed."""
    assert isinstance(error, grpc.aio.AioRpcError)
    code = error.code()
    status = _HTTP.get(code, HTTPStatus.INTERNAL_SERVER_ERROR)
    detail, action = error.details() or "", action_of(error)
    if code == grpc.StatusCode.UNAVAILABLE and not action:
        detail, action = "the orchestrator does not answer", "try again in a few seconds"
    problem = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
    if action:
        problem["action"] = action
    return JSONResponse(problem, status, media_type="application/problem+json")
