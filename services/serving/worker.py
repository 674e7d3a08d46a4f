"""A model on its own thread, so that health and new requests are answered while it works."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, Protocol, TypeVar

from rpc import logs
from rpc.errors import Busy, CallCenterError, ModelFailure, NotReady
from services.serving.provenance import ModelInfo

_log = logs.get(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")


class ServedModel(Protocol):
    """What every stage's model offers beside its own function."""

    @property
    def info(self) -> ModelInfo:
        """Which model this is."""

    def warm_up(self) -> None:
        """Runs a small real inference; raises if the model does not work."""


M = TypeVar("M", bound=ServedModel)


class Abandoned(Exception):
    """The caller has gone: raised in the model's thread by the next ``emit``."""


class ModelWorker(Generic[M]):
    """Loads a model and runs it, one request at a time, in the order in which they came.

    Args:
        max_queued: requests that may wait; one more is refused with Busy.
        on_health: told True when the model has run, False when a real inference fails.
    """

    def __init__(self, max_queued: int, on_health: Callable[[bool], Awaitable[None]]) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")
        self._model: M | None = None
        self._max_queued = max_queued
        self._pending = 0
        self._on_health = on_health
        self._recovery: asyncio.Task[None] | None = None

    @property
    def model(self) -> M:
        """The model.

        Raises:
            NotReady: it is still loading.
        """
        if self._model is None:
            raise NotReady("the model is still loading", "try again in a few seconds")
        return self._model

    async def load(self, load: Callable[[], M]) -> None:
        """Loads and warms the model in its thread."""
        loop = asyncio.get_running_loop()

        def prepare() -> M:
            model = load()
            model.warm_up()
            return model

        self._model = await loop.run_in_executor(self._thread, prepare)

    async def run(self, function: Callable[[M], Result]) -> Result:
        """Runs a function of the model in its thread.

        Raises:
            NotReady, Busy, ModelFailure: and what the function raises of the platform's own errors.
        """

        def once(model: M, emit: Callable[[Result], None]) -> None:
            emit(function(model))

        (result,) = [item async for item in self.stream(once)]
        return result

    async def stream(self, function: Callable[[M, Callable[[Item], None]], None]) -> AsyncIterator[Item]:
        """Runs a function that emits results one by one, and yields them as they come.

        A caller that goes away while its request waits or runs costs no more work: ``emit`` raises Abandoned.
        """
        model = self.model
        if self._pending >= self._max_queued:
            raise Busy(f"{self._pending} requests are waiting already", "try again later, or add a replica")
        loop = asyncio.get_running_loop()
        items: asyncio.Queue[Item | None] = asyncio.Queue()
        gone = threading.Event()

        def emit(item: Item) -> None:
            if gone.is_set():
                raise Abandoned
            loop.call_soon_threadsafe(items.put_nowait, item)

        def work() -> None:
            try:
                if not gone.is_set():
                    function(model, emit)
            except Abandoned:
                pass
            finally:
                loop.call_soon_threadsafe(items.put_nowait, None)

        self._pending += 1
        future = loop.run_in_executor(self._thread, work)
        try:
            while (item := await items.get()) is not None:
                yield item
            await future
        except CallCenterError:
            raise
        except Exception as error:
            _log.error("inference failed", exc_info=error)
            await self._failed()
            raise ModelFailure(f"the model failed: {type(error).__name__}: {error}", "see the server's log") from error
        finally:
            gone.set()
            self._pending -= 1

    async def _failed(self) -> None:
        """Reports the model unhealthy, then warms it again: a passing fault heals, a lasting one shows."""
        await self._on_health(False)
        if self._recovery is None or self._recovery.done():
            self._recovery = asyncio.create_task(self._recover())

    async def _recover(self) -> None:
        loop = asyncio.get_running_loop()
        delay_seconds = 0.0
        while True:
            await asyncio.sleep(delay_seconds)
            try:
                await loop.run_in_executor(self._thread, self.model.warm_up)
            except Exception as error:
                delay_seconds = min(60.0, 2 * delay_seconds + 1)
                _log.error("the model still fails", exc_info=error, next_try_seconds=delay_seconds)
            else:
                await self._on_health(True)
                return

    def close(self) -> None:
        """Lets the thread end after its present request."""
        self._thread.shutdown(wait=False, cancel_futures=True)
