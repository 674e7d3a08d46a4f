"""kill -9 of each process in turn, in the middle of a call: nothing is lost and no finished stage is repeated."""

from __future__ import annotations

import asyncio
from pathlib import Path

import grpc
import pytest
from callcenter.v1 import call_pb2

from client import CallCenter
from evaluation.manifest import ReferenceCall
from evaluation.system import STAGES, System

pytestmark = pytest.mark.timeout(480)


async def watch(system: System, call_id: str, events: list[call_pb2.CallEvent], started: asyncio.Event) -> None:
    """Follows a call to its end through crashes of the orchestrator, as a careful client does."""
    while True:
        try:
            async with CallCenter(system.address()) as calls:
                after = events[-1].sequence if events else 0
                async for event in calls.watch(call_id, after_sequence=after, until_end=True):
                    events.append(event)
                    started.set()
                return
        except grpc.aio.AioRpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE, error
            await asyncio.sleep(0.2)


async def test_each_process_in_turn(tmp_path: Path, samples: dict[str, ReferenceCall]) -> None:
    with System(tmp_path) as system:
        await system.ready()
        async with CallCenter(system.address()) as calls:
            call_id = (await calls.submit(samples["satisfied"].audio)).call_id
        events: list[call_pb2.CallEvent] = []
        started = asyncio.Event()
        following = asyncio.create_task(watch(system, call_id, events, started))
        await asyncio.wait_for(started.wait(), 60)
        for name in ("orchestrator", *STAGES):
            system.kill(name)
            system.start(name)
            await system.ready([name])
        await asyncio.wait_for(following, 300)

        async with CallCenter(system.address()) as calls:
            call = await calls.get(call_id)
        assert call.state == call_pb2.CALL_STATE_COMPLETED, call.error
        assert call.turns and call.summary and call.topic.topic and call.quality.stars
        sequences = [event.sequence for event in events]
        assert sequences == sorted(set(sequences))
        finished = [event.stage.name for event in events if event.stage.state == call_pb2.STAGE_STATE_FINISHED]
        assert sorted(finished) == sorted(stage.name for stage in call.stages)
