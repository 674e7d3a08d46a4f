"""A gateway over HTTP before a real orchestrator, with stage servers that tests can hold and break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.config import Config
from gateway.server import Server
from tests.orchestrator.caller import Caller
from tests.orchestrator.conftest import House, house
from tests.orchestrator.sounds import speech, write

__all__ = ["house"]


class Serve:
    """Starts gateways on free ports.

    Attributes:
        servers: those that run.
    """

    def __init__(self, running: AsyncExitStack) -> None:
        self.servers: list[Server] = []
        self._running = running

    async def __call__(self, orchestrator: str, **fields: Any) -> httpx.AsyncClient:
        """Starts one, with fields of ``Config``; gives a client of it."""
        server = Server(Config(orchestrator=orchestrator, **fields), "127.0.0.1", 0)
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - the server tells it in no other way
            await asyncio.sleep(0.01)
        self.servers.append(server)
        port = server.servers[0].sockets[0].getsockname()[1]

        async def stop() -> None:
            server.should_exit = True
            await serving

        self._running.push_async_callback(stop)
        return await self._running.enter_async_context(
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False)
        )


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with AsyncExitStack() as running:
        yield Serve(running)


class Gateway:
    """A gateway, its orchestrator and what stands behind.

    Attributes:
        house: the orchestrator's folder and stage servers.
        caller: of the orchestrator, past the gateway.
        http: of the gateway.
    """

    def __init__(self, house: House, caller: Caller, http: httpx.AsyncClient) -> None:
        self.house = house
        self.caller = caller
        self.http = http

    async def json(self, path: str, **parameters: Any) -> Any:
        """What GET answers."""
        answer = await self.http.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def submit(self, *files: tuple[str, bytes], **options: Any) -> httpx.Response:
        """Uploads files."""
        return await self.http.post("/api/calls", files=[("file", file) for file in files], **options)

    async def analysed(self, name: str = "zəng 1.wav", seconds: float = 8.0, seed: int = 0) -> str:
        """A call that has been analysed; its id."""
        path = write(self.house.folder / name, speech(seconds, seed=seed))
        answer = await self.submit((name, await asyncio.to_thread(path.read_bytes)))
        assert answer.status_code == 202, answer.text
        call_id: str = answer.json()["submitted"][0]["call_id"]
        await self.caller.end(call_id)
        return call_id


@pytest.fixture
async def gateway(house: House, serve: Serve) -> Gateway:
    caller = await house.launch()
    return Gateway(house, caller, await serve(caller.address))


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A folder that looks like the built page."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>Zənglər</title>", encoding="utf-8")
    (folder / "assets" / "index-1a2b.js").write_text("export {}", encoding="utf-8")
    (folder / "icon.svg").write_text("<svg/>", encoding="utf-8")
    (folder / ".hidden.svg").write_text("<svg/>", encoding="utf-8")
    return folder
