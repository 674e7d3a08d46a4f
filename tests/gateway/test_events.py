"""Server-Sent Events: live, resumed, reset, kept alive, and for many clients at once of whom some are slow."""

from __future__ import annotations

import asyncio
import json
import re
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx
import pytest
from callcenter.v1 import call_pb2

from gateway.hub import FellBehind, Hub, encode
from tests.gateway.conftest import Gateway, Serve
from tests.orchestrator.caller import Caller
from tests.orchestrator.conftest import House
from tests.orchestrator.sounds import speech, write


class Block(NamedTuple):
    """What stands between two empty lines. ``comment``: of a line that begins with a colon."""

    id: int | None = None
    event: str = ""
    data: Any = None
    comment: str = ""
    retry: int | None = None


def block_of(lines: list[str]) -> Block:
    fields: dict[str, Any] = {}
    for line in lines:
        name, _, value = line.partition(":")
        name = name or "comment"
        assert name not in fields
        fields[name] = value.removeprefix(" ")
    for name, read in (("id", int), ("retry", int), ("data", json.loads)):
        if name in fields:
            fields[name] = read(fields[name])
    return Block(**fields)


class Stream:
    """An open stream."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()

    async def blocks(self) -> AsyncIterator[Block]:
        """Everything, in order."""
        lines: list[str] = []
        async for line in self._lines:
            if line:
                lines.append(line)
            else:
                yield block_of(lines)
                lines = []
        assert not lines, "the stream ended within a block"

    async def next(self, event: str = "call", seconds: float = 20) -> Block:
        """The next event; comments are passed over, any other event is not."""
        async with asyncio.timeout(seconds):
            async for block in self.blocks():
                if block.event:
                    assert block.event == event
                    return block
        raise AssertionError("the stream ended")


@asynccontextmanager
async def follow(
    http: httpx.AsyncClient, path: str = "/api/events", last: Any = None, **query: Any
) -> AsyncIterator[Stream]:
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    async with http.stream("GET", path, headers=headers, params=query) as answer:
        assert answer.status_code == 200, await answer.aread()
        yield Stream(answer)


async def all_events(gateway: Gateway, call_id: str = "") -> list[int]:
    """Sequence numbers as the orchestrator itself tells them."""
    calls = (await gateway.json("/api/calls"))["calls"]
    newest = max(call["sequence"] for call in calls if call_id in ("", call["id"]))
    found = []
    async for event in gateway.caller.watch(call_id):
        found.append(event.sequence)
        if event.sequence >= newest:
            break
    return found


async def test_live_from_the_first_comment_on(gateway: Gateway) -> None:
    await gateway.analysed("before.wav", 2.0)
    async with follow(gateway.http) as stream:
        first = await anext(stream.blocks())
        assert first.comment == "following" and first.retry == 2000 and not first.event
        place = await anext(stream.blocks())
        assert place == Block(id=(await all_events(gateway))[-1])  # no event, but what a client names that comes back
        call_id = await gateway.analysed("zəng 1.wav", 4.0, seed=1)
        seen = [await stream.next() for _ in range(10)]
        assert [block.id for block in seen] == [block.data["sequence"] for block in seen]
        assert seen[0].id == (place.id or 0) + 1
        event = seen[0].data
        assert event == {
            "sequence": seen[0].id, "call_id": call_id, "time": event["time"], "call_state": "queued", "stage": None,
            "deleted": False, "file_name": "zəng 1.wav",
        }  # fmt: skip
        stage = seen[1].data["stage"]
        assert stage == stage | {"name": "decode", "state": "queued", "progress": 0.0, "model": None, "needs": []}
        await gateway.http.delete(f"/api/calls/{call_id}")
        while not (block := await stream.next()).data["deleted"]:
            assert block.data["call_id"] == call_id
    assert block.data["call_state"] == "completed"


@pytest.mark.parametrize("event_count", [4096, 8])
async def test_resumed_without_gap_or_repeat(house: House, serve: Serve, event_count: int) -> None:
    """From what the gateway still has, or from the orchestrator's table where it has too little."""
    caller = await house.launch()
    http = await serve(caller.address, event_count=event_count)
    gateway = Gateway(house, caller, http)
    async with follow(http) as stream:
        await anext(stream.blocks())
        first = await gateway.analysed("a.wav", 4.0)
        await gateway.analysed("b.wav", 4.0, seed=1)
        expected = await all_events(gateway)
        of_first = await all_events(gateway, first)
        if event_count > len(expected):
            assert [(await stream.next()).id for _ in expected] == expected
    for path, numbers in (("/api/events", expected), (f"/api/calls/{first}/events", of_first)):
        for after in (0, numbers[0], numbers[5], numbers[-3], numbers[-2]):
            rest = [number for number in numbers if number > after]
            async with follow(http, path, last=after, after=0) as stream:  # the header is newer than the address
                assert [(await stream.next()).id for _ in rest] == rest
            async with follow(http, path, after=after) as stream:
                assert (await stream.next()).id == rest[0]
    # Up to date already: nothing but what is new comes, and it does.
    async with follow(http, last=expected[-1]) as stream, follow(http, f"/api/calls/{first}/events", last=0) as one:
        await http.post(f"/api/calls/{first}/retry", params={"from_stage": "topics"})
        assert (await stream.next()).id == expected[-1] + 1
        seen = [(await one.next()).id for _ in range(len(of_first) + 1)]
        assert seen == [*of_first, expected[-1] + 1]


