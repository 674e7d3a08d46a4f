"""The durable engine: a workflow for each run of a call, a step for each stage (https://docs.dbos.dev)."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID, StepReservation
from sqlalchemy.exc import SQLAlchemyError

from orchestrator import queries, schema, transitions
from orchestrator.graph import STAGES
from orchestrator.stages import Rejection, StageFailure, StageRunner
from orchestrator.store import Store
from orchestrator.transitions import STAGE_RUNNING, Run, Stopped
from rpc import logs

R = TypeVar("R")

_log = logs.get(__name__)

GRAPH_VERSION = "1"
"""Of the workflow's steps and their order. Runs that an older version began are begun anew; results are kept."""

_QUEUE = "calls"
_QUEUE_POLL_SECONDS = 0.1
_STORE_PAUSE_SECONDS = 1.0

# Outcomes of a step, which is all that the engine itself keeps; results are in the store.
_ENDED, _STOPPED = "ended", "stopped"


class Engine:
    """Takes calls through the graph. One in a process: the library beneath has one instance.

    A step may run again after a crash, but the store knows which stages have ended, and takes a result once.
    """

    def __init__(self, folder: Path, store: Store, runner: StageRunner, max_running: int) -> None:
        self._folder = folder
        self._store = store
        self._runner = runner
        self._max_running = max_running
        self._working: dict[str, set[asyncio.Task[str]]] = {}
        self._workflows: set[asyncio.Task[None]] = set()
        self._restarts: set[asyncio.Task[None]] = set()
        self._closing = False

    async def start(self) -> None:
        """Takes up again whatever was under way when the process ended."""
        self._loop = asyncio.get_running_loop()
        engine = schema.open_database(self._folder / "engine.sqlite3", "IMMEDIATE")
        DBOS(
            config=DBOSConfig(
                name="callcenter",
                system_database_url=str(engine.url),
                system_database_engine=engine,
                serializer=DBOSPortableJSONSerializer(),
                application_version=GRAPH_VERSION,
                executor_id="local",
                log_level="WARNING",
            )
        )
        dbos_logger = logging.getLogger("dbos")
        dbos_logger.handlers.clear()  # its own format; the process' one is better
        dbos_logger.propagate = True
        # No bound on recoveries: a call that waits for a server may live through any number of restarts.
        self._analyse = DBOS.workflow(name="analyse", max_recovery_attempts=None)(self._make_workflow())
        DBOS.launch()
        await DBOS.register_queue_async(
            _QUEUE,
            worker_concurrency=self._max_running,
            polling_interval_sec=_QUEUE_POLL_SECONDS,
            on_conflict="always_update",
        )
        for run in await self._store.read(queries.unended_runs):
            await self._take_up(run)

    async def stop(self) -> None:
        """Leaves everything as it is for the next start; nothing is waited for."""
        self._closing = True
        tasks = {*self._workflows, *self._restarts, *(task for tasks in self._working.values() for task in tasks)}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with ThreadPoolExecutor(1) as thread:
            await asyncio.get_running_loop().run_in_executor(thread, lambda: DBOS.destroy(destroy_registry=True))

    async def submit(self, run: Run) -> None:
        """Queues a run; a run that is queued already is not queued twice."""
        with SetWorkflowID(_workflow_id(run)):
            await DBOS.enqueue_workflow_async(_QUEUE, self._analyse, run.call_id, run.attempt)

    async def halt(self, call_id: str) -> None:
        """Ends the work on a call that the store says has ended, and waits until nothing touches its files."""
        tasks = set(self._working.get(call_id, ()))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def forget(self, runs: Iterable[Run]) -> None:
        """Drops the engine's record of runs of a deleted call."""
        await DBOS.delete_workflows_async([_workflow_id(run) for run in runs])

    async def _take_up(self, run: Run) -> None:
        status = await DBOS.get_workflow_status_async(_workflow_id(run))
        if status is not None and (status.status not in ("ENQUEUED", "PENDING") or status.app_version != GRAPH_VERSION):
            # Ended without ending the call, or begun by another version: its record cannot go on, its results can.
            run = await self._store.write(transitions.renew, run)
            status = None
        if status is None:
            await self.submit(run)

    def _make_workflow(self) -> Callable[[str, int], Coroutine[Any, Any, None]]:
        """The workflow; a closure, because the library keeps functions and not methods."""

        async def analyse(call_id: str, attempt: int) -> None:
            # The library runs a workflow in a loop of its own when this one is not running: the process is ending.
            if self._closing or asyncio.get_running_loop() is not self._loop:
                raise asyncio.CancelledError
            task = asyncio.current_task()
            assert task is not None
            self._workflows.add(task)
            task.add_done_callback(self._workflows.discard)
            structlog.contextvars.bind_contextvars(call_id=call_id)
            run = Run(call_id, attempt)
            try:
                await self._analyse_stages(run)
            except Exception as error:
                # The library's record and the store do not go together, or it could not write its record. A new run
                # begins with an empty record and finds in the store what is done.
                _log.error("the run is begun anew", exc_info=error)
                anew = asyncio.create_task(self._begin_anew(run), context=contextvars.Context())
                self._restarts.add(anew)
                anew.add_done_callback(self._restarts.discard)

        return analyse

    async def _analyse_stages(self, run: Run) -> None:
        """The workflow's body: all stages, each as soon as what it needs is there."""
        # Steps get their numbers here, in a fixed order, whatever finishes first later.
        begin, end = DBOS.reserve_step(), DBOS.reserve_step()
        reserved = {stage.name: DBOS.reserve_step() for stage in STAGES}
        if await begin.run_async({"name": "begin"}, self._begin, run.call_id, run.attempt) == _STOPPED:
            return
        stages: dict[str, asyncio.Task[str]] = {}
        for stage in STAGES:
            needs = [stages[name] for name in stage.needs]
            stages[stage.name] = asyncio.create_task(self._when_ready(run, stage.name, needs, reserved[stage.name]))
        try:
            outcomes = await asyncio.gather(*stages.values(), return_exceptions=True)
        finally:
            for task in stages.values():
                task.cancel()
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        await end.run_async({"name": "end"}, self._end, run.call_id, run.attempt)

    async def _begin_anew(self, run: Run) -> None:
        await asyncio.sleep(_STORE_PAUSE_SECONDS)
        try:
            await self.submit(await self._insist(lambda: self._store.write(transitions.renew, run)))
        except Stopped:
            return

    async def _when_ready(
        self, run: Run, name: str, needs: list[asyncio.Task[str]], reservation: StepReservation
    ) -> str:
        await asyncio.gather(*needs)
        return await reservation.run_async({"name": name}, self._step, run.call_id, run.attempt, name)

    async def _begin(self, call_id: str, attempt: int) -> str:
        begun = await self._insist(lambda: self._store.write(transitions.begin, Run(call_id, attempt)))
        return _ENDED if begun else _STOPPED

    async def _end(self, call_id: str, attempt: int) -> str:
        await self._insist(lambda: self._store.write(transitions.end, Run(call_id, attempt)))
        if await self._insist(lambda: self._store.read(queries.get_state, call_id)) not in transitions.UNENDED:
            await self._runner.forget(call_id)
        return _ENDED

    async def _step(self, call_id: str, attempt: int, name: str) -> str:
        """Brings a stage to its end; raises only if the process is stopping, so that the step is not recorded."""
        if self._closing:
            raise asyncio.CancelledError
        structlog.contextvars.bind_contextvars(call_id=call_id, stage=name)
        run = Run(call_id, attempt)
        work = asyncio.create_task(self._insist(lambda: self._stage(run, name)))
        self._working.setdefault(call_id, set()).add(work)
        try:
            return await work
        except asyncio.CancelledError:
            if self._closing:
                raise
            return _STOPPED  # by halt: the store says why
        except Stopped:
            return _STOPPED
        finally:
            work.cancel()
            self._working[call_id].discard(work)
            if not self._working[call_id]:
                del self._working[call_id]

    async def _stage(self, run: Run, name: str) -> str:
        state = await self._store.write(transitions.start_stage, run, name)
        if state != STAGE_RUNNING:
            return _ENDED
        _log.info("stage started")
        try:
            result = await self._runner.run(run, name)
        except Rejection as rejection:
            await self._reject(run, name, rejection)
        except StageFailure as failure:
            _log.error("stage failed", reason=str(failure))
            await self._store.write(transitions.fail_stage, run, name, str(failure))
        except (Stopped, SQLAlchemyError, OSError):
            raise
        except Exception as error:  # a defect in this program must not leave the call hanging
            _log.error("stage failed", exc_info=error)
            reason = f"internal error: {type(error).__name__}: {error}"
            await self._store.write(transitions.fail_stage, run, name, reason)
        else:
            if isinstance(result, str):
                await self._store.write(transitions.skip_stage, run, name, result)
            else:
                await self._store.write(transitions.finish_stage, run, name, result)
            _log.info("stage ended")
        return _ENDED

    async def _reject(self, run: Run, name: str, rejection: Rejection) -> None:
        _log.warning("call rejected", reason=rejection.reason)
        await self._runner.set_aside(run, rejection.reason)
        await self._store.write(transitions.reject, run, name, rejection.reason, rejection.answer)
        for task in self._working.get(run.call_id, set()) - {asyncio.current_task()}:
            task.cancel()

    async def _insist(self, work: Callable[[], Awaitable[R]]) -> R:
        """Repeats what fails for want of disk space or of a lock: the call waits, and nothing is lost."""
        while True:
            try:
                return await work()
            except (SQLAlchemyError, OSError) as error:
                _log.error("cannot write to the data folder; trying again", exc_info=error)
                await asyncio.sleep(_STORE_PAUSE_SECONDS)


def _workflow_id(run: Run) -> str:
    return f"{run.call_id}:{run.attempt}"
