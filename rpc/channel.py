"""How every client of the platform reaches a server: one place for limits, retries and load sharing."""

from __future__ import annotations

import json
from typing import Any

import grpc

from rpc.logs import CALL_ID_KEY
from rpc.security import TOKEN_KEY, Security

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""Largest message either way. Audio travels in chunks far below it; a long transcript needs a few MiB."""

CHUNK_BYTES = 256 * 1024
"""Size of an audio or file chunk: measured as the fastest over loopback."""

# Names resolve to all replicas, which share the load; one that is not SERVING is left out. Only calls that the
# server has not begun are retried (UNAVAILABLE): the durable engine repeats the others.
_SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "healthCheckConfig": {"serviceName": ""},
    "methodConfig": [
        {
            "name": [{}],
            "waitForReady": False,
            "retryPolicy": {
                "maxAttempts": 3,
                "initialBackoff": "0.1s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
}

_OPTIONS: list[tuple[str, str | int]] = [
    ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # A server that comes back must be found within a second or two, not after the default two minutes.
    ("grpc.min_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2_000),
]


class _Token:
    """Adds the token on channels without TLS, where call credentials are not allowed."""

    def __init__(self, token: str) -> None:
        self._value = f"Bearer {token}"

    async def intercept(self, continuation: Any, details: Any, request: Any) -> Any:
        """Passes the call on with the token in its metadata."""
        metadata = grpc.aio.Metadata(*(details.metadata or ()))
        metadata.add(TOKEN_KEY, self._value)
        return await continuation(details._replace(metadata=metadata), request)


# grpc.aio files an interceptor under the first kind that it is an instance of: each kind needs its own object.
class _UnaryUnaryToken(_Token, grpc.aio.UnaryUnaryClientInterceptor):
    intercept_unary_unary = _Token.intercept  # type: ignore[assignment]


class _UnaryStreamToken(_Token, grpc.aio.UnaryStreamClientInterceptor):
    intercept_unary_stream = _Token.intercept  # type: ignore[assignment]


class _StreamUnaryToken(_Token, grpc.aio.StreamUnaryClientInterceptor):
    intercept_stream_unary = _Token.intercept  # type: ignore[assignment]


class _StreamStreamToken(_Token, grpc.aio.StreamStreamClientInterceptor):
    intercept_stream_stream = _Token.intercept  # type: ignore[assignment]


def connect(address: str, security: Security | None = None) -> grpc.aio.Channel:
    """Opens a channel to a server or to all replicas behind a name.

    Args:
        address: ``host:port`` or a gRPC name such as ``dns:///asr:50052``.
        security: TLS and token; None for a plain channel on loopback.

    Returns:
        A channel; close it with ``await channel.close()``.
    """
    security = security or Security()
    credentials = security.channel_credentials()
    target = address if ":///" in address else f"dns:///{address}"
    if credentials is not None:
        return grpc.aio.secure_channel(target, credentials, options=_OPTIONS)
    kinds = (_UnaryUnaryToken, _UnaryStreamToken, _StreamUnaryToken, _StreamStreamToken)
    interceptors: Any = [kind(security.token) for kind in kinds] if security.token else None
    return grpc.aio.insecure_channel(target, options=_OPTIONS, interceptors=interceptors)


def call_metadata(call_id: str) -> tuple[tuple[str, str], ...]:
    """Metadata that puts a call's id into the logs of every process that works on it."""
    return ((CALL_ID_KEY, call_id),)
