"""Recordings on their way in: through the gateway to the orchestrator, and refused where they have to be."""

from __future__ import annotations

import asyncio
import hashlib
import resource
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.config import MIB
from tests.gateway.conftest import Gateway, Serve
from tests.orchestrator.conftest import House
from tests.orchestrator.sounds import speech, write

BOUNDARY = "tests-own-boundary"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def part(name: str, field: str = "file") -> bytes:
    """The beginning of a part."""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode()


END = f"\r\n--{BOUNDARY}--\r\n".encode()


async def test_several_files_and_the_same_again(gateway: Gateway) -> None:
    paths = [write(gateway.house.folder / f"zəng {n}.wav", speech(2.0, seed=n)) for n in (0, 1)]
    files = [(path.name, path.read_bytes()) for path in paths]
    answer = await gateway.submit(*files)
    assert answer.status_code == 202
    first, second = answer.json()["submitted"]
    assert first == {
        "file_name": "zəng 0.wav", "call_id": first["call_id"], "already_known": False,
        "location": f"/api/calls/{first['call_id']}",
    }  # fmt: skip
    assert second["file_name"] == "zəng 1.wav" and answer.headers["Location"] == first["location"]
    call = await gateway.json(first["location"])
    assert call["recording"]["sha256"] == hashlib.sha256(files[0][1]).hexdigest()
    assert call["recording"]["file_name"] == "zəng 0.wav"
    (again,) = (await gateway.submit(("other.wav", files[0][1]))).json()["submitted"]
    assert again["already_known"] and again["call_id"] == first["call_id"]
    assert (await gateway.json("/api/calls"))["total_count"] == 2


async def test_key_of_the_caller(gateway: Gateway) -> None:
    key = {"Idempotency-Key": "k1"}
    (first,) = (await gateway.submit(("a.wav", b"one recording"), headers=key)).json()["submitted"]
    (again,) = (await gateway.submit(("a.wav", b"one recording"), headers=key)).json()["submitted"]
    assert not first["already_known"] and again == first | {"already_known": True}
    other = await gateway.submit(("a.wav", b"another recording"), headers=key)
    assert other.status_code == 400 and "other content" in other.json()["detail"]
    several = await gateway.submit(("a.wav", b"third"), ("b.wav", b"fourth"), headers={"Idempotency-Key": "k2"})
    assert several.status_code == 400 and "several files" in several.json()["detail"]
    assert [entry["file_name"] for entry in several.json()["submitted"]] == ["a.wav"]
    long = await gateway.submit(("a.wav", b"fifth"), headers={"Idempotency-Key": "k" * 201})
    assert long.status_code == 400 and long.json()["errors"][0]["where"] == "header idempotency-key"


async def test_file_that_fails_and_those_before_it(gateway: Gateway) -> None:
    answer = await gateway.submit(("1.wav", b"first"), ("2.pdf", b"%PDF-1.7 and more"), ("3.wav", b"third"))
    assert answer.status_code == 415 and answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["detail"] == "'2.pdf' is a PDF document, not a recording" and problem["action"]
    (taken,) = problem["submitted"]
    assert taken["file_name"] == "1.wav"
    assert [call["id"] for call in (await gateway.json("/api/calls"))["calls"]] == [taken["call_id"]]


async def test_name_says_nothing_about_the_kind(gateway: Gateway) -> None:
    for content, status in ((b"", 400), (b"PK\x03\x04 and so on", 415), (b"\x89PNG\r\n\x1a\n", 415), (b"x", 202)):
        answer = await gateway.submit(("call.wav", content))
        assert answer.status_code == status, answer.text
    assert (await gateway.json("/api/calls"))["total_count"] == 1


async def test_names_are_never_trusted(gateway: Gateway) -> None:
    for sent, kept in (
        ("../../etc/passwd", "passwd"),
        ("C:\\\\calls\\\\zəng.wav", "zəng.wav"),
        ("a%00\x1b[2Jb.wav", "a%00[2Jb.wav"),
    ):
        body = part(sent) + f"recording {kept}".encode() + END
        answer = await gateway.http.post("/api/calls", content=body, headers=FORM)
        assert answer.status_code == 202, answer.text
        call = await gateway.json(answer.headers["Location"])
        assert call["recording"]["file_name"] == kept
    nameless = await gateway.http.post("/api/calls", content=part("") + b"nameless" + END, headers=FORM)
    assert (await gateway.json(nameless.headers["Location"]))["recording"]["file_name"] == "recording"


