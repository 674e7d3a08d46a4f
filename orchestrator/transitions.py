"""Everything that changes a call, each function one transaction: the change and the event that tells of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from callcenter.v1 import call_pb2
from sqlalchemy.dialects.sqlite import insert

from orchestrator import ids
from orchestrator.answers import Answer, fold, to_bytes
from orchestrator.calls import stage_message
from orchestrator.facts import facts_of, no_facts
from orchestrator.graph import BY_NAME, NAMES, with_dependents
from orchestrator.schema import calls, events, keys, removals, results, stages, watched
from rpc.errors import Busy, InvalidInput, NotFound, NotPossibleNow

QUEUED, RUNNING = call_pb2.CALL_STATE_QUEUED, call_pb2.CALL_STATE_RUNNING
COMPLETED, PARTIAL = call_pb2.CALL_STATE_COMPLETED, call_pb2.CALL_STATE_PARTIAL
REJECTED, CANCELLED = call_pb2.CALL_STATE_REJECTED, call_pb2.CALL_STATE_CANCELLED
UNENDED = (QUEUED, RUNNING)

STAGE_QUEUED, STAGE_RUNNING = call_pb2.STAGE_STATE_QUEUED, call_pb2.STAGE_STATE_RUNNING
STAGE_FINISHED, STAGE_FAILED = call_pb2.STAGE_STATE_FINISHED, call_pb2.STAGE_STATE_FAILED
STAGE_SKIPPED = call_pb2.STAGE_STATE_SKIPPED


class Run(NamedTuple):
    """One run of a call through the graph; a retry is another one."""

    call_id: str
    attempt: int


class Stopped(Exception):
    """The call is not in this run any more: cancelled, rejected, deleted or retried."""


class OutOfStep(Exception):
    """The engine's record says that something was done which the store does not know: one of them was set back."""


@dataclass(frozen=True)
class NewCall:
    """A recording that has come in.

    Attributes:
        file_name: for people.
        size_bytes, sha256: of the content.
        key: the caller's idempotency key; empty: none.
    """

    file_name: str
    size_bytes: int
    sha256: str
    key: str = ""


class Created(NamedTuple):
    """The call that a recording became; ``known`` if it was there already."""

    run: Run
    known: bool


def now_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def create(c: sa.Connection, new: NewCall, max_pending: int) -> Created:
    """Makes a call of a recording, unless its content or its key is known.

    Raises:
        InvalidInput: the key was used for other content.
        Busy: too many calls are waiting.
    """
    if new.key:
        sha256 = c.scalar(sa.select(calls.c.sha256).join(keys).where(keys.c.key == new.key))
        if sha256 not in (None, new.sha256):
            raise InvalidInput(
                f"the idempotency key {new.key!r} was used for other content", "use one key for one recording"
            )
    known = c.execute(sa.select(calls.c.id, calls.c.attempt).where(calls.c.sha256 == new.sha256)).one_or_none()
    if known is not None:
        _remember_key(c, new.key, known.id)
        return Created(Run(known.id, known.attempt), True)
    pending = c.scalar(sa.select(sa.func.count()).select_from(calls).where(calls.c.state.in_(UNENDED)))
    if pending is not None and pending >= max_pending:
        raise Busy(f"{pending} calls are waiting already", "submit it again later")
    call_id = ids.new_id()
    c.execute(
        calls.insert().values(
            id=call_id,
            attempt=1,
            state=QUEUED,
            error="",
            file_name=new.file_name,
            file_text=fold(new.file_name),
            size_bytes=new.size_bytes,
            sha256=new.sha256,
            create_ms=now_ms(),
        )
    )
    blank = {"call_id": call_id, "state": STAGE_QUEUED, "progress": 0.0, "reason": "", "attempt_count": 0}
    c.execute(stages.insert(), [blank | {"name": name} for name in NAMES])
    _remember_key(c, new.key, call_id)
    _emit(c, call_id)
    for name in NAMES:
        _emit(c, call_id, name)
    return Created(Run(call_id, 1), False)


