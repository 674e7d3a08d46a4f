"""Errors as RFC 9457 problem details that say what to do."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import grpc
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from gateway.headers import SAFE
from gateway.messages import without_paths
from gateway.schema import Mistake, Problem, Submitted
from rpc import logs
from rpc.errors import action_of

MEDIA_TYPE = "application/problem+json"

_log = logs.get(__name__)

_HTTP = {
    grpc.StatusCode.INVALID_ARGUMENT: HTTPStatus.BAD_REQUEST,
    grpc.StatusCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    grpc.StatusCode.FAILED_PRECONDITION: HTTPStatus.CONFLICT,
    grpc.StatusCode.OUT_OF_RANGE: HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    grpc.StatusCode.RESOURCE_EXHAUSTED: HTTPStatus.TOO_MANY_REQUESTS,
    grpc.StatusCode.UNAUTHENTICATED: HTTPStatus.BAD_GATEWAY,
    grpc.StatusCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED: HTTPStatus.GATEWAY_TIMEOUT,
}
_TOO_LARGE = "Content Too Large"  # as RFC 9110 has it; the library's name is older


class ProblemError(Exception):
    """A request that cannot be served.

    Args:
        status: of the answer.
        detail: what is wrong, a sentence.
        action: what the caller can do about it.
        errors: what is wrong with the request, one by one.
        headers: of the answer.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        action: str = "",
        errors: list[Mistake] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.problem = Problem(
            title=_TOO_LARGE if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else status.phrase,
            status=int(status),
            detail=detail,
            action=action or None,
            errors=errors,
        )
        self.headers = dict(headers or {})


_LOST = "Internal error from Core"
"""What grpc.aio says, instead of the status, when the peer ends a call while it writes."""


def from_grpc(error: grpc.aio.AioRpcError) -> ProblemError:
    """What a refused or failed call to the orchestrator means to the caller."""
    code, detail, action = error.code(), without_paths(error.details() or ""), action_of(error)
    if code == grpc.StatusCode.UNAVAILABLE and not action:
        detail, action = "the orchestrator does not answer", "try again in a few seconds"
    elif code == grpc.StatusCode.DEADLINE_EXCEEDED:
        detail, action = "the orchestrator did not answer in time", "try again in a few seconds"
    elif code == grpc.StatusCode.INTERNAL and detail.startswith(_LOST):
        code = grpc.StatusCode.UNAVAILABLE
        detail, action = "the orchestrator ended the call; why was lost on the way", "try again in a few seconds"
    elif code == grpc.StatusCode.UNAUTHENTICATED:
        # Not the caller's token: the gateway's own.
        _log.error("the orchestrator refuses the gateway's token", reason=detail)
        detail, action = "the gateway may not speak with the orchestrator", "give both the same token"
    return ProblemError(_HTTP.get(code, HTTPStatus.INTERNAL_SERVER_ERROR), detail, action)


def respond(error: ProblemError, submitted: list[Submitted] | None = None) -> Response:
    """Makes the answer.

    Args:
        error: what is wrong.
        submitted: recordings that were taken before that; None: it is not about an upload.
    """
    problem = error.problem.model_copy(update={"submitted": submitted})
    # Members that say nothing are left out, as the RFC's examples do.
    body = problem.model_dump_json(exclude_none=True)
    return Response(body, problem.status, error.headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Has every error of an application answered with a problem."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, ProblemError)
        return respond(error)

    async def on_grpc(request: Request, error: Exception) -> Response:
        assert isinstance(error, grpc.aio.AioRpcError)
        return respond(from_grpc(error))

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        mistakes = [Mistake(where=" ".join(map(str, entry["loc"])), what=str(entry["msg"])) for entry in error.errors()]
        detail = "; ".join(f"{mistake.where}: {mistake.what}" for mistake in mistakes)
        return respond(ProblemError(HTTPStatus.BAD_REQUEST, detail, "mend what errors names", mistakes))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        status = HTTPStatus(error.status_code)
        detail = str(error.detail) if error.detail != status.phrase else f"{request.method} {request.url.path}"
        return respond(ProblemError(status, detail, headers=error.headers))

    async def on_defect(request: Request, error: Exception) -> Response:
        # The outermost handler: what it answers passes no middleware. The server logs the exception.
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return respond(ProblemError(status, "a defect in the gateway; its log says more", headers=SAFE))

    app.add_exception_handler(ProblemError, on_problem)
    app.add_exception_handler(grpc.aio.AioRpcError, on_grpc)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_defect)


_WHEN = {
    HTTPStatus.BAD_REQUEST: "The request is not as it must be.",
    HTTPStatus.NOT_FOUND: "There is no such call.",
    HTTPStatus.CONFLICT: "The state of the call does not allow it.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The upload is too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Not an upload, or not a recording.",
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: "The range begins behind the end.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too much is waiting, or the disk is full.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A defect; the log says more.",
    HTTPStatus.BAD_GATEWAY: "The orchestrator refuses the gateway.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The orchestrator does not answer.",
    HTTPStatus.GATEWAY_TIMEOUT: "The orchestrator did not answer in time.",
}
_ALWAYS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of a route's errors: the given ones and those that can always come."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {int(status): {"description": _WHEN[status], "content": content} for status in sorted({*statuses, *_ALWAYS})}
