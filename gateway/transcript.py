"""Transcripts as files: for machines, for people, for spreadsheets and for players."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import PurePath
from typing import Annotated, Literal

from callcenter.v1 import call_pb2
from fastapi import APIRouter, Path, Response

from gateway import messages, schema
from gateway.audio import disposition
from gateway.backend import UNARY_SECONDS, CallId, Calls
from gateway.problems import ProblemError, documented

router = APIRouter(tags=["calls"])

Format = Literal["json", "txt", "csv", "srt", "vtt"]

_MEDIA_TYPES: Mapping[Format, str] = {
    "json": "application/json",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
}
_NOT_UNDERSTOOD = "…"
_COLUMNS = ("index", "start", "end", "speaker", "role", "emotion", "channel", "text")


def as_json(call: schema.Call) -> str:
    """Everything about the turns, in the names of the API."""
    transcript = schema.Transcript(
        call_id=call.id,
        file_name=call.recording.file_name,
        create_time=call.create_time,
        duration_ms=call.recording.duration_ms,
        language=call.language,
        speakers=call.speakers,
        turns=call.turns,
        trend=call.trend,
    )
    return transcript.model_dump_json(indent=2) + "\n"


def as_txt(call: schema.Call) -> str:
    """To be read: a line a turn."""
    lines = [
        f"{call.recording.file_name}  {call.create_time:%Y-%m-%d %H:%M} UTC",
        "",
        *(f"[{_clock(turn.start_ms, '.')}] {_label(turn)}: {_text(turn)}" for turn in call.turns),
    ]
    return "\n".join(lines) + "\n"


def as_csv(call: schema.Call) -> str:
    """For spreadsheets: times in seconds, and the mark by which Excel knows UTF-8."""
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(_COLUMNS)
    for turn in call.turns:
        times = f"{turn.start_ms / 1000:.3f}", f"{turn.end_ms / 1000:.3f}"
        who = turn.speaker, turn.role or "", turn.emotion or ""
        writer.writerow((turn.index, *times, *who, turn.channel, _cell(turn.text)))
    return "\ufeff" + output.getvalue()


def as_srt(call: schema.Call) -> str:
    """SubRip subtitles."""
    cues = [
        f"{number}\n{_clock(turn.start_ms, ',')} --> {_clock(_end(turn), ',')}\n{_label(turn)}: {_text(turn)}\n"
        for number, turn in enumerate(call.turns, 1)
    ]
    return "\n".join(cues)


def as_vtt(call: schema.Call) -> str:
    """WebVTT subtitles (https://www.w3.org/TR/webvtt1/), the emotion as a class of the voice."""
    cues = [
        f"{_clock(turn.start_ms, '.')} --> {_clock(_end(turn), '.')}\n"
        f"<v{f'.{turn.emotion}' if turn.emotion else ''} {_who(turn)}>{_escaped(_text(turn))}\n"
        for turn in call.turns
    ]
    return "\n".join(["WEBVTT\n", *cues])


_FORMATS: Mapping[Format, Callable[[schema.Call], str]] = {
    "json": as_json,
    "txt": as_txt,
    "csv": as_csv,
    "srt": as_srt,
    "vtt": as_vtt,
}


@router.get(
    "/calls/{call_id}/transcript.{kind}",
    summary="Export a transcript",
    response_class=Response,
    responses={
        200: {
            "description": "The file.",
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Transcript"}},
                **{
                    media_type.partition(";")[0]: {"schema": {"type": "string"}}
                    for kind, media_type in _MEDIA_TYPES.items()
                    if kind != "json"
                },
            },
        },
        **documented(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    },
)
async def get_transcript(
    call_id: CallId, calls: Calls, kind: Annotated[Format, Path(description="Of the file.")]
) -> Response:
    """Who said what and when, with roles and emotions as far as they are known. 409 as long as there are no turns."""
    answer = await calls.GetCall(call_pb2.GetCallRequest(call_id=call_id), timeout=UNARY_SECONDS)
    call = messages.call(answer.call)
    if not call.turns:
        raise ProblemError(HTTPStatus.CONFLICT, "the call has no transcript", "ask again when its stage turns is done")
    name = f"{PurePath(call.recording.file_name).stem}.{kind}"
    headers = {"Content-Disposition": disposition("attachment", name)}
    return Response(_FORMATS[kind](call), headers=headers, media_type=_MEDIA_TYPES[kind])


def _who(turn: schema.Turn) -> str:
    return turn.role.capitalize() if turn.role else turn.speaker


def _label(turn: schema.Turn) -> str:
    return f"{_who(turn)} ({turn.emotion})" if turn.emotion else _who(turn)


def _text(turn: schema.Turn) -> str:
    """On one line: an empty one would end a subtitle."""
    return " ".join(turn.text.split()) or _NOT_UNDERSTOOD


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _end(turn: schema.Turn) -> int:
    """Subtitles must last."""
    return max(turn.end_ms, turn.start_ms + 1)


def _clock(time_ms: int, point: str) -> str:
    """Hours, minutes, seconds and thousandths: ``00:01:02.345``."""
    seconds, thousandths = divmod(time_ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{thousandths:03d}"