async def test_what_is_no_upload(gateway: Gateway) -> None:
    async def refused(content: bytes, headers: dict[str, str] = FORM) -> tuple[int, str]:
        answer = await gateway.http.post("/api/calls", content=content, headers=headers)
        assert answer.headers["content-type"] == "application/problem+json" and answer.json()["submitted"] == []
        return answer.status_code, answer.json()["detail"]

    assert (await refused(b"RIFF", {"Content-Type": "audio/wav"}))[0] == 415
    assert (await refused(b"", {"Content-Type": "multipart/form-data"}))[0] == 415
    assert (await refused(b"", {"Content-Type": f"multipart/form-data; boundary={'b' * 500}"}))[0] == 400
    assert await refused(END[2:]) == (400, "no file came")
    assert await refused(part("a.wav", "other") + b"x" + END) == (400, "no file came")
    broken = "the multipart form is not as it must be: it breaks off"
    assert await refused(part("a.wav") + b"breaks off") == (400, broken)
    assert (await refused(b"not the boundary"))[0] == 400
    assert (await refused(f"--{BOUNDARY}\r\nX: {'x' * 20_000}\r\n\r\n".encode() + END))[0] == 400
    assert (await gateway.json("/api/calls"))["total_count"] == 0
    assert list((gateway.house.folder / "data" / "incoming").iterdir()) == []


async def test_too_large(house: House, serve: Serve) -> None:
    caller = await house.launch()
    http = await serve(caller.address, max_upload_bytes=3 * MIB)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield part("a.wav")
        for _ in range(64):
            sent += MIB
            yield b"x" * MIB
        yield END

    # With its length the upload is refused before any of it is read; without, as soon as there is too much of it.
    for headers in ({"Content-Length": str(len(part("a.wav")) + 64 * MIB + len(END))}, {}):
        answer = await http.post("/api/calls", content=endless(), headers=FORM | headers)
        assert answer.status_code == 413
        problem = answer.json()
        assert (problem["title"], problem["detail"]) == ("Content Too Large", "the upload is larger than 3 MiB")
        assert problem["action"] and problem["submitted"] == []
    assert (await http.get("/api/calls")).json()["total_count"] == 0
    assert list((house.folder / "data" / "incoming").iterdir()) == []
    whole = await http.post("/api/calls", files={"file": ("a.wav", b"x" * (2 * MIB))})
    assert whole.status_code == 202


async def test_orchestrator_that_refuses(house: House, serve: Serve) -> None:
    caller = await house.launch(max_upload_bytes=MIB, max_pending=1)
    house.stages.hold["asr"] = asyncio.Event()
    http = await serve(caller.address)
    large = await http.post("/api/calls", files={"file": ("a.wav", b"x" * (8 * MIB))})
    assert large.status_code == 429 and "larger than" in large.json()["detail"]
    path = write(house.folder / "a.wav", speech(2.0))
    assert (await http.post("/api/calls", files={"file": ("a.wav", path.read_bytes())})).status_code == 202
    full = await http.post("/api/calls", files={"file": ("b.wav", b"another")})
    assert full.status_code == 429 and full.json()["action"] == "submit it again later"
    house.stages.hold["asr"].set()


async def test_sender_that_goes_away_leaves_nothing(gateway: Gateway) -> None:
    incoming = gateway.house.folder / "data" / "incoming"
    begun = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield part("a.wav") + b"x" * MIB
        begun.set()
        await asyncio.sleep(60)

    sending = asyncio.create_task(gateway.http.post("/api/calls", content=slow(), headers=FORM))
    await begun.wait()
    async with asyncio.timeout(10):
        while not [path for path in incoming.iterdir() if path.stat().st_size]:  # noqa: ASYNC110 - files tell nobody
            await asyncio.sleep(0.02)
        sending.cancel()
        while list(incoming.iterdir()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert (await gateway.json("/api/calls"))["total_count"] == 0


async def test_upload_is_streamed(gateway: Gateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It reaches the orchestrator while it is still coming, and neither memory nor a temporary folder fills."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    incoming = gateway.house.folder / "data" / "incoming"
    size = 96 * MIB
    arrived: list[int] = []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    async def body() -> AsyncIterator[bytes]:
        yield part("a.wav") + b"RIFF"
        for _ in range(size // MIB):
            yield bytes(MIB)
            arrived.append(sum(path.stat().st_size for path in incoming.iterdir()))
        yield END

    answer = await gateway.http.post("/api/calls", content=body(), headers=FORM)
    assert answer.status_code == 202
    call = await gateway.json(answer.headers["Location"])
    assert call["recording"]["size_bytes"] == size + 4
    # Of what was sent only what is on its way (sockets, gRPC's window) is not there yet.
    assert max(MIB * (n + 1) - there for n, there in enumerate(arrived)) < 24 * MIB
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 48 * 1024  # KiB; all of it would be 96 MiB
    assert list(temporary.iterdir()) == []
