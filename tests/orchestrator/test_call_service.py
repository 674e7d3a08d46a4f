"""CallService over a real channel: what callers may send, and what they get."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from callcenter.v1 import call_pb2

from orchestrator.app import Orchestrator
from orchestrator.config import Config, default_addresses
from orchestrator.process import parse, to_config
from orchestrator.recordings import clean_name
from rpc.channel import connect
from rpc.errors import NotPossibleNow
from rpc.server import ServerConfig
from tests.orchestrator.conftest import House
from tests.orchestrator.sounds import speech, write
from tests.orchestrator.stages import NAMES


async def test_submitting_the_same_again(house: House) -> None:
    caller = await house.launch()
    path = write(house.folder / "a.wav", speech(2.0))
    first = await caller.submit(path, idempotency_key="k1")
    for config in ({}, {"file_name": "other name.wav"}, {"idempotency_key": "k1"}, {"idempotency_key": "k2"}):
        again = await caller.submit(path, **config)
        assert again.already_known and again.call_id == first.call_id
    other = write(house.folder / "b.wav", speech(2.0, seed=1))
    assert await caller.refusal(caller.submit(other, idempotency_key="k1")) == grpc.StatusCode.INVALID_ARGUMENT
    assert len((await caller.stub.ListCalls(call_pb2.ListCallsRequest())).calls) == 1
    both = await asyncio.gather(*(caller.submit(other) for _ in range(5)))
    assert len({response.call_id for response in both}) == 1
    assert [response.already_known for response in both].count(False) == 1


async def test_what_cannot_be_submitted(house: House) -> None:
    caller = await house.launch(max_upload_bytes=100_000, watch=house.folder / "in")
    config = call_pb2.SubmitCallRequest(config=call_pb2.SubmitCallConfig(file_name="a.wav"))
    data = call_pb2.SubmitCallRequest(data=b"x")

    async def refused(*requests: call_pb2.SubmitCallRequest) -> grpc.StatusCode:
        return await caller.refusal(caller.stub.SubmitCall(iter(requests)))

    invalid = grpc.StatusCode.INVALID_ARGUMENT
    assert await refused() == await refused(data) == await refused(config) == invalid
    assert await refused(config, data, config) == invalid
    assert await caller.refusal(caller.send(b"x", file_name="  / ")) == invalid
    assert await caller.refusal(caller.send(b"x", file_name="a", idempotency_key="k" * 201)) == invalid
    assert await caller.refusal(caller.send(b"x", watched_file_name="a.wav")) == invalid
    assert await caller.refusal(caller.send(b"", watched_file_name="../a.wav")) == invalid
    assert await caller.refusal(caller.send(b"", watched_file_name="a.wav")) == grpc.StatusCode.NOT_FOUND
    large = await caller.refusal(caller.send(b"x" * 100_001, file_name="a.wav"))
    assert large == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (await caller.stub.ListCalls(call_pb2.ListCallsRequest())).calls == []
    assert list((house.folder / "data" / "incoming").iterdir()) == []


async def test_sender_in_full_flow_is_told_why(house: House) -> None:
    caller = await house.launch(max_upload_bytes=200_000)

    async def flow() -> AsyncIterator[call_pb2.SubmitCallRequest]:
        yield call_pb2.SubmitCallRequest(config=call_pb2.SubmitCallConfig(file_name="a.wav"))
        for _ in range(60):
            yield call_pb2.SubmitCallRequest(data=b"x" * 65_536)

    codes = [await caller.refusal(caller.stub.SubmitCall(flow())) for _ in range(40)]
    assert set(codes) == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert list((house.folder / "data" / "incoming").iterdir()) == []


async def test_full_queue_refuses(house: House) -> None:
    house.stages.hold["asr"] = asyncio.Event()
    caller = await house.launch(max_pending=2)
    paths = [write(house.folder / f"{n}.wav", speech(2.0, seed=n)) for n in range(3)]
    calls = [(await caller.submit(path)).call_id for path in paths[:2]]
    assert await caller.refusal(caller.submit(paths[2])) == grpc.StatusCode.RESOURCE_EXHAUSTED
    house.stages.hold["asr"].set()
    for call_id in calls:
        await caller.end(call_id)
    assert not (await caller.submit(paths[2])).already_known


async def test_recording_comes_back_whole_or_in_part(house: House) -> None:
    caller = await house.launch()
    path = write(house.folder / "a.wav", speech(40.0))
    data = path.read_bytes()
    call_id = (await caller.submit(path)).call_id
    await caller.end(call_id)

    async def get(offset: int = 0, length: int = 0) -> bytes:
        request = call_pb2.GetRecordingRequest(call_id=call_id, offset=offset, length=length)
        parts = [part async for part in caller.stub.GetRecording(request)]
        assert parts[0].recording.sha256 == hashlib.sha256(data).hexdigest()
        assert parts[0].recording.size_bytes == len(data) and parts[0].recording.duration_ms == 40_000
        assert not any(part.HasField("recording") or len(part.data) > 256 * 1024 for part in parts[1:])
        return b"".join(part.data for part in parts)

    assert len(data) > 512 * 1024 and await get() == data
    assert await get(100, 50) == data[100:150] and await get(len(data) - 5) == data[-5:]
    assert await get(5, 10**12) == data[5:] and await get(len(data)) == b""
    for offset, length, code in (
        (len(data) + 1, 0, grpc.StatusCode.OUT_OF_RANGE),
        (-1, 0, grpc.StatusCode.INVALID_ARGUMENT),
        (0, -1, grpc.StatusCode.INVALID_ARGUMENT),
    ):
        request = call_pb2.GetRecordingRequest(call_id=call_id, offset=offset, length=length)
        assert await caller.refusal(caller.stub.GetRecording(request)) == code


async def test_list_in_pages(house: House) -> None:
    caller = await house.launch()
    calls = [(await caller.send(bytes([n]), file_name=f"{n}.wav")).call_id for n in range(5)]
    seen, token = [], ""
    while True:
        page = await caller.stub.ListCalls(call_pb2.ListCallsRequest(page_size=2, page_token=token))
        assert len(page.calls) <= 2 and page.total_count == 5
        seen += [call.id for call in page.calls]
        token = page.next_page_token
        if not token:
            break
        other = call_pb2.ListCallsRequest(page_size=2, page_token=token, text="x")
        assert await caller.refusal(caller.stub.ListCalls(other)) == grpc.StatusCode.INVALID_ARGUMENT
    assert seen == calls[::-1]
    for size in (-1, 501):
        request = call_pb2.ListCallsRequest(page_size=size)
        assert await caller.refusal(caller.stub.ListCalls(request)) == grpc.StatusCode.INVALID_ARGUMENT
    ended = [await caller.end(call_id) for call_id in calls]
    page = await caller.stub.ListCalls(call_pb2.ListCallsRequest(page_size=1))
    assert page.sequence == max(call.sequence for call in ended)
    request = call_pb2.ListCallsRequest()
    request.create_time_from.seconds = 2**62
    assert await caller.refusal(caller.stub.ListCalls(request)) == grpc.StatusCode.INVALID_ARGUMENT
    for field, values in (("min_stars", (-1, 6)), ("max_stars", (-1, 6)), ("order", (-1, 99))):
        for value in values:
            request = call_pb2.ListCallsRequest()
            setattr(request, field, value)
            assert await caller.refusal(caller.stub.ListCalls(request)) == grpc.StatusCode.INVALID_ARGUMENT
    request = call_pb2.ListCallsRequest(create_time_from=ended[4].create_time, text="4.WAV")
    assert [call.id for call in (await caller.stub.ListCalls(request)).calls] == [calls[4]]


async def test_models_of_servers_that_are_up_down_or_wrong(house: House) -> None:
    await house.stages.stop("emotion")
    addresses = house.stages.addresses | {"quality": house.stages.addresses["roles"]}
    caller = await house.launch(addresses=addresses)
    models = (await caller.stub.ListModels(call_pb2.ListModelsRequest())).models
    assert [model.stage for model in models] == list(NAMES)
    by_stage = {model.stage: model for model in models}
    assert by_stage["asr"].serving and by_stage["asr"].model.id == "test-asr" and not by_stage["asr"].reason
    assert by_stage["asr"].address == house.stages.addresses["asr"]
    assert not by_stage["emotion"].serving and "UNAVAILABLE" in by_stage["emotion"].reason
    assert not by_stage["quality"].serving and "'roles'" in by_stage["quality"].reason


async def test_watching_ends_when_the_orchestrator_stops(house: House) -> None:
    caller = await house.launch()
    await caller.send(b"x", file_name="a.wav")
    watching = asyncio.create_task(caller.refusal(caller.watch()))
    await asyncio.sleep(0.2)
    async with asyncio.timeout(10):
        await house.halt()
        assert await watching == grpc.StatusCode.UNAVAILABLE


async def test_one_orchestrator_a_data_folder(house: House) -> None:
    await house.launch()
    with pytest.raises(NotPossibleNow, match=r"another orchestrator \(process \d+\)"):
        Orchestrator(Config(data=house.folder / "data"), ServerConfig())


async def test_call_service_is_announced(house: House) -> None:
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    orchestrator = Orchestrator(Config(data=house.folder / "x", addresses=house.stages.addresses), ServerConfig())
    port = await orchestrator.start()
    async with connect(f"127.0.0.1:{port}") as channel:
        request = health_pb2.HealthCheckRequest(service="callcenter.v1.CallService")
        answer = await health_pb2_grpc.HealthStub(channel).Check(request)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    await orchestrator.stop()


def test_names_of_files_are_made_harmless() -> None:
    assert clean_name("C:\\calls\\zəng 1.wav") == "zəng 1.wav"
    assert clean_name("../../etc/passwd") == "passwd"
    assert clean_name(".hidden\n\x1b[31m.wav") == "hidden[31m.wav"
    assert clean_name("a/") == clean_name(" . ") == ""
    assert clean_name("ə" * 200 + ".wav").endswith("ə.wav") and len(clean_name("ə" * 200).encode()) <= 150


def test_configuration_from_environment_and_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "CALLCENTER_ASR_ADDRESS": "dns:///asr:50052",
        "CALLCENTER_ROLES_PORT": "9000",
        "CALLCENTER_WATCH": "in/box",
        "CALLCENTER_MAX_RUNNING": "7",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["orchestrator", "--topics", "host:1", "--per-stage", "2"])
    config = to_config(parse())
    set_here = {"asr": "dns:///asr:50052", "roles": "127.0.0.1:9000", "topics": "host:1"}
    assert config.addresses == default_addresses({}) | set_here
    assert (config.max_running, config.per_stage) == (7, 2)
    assert config.watch == tmp_path / "in" / "box" and config.rejected == tmp_path / "in" / "rejected"
    monkeypatch.setenv("CALLCENTER_WATCH", "none")
    config = to_config(parse())
    assert config.watch is None and config.rejected == tmp_path / "data" / "rejected"