def begin(c: sa.Connection, run: Run) -> bool:
    """Has a call under way; False if this run is not the call's present one or it has ended."""
    row = c.execute(sa.select(calls.c.state, calls.c.attempt).where(calls.c.id == run.call_id)).one_or_none()
    if row is None or row.attempt != run.attempt or row.state not in UNENDED:
        return False
    if row.state == QUEUED:
        c.execute(calls.update().where(calls.c.id == run.call_id).values(state=RUNNING))
        _emit(c, run.call_id)
    return True


def start_stage(c: sa.Connection, run: Run, name: str) -> int:
    """Has a stage running, unless it has ended already; it fails at once if a stage that it needs has failed.

    Returns:
        The state that it is in: RUNNING to go on with it, else how it ended.

    Raises:
        Stopped, OutOfStep: see there.
    """
    _require_running(c, run)
    rows = c.execute(sa.select(stages.c.name, stages.c.state).where(stages.c.call_id == run.call_id))
    states = {row.name: int(row.state) for row in rows}
    if states[name] not in (STAGE_QUEUED, STAGE_RUNNING):
        return states[name]
    unsettled = [need for need in BY_NAME[name].needs if states[need] in (STAGE_QUEUED, STAGE_RUNNING)]
    if unsettled:
        raise OutOfStep(f"{name} needs {unsettled[0]}, which has not ended")
    failed = [need for need in BY_NAME[name].needs if states[need] == STAGE_FAILED]
    if failed:
        fail_stage(c, run, name, f"needs {' and '.join(failed)}")
        return int(STAGE_FAILED)
    _set_stage(
        c, run.call_id, name,
        state=STAGE_RUNNING, start_ms=now_ms(), end_ms=None, progress=0.0, reason="",
        attempt_count=stages.c.attempt_count + 1,
    )  # fmt: skip
    return int(STAGE_RUNNING)


def try_again(c: sa.Connection, run: Run, name: str, reason: str) -> None:
    """Counts one more try of a running stage that failed."""
    _require_running(c, run)
    _set_stage(c, run.call_id, name, progress=0.0, reason=reason, attempt_count=stages.c.attempt_count + 1)


def note(c: sa.Connection, run: Run, name: str, progress: float, reason: str = "") -> None:
    """Keeps the progress of a running stage, and what it waits for."""
    _require_running(c, run)
    _set_stage(c, run.call_id, name, progress=progress, reason=reason)


def finish_stage(c: sa.Connection, run: Run, name: str, answer: Answer) -> None:
    """Keeps a stage's result and what it tells of the call; a result that is there already stays."""
    _require_running(c, run)
    kept = c.execute(
        insert(results)
        .values(
            call_id=run.call_id,
            stage=name,
            answer=to_bytes(answer.messages),
            model=answer.model.SerializeToString() if answer.model is not None else b"",
            text=fold(answer.text),
        )
        .on_conflict_do_nothing()
    )
    facts = facts_of(name, answer.messages)
    if kept.rowcount and facts:
        c.execute(calls.update().where(calls.c.id == run.call_id).values(**facts))
    _set_stage(c, run.call_id, name, state=STAGE_FINISHED, progress=1.0, reason="", end_ms=now_ms())


def fail_stage(c: sa.Connection, run: Run, name: str, reason: str) -> None:
    """Gives a stage up for good."""
    _require_running(c, run)
    _set_stage(c, run.call_id, name, state=STAGE_FAILED, reason=reason, end_ms=now_ms())


def skip_stage(c: sa.Connection, run: Run, name: str, reason: str) -> None:
    """Marks a stage as not needed for this recording."""
    _require_running(c, run)
    _set_stage(c, run.call_id, name, state=STAGE_SKIPPED, reason=reason, end_ms=now_ms())


