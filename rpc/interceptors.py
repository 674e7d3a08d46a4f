"""What every rpc of every server goes through: the token, the call's id in the logs, errors to status codes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import structlog

from rpc import errors, logs
from rpc.security import TOKEN_KEY, Security

_log = logs.get(__name__)

# Anybody may ask whether a server is healthy: orchestrators of containers carry no token.
_OPEN_PREFIXES = ("/grpc.health.v1.Health/",)


class ServerInterceptor(grpc.aio.ServerInterceptor):
    """Checks the token, binds the call's id and turns exceptions into status codes."""

    def __init__(self, security: Security) -> None:
        self._security = security

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler:
        """Wraps the handler of one rpc."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return handler
        details: Any = handler_call_details
        method = str(details.method)
        metadata = dict(details.invocation_metadata or ())
        allowed = method.startswith(_OPEN_PREFIXES) or self._security.allows(str(metadata.get(TOKEN_KEY, "")))
        call_id = str(metadata.get(logs.CALL_ID_KEY, ""))
        run = _Guard(method, call_id, allowed)
        if handler.response_streaming:
            wrapped: Any = run.stream(getattr(handler, _kind(handler)))
        else:
            wrapped = run.unary(getattr(handler, _kind(handler)))
        make = getattr(grpc, f"{_kind(handler)}_rpc_method_handler")
        result: grpc.RpcMethodHandler = make(
            wrapped,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )
        return result


def _kind(handler: Any) -> str:
    request = "stream" if handler.request_streaming else "unary"
    response = "stream" if handler.response_streaming else "unary"
    return f"{request}_{response}"


class _Guard:
    """Runs one rpc; every exception leaves it as a status."""

    def __init__(self, method: str, call_id: str, allowed: bool) -> None:
        self._method = method
        self._call_id = call_id
        self._allowed = allowed

    def unary(self, behaviour: Any) -> Any:
        async def run(request: Any, context: grpc.aio.ServicerContext) -> Any:
            try:
                self._enter()
                answer = behaviour(request, context)
                return await answer if asyncio.iscoroutine(answer) else answer
            except Exception as error:
                await self._leave(context, error)

        return run

    def stream(self, behaviour: Any) -> Any:
        async def run(request: Any, context: grpc.aio.ServicerContext) -> AsyncIterator[Any]:
            try:
                self._enter()
                answers = behaviour(request, context)
                if asyncio.iscoroutine(answers):  # reads and writes through the context (reflection does)
                    await answers
                    return
                async for answer in answers:
                    yield answer
            except Exception as error:
                await self._leave(context, error)

        return run

    def _enter(self) -> None:
        if self._call_id:
            structlog.contextvars.bind_contextvars(call_id=self._call_id)
        if not self._allowed:
            raise errors.NotAllowed("no token, or a wrong one", "send the metadata 'authorization: Bearer TOKEN'")

    async def _leave(self, context: grpc.aio.ServicerContext, error: Exception) -> None:
        if isinstance(error, grpc.aio.AbortError):
            raise error
        if isinstance(error, errors.CallCenterError):
            _log.warning("refused", method=self._method, reason=error.reason, message=error.message)
            await errors.abort(context, error)
        _log.error("failed", method=self._method, exc_info=error)
        await errors.abort(context, errors.CallCenterError(f"internal error: {type(error).__name__}"))
