"""Everything that is read of calls, each function one consistent view."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from callcenter.v1 import call_pb2

from orchestrator import listing
from orchestrator.answers import from_bytes
from orchestrator.calls import call_message, recording_message
from orchestrator.listing import Filter, Place
from orchestrator.schema import calls, events, removals, results, stages, watched
from orchestrator.transitions import UNENDED, Run
from rpc.errors import NotFound

# The parts of a call that a list does not show are not read for it.
_LISTED = ("decode", "turns", "roles", "emotion", "summarize", "topics", "quality")

MAX_LIST_BYTES = 8 * 1024 * 1024
"""A page of a list ends early rather than grow over half of the largest message."""


def get_call(c: sa.Connection, call_id: str) -> call_pb2.Call:
    """Reads a call with everything.

    Raises:
        NotFound: no such call.
    """
    row = _row(c, call_id)
    return _assemble(c, [row], None)[0]


class Page(NamedTuple):
    """A page of a list.

    Attributes:
        calls: without turns.
        end: where it ended; None: it is the last one.
        total_count: calls of all pages together.
        sequence: number of the newest event of all calls.
    """

    calls: list[call_pb2.Call]
    end: Place | None
    total_count: int
    sequence: int


def list_calls(c: sa.Connection, wanted: Filter, after: Place | None, size: int) -> Page:
    """Reads a page of calls.

    Args:
        wanted: which calls, and their order.
        after: where the page before ended; None: the first page.
        size: most calls.
    """
    total_count = c.scalar(sa.select(sa.func.count()).select_from(calls).where(*listing.conditions(wanted)))
    rows = c.execute(listing.page(wanted, after, size + 1)).all()
    listed = _assemble(c, rows[:size], _LISTED)
    total = 0
    for count, call in enumerate(listed):
        total += call.ByteSize()
        if total > MAX_LIST_BYTES and count:
            listed = listed[:count]
            break
    more = len(listed) < len(rows)
    end = listing.place_of(rows[len(listed) - 1], wanted) if more else None
    return Page(listed, end, int(total_count or 0), last_sequence(c))


def get_recording(c: sa.Connection, call_id: str) -> call_pb2.Recording:
    """Reads what is known of a call's recording.

    Raises:
        NotFound: no such call.
    """
    row = _row(c, call_id)
    answer = _answer(c, call_id, "decode")
    return recording_message(row, from_bytes("decode", answer)[0] if answer is not None else None)


def get_answers(c: sa.Connection, call_id: str, names: Iterable[str]) -> dict[str, list[Any]]:
    """Reads results of stages; a stage without a result is left out."""
    found = {name: _answer(c, call_id, name) for name in names}
    return {name: from_bytes(name, answer) for name, answer in found.items() if answer is not None}


def get_state(c: sa.Connection, call_id: str) -> int | None:
    """Reads the state of a call; None: no such call."""
    return c.scalar(sa.select(calls.c.state).where(calls.c.id == call_id))


def get_run(c: sa.Connection, call_id: str) -> Run:
    """Reads the present run of a call.

    Raises:
        NotFound: no such call.
    """
    return Run(call_id, _row(c, call_id).attempt)


def unended_runs(c: sa.Connection) -> list[Run]:
    """The runs of all calls that are queued or under way, oldest first."""
    query = sa.select(calls.c.id, calls.c.attempt).where(calls.c.state.in_(UNENDED)).order_by(calls.c.id)
    return [Run(row.id, row.attempt) for row in c.execute(query)]


def events_after(c: sa.Connection, sequence: int, call_id: str, limit: int) -> list[call_pb2.CallEvent]:
    """Reads events behind a sequence number, in order; of one call if it is named."""
    query = sa.select(events).where(events.c.sequence > sequence).order_by(events.c.sequence).limit(limit)
    if call_id:
        query = query.where(events.c.call_id == call_id)
    found = []
    for row in c.execute(query):
        event = call_pb2.CallEvent.FromString(row.body)
        event.sequence = row.sequence
        found.append(event)
    return found


def last_sequence(c: sa.Connection) -> int:
    """Number of the newest event; 0: none yet."""
    return int(c.scalar(sa.select(sa.func.max(events.c.sequence))) or 0)


def known_watched(c: sa.Connection, name: str, size_bytes: int, mtime_ns: int) -> bool:
    """Says whether a file of the watched folder has become a call as it is now."""
    query = sa.select(watched.c.name).where(
        watched.c.name == name, watched.c.size_bytes == size_bytes, watched.c.mtime_ns == mtime_ns
    )
    return c.scalar(query) is not None


def watched_of(c: sa.Connection, call_id: str) -> list[tuple[str, int, int]]:
    """The files of the watched folder that became a call, each with size and modification time as they were."""
    query = sa.select(watched.c.name, watched.c.size_bytes, watched.c.mtime_ns).where(watched.c.call_id == call_id)
    return [(row.name, row.size_bytes, row.mtime_ns) for row in c.execute(query)]


def pending_removals(c: sa.Connection) -> list[str]:
    """Files of deleted calls that are still there."""
    return list(c.scalars(sa.select(removals.c.path)))


def content_known(c: sa.Connection, sha256: str) -> bool:
    """Says whether a call has this content."""
    return c.scalar(sa.select(calls.c.id).where(calls.c.sha256 == sha256)) is not None


def _row(c: sa.Connection, call_id: str) -> Any:
    row = c.execute(sa.select(calls).where(calls.c.id == call_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no call {call_id!r}", "list the calls to find its id")
    return row


def _answer(c: sa.Connection, call_id: str, stage: str) -> bytes | None:
    query = sa.select(results.c.answer).where(results.c.call_id == call_id, results.c.stage == stage)
    answer: bytes | None = c.scalar(query)
    return answer


def _assemble(c: sa.Connection, rows: Sequence[Any], listed: Sequence[str] | None) -> list[call_pb2.Call]:
    """Puts calls together; ``listed`` names the only results to read, and of the turns only their first message."""
    call_ids = [row.id for row in rows]
    by_call: dict[str, list[Any]] = {call_id: [] for call_id in call_ids}
    for stage in c.execute(sa.select(stages).where(stages.c.call_id.in_(call_ids))):
        by_call[stage.call_id].append(stage)
    models: dict[str, dict[str, bytes]] = {call_id: {} for call_id in call_ids}
    for row in c.execute(
        sa.select(results.c.call_id, results.c.stage, results.c.model).where(results.c.call_id.in_(call_ids))
    ):
        models[row.call_id][row.stage] = row.model
    answers: dict[str, dict[str, list[Any]]] = {call_id: {} for call_id in call_ids}
    query = sa.select(results.c.call_id, results.c.stage, results.c.answer).where(results.c.call_id.in_(call_ids))
    for row in c.execute(query if listed is None else query.where(results.c.stage.in_(listed))):
        limit = 1 if listed is not None and row.stage == "turns" else None
        answers[row.call_id][row.stage] = from_bytes(row.stage, row.answer, limit)
    newest = sa.select(events.c.call_id, sa.func.max(events.c.sequence).label("sequence"))
    sequences = {
        row.call_id: row.sequence
        for row in c.execute(newest.where(events.c.call_id.in_(call_ids)).group_by(events.c.call_id))
    }
    return [
        call_message(row, by_call[row.id], models[row.id], answers[row.id], sequences.get(row.id, 0)) for row in rows
    ]
