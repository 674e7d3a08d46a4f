"""The overview, and which services are up."""

from __future__ import annotations

from collections.abc import AsyncIterator

from rpc.errors import InvalidInput
from rpc.security import Security
from tests.gateway.conftest import Gateway, Serve
from tests.orchestrator.conftest import House
from tests.orchestrator.stages import NAMES


async def test_overview(gateway: Gateway) -> None:
    empty = await gateway.json("/api/overview")
    assert empty["call_count"] == 0 and empty["stars"] == [0] * 5 and empty["topics"] == [] == empty["days"]
    first = await gateway.analysed("a.wav", 8.0, 0)
    await gateway.analysed("b.wav", 4.0, 1)
    gateway.house.stages.errors["topics"] = [InvalidInput("no", "")]
    await gateway.analysed("c.wav", 2.0, 2)  # the operator alone
    letter = (await gateway.submit(("letter.wav", b"not a recording"))).json()["submitted"][0]["call_id"]
    await gateway.caller.end(letter)

    found = await gateway.json("/api/overview")
    (day,) = found["days"]
    assert day == {"date": day["date"], "call_count": 4, "poor_count": 0, "duration_ms": 14_000}
    assert found == {
        "call_count": 4, "duration_ms": 14_000, "rated_count": 3, "poor_count": 0,
        "states": {"queued": 0, "running": 0, "completed": 2, "partial": 1, "rejected": 1, "cancelled": 0},
        "stars": [0, 0, 0, 3, 0],
        "topics": [
            {
                "topic": "cards", "call_count": 2, "poor_count": 0,
                "subtopics": [{"subtopic": "lost or stolen card", "call_count": 2, "poor_count": 0}],
            }
        ],
        "trends": [{"start": "happy", "end": "happy", "call_count": 2}],
        "days": [day],
    }  # fmt: skip
    time = (await gateway.json(f"/api/calls/{first}"))["create_time"]
    assert (await gateway.json("/api/overview", before=time))["call_count"] == 0
    assert (await gateway.json("/api/overview", **{"from": time}, utc_offset_minutes=0))["call_count"] == 4
    for offset in (-721, 841):
        refused = await gateway.http.get("/api/overview", params={"utc_offset_minutes": offset})
        assert refused.status_code == 400


async def test_models_and_readiness(gateway: Gateway) -> None:
    models = (await gateway.json("/api/models"))["models"]
    assert [entry["stage"] for entry in models] == list(NAMES)
    assert models[1] == models[1] | {"stage": "asr", "serving": True, "reason": ""}
    assert models[1]["model"]["id"] == "test-asr" and "address" not in models[1]
    assert await gateway.json("/readyz") == {"models": models, "ready": True, "orchestrator": True}
    await gateway.house.stages.stop("asr")
    answer = await gateway.http.get("/readyz")
    assert answer.status_code == 503
    found = answer.json()
    assert (found["ready"], found["orchestrator"]) == (False, True)
    down = [entry for entry in found["models"] if not entry["serving"]]
    assert [entry["stage"] for entry in down] == ["asr"] and down[0]["model"] is None and down[0]["reason"]
    assert await gateway.json("/healthz") == {"status": "ok"}


async def test_orchestrator_that_wants_a_token(house: House, serve: Serve) -> None:
    token = Security(token="secret")
    caller = await house.launch(security=token)
    data = b"x" * 1_000_000
    http = await serve(caller.address, security=token)
    location = (await http.post("/api/calls", files={"file": ("a.wav", data)})).headers["Location"]
    assert (await http.get(f"{location}/audio")).content == data
    async with http.stream("GET", "/api/events", params={"after": 0}) as events:
        assert "id: 1" in [line async for line in limited(events.aiter_lines(), 8)]
    other = await serve(caller.address, security=Security(token="wrong"))
    for answer in (await other.get("/api/calls"), await other.post("/api/calls", files={"file": ("b.wav", data)})):
        assert answer.status_code == 502 and answer.json()["action"] == "give both the same token"


async def limited(lines: AsyncIterator[str], count: int) -> AsyncIterator[str]:
    for _ in range(count):
        yield await anext(lines)


async def test_orchestrator_that_is_down(serve: Serve) -> None:
    http = await serve("127.0.0.1:1")
    for path in ("calls", "calls/x", "calls/x/audio", "calls/x/waveform", "calls/x/events", "overview", "models"):
        answer = await http.get(f"/api/{path}")
        assert answer.status_code == 503, path
        assert answer.json()["detail"] == "the orchestrator does not answer"
        assert answer.json()["action"] == "try again in a few seconds"
    answer = await http.post("/api/calls", files={"file": ("a.wav", b"x" * 1000)})
    assert answer.status_code == 503 and answer.json()["submitted"] == []
    assert (await http.get("/readyz")).json() == {"models": [], "ready": False, "orchestrator": False}
    assert (await http.get("/healthz")).status_code == 200
