"""The model's thread: order, back-pressure, callers that leave, faults that heal."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from rpc.errors import Busy, InvalidInput, ModelFailure, NotReady
from services.serving.provenance import ModelInfo
from services.serving.worker import ModelWorker


class Counter:
    """A model whose work the test controls."""

    info = ModelInfo("counter", "", "", "Counter", "test", "cpu")

    def __init__(self) -> None:
        self.broken = False
        self.warmed = 0

    def warm_up(self) -> None:
        if self.broken:
            raise RuntimeError("still broken")
        self.warmed += 1


class Health:
    def __init__(self) -> None:
        self.values: asyncio.Queue[bool] = asyncio.Queue()

    async def __call__(self, healthy: bool) -> None:
        await self.values.put(healthy)


async def loaded(max_queued: int = 4) -> tuple[ModelWorker[Counter], Health]:
    health = Health()
    worker: ModelWorker[Counter] = ModelWorker(max_queued, health)
    await worker.load(Counter)
    return worker, health


async def test_is_not_ready_before_it_has_run_once() -> None:
    worker: ModelWorker[Counter] = ModelWorker(1, Health())
    with pytest.raises(NotReady):
        await worker.run(lambda model: 1)
    await worker.load(Counter)
    assert worker.model.warmed == 1


async def test_streams_in_order() -> None:
    worker, _ = await loaded()

    def count(model: Counter, emit: Callable[[int], None]) -> None:
        for number in range(100):
            emit(number)

    assert [item async for item in worker.stream(count)] == list(range(100))


async def test_refuses_when_the_queue_is_full() -> None:
    worker, _ = await loaded(max_queued=1)
    started, release = threading.Event(), threading.Event()

    def block(model: Counter) -> int:
        started.set()
        release.wait(10)
        return 1

    first = asyncio.create_task(worker.run(block))
    await asyncio.to_thread(started.wait, 10)
    with pytest.raises(Busy):
        await worker.run(lambda model: 2)
    release.set()
    assert await first == 1
    assert await worker.run(lambda model: 3) == 3


async def test_work_stops_when_its_caller_leaves() -> None:
    worker, _ = await loaded()
    emitted, left = [], threading.Event()

    def endless(model: Counter, emit: Callable[[int], None]) -> None:
        for number in range(1000):
            if number == 1:
                left.wait(10)
            emit(number)
            emitted.append(number)

    items = worker.stream(endless)
    assert await anext(items) == 0
    await items.aclose()  # type: ignore[attr-defined]
    left.set()
    assert await worker.run(lambda model: "next") == "next"
    assert emitted == [0]


async def test_bad_input_is_the_callers_fault_and_leaves_the_model_healthy() -> None:
    worker, health = await loaded()

    def refuse(model: Counter) -> None:
        raise InvalidInput("no")

    with pytest.raises(InvalidInput):
        await worker.run(refuse)
    assert health.values.empty()


async def test_a_failed_inference_is_unhealthy_until_the_model_runs_again() -> None:
    worker, health = await loaded()

    def crash(model: Counter) -> None:
        raise RuntimeError("CUDA error")

    with pytest.raises(ModelFailure, match="CUDA error"):
        await worker.run(crash)
    assert await health.values.get() is False
    assert await asyncio.wait_for(health.values.get(), 5) is True
    assert worker.model.warmed == 2
