"""An orchestrator in this process, with stage servers that tests can break."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orchestrator.app import Orchestrator
from orchestrator.config import Config
from rpc.security import Security
from rpc.server import ServerConfig
from tests.orchestrator.caller import Caller
from tests.orchestrator.stages import Stages

Launch = Callable[..., Awaitable[Caller]]


@dataclass
class House:
    """What runs in a test.

    Attributes:
        folder: where everything lies.
        stages: the stage servers.
        launch: starts an orchestrator, with a port and a token if they are given, and fields of ``Config``; returns a
            caller of it.
        halt: stops it.
    """

    folder: Path
    stages: Stages
    launch: Launch
    halt: Callable[[], Awaitable[None]]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    stages = Stages()
    await stages.start()
    running = AsyncExitStack()

    async def launch(port: int = 0, security: Security | None = None, **fields: Any) -> Caller:
        settings: dict[str, Any] = {
            "data": tmp_path / "data",
            "rejected": tmp_path / "rejected",
            "addresses": stages.addresses,
            "max_wait_seconds": 0.2,
        }
        where = ServerConfig(port=port, security=security or Security())
        orchestrator = Orchestrator(Config(**(settings | fields)), where)
        port = await orchestrator.start()
        caller = Caller(f"127.0.0.1:{port}", security)
        running.push_async_callback(caller.close)
        running.push_async_callback(orchestrator.stop)  # before the caller closes: who follows hears of it
        return caller

    yield House(tmp_path, stages, launch, running.aclose)
    await running.aclose()
    await stages.stop()