async def test_number_that_was_never_given_resets(gateway: Gateway) -> None:
    await gateway.analysed("a.wav", 2.0)
    newest = (await all_events(gateway))[-1]
    for last in (newest + 1, 2**63 - 1, 2**70, -5, "x", "1.5", "²"):
        path = f"/api/calls/{(await gateway.json('/api/calls'))['calls'][0]['id']}/events"
        for address in ("/api/events", path):
            headers = [(b"Last-Event-ID", str(last).encode())]
            async with gateway.http.stream("GET", address, headers=headers) as answer:
                reset = await Stream(answer).next("reset")
                assert (reset.data, reset.id) == ({}, newest), last
    async with follow(gateway.http, last=newest + 1000) as stream:
        await stream.next("reset")
        await gateway.submit(("b.wav", b"new"))
        assert (await stream.next()).id == newest + 1
    for after in (-2, "x", 2**63):
        assert (await gateway.http.get("/api/events", params={"after": after})).status_code == 400


async def test_kept_alive_while_nothing_happens(house: House, serve: Serve) -> None:
    caller = await house.launch()
    http = await serve(caller.address, keep_alive_seconds=0.2)
    async with follow(http) as stream:
        async with asyncio.timeout(5):
            comments = [block.comment async for block in limited(stream.blocks(), 5)]
    assert comments[0] == "following" and comments[2:] == ["still here"] * 3


async def limited(blocks: AsyncIterator[Block], count: int) -> AsyncIterator[Block]:
    for _ in range(count):
        yield await anext(blocks)


async def relaunch(house: House, **options: Any) -> Caller:
    """Starts an orchestrator again; gRPC may have to wait a little before it tries the same port again."""
    caller = await house.launch(**options)
    await caller.stub.ListCalls(call_pb2.ListCallsRequest(), wait_for_ready=True)
    return caller


async def test_through_an_outage_of_the_orchestrator(house: House, serve: Serve) -> None:
    caller = await house.launch()
    port = caller.address.rpartition(":")[2]
    http = await serve(caller.address, keep_alive_seconds=0.2)
    async with follow(http) as early, follow(http, last=0) as late:
        await http.post("/api/calls", files={"file": ("a.wav", b"one")})
        numbers = [(await early.next()).id for _ in range(3)]
        await house.halt()
        async with asyncio.timeout(10):  # what the call did until then, and then nothing
            while (block := await anext(early.blocks())).comment != "still here":
                numbers.append(block.id)
        async with follow(http) as waiting:
            assert (await anext(waiting.blocks())).comment == "following"
            again = await relaunch(house, port=int(port))
            await again.send(b"two", file_name="b.wav")
            seen = [(await early.next(seconds=30)).id for _ in range(5)]
            assert numbers + seen == list(range(1, len(numbers) + 6))
            assert [(await late.next()).id for _ in range(5)] == [1, 2, 3, 4, 5]
            assert (await waiting.next()).data["call_id"]


async def test_orchestrator_whose_data_were_put_back(house: House, serve: Serve) -> None:
    caller = await house.launch()
    port = int(caller.address.rpartition(":")[2])
    http = await serve(caller.address)
    await (Gateway(house, caller, http)).analysed("a.wav", 2.0)
    async with follow(http, after=0) as stream:
        assert (await stream.next()).id == 1
        await house.halt()
        again = await relaunch(house, port=port, data=house.folder / "other data")
        await again.send(b"x", file_name="b.wav")
        async with asyncio.timeout(30):
            async for block in stream.blocks():
                if block.event == "reset":
                    break
        assert block.data == {}
        await again.send(b"y", file_name="c.wav")
        async with asyncio.timeout(10):
            while (event := (await stream.next()).data)["file_name"] != "c.wav":
                assert event["file_name"] == "b.wav"


async def test_row_of_events_is_bounded() -> None:
    hub = Hub(None, 3)
    for number in (2, 4, 5, 9):
        hub._add(encode(call_pb2.CallEvent(sequence=number, call_state=call_pb2.CALL_STATE_RUNNING)))
    assert (hub.base, hub.newest) == (2, 9)
    assert [event.sequence for event in hub.read(hub.place(2))] == [4, 5, 9]
    assert [event.sequence for event in hub.read(hub.place(7))] == [9] and hub.read(hub.place(9)) == []
    with pytest.raises(FellBehind):
        hub.place(1)
    with pytest.raises(FellBehind):
        hub.read(0)


