"""Following events: from the table, woken by whoever writes, so that a slow follower holds nobody up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from callcenter.v1 import call_pb2

from orchestrator import queries
from orchestrator.store import Store
from orchestrator.transitions import UNENDED
from rpc.errors import InvalidInput, NotFound, NotReady, OutOfRange

# A follower holds at most so many events in memory; the rest waits in the table.
_BATCH = 256


class Followers:
    """Lets any number of readers follow the events.

    Each reads the table at its own pace: numbers become visible in their order, so reading on from the last one
    leaves no gap and repeats nothing.

    Args:
        store: where the events are.
        poll_seconds: longest wait between two looks, should a wake-up be missed.
    """

    def __init__(self, store: Store, poll_seconds: float = 1.0) -> None:
        self._store = store
        self._poll_seconds = poll_seconds
        self._news = asyncio.Event()
        self._closed = False
        store.listen(self._wake)

    def _wake(self) -> None:
        # Whoever waits holds the old event: it is set once, and a fresh one is there for the next wait.
        self._news.set()
        self._news = asyncio.Event()

    def close(self) -> None:
        """Ends all followers: the process is going to stop."""
        self._closed = True
        self._wake()

    async def follow(
        self, call_id: str = "", after_sequence: int = 0, until_end: bool = False
    ) -> AsyncIterator[call_pb2.CallEvent]:
        """Yields events behind a sequence number, then new ones as they happen.

        Args:
            call_id: only this call's; empty: all.
            after_sequence: last number that is known; 0: all events, -1: only new ones.
            until_end: stop behind the last event of a call that has ended. Needs ``call_id``.

        Raises:
            NotFound: no such call.
            InvalidInput: ``until_end`` without a call, or a number below -1.
            OutOfRange: a number that was not given yet.
            NotReady: the process is stopping; follow on from the last number.
        """
        sequence = await self._check(call_id, after_sequence, until_end)
        while not self._closed:
            news = self._news
            ended = until_end and await self._store.read(queries.get_state, call_id) not in UNENDED
            batch = await self._store.read(queries.events_after, sequence, call_id, _BATCH)
            for event in batch:
                yield event
                sequence = event.sequence
            if batch:
                continue
            if ended:
                return
            try:
                await asyncio.wait_for(news.wait(), self._poll_seconds)
            except TimeoutError:
                continue
        raise NotReady("the orchestrator is stopping", f"follow on from sequence {sequence} when it is back")

    async def _check(self, call_id: str, after_sequence: int, until_end: bool) -> int:
        if until_end and not call_id:
            raise InvalidInput("until_end needs a call", "set call_id")
        if call_id and await self._store.read(queries.get_state, call_id) is None:
            raise NotFound(f"there is no call {call_id!r}", "list the calls to find its id")
        last = await self._store.read(queries.last_sequence)
        if after_sequence > last:
            raise OutOfRange(
                f"the newest event is {last}, not {after_sequence}", "follow from 0, or from -1 for new ones"
            )
        if after_sequence < -1:
            raise InvalidInput(f"after_sequence is {after_sequence}", "0 for all events, -1 for new ones, or a number")
        return last if after_sequence == -1 else after_sequence
