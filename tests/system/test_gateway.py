"""The gateway over the real orchestrator: REST and Server-Sent Events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from evaluation.manifest import ReferenceCall
from evaluation.system import System
from gateway.app import create_app
from rpc.security import Security


@pytest.fixture
async def http(system: System) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(system.address(), Security())
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway", timeout=120) as client:
            yield client


async def test_upload_and_read(system: System, samples: dict[str, ReferenceCall], http: httpx.AsyncClient) -> None:
    audio = samples["angry"].audio
    answer = await http.post("/api/calls", files={"file": (audio.name, audio.read_bytes())})
    assert answer.status_code == 202
    call = (await http.get(answer.headers["Location"])).json()
    assert call["recording"]["fileName"]
    listed = (await http.get("/api/calls")).json()
    assert call["id"] in {entry["id"] for entry in listed["calls"]}


async def test_unknown_call_is_a_problem(http: httpx.AsyncClient) -> None:
    answer = await http.get("/api/calls/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404


async def test_models(http: httpx.AsyncClient) -> None:
    models = (await http.get("/api/models")).json()["models"]
    assert len(models) == 7


async def test_orchestrator_that_is_down_is_503() -> None:
    app = create_app("127.0.0.1:1", Security())
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            answer = await client.get("/api/calls")
    assert answer.status_code == 503
    assert "try again" in json.dumps(answer.json())
