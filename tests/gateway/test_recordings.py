"""Hearing and seeing a recording: ranges, names, what the caller has already, the waveform."""

from __future__ import annotations

import hashlib

import pytest

from gateway.audio import Span, disposition, span_of
from gateway.problems import ProblemError
from tests.gateway.conftest import Gateway
from tests.orchestrator.sounds import conversation, speech, write


async def test_whole_and_in_ranges(gateway: Gateway) -> None:
    path = write(gateway.house.folder / "zəng 1.wav", speech(40.0))
    data = path.read_bytes()
    location = (await gateway.submit((path.name, data))).headers["Location"]
    before = await gateway.http.get(f"{location}/audio")
    assert before.headers["Content-Type"] in ("application/octet-stream", "audio/wav")  # decoded already, or not yet
    await gateway.caller.end(location.rpartition("/")[2])
    address = f"{location}/audio"

    whole = await gateway.http.get(address)
    assert whole.status_code == 200 and whole.content == data and len(data) > 512 * 1024
    assert whole.headers["Content-Type"] == "audio/wav" and whole.headers["Accept-Ranges"] == "bytes"
    assert whole.headers["Content-Length"] == str(len(data))
    tag = whole.headers["ETag"]
    assert tag == f'"{hashlib.sha256(data).hexdigest()}"'
    assert whole.headers["Cache-Control"] == "private, no-cache"
    head = await gateway.http.head(address)
    assert head.headers["Content-Length"] == str(len(data)) and head.content == b""

    size = len(data)
    for wanted, first, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=100-149", 100, 150),
        (f"bytes={size - 5}-", size - 5, size),
        ("bytes=-7", size - 7, size),
        ("bytes=300000-99999999999", 300_000, size),
    ):
        answer = await gateway.http.get(address, headers={"Range": wanted})
        assert answer.status_code == 206 and answer.content == data[first:end], wanted
        assert answer.headers["Content-Range"] == f"bytes {first}-{end - 1}/{size}"
        assert answer.headers["Content-Length"] == str(end - first)
    behind = await gateway.http.get(address, headers={"Range": f"bytes={size}-"})
    assert behind.status_code == 416 and behind.headers["Content-Range"] == f"bytes */{size}"
    assert behind.json()["detail"] == f"the recording has {size} bytes"

    same = await gateway.http.get(address, headers={"Range": "bytes=0-9", "If-Range": tag})
    assert same.status_code == 206
    other = await gateway.http.get(address, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert other.status_code == 200 and other.content == data
    has = await gateway.http.get(address, headers={"If-None-Match": f'"x", W/{tag}'})
    assert has.status_code == 304 and has.content == b"" and has.headers["ETag"] == tag

    shown = await gateway.http.get(address, headers={"Range": "bytes=0-0"})
    assert shown.headers["Content-Disposition"].startswith("inline; ")
    saved = await gateway.http.get(address, params={"download": 1}, headers={"Range": "bytes=0-0"})
    assert saved.headers["Content-Disposition"] == (
        "attachment; filename=\"z_ng 1.wav\"; filename*=UTF-8''z%C9%99ng%201.wav"
    )


@pytest.mark.parametrize(
    ("header", "span"),
    [
        (None, None),
        ("bytes=0-9", Span(0, 10)),
        (" Bytes=9-9 ", Span(9, 1)),
        ("bytes=5-", Span(5, 95)),
        ("bytes=-200", Span(0, 100)),
        ("bytes=-1", Span(99, 1)),
        # What makes no sense, or asks for several ranges, is answered with the whole file (RFC 9110, 14.2).
        ("bytes=9-5", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("bytes=a-b", None),
        ("seconds=0-9", None),
        ("bytes=" + "9" * 30 + "-", None),
    ],
)
def test_ranges(header: str | None, span: Span | None) -> None:
    assert span_of(header, 100) == span


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_ranges_behind_the_end(header: str) -> None:
    with pytest.raises(ProblemError) as refused:
        span_of(header, 100)
    assert refused.value.problem.status == 416 and refused.value.headers == {"Content-Range": "bytes */100"}


def test_names_cannot_leave_their_header() -> None:
    assert disposition("inline", 'a"; x="\r\nSet-Cookie: b\\.wav') == (
        'inline; filename="a_; x=___Set-Cookie: b_.wav"; '
        "filename*=UTF-8''a%22%3B%20x%3D%22%0D%0ASet-Cookie%3A%20b%5C.wav"
    )


async def test_waveform(gateway: Gateway) -> None:
    path = write(gateway.house.folder / "a.wav", conversation(4.0))
    location = (await gateway.submit((path.name, path.read_bytes()))).headers["Location"]
    await gateway.caller.end(location.rpartition("/")[2])
    answer = await gateway.http.get(f"{location}/waveform")
    found = answer.json()
    assert (found["points_per_second"], found["duration_ms"]) == (100, 4000)
    assert [len(channel) for channel in found["channels"]] == [400, 400]
    for channel in found["channels"]:
        assert all(0 <= peak <= 1 and round(peak, 3) == peak for peak in channel) and max(channel) > 0.05
    same = await gateway.http.get(f"{location}/waveform", headers={"If-None-Match": answer.headers["ETag"]})
    assert same.status_code == 304 and same.content == b""

    letter = (await gateway.submit(("letter.wav", b"not a recording"))).headers["Location"]
    await gateway.caller.end(letter.rpartition("/")[2])
    refused = await gateway.http.get(f"{letter}/waveform")
    assert refused.status_code == 409 and refused.json()["detail"] == "the recording is not decoded"