def end(c: sa.Connection, run: Run) -> None:
    """Ends a call whose stages have all ended; nothing happens if the call has ended otherwise.

    Raises:
        OutOfStep: a stage has not ended.
    """
    if not _is_running(c, run):
        return
    unended = _unended_stages(c, run.call_id)
    if unended:
        raise OutOfStep(f"{unended[0]} has not ended")
    failed = c.execute(
        sa.select(stages.c.name, stages.c.reason).where(stages.c.call_id == run.call_id, stages.c.state == STAGE_FAILED)
    ).all()
    reasons = {row.name: row.reason for row in failed}
    error = "; ".join(f"{name}: {reasons[name]}" for name in NAMES if name in reasons)
    _end_call(c, run.call_id, PARTIAL if failed else COMPLETED, error)


def reject(c: sa.Connection, run: Run, name: str, reason: str, answer: Answer | None = None) -> None:
    """Ends a call whose recording cannot be analysed.

    Args:
        run: the call.
        name: the stage that found it out. Other stages that have not ended are skipped.
        reason: why, a sentence.
        answer: result of that stage; None: it fails.
    """
    _require_running(c, run)
    if answer is not None:
        finish_stage(c, run, name, answer)
    for row in _unended_stages(c, run.call_id):
        state = STAGE_FAILED if row == name else STAGE_SKIPPED
        _set_stage(c, run.call_id, row, state=state, reason=reason, end_ms=now_ms())
    _end_call(c, run.call_id, REJECTED, reason)


def cancel(c: sa.Connection, call_id: str) -> None:
    """Ends a call because somebody said so; results that are there stay, and RetryCall makes the others.

    Raises:
        NotFound, NotPossibleNow: no such call; it has ended.
    """
    if _state(c, call_id) not in UNENDED:
        raise NotPossibleNow(
            f"call {call_id} has already ended", "only a call that is waiting or running can be stopped"
        )
    for name in _unended_stages(c, call_id):
        _set_stage(c, call_id, name, state=STAGE_FAILED, reason="cancelled", end_ms=now_ms())
    _end_call(c, call_id, CANCELLED, "")


def retry(c: sa.Connection, call_id: str, from_stage: str) -> tuple[Run, tuple[str, ...]]:
    """Queues a call again without the results that are to be made anew.

    Args:
        call_id: the call.
        from_stage: stage to run again with its dependents; empty: the stages that failed, with theirs.

    Returns:
        The new run, and the stages that it will do.

    Raises:
        NotFound, InvalidInput, NotPossibleNow: no such call; no such stage; still running, or nothing failed.
    """
    if from_stage and from_stage not in BY_NAME:
        raise InvalidInput(f"there is no stage {from_stage!r}", f"stages: {', '.join(NAMES)}")
    state = _state(c, call_id)
    if state in UNENDED:
        raise NotPossibleNow(f"call {call_id} is still running", "wait for its end, or cancel it")
    rows = c.execute(sa.select(stages.c.name, stages.c.state).where(stages.c.call_id == call_id)).all()
    failed = [row.name for row in rows if row.state == STAGE_FAILED]
    if not from_stage and not failed:
        raise NotPossibleNow(f"no stage of call {call_id} has failed", "name the stage to start from")
    # What has no result has to run too, wherever the retry starts; only a rejection skips what is needed.
    settled = (STAGE_FINISHED,) if state == REJECTED else (STAGE_FINISHED, STAGE_SKIPPED)
    missing = [row.name for row in rows if row.state not in settled]
    again = with_dependents([from_stage, *missing] if from_stage else missing)
    c.execute(results.delete().where(results.c.call_id == call_id, results.c.stage.in_(again)))
    c.execute(
        calls.update()
        .where(calls.c.id == call_id)
        .values(state=QUEUED, attempt=calls.c.attempt + 1, error="", end_ms=None, **no_facts(again))
    )
    _emit(c, call_id)
    for name in again:
        _set_stage(
            c, call_id, name,
            state=STAGE_QUEUED, progress=0.0, reason="", start_ms=None, end_ms=None, attempt_count=0,
        )  # fmt: skip
    return Run(call_id, _attempt(c, call_id)), again


def renew(c: sa.Connection, run: Run) -> Run:
    """Gives an unended call a new run that keeps all results: the engine's record of the old one cannot go on.

    Raises:
        Stopped: the call has ended, or has a newer run already.
    """
    if _state(c, run.call_id) not in UNENDED or _attempt(c, run.call_id) != run.attempt:
        raise Stopped
    c.execute(calls.update().where(calls.c.id == run.call_id).values(attempt=calls.c.attempt + 1))
    return Run(run.call_id, _attempt(c, run.call_id))