class Socket:
    """A client that can stand still, with so small a buffer that the gateway notices it.

    Attributes:
        numbers: of the events so far, over all its connections.
        connections: how often it had to come.
    """

    def __init__(self, port: int, slow: bool) -> None:
        self.numbers: list[int] = []
        self.connections = 0
        self._port = port
        self._slow = slow
        self._rest = b""

    async def connect(self) -> None:
        """Comes, or comes back with the number of its last event."""
        plain = socket.socket()
        if self._slow:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.setblocking(False)
        await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", self._port))
        limit = 4096 if self._slow else 2**16
        self._reader, self._writer = await asyncio.open_connection(sock=plain, limit=limit)
        last = f"Last-Event-ID: {self.numbers[-1]}\r\n" if self.numbers else ""
        self._writer.write(f"GET /api/events HTTP/1.1\r\nHost: localhost\r\n{last}\r\n".encode())
        assert (await self._reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK")
        self.connections += 1

    async def read(self, until: int) -> None:
        """Reads up to an event, coming back as often as it is cut off."""
        while not self.numbers or self.numbers[-1] < until:
            data = await self._reader.read(2**16)
            if data:
                whole, _, self._rest = (self._rest + data).rpartition(b"\n\n")
                self.numbers += map(int, _NUMBERS.findall(whole))
            else:
                self._rest = b""
                self.close()
                await self.connect()

    def close(self) -> None:
        """Goes."""
        self._writer.close()


# With what makes it an event: the first place that a client is told is none.
_NUMBERS = re.compile(rb"^id: (\d+)\nevent: call$", re.MULTILINE)


async def many_events(gateway: Gateway, count: int) -> int:
    """Has calls queued that nobody works on; returns the number of the newest event."""
    for n in range(count):
        await gateway.caller.send(f"{n}".encode(), file_name=f"{n}.wav")
    page = await gateway.caller.stub.ListCalls(call_pb2.ListCallsRequest(page_size=1))
    return int(page.sequence)


async def test_two_hundred_clients_some_of_them_slow(house: House, serve: Serve) -> None:
    row = 256
    caller = await house.launch(max_running=1)
    http = await serve(caller.address, event_count=row)
    gateway = Gateway(house, caller, http)
    clients = [Socket(http.base_url.port or 0, slow=n % 10 == 0) for n in range(200)]
    fast, slow = [c for n, c in enumerate(clients) if n % 10], clients[::10]
    for client in clients:
        await client.connect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    async def call() -> int:
        """A call is analysed; then so many others come that who does not read is far behind."""
        path = write(house.folder / "a.wav", speech(4.0))
        call_id = (await caller.submit(path)).call_id
        await caller.end(call_id)
        house.stages.hold["asr"] = asyncio.Event()
        await caller.submit(write(house.folder / "b.wav", speech(4.0, seed=1)))
        await house.stages.arrived["asr"].wait()
        return await many_events(gateway, 80)

    newest = await call()
    async with asyncio.timeout(60):
        await asyncio.gather(*(client.read(newest) for client in fast))
    assert newest > 2 * row
    # The slow ones have not read a byte, and held nobody up; what waits for each of them is little.
    connections = serve.servers[0].server_state.connections
    buffers = [connection.transport.get_write_buffer_size() for connection in connections]  # type: ignore[union-attr]
    assert len(buffers) >= 200 and max(buffers) < 256 * 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 96 * 1024  # KiB
    assert all(client.numbers == list(range(1, newest + 1)) for client in fast)
    assert all(client.connections == 1 for client in fast)
    async with asyncio.timeout(60):
        await asyncio.gather(*(client.read(newest) for client in slow))
    assert all(client.numbers == list(range(1, newest + 1)) for client in slow)
    assert all(client.connections > 1 for client in slow)
    for client in clients:
        client.close()
    house.stages.hold["asr"].set()


async def test_client_that_takes_nothing_is_cut_off(house: House, serve: Serve) -> None:
    caller = await house.launch(max_running=1)
    http = await serve(caller.address, stall_seconds=0.3)
    client = Socket(http.base_url.port or 0, slow=True)
    await client.connect()
    newest = await many_events(Gateway(house, caller, http), 80)
    async with asyncio.timeout(20):
        while serve.servers[0].server_state.tasks:  # noqa: ASYNC110 - the server tells it in no other way
            await asyncio.sleep(0.05)
        await client.read(newest)
    assert client.connections > 1 and client.numbers == list(range(1, newest + 1))
    client.close()
