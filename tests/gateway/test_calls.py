"""Calls over HTTP: the list, one of them, and what can be done to it."""

from __future__ import annotations

import asyncio
from typing import Any

from orchestrator.graph import NAMES
from rpc.errors import InvalidInput
from tests.gateway.conftest import Gateway
from tests.orchestrator.sounds import conversation, write


async def test_call_with_all_that_is_known(gateway: Gateway) -> None:
    path = write(gateway.house.folder / "zəng 1.wav", conversation(8.0))
    call_id = (await gateway.submit((path.name, path.read_bytes()))).json()["submitted"][0]["call_id"]
    await gateway.caller.end(call_id)
    call = await gateway.json(f"/api/calls/{call_id}")
    assert (call["id"], call["state"], call["error"], call["language"]) == (call_id, "completed", "", "az")
    assert call["create_time"].endswith("Z") and call["end_time"] > call["create_time"]
    recording = call["recording"]
    assert recording == {
        "file_name": "zəng 1.wav", "size_bytes": path.stat().st_size, "sha256": recording["sha256"],
        "media_type": "audio/wav", "codec": "pcm_s16le", "sample_rate_hz": 8000, "channel_count": 2,
        "duration_ms": 8000, "party_per_channel": True,
    }  # fmt: skip
    stages = {stage["name"]: stage for stage in call["stages"]}
    assert list(stages) == list(NAMES)
    assert stages["diarize"]["state"] == "skipped" and "one party" in stages["diarize"]["reason"]
    assert stages["asr"] == stages["asr"] | {
        "state": "finished", "progress": 1.0, "reason": "", "attempt_count": 1, "needs": ["decode"],
    }  # fmt: skip
    assert stages["asr"]["model"]["id"] == "test-asr" and stages["decode"]["model"] is None
    assert [(turn["role"], turn["emotion"], turn["channel"]) for turn in call["turns"]] == [
        ("operator", "happy", 0),
        ("customer", "happy", 1),
    ] * 2
    first = call["turns"][0]
    assert (first["index"], first["speaker"], first["text"]) == (0, "S1", "Salam, Paşa Bank.")
    assert first["words"][0] == {
        "text": "Salam,", "start_ms": 0, "end_ms": 250, "probability": 0.9, "channel": 0,
    }  # fmt: skip
    assert first["emotion_scores"] == [{"emotion": "happy", "score": 1.0}]
    assert call["speakers"][0] == call["speakers"][0] | {"name": "S1", "role": "operator", "role_confidence": 0.9}
    assert (call["trend"]["start"], call["trend"]["end"]) == ("happy", "happy")
    assert call["topic"] == {
        "topic": "cards", "subtopic": "lost or stolen card", "topics": [{"label": "cards", "score": 1.0}],
        "subtopics": [{"label": "lost or stolen card", "score": 1.0}],
    }  # fmt: skip
    assert call["quality"] == {"label": "good", "stars": 4, "distribution": [0.0, 0.0, 0.1, 0.8, 0.1]}
    listed = (await gateway.json("/api/calls"))["calls"][0]
    assert "turns" not in listed
    assert listed == {name: value for name, value in call.items() if name != "turns"}


async def test_what_is_not_known_yet_is_null(gateway: Gateway) -> None:
    gateway.house.stages.hold["asr"] = asyncio.Event()
    gateway.house.stages.hold["diarize"] = asyncio.Event()
    path = write(gateway.house.folder / "a.wav", conversation(4.0)[:, 0])
    call_id = (await gateway.submit(("a.wav", path.read_bytes()))).json()["submitted"][0]["call_id"]
    await gateway.house.stages.arrived["asr"].wait()
    call = await gateway.json(f"/api/calls/{call_id}")
    assert call["state"] == "running" and call["turns"] == [] == call["speakers"]
    for field in ("end_time", "trend", "summary", "topic", "quality", "language"):
        assert call[field] is None, field
    stages = {stage["name"]: stage for stage in call["stages"]}
    assert stages["turns"]["start_time"] is stages["turns"]["end_time"] is stages["turns"]["model"] is None
    for event in gateway.house.stages.hold.values():
        event.set()
    await gateway.caller.end(call_id)


