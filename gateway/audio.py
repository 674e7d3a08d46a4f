"""The recording of a call: the original file, whole or in ranges, and its waveform."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote

from callcenter.v1 import call_pb2
from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from gateway import messages, schema
from gateway.backend import UNARY_SECONDS, CallId, Calls
from gateway.problems import ProblemError, documented

router = APIRouter(tags=["recordings"])

_WAVEFORM_SECONDS = 600.0  # where it is missing it is made, from a recording of hours

# A browser may keep it, but asks each time whether it may still be shown: the call may be deleted.
_CACHED = "private, no-cache"

_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Span(NamedTuple):
    """Bytes of a file: the first, and how many."""

    offset: int
    length: int


def span_of(header: str | None, size: int) -> Span | None:
    """What a Range header asks for (RFC 9110, 14).

    Args:
        header: its value; None: there is none.
        size: of the file.

    Returns:
        The bytes; None: the whole file, because the header says so, asks for several ranges, or means nothing.

    Raises:
        ProblemError: 416: it begins behind the end.
    """
    match = _ONE_RANGE.fullmatch(header.strip().lower()) if header else None
    if match is None or match.group() == "bytes=-":
        return None
    first, last = match.groups()
    if first and last and int(last) < int(first):
        return None
    offset = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if offset >= end:
        raise ProblemError(
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            f"the recording has {size} bytes",
            "ask for bytes that it has",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return Span(offset, end - offset)


def disposition(kind: str, file_name: str) -> str:
    """A Content-Disposition with a file name (RFC 6266, RFC 8187): for old readers in ASCII, for others as it is."""
    plain = re.sub(r'[^\x20-\x7e]|["\\%]', "_", file_name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"


_RANGE_HEADERS = {
    "ETag": {"description": "SHA-256 of the recording.", "schema": {"type": "string"}},
    "Accept-Ranges": {"schema": {"type": "string", "const": "bytes"}},
}
_SOUND = {"audio/*": {"schema": {"type": "string", "format": "binary"}}}


@router.get(
    "/calls/{call_id}/audio",
    summary="Hear a recording",
    response_class=Response,
    responses={
        200: {"description": "The file.", "content": _SOUND, "headers": _RANGE_HEADERS},
        206: {"description": "The range that was asked for.", "content": _SOUND, "headers": _RANGE_HEADERS},
        304: {"description": "The caller has it already."},
        **documented(HTTPStatus.NOT_FOUND, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE),
    },
)
@router.head("/calls/{call_id}/audio", include_in_schema=False)
async def get_audio(
    call_id: CallId,
    calls: Calls,
    download: Annotated[bool, Query(description="To be saved under its name, not played.")] = False,
    wanted: Annotated[str | None, Header(alias="Range", description="`bytes=first-last`, one range.")] = None,
    if_range: Annotated[str | None, Header(description="The range only if this is still the ETag.")] = None,
    if_none_match: Annotated[str | None, Header(description="ETags that the caller has.")] = None,
) -> Response:
    """The original file, as it was submitted."""
    recording = await _recording(calls, call_id)
    tag = f'"{recording.sha256}"'
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Cache-Control": _CACHED,
        "Content-Disposition": disposition("attachment" if download else "inline", recording.file_name),
    }
    if _has(if_none_match, tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    span = span_of(wanted, recording.size_bytes) if if_range is None or if_range.strip() == tag else None
    offset, length = span or (0, recording.size_bytes)
    headers["Content-Length"] = str(length)
    if span is not None:
        headers["Content-Range"] = f"bytes {offset}-{offset + length - 1}/{recording.size_bytes}"
    return StreamingResponse(
        _read(calls, call_id, offset, length),
        HTTPStatus.OK if span is None else HTTPStatus.PARTIAL_CONTENT,
        headers,
        recording.media_type or "application/octet-stream",
    )


@router.get(
    "/calls/{call_id}/waveform",
    summary="See a recording",
    response_model=schema.Waveform,
    responses={
        200: {"headers": {"ETag": {"schema": {"type": "string"}}}},
        304: {"description": "The caller has it already."},
        **documented(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    },
)
async def get_waveform(
    call_id: CallId,
    calls: Calls,
    if_none_match: Annotated[str | None, Header(description="ETags that the caller has.")] = None,
) -> Response:
    """The peaks of a recording, few enough to draw. 409 until it is decoded."""
    answer = await calls.GetWaveform(call_pb2.GetWaveformRequest(call_id=call_id), timeout=_WAVEFORM_SECONDS)
    body = messages.waveform(answer).model_dump_json().encode()
    tag = f'"{hashlib.sha256(body).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": _CACHED}
    if _has(if_none_match, tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


async def _recording(calls: Any, call_id: str) -> call_pb2.Recording:
    """What is known of the file."""
    answer = calls.GetRecording(call_pb2.GetRecordingRequest(call_id=call_id, length=1), timeout=UNARY_SECONDS)
    try:
        return (await anext(aiter(answer))).recording
    finally:
        answer.cancel()


async def _read(calls: Any, call_id: str, offset: int, length: int) -> AsyncIterator[bytes]:
    """The bytes as the orchestrator reads them, no faster than they are taken."""
    request = call_pb2.GetRecordingRequest(call_id=call_id, offset=offset, length=length)
    answer = calls.GetRecording(request)
    try:
        async for part in answer:
            yield part.data
    finally:
        answer.cancel()


def _has(header: str | None, tag: str) -> bool:
    """Says whether If-None-Match names a tag; weak ones are as good here."""
    tags = {entry.strip().removeprefix("W/") for entry in (header or "").split(",")}
    return bool(tags & {tag, "*"})
