"""The exceptions of the platform and the one table from them to gRPC status codes.

    CallCenterError                 INTERNAL
    ├── InvalidInput                INVALID_ARGUMENT      the caller must change the request
    ├── NotFound                    NOT_FOUND
    ├── NotPossibleNow              FAILED_PRECONDITION   the state of the call does not allow it
    ├── OutOfRange                  OUT_OF_RANGE
    ├── Busy                        RESOURCE_EXHAUSTED    a queue is full or something is too large
    ├── NotReady                    UNAVAILABLE           still loading, or shutting down
    ├── NotAllowed                  UNAUTHENTICATED       no token, or a wrong one
    └── ModelFailure                INTERNAL              the model raised

Every error carries a sentence on what to do; it travels as ``google.rpc.ErrorInfo`` in the status' details
(https://google.aip.dev/193).
"""

from __future__ import annotations

from collections.abc import Sequence

import grpc
from google.rpc import error_details_pb2, status_pb2

DOMAIN = "callcenter"
DETAILS_KEY = "grpc-status-details-bin"


class CallCenterError(Exception):
    """Base of all errors that are meant for a caller.

    Args:
        message: what is wrong, for people.
        action: what the caller can do about it, a sentence; may be empty.
    """

    reason = "INTERNAL"

    def __init__(self, message: str, action: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.action = action


class InvalidInput(CallCenterError):
    """The request cannot be served as it is."""

    reason = "INVALID_INPUT"


class NotFound(CallCenterError):
    """What the request names does not exist."""

    reason = "NOT_FOUND"


class NotPossibleNow(CallCenterError):
    """The state of what the request names does not allow it."""

    reason = "NOT_POSSIBLE_NOW"


class OutOfRange(CallCenterError):
    """A position lies behind the end."""

    reason = "OUT_OF_RANGE"


class Busy(CallCenterError):
    """A bounded queue is full, or the request is larger than a limit."""

    reason = "BUSY"


class NotReady(CallCenterError):
    """The server is loading or draining; the same request will work later."""

    reason = "NOT_READY"


class NotAllowed(CallCenterError):
    """The caller did not say who it is."""

    reason = "NOT_ALLOWED"


class ModelFailure(CallCenterError):
    """The model raised, or answered with nonsense."""

    reason = "MODEL_FAILURE"


_CODES: dict[type[CallCenterError], grpc.StatusCode] = {
    InvalidInput: grpc.StatusCode.INVALID_ARGUMENT,
    NotFound: grpc.StatusCode.NOT_FOUND,
    NotPossibleNow: grpc.StatusCode.FAILED_PRECONDITION,
    OutOfRange: grpc.StatusCode.OUT_OF_RANGE,
    Busy: grpc.StatusCode.RESOURCE_EXHAUSTED,
    NotReady: grpc.StatusCode.UNAVAILABLE,
    NotAllowed: grpc.StatusCode.UNAUTHENTICATED,
    ModelFailure: grpc.StatusCode.INTERNAL,
}


def status_code(error: CallCenterError) -> grpc.StatusCode:
    """Looks an error up in the table; a class that is not in it is INTERNAL."""
    return _CODES.get(type(error), grpc.StatusCode.INTERNAL)


def to_status(error: CallCenterError) -> status_pb2.Status:
    """Makes the rich status that travels with the code."""
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN)
    if error.action:
        info.metadata["action"] = error.action
    status = status_pb2.Status(code=status_code(error).value[0], message=error.message)
    status.details.add().Pack(info)
    return status


async def abort(context: grpc.aio.ServicerContext, error: CallCenterError) -> None:
    """Ends the rpc with the error's code, message and details. Never returns."""
    status = to_status(error)
    await context.abort(
        status_code(error), error.message, trailing_metadata=((DETAILS_KEY, status.SerializeToString()),)
    )


def action_of(error: grpc.RpcError) -> str:
    """Reads what a caller can do from a received error; empty if the server did not say."""
    metadata: Sequence[tuple[str, str | bytes]] = tuple(getattr(error, "trailing_metadata", tuple)() or ())
    for key, value in metadata:
        if key == DETAILS_KEY and isinstance(value, bytes):
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if detail.Unpack(info):
                    return info.metadata.get("action", "")
    return ""
