"""kill -9 of the orchestrator: every call completes, no finished stage is repeated, followers miss nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import grpc
import pytest
from callcenter.v1 import call_pb2

from orchestrator.graph import NAMES
from tests.orchestrator.caller import Caller
from tests.orchestrator.sounds import speech, write
from tests.orchestrator.stages import Stages

ROOT = Path(__file__).resolve().parents[2]
RUNNING, FINISHED = call_pb2.STAGE_STATE_RUNNING, call_pb2.STAGE_STATE_FINISHED

Moment = Callable[[call_pb2.CallEvent], bool]


class Killable:
    """An orchestrator in a process of its own, with a follower that resumes."""

    def __init__(self, folder: Path, stages: Stages, port: int) -> None:
        self._folder = folder
        self._stages = stages
        self._port = port
        self.process: asyncio.subprocess.Process | None = None
        self.caller = Caller(f"127.0.0.1:{port}")
        self.events: list[call_pb2.CallEvent] = []

    async def start(self) -> None:
        """Starts it and waits until it answers."""
        options = [f"--{name}={address}" for name, address in self._stages.addresses.items()]
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "orchestrator", f"--port={self._port}", f"--data={self._folder / 'data'}",
            "--watch=none", "--log-level=WARNING", *options,
            cwd=ROOT, env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'protos' / 'gen'}"},
        )  # fmt: skip
        async with asyncio.timeout(60):
            while True:
                try:
                    await self.caller.stub.ListCalls(call_pb2.ListCallsRequest(), wait_for_ready=True)
                    return
                except grpc.aio.AioRpcError:
                    assert self.process.returncode is None
                    await asyncio.sleep(0.1)

    async def follow(self) -> AsyncIterator[call_pb2.CallEvent]:
        """Goes on from the last event that is known, as long as the process lives."""
        try:
            async for event in self.caller.watch(after=self.events[-1].sequence if self.events else 0):
                self.events.append(event)
                yield event
        except grpc.aio.AioRpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE, error

    async def kill_at(self, moment: Moment) -> None:
        """Kills it when an event comes that is of the moment."""
        async with asyncio.timeout(60):
            async for event in self.follow():
                if moment(event):
                    break
        assert self.process is not None
        self.process.kill()
        await self.process.wait()


def at(name: str, state: int) -> Moment:
    """The moment when a stage of any call gets into a state."""
    return lambda event: event.stage.name == name and event.stage.state == state


@pytest.fixture
async def orchestrator(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[Killable]:
    stages = Stages()
    await stages.start()
    killable = Killable(tmp_path, stages, unused_tcp_port)
    await killable.start()
    yield killable
    await killable.caller.close()
    assert killable.process is not None
    if killable.process.returncode is None:
        killable.process.kill()
        await killable.process.wait()
    await stages.stop()


def _completed(events: list[call_pb2.CallEvent]) -> set[str]:
    over = (event for event in events if not event.HasField("stage"))
    return {event.call_id for event in over if event.call_state == call_pb2.CALL_STATE_COMPLETED}


async def test_killed_in_decode_in_asr_and_between_stages(orchestrator: Killable, tmp_path: Path) -> None:
    stages = orchestrator._stages
    stages.delay_seconds = {"asr": 0.4, "summarize": 0.3, "emotion": 0.1}
    caller = orchestrator.caller
    call_ids = [(await caller.submit(write(tmp_path / f"{n}.wav", speech(6.0, seed=n)))).call_id for n in range(4)]
    for moment in (
        at("decode", RUNNING),
        at("asr", RUNNING),
        at("turns", FINISHED),
        at("summarize", RUNNING),
        at("topics", FINISHED),
    ):
        await orchestrator.kill_at(moment)
        await orchestrator.start()
    events = orchestrator.events
    # Calls may have been completed between two kills, or all of them: then nothing more comes.
    if _completed(events) != set(call_ids):
        async with asyncio.timeout(60):
            async for _ in orchestrator.follow():
                if _completed(events) == set(call_ids):
                    break

    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    finished = Counter((event.call_id, event.stage.name) for event in events if event.stage.state == FINISHED)
    assert finished == {(call_id, name): 1 for call_id in call_ids for name in NAMES}
    over: set[tuple[str, str]] = set()
    for event in events:
        key = (event.call_id, event.stage.name)
        assert key not in over, f"{key} was touched after it had finished"
        if event.stage.state == FINISHED:
            over.add(key)
    for call_id in call_ids:
        call = await caller.get(call_id)
        assert call.turns and call.summary and call.topic.topic and call.quality.stars and call.trend.description
    # Nobody is asked again once there is a result: at most once for each start of the process.
    assert max(stages.asked.values()) <= 6


async def test_killed_while_it_takes_an_upload(orchestrator: Killable, tmp_path: Path) -> None:
    data = write(tmp_path / "a.wav", speech(20.0)).read_bytes()
    halfway = asyncio.Event()

    async def requests() -> AsyncIterator[call_pb2.SubmitCallRequest]:
        yield call_pb2.SubmitCallRequest(config=call_pb2.SubmitCallConfig(file_name="a.wav"))
        yield call_pb2.SubmitCallRequest(data=data[:1000])
        halfway.set()
        await asyncio.sleep(60)

    upload = asyncio.ensure_future(orchestrator.caller.stub.SubmitCall(requests()))
    await asyncio.wait_for(halfway.wait(), 10)
    assert orchestrator.process is not None
    orchestrator.process.kill()
    await orchestrator.process.wait()
    assert await orchestrator.caller.refusal(upload) == grpc.StatusCode.UNAVAILABLE
    await orchestrator.start()
    assert (await orchestrator.caller.stub.ListCalls(call_pb2.ListCallsRequest())).calls == []
    left = [path for path in (tmp_path / "data").rglob("*") if path.is_file() and "sqlite3" not in path.name]
    assert [path.name for path in left] == ["orchestrator.lock"]


async def test_sigterm_stops_it_quickly_and_a_second_one_is_refused(orchestrator: Killable, tmp_path: Path) -> None:
    orchestrator._stages.delay_seconds["asr"] = 30.0
    call_id = (await orchestrator.caller.submit(write(tmp_path / "a.wav", speech(4.0)))).call_id
    await orchestrator.caller.until(call_id, "asr", RUNNING)
    second = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "orchestrator", "--port=0", f"--data={tmp_path / 'data'}", "--watch=none",
        cwd=ROOT, env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'protos' / 'gen'}"}, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await asyncio.wait_for(second.communicate(), 30)
    assert second.returncode == 1 and b"another orchestrator (process" in said and b"Traceback" not in said
    following = asyncio.create_task(orchestrator.caller.refusal(orchestrator.caller.watch(call_id)))
    await asyncio.sleep(0.2)
    assert orchestrator.process is not None
    orchestrator.process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(orchestrator.process.wait(), 10) == 0
    assert await following == grpc.StatusCode.UNAVAILABLE
    orchestrator._stages.delay_seconds.clear()
    await orchestrator.start()
    call = await orchestrator.caller.end(call_id)
    assert call.state == call_pb2.CALL_STATE_COMPLETED and orchestrator._stages.asked["diarize", call_id] == 1
