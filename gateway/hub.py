"""The newest events, followed once for all clients: each client reads them at its own pace.

One WatchCalls brings the events here, where each is encoded once. Clients keep a place in this one row of events, not
a queue of their own, so two hundred of them cost no more memory than one. The row has a fixed length: a client that
falls behind it is cut off, comes back with the number of the last event that it has, and reads on from the
orchestrator's table until it has caught up.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import deque
from itertools import islice
from typing import Any, NamedTuple

import grpc
from callcenter.v1 import call_pb2

from gateway import messages
from gateway.backend import UNARY_SECONDS
from rpc import logs

_log = logs.get(__name__)

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 2.0
_BATCH = 64
"""Events that a client is given at once: what it does not take stays in the row, not in a buffer of its own."""

_GATHER_SECONDS = 0.03
"""Events come in bursts, and each sending costs: what comes so soon after another goes out with it."""


class Event(NamedTuple):
    """An event as it goes out."""

    sequence: int
    call_id: str
    data: bytes


class FellBehind(Exception):
    """The events that a client needs next are not in the row any more."""


class Hub:
    """The row of events: every event behind ``base`` up to ``newest``.

    Args:
        calls: stub of the CallService.
        event_count: length of the row.

    Attributes:
        base, newest: sequence numbers, see above.
        generation: rises when the orchestrator's events are not those of before (its data were put back): numbers of
            an older generation mean nothing.
        closed: the process is stopping.
    """

    def __init__(self, calls: Any, event_count: int) -> None:
        self.base = self.newest = self.generation = 0
        self.closed = False
        self._calls = calls
        self._events: deque[Event] = deque(maxlen=event_count)
        self._count = 0  # of all events that ever were in the row: a client's place is counted the same way
        self._news = asyncio.Event()
        self._known = asyncio.Event()
        self._waking: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Follows the orchestrator, through its outages, until cancelled."""
        pause, away = _FIRST_PAUSE_SECONDS, False
        while True:
            try:
                if not self._known.is_set():
                    await self._begin()
                async for answer in self._calls.WatchCalls(call_pb2.WatchCallsRequest(after_sequence=self.newest)):
                    pause, away = _FIRST_PAUSE_SECONDS, False
                    self._add(encode(answer.event))
            except grpc.aio.AioRpcError as error:
                if error.code() == grpc.StatusCode.OUT_OF_RANGE:
                    self._known.clear()
                if not away:
                    _log.warning("events are away", code=error.code().name, reason=error.details())
                away = True
            except Exception as error:  # a defect must not end all streams in silence
                _log.error("an event cannot be passed on", exc_info=error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def known(self, timeout_seconds: float) -> bool:
        """Waits until it is known where the events are; False if that takes longer."""
        return await _set_within(self._known, timeout_seconds)

    async def news(self, timeout_seconds: float) -> bool:
        """Waits for the next event, or for the end; False if nothing comes in time."""
        return await _set_within(self._news, timeout_seconds)

    def place(self, sequence: int) -> int:
        """The place behind an event, for ``read``.

        Raises:
            FellBehind: the event stood before the row begins.
        """
        if sequence < self.base:
            raise FellBehind
        before = self._count - len(self._events)
        return before + bisect_right(self._events, sequence, key=lambda event: event.sequence)

    def read(self, place: int) -> list[Event]:
        """The next events from a place on, not too many; none: there are no newer ones yet.

        Raises:
            FellBehind: they are not in the row any more.
        """
        start = place - (self._count - len(self._events))
        if start < 0:
            raise FellBehind
        return list(islice(self._events, start, start + _BATCH))

    def close(self) -> None:
        """Ends all clients: the process is stopping."""
        self.closed = True
        self._known.set()
        self._wake()

    async def _begin(self) -> None:
        """Finds out where the events are now."""
        answer = await self._calls.ListCalls(call_pb2.ListCallsRequest(page_size=1), timeout=UNARY_SECONDS)
        self._events.clear()
        self.base = self.newest = answer.sequence
        self.generation += 1
        self._known.set()
        self._wake()

    def _add(self, event: Event) -> None:
        if len(self._events) == self._events.maxlen:
            self.base = self._events[0].sequence
        self._events.append(event)
        self._count += 1
        self.newest = event.sequence
        if self._waking is None:
            self._waking = asyncio.get_running_loop().call_later(_GATHER_SECONDS, self._wake)

    def _wake(self) -> None:
        self._waking = None
        # Whoever waits holds the old one: it is set once, and a fresh one is there for the next wait.
        self._news.set()
        self._news = asyncio.Event()


def encode(message: call_pb2.CallEvent) -> Event:
    """An event in the form of Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""
    data = messages.event(message).model_dump_json()
    return Event(message.sequence, message.call_id, f"id: {message.sequence}\nevent: call\ndata: {data}\n\n".encode())


async def _set_within(event: asyncio.Event, timeout_seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), timeout_seconds)
    except TimeoutError:
        return False
    return True
