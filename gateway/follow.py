"""What one client that follows is sent: from the last event that it has on, without a gap or a repeat."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import grpc
from callcenter.v1 import call_pb2

from gateway.backend import UNARY_SECONDS
from gateway.hub import Event, FellBehind, Hub, encode
from rpc import logs

_log = logs.get(__name__)

_OPEN = b": following\nretry: 2000\n\n"
KEEP_ALIVE = b": still here\n\n"

NEW_ONLY = -1


class Unknown(Exception):
    """The server never gave the number that a client names."""


class Follower:
    """One client.

    Args:
        hub: the newest events.
        calls: stub of the CallService, for what is older.
        call_id: only this call's events; empty: all.
        keep_alive_seconds: the client hears something at least so often.
    """

    def __init__(self, hub: Hub, calls: Any, call_id: str, keep_alive_seconds: float) -> None:
        self._hub = hub
        self._calls = calls
        self._call_id = call_id
        self._keep_alive_seconds = keep_alive_seconds

    async def stream(self, after: int | None) -> AsyncGenerator[bytes]:
        """Yields events in the form of Server-Sent Events; ends when the client has to come back.

        Args:
            after: number of the last event that the client has; NEW_ONLY: new ones only; None: a number that cannot be.
        """
        yield _OPEN
        while not await self._hub.known(self._keep_alive_seconds):
            yield KEEP_ALIVE
        try:
            if after == NEW_ONLY:
                after = self._hub.newest
                # Without data it is no event, but a client that comes back before there is one names it.
                yield f"id: {after}\n\n".encode()
            elif after is None or after > await self._newest(after):
                raise Unknown
            if after < self._hub.base:
                async for chunk in self._older(after):
                    if isinstance(chunk, int):
                        after = chunk
                    else:
                        yield chunk
        except Unknown:
            after = self._hub.newest
            yield _reset(after)
        except grpc.aio.AioRpcError as error:
            _log.warning("a client has to come back", code=error.code().name, reason=error.details())
            return
        with contextlib.suppress(FellBehind):
            async for chunk in self._live(after):
                yield chunk

    async def _live(self, after: int) -> AsyncIterator[bytes]:
        """Yields events as they come; FellBehind when they are taken too slowly."""
        hub, generation, place = self._hub, self._hub.generation, self._hub.place(after)
        sent = time.monotonic()
        while not hub.closed:
            if hub.generation != generation:
                generation, place = hub.generation, hub.place(hub.newest)
                yield _reset(hub.newest)
            events = hub.read(place)
            place += len(events)
            chunk = b"".join(event.data for event in events if self._wants(event))
            if not events:
                pause = self._keep_alive_seconds - (time.monotonic() - sent)
                if pause > 0 and await hub.news(pause):
                    continue
                chunk = KEEP_ALIVE
            if chunk:
                yield chunk
                sent = time.monotonic()

    async def _older(self, after: int) -> AsyncIterator[bytes | int]:
        """Yields events that are not in the hub any more, read from the orchestrator's table, then the number behind
        which the hub has everything that this client wants."""
        hub = self._hub
        newest, until = hub.newest, None
        if self._call_id:
            # Asked after the hub: whatever it has of this call by now is not newer than what the call itself says.
            question = call_pb2.GetCallRequest(call_id=self._call_id)
            until = (await self._calls.GetCall(question, timeout=UNARY_SECONDS)).call.sequence
            if until <= after:
                yield newest
                return
        request = call_pb2.WatchCallsRequest(call_id=self._call_id, after_sequence=after)
        answers = self._calls.WatchCalls(request)
        try:
            async for answer in _with_pauses(answers, self._keep_alive_seconds):
                if answer is None:
                    yield KEEP_ALIVE
                    continue
                event = encode(answer.event)
                yield event.data
                if until is None and event.sequence >= hub.base:
                    yield event.sequence
                    return
                if until is not None and event.sequence >= until:
                    yield max(newest, event.sequence)
                    return
        finally:
            answers.cancel()

    async def _newest(self, after: int) -> int:
        """Number of the newest event, asked for where the hub does not know of the given one yet."""
        if after <= self._hub.newest:
            return self._hub.newest
        answer = await self._calls.ListCalls(call_pb2.ListCallsRequest(page_size=1), timeout=UNARY_SECONDS)
        return int(answer.sequence)

    def _wants(self, event: Event) -> bool:
        return not self._call_id or event.call_id == self._call_id


def _reset(sequence: int) -> bytes:
    """Has the client forget what it knows; events go on behind a number."""
    return f"id: {sequence}\nevent: reset\ndata: {{}}\n\n".encode()


async def _with_pauses(answers: Any, pause_seconds: float) -> AsyncIterator[Any]:
    """Yields answers as they come, and None whenever there was none for some time."""
    source = aiter(answers)
    coming = asyncio.ensure_future(anext(source))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=pause_seconds)
            if not done:
                yield None
                continue
            try:
                answer = coming.result()
            except StopAsyncIteration:
                return
            coming = asyncio.ensure_future(anext(source))
            yield answer
    finally:
        coming.cancel()