def delete(c: sa.Connection, call_id: str, paths: Sequence[str]) -> None:
    """Deletes a call with its results and events, leaving one event that tells of it.

    Args:
        call_id: the call.
        paths: files and folders to be removed afterwards; kept until ``removed`` is called.

    Raises:
        NotFound: no such call.
    """
    _state(c, call_id)
    c.execute(events.delete().where(events.c.call_id == call_id))
    _emit(c, call_id, deleted=True)
    c.execute(calls.delete().where(calls.c.id == call_id))
    for path in paths:
        c.execute(insert(removals).values(path=path).on_conflict_do_nothing())


def removed(c: sa.Connection, paths: Sequence[str]) -> None:
    """Forgets files that are gone."""
    c.execute(removals.delete().where(removals.c.path.in_(paths)))


def remember_watched(c: sa.Connection, name: str, size_bytes: int, mtime_ns: int, call_id: str) -> None:
    """Keeps that a file of the watched folder has become a call."""
    values = {"size_bytes": size_bytes, "mtime_ns": mtime_ns, "call_id": call_id}
    c.execute(insert(watched).values(name=name, **values).on_conflict_do_update(index_elements=["name"], set_=values))


def _remember_key(c: sa.Connection, key: str, call_id: str) -> None:
    if key:
        c.execute(insert(keys).values(key=key, call_id=call_id).on_conflict_do_nothing())


def _state(c: sa.Connection, call_id: str) -> int:
    state = c.scalar(sa.select(calls.c.state).where(calls.c.id == call_id))
    if state is None:
        raise NotFound(f"there is no call {call_id!r}", "list the calls to find its id")
    return int(state)


def _attempt(c: sa.Connection, call_id: str) -> int:
    return int(c.scalar(sa.select(calls.c.attempt).where(calls.c.id == call_id)) or 0)


def _is_running(c: sa.Connection, run: Run) -> bool:
    row = c.execute(sa.select(calls.c.state, calls.c.attempt).where(calls.c.id == run.call_id)).one_or_none()
    return row is not None and row.state == RUNNING and row.attempt == run.attempt


def _require_running(c: sa.Connection, run: Run) -> None:
    if not _is_running(c, run):
        raise Stopped


def _unended_stages(c: sa.Connection, call_id: str) -> list[str]:
    rows = c.scalars(
        sa.select(stages.c.name).where(stages.c.call_id == call_id, stages.c.state.in_((STAGE_QUEUED, STAGE_RUNNING)))
    )
    found = set(rows)
    return [name for name in NAMES if name in found]


def _set_stage(c: sa.Connection, call_id: str, name: str, **values: object) -> None:
    c.execute(stages.update().where(stages.c.call_id == call_id, stages.c.name == name).values(**values))
    _emit(c, call_id, name)


def _end_call(c: sa.Connection, call_id: str, state: int, error: str) -> None:
    c.execute(calls.update().where(calls.c.id == call_id).values(state=state, error=error, end_ms=now_ms()))
    _emit(c, call_id)


def _emit(c: sa.Connection, call_id: str, stage: str = "", *, deleted: bool = False) -> None:
    """Writes an event from the rows as they are now."""
    call = c.execute(sa.select(calls.c.state, calls.c.file_name).where(calls.c.id == call_id)).one()
    event = call_pb2.CallEvent(call_id=call_id, call_state=call.state, file_name=call.file_name, deleted=deleted)
    event.time.FromMilliseconds(now_ms())
    if stage:
        row = c.execute(sa.select(stages).where(stages.c.call_id == call_id, stages.c.name == stage)).one()
        model = c.scalar(sa.select(results.c.model).where(results.c.call_id == call_id, results.c.stage == stage))
        event.stage.CopyFrom(stage_message(row, model or b""))
    c.execute(events.insert().values(call_id=call_id, body=event.SerializeToString()))