async def test_list_filters_orders_and_pages(gateway: Gateway) -> None:
    files = (("Ə birinci.wav", 8), ("b ikinci.wav", 4), ("a üçüncü.wav", 6))
    ids = [await gateway.analysed(name, seconds, seed) for seed, (name, seconds) in enumerate(files)]
    letter = (await gateway.submit(("letter.wav", b"Hello"))).json()["submitted"][0]["call_id"]
    await gateway.caller.end(letter)

    async def found(**parameters: Any) -> list[str]:
        page = await gateway.json("/api/calls", **parameters)
        assert page["total_count"] == len(page["calls"]) and page["next_page_token"] is None
        return [call["id"] for call in page["calls"]]

    assert await found() == await found(state="", order="", min_stars="") == [letter, *ids[::-1]]
    assert await found(order="oldest") == [*ids, letter]
    assert await found(order="longest") == [ids[0], ids[2], ids[1], letter]
    assert await found(order="shortest") == [ids[1], ids[2], ids[0], letter]
    assert await found(order="most_stars") == await found(order="fewest_stars") == [*ids[::-1], letter]
    assert await found(order="file_name") == [ids[2], ids[1], letter, ids[0]]
    assert await found(state="rejected") == [letter]
    assert await found(topic="cards", subtopic="lost or stolen card", quality="good") == ids[::-1]
    assert await found(topic="loans") == [] == await found(quality="poor")
    assert await found(min_stars=4, max_stars=4) == ids[::-1] and await found(max_stars=3) == []
    assert await found(trend_start="happy", trend_end="happy") == ids[::-1] and await found(trend_end="sad") == []
    assert await found(text="İKİNCİ") == [ids[1]] and await found(text="itirmişəm") == ids[::-1]
    time = (await gateway.json(f"/api/calls/{ids[1]}"))["create_time"]
    assert await found(**{"from": time}) == [letter, ids[2], ids[1]] and await found(before=time) == [ids[0]]
    assert await found(before=time.replace("Z", "+00:00")) == [ids[0]]

    seen, token = [], ""
    for _ in range(4):
        page = await gateway.json("/api/calls", order="longest", page_size=1, page_token=token)
        assert page["total_count"] == 4 and len(page["calls"]) == 1
        seen.append(page["calls"][0]["id"])
        token = page["next_page_token"]
    assert token is None and seen == [ids[0], ids[2], ids[1], letter]


async def test_cursor_is_stable_while_calls_arrive(gateway: Gateway) -> None:
    old = [(await gateway.submit((f"{n}.wav", bytes([n])))).json()["submitted"][0]["call_id"] for n in range(5)]
    page = await gateway.json("/api/calls", page_size=2)
    seen = [call["id"] for call in page["calls"]]
    while page["next_page_token"]:
        await gateway.submit(("new.wav", f"new {len(seen)}".encode()))
        page = await gateway.json("/api/calls", page_size=2, page_token=page["next_page_token"])
        seen += [call["id"] for call in page["calls"]]
    assert seen == old[::-1]
    other = await gateway.http.get("/api/calls", params={"page_token": "x", "order": "oldest"})
    assert other.status_code == 400 and "page token" in other.json()["detail"]


async def test_retry_cancel_and_delete(gateway: Gateway) -> None:
    gateway.house.stages.errors["summarize"] = [InvalidInput("no such summary", "try another")]
    call_id = await gateway.analysed()
    assert (await gateway.json(f"/api/calls/{call_id}"))["state"] == "partial"
    answer = await gateway.http.post(f"/api/calls/{call_id}/retry")
    assert (answer.status_code, answer.json()) == (202, {"stages": ["summarize", "quality"]})
    await gateway.caller.end(call_id)
    assert (await gateway.json(f"/api/calls/{call_id}"))["state"] == "completed"
    again = await gateway.http.post(f"/api/calls/{call_id}/retry")
    assert again.status_code == 409 and again.json()["action"]

    gateway.house.stages.hold["topics"] = asyncio.Event()
    answer = await gateway.http.post(f"/api/calls/{call_id}/retry", params={"from_stage": "topics"})
    assert (answer.status_code, answer.json()) == (202, {"stages": ["topics"]})
    assert (await gateway.http.post(f"/api/calls/{call_id}/cancel")).status_code == 204
    assert (await gateway.json(f"/api/calls/{call_id}"))["state"] == "cancelled"
    assert (await gateway.http.post(f"/api/calls/{call_id}/cancel")).status_code == 409

    answer = await gateway.http.delete(f"/api/calls/{call_id}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await gateway.json("/api/calls"))["total_count"] == 0


async def test_unknown_call(gateway: Gateway) -> None:
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/retry"),
        ("POST", "/cancel"),
        ("GET", "/audio"),
        ("GET", "/waveform"),
        ("GET", "/transcript.txt"),
        ("GET", "/events"),
    ):
        answer = await gateway.http.request(method, f"/api/calls/nothing{path}")
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json() == {
            "type": "about:blank", "title": "Not Found", "status": 404, "detail": "there is no call 'nothing'",
            "action": "list the calls to find its id",
        }  # fmt: skip
