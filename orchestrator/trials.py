"""What an error of a stage's server means: wait for it, try again, or give up."""

from __future__ import annotations

from enum import Enum

import grpc

from rpc.errors import CallCenterError, action_of


class Verdict(Enum):
    """What to do after a try that did not succeed."""

    WAIT = "the server is away; outages are not counted"
    RETRY = "the stage failed; a few more tries"
    LOST = "the server went away while it worked; as an outage, but not for ever"
    GIVE_UP = "the same request will fail again"


# CANCELLED is what a server that is shut down leaves its callers with. A wrong token is mended by the people who run
# the system, not by failing every call meanwhile.
_AWAY = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.UNAUTHENTICATED,
)
_FINAL = (
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.UNIMPLEMENTED,
)


def judge(error: Exception, under_way: bool) -> Verdict:
    """Looks at the error of one try.

    Args:
        error: what the client raised.
        under_way: the server had begun to work on the request.
    """
    if isinstance(error, grpc.aio.AioRpcError):
        if error.code() == grpc.StatusCode.UNAVAILABLE and under_way:
            return Verdict.LOST
        if error.code() in _AWAY:
            return Verdict.WAIT
        if error.code() in _FINAL:
            return Verdict.GIVE_UP
    return Verdict.RETRY


def describe(error: Exception) -> str:
    """Says what went wrong and what can be done, in one line."""
    if isinstance(error, grpc.aio.AioRpcError):
        text, action = f"{error.code().name}: {error.details() or 'no details'}", action_of(error)
    elif isinstance(error, CallCenterError):
        text, action = error.message, error.action
    else:
        text, action = f"{type(error).__name__}: {error}", ""
    return " ".join(f"{text} ({action})".split()) if action else " ".join(text.split())
