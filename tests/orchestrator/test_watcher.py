"""The watched folder."""

from __future__ import annotations

import asyncio
from pathlib import Path

import grpc
from callcenter.v1 import call_pb2

from tests.orchestrator.caller import Caller
from tests.orchestrator.conftest import House
from tests.orchestrator.sounds import speech, write

SETTLE = 0.2


async def listed(caller: Caller) -> dict[str, call_pb2.Call]:
    calls = (await caller.stub.ListCalls(call_pb2.ListCallsRequest())).calls
    return {call.recording.file_name: call for call in calls}


async def appears(caller: Caller, name: str) -> call_pb2.Call:
    async with asyncio.timeout(20):
        async for event in caller.watch():
            if event.file_name == name:
                return await caller.get(event.call_id)
    raise AssertionError("the stream ended")


def put(folder: Path, name: str, seed: int = 0) -> Path:
    folder.mkdir(exist_ok=True)
    return write(folder / name, speech(2.0, seed=seed))


async def test_files_that_were_there_and_files_that_come(house: House) -> None:
    box = house.folder / "in"
    put(box, "before.wav")
    caller = await house.launch(watch=box, settle_seconds=SETTLE)
    call = await appears(caller, "before.wav")
    assert (await caller.end(call.id)).state == call_pb2.CALL_STATE_COMPLETED
    put(box, "later.mp3.wav", 1)
    assert (await caller.end((await appears(caller, "later.mp3.wav")).id)).state == call_pb2.CALL_STATE_COMPLETED
    assert (box / "before.wav").exists() and (box / "later.mp3.wav").exists()


async def test_growing_file_is_taken_when_it_is_whole(house: House) -> None:
    box = house.folder / "in"
    data = put(house.folder / "made", "a.wav").read_bytes()
    caller = await house.launch(watch=box, settle_seconds=SETTLE)
    with (box / "grows.wav").open("wb") as file:
        for start in range(0, len(data), len(data) // 8 + 1):
            file.write(data[start : start + len(data) // 8 + 1])
            file.flush()
            await asyncio.sleep(SETTLE / 2)
            assert await listed(caller) == {}
    call = await caller.end((await appears(caller, "grows.wav")).id)
    assert call.state == call_pb2.CALL_STATE_COMPLETED and call.recording.size_bytes == len(data)
    assert len(await listed(caller)) == 1


async def test_same_content_twice_is_one_call(house: House) -> None:
    box = house.folder / "in"
    caller = await house.launch(watch=box, settle_seconds=SETTLE)
    put(box, "first.wav")
    call = await appears(caller, "first.wav")
    (box / "second.wav").write_bytes((box / "first.wav").read_bytes())
    put(box, "third.wav", 1)
    await appears(caller, "third.wav")  # by name behind the second: that was looked at before
    assert set(await listed(caller)) == {"first.wav", "third.wav"}
    taken = await caller.send(b"", watched_file_name="second.wav")
    assert taken.already_known and taken.call_id == call.id


async def test_what_is_not_a_recording_to_be_taken(house: House) -> None:
    box = house.folder / "in"
    put(box, ".hidden.wav")
    put(box, "a.wav.part", 1)
    put(box, "b.TMP", 2)
    (box / "folder").mkdir()
    (box / "link.wav").symlink_to(put(house.folder / "elsewhere", "x.wav", 3))
    caller = await house.launch(watch=box, settle_seconds=SETTLE)
    put(box, "z.wav", 4)
    await appears(caller, "z.wav")
    assert set(await listed(caller)) == {"z.wav"}
    for name in ("link.wav", "folder", ".hidden.wav"):
        by_name = caller.send(b"", watched_file_name=name)
        assert await caller.refusal(by_name) == grpc.StatusCode.INVALID_ARGUMENT
    (box / "a.wav.part").rename(box / "a.wav")
    await appears(caller, "a.wav")


async def test_bad_files_are_set_aside_and_the_rest_goes_on(house: House) -> None:
    box = house.folder / "in"
    box.mkdir()
    (box / "empty.wav").touch()
    (box / "notes.txt").write_text("no sound")
    put(box, "good.wav")
    caller = await house.launch(watch=box, settle_seconds=SETTLE)
    good = await caller.end((await appears(caller, "good.wav")).id)
    empty = await caller.end((await appears(caller, "empty.wav")).id)
    notes = await caller.end((await appears(caller, "notes.txt")).id)
    assert good.state == call_pb2.CALL_STATE_COMPLETED
    assert empty.state == notes.state == call_pb2.CALL_STATE_REJECTED and empty.error == "the file is empty"
    aside = {path.name.split("-", 1)[1] for path in (house.folder / "rejected").iterdir()}
    assert aside == {"empty.wav", "empty.wav.reason.txt", "notes.txt", "notes.txt.reason.txt"}
    assert (box / "empty.wav").exists()


async def test_restart_takes_nothing_again_but_what_changed(house: House) -> None:
    box = house.folder / "in"
    put(box, "a.wav")
    put(box, "b.wav", 1)
    caller = await house.launch(watch=box, settle_seconds=SETTLE)
    await caller.end((await appears(caller, "b.wav")).id)
    await caller.end((await appears(caller, "a.wav")).id)
    await house.halt()
    put(box, "b.wav", 2)
    put(box, "c.wav", 3)
    caller = await house.launch(watch=box, settle_seconds=SETTLE)
    await appears(caller, "c.wav")
    calls = (await caller.stub.ListCalls(call_pb2.ListCallsRequest())).calls
    assert sorted(call.recording.file_name for call in calls) == ["a.wav", "b.wav", "b.wav", "c.wav"]


async def test_full_queue_only_delays_watched_files(house: House) -> None:
    box = house.folder / "in"
    house.stages.hold["asr"] = asyncio.Event()
    caller = await house.launch(watch=box, settle_seconds=SETTLE, max_pending=1, rescan_seconds=0.3)
    put(box, "a.wav")
    await appears(caller, "a.wav")
    put(box, "b.wav", 1)
    await asyncio.sleep(4 * SETTLE)
    assert set(await listed(caller)) == {"a.wav"}
    house.stages.hold["asr"].set()
    assert (await caller.end((await appears(caller, "b.wav")).id)).state == call_pb2.CALL_STATE_COMPLETED


async def test_watched_file_by_name(house: House) -> None:
    box = house.folder / "in"
    caller = await house.launch(watch=box, settle_seconds=60.0)
    put(box, "now.wav")
    taken = await caller.send(b"", watched_file_name="now.wav", idempotency_key="k")
    assert (await caller.end(taken.call_id)).recording.file_name == "now.wav"
    put(box, "now.wav", 1)
    other = caller.send(b"", watched_file_name="now.wav", idempotency_key="k")
    assert await caller.refusal(other) == grpc.StatusCode.INVALID_ARGUMENT
