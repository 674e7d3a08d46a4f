"""Transcripts in all formats, letter by letter."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

from gateway import schema, transcript
from tests.gateway.conftest import Gateway


def turn(index: int, start_ms: int, end_ms: int, text: str, **fields: object) -> schema.Turn:
    known = {
        "index": index, "speaker": f"S{1 + index % 2}", "start_ms": start_ms, "end_ms": end_ms, "text": text,
        "words": [], "role": None, "emotion": None, "emotion_scores": [], "channel": 0,
    }  # fmt: skip
    return schema.Turn.model_validate(known | fields)


CALL = schema.Call.model_validate(
    {
        "id": "01abc", "state": "completed", "error": "",
        "recording": {
            "file_name": "zəng 1.wav", "size_bytes": 1, "sha256": "0" * 64, "media_type": "audio/wav",
            "codec": "pcm_alaw", "sample_rate_hz": 8000, "channel_count": 1, "duration_ms": 3_700_000,
            "party_per_channel": False,
        },
        "create_time": datetime(2026, 11, 24, 8, 30, tzinfo=UTC), "end_time": None, "stages": [], "speakers": [],
        "trend": None, "summary": None, "topic": None, "quality": None, "sequence": 1, "language": "az",
        "turns": [
            turn(0, 300, 1450, "Salam, Paşa Bank.", role="operator", emotion="neutral"),
            turn(1, 2000, 2000, "A < B & C --> D\n\nyeni", role="customer", emotion="angry"),
            turn(2, 61_005, 62_000, ""),
            turn(3, 3_661_234, 3_662_000, '=1+1; "vergül", belə', role="customer"),
        ],
    }
)  # fmt: skip

TXT = """\
zəng 1.wav  2026-11-24 08:30 UTC

[00:00:00.300] Operator (neutral): Salam, Paşa Bank.
[00:00:02.000] Customer (angry): A < B & C --> D yeni
[00:01:01.005] S1: …
[01:01:01.234] Customer: =1+1; "vergül", belə
"""

CSV = (
    "\ufeffindex,start,end,speaker,role,emotion,channel,text\r\n"
    '0,0.300,1.450,S1,operator,neutral,0,"Salam, Paşa Bank."\r\n'
    '1,2.000,2.000,S2,customer,angry,0,"A < B & C --> D\n\nyeni"\r\n'
    "2,61.005,62.000,S1,,,0,\r\n"
    '3,3661.234,3662.000,S2,customer,,0,"\'=1+1; ""vergül"", belə"\r\n'
)

SRT = """\
1
00:00:00,300 --> 00:00:01,450
Operator (neutral): Salam, Paşa Bank.

2
00:00:02,000 --> 00:00:02,001
Customer (angry): A < B & C --> D yeni

3
00:01:01,005 --> 00:01:02,000
S1: …

4
01:01:01,234 --> 01:01:02,000
Customer: =1+1; "vergül", belə
"""

VTT = """\
WEBVTT

00:00:00.300 --> 00:00:01.450
<v.neutral Operator>Salam, Paşa Bank.

00:00:02.000 --> 00:00:02.001
<v.angry Customer>A &lt; B &amp; C --&gt; D yeni

00:01:01.005 --> 00:01:02.000
<v S1>…

01:01:01.234 --> 01:01:02.000
<v Customer>=1+1; "vergül", belə
"""


def test_for_people_spreadsheets_and_players() -> None:
    assert transcript.as_txt(CALL) == TXT
    assert transcript.as_csv(CALL) == CSV
    assert transcript.as_srt(CALL) == SRT
    assert transcript.as_vtt(CALL) == VTT


def test_for_machines() -> None:
    found = json.loads(transcript.as_json(CALL))
    assert found["file_name"] == "zəng 1.wav" and found["create_time"] == "2026-11-24T08:30:00Z"
    assert schema.Transcript.model_validate(found).turns == CALL.turns


MEDIA_TYPES = {
    "json": "application/json",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
}


async def test_as_files(gateway: Gateway) -> None:
    call_id = await gateway.analysed("zəng 1.wav", 4.0)
    for kind, media_type in MEDIA_TYPES.items():
        answer = await gateway.http.get(f"/api/calls/{call_id}/transcript.{kind}")
        assert answer.status_code == 200 and answer.headers["Content-Type"] == media_type
        assert answer.headers["Content-Disposition"] == (
            f"attachment; filename=\"z_ng 1.{kind}\"; filename*=UTF-8''z%C9%99ng%201.{kind}"
        )
        text = answer.content.decode()
        assert "Kartımı itirmişəm." in text and "perator" in text and "happy" in text
        if kind == "csv":
            rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
            assert [(row["role"], row["start"]) for row in rows] == [("operator", "0.000"), ("customer", "2.000")]

    location = (await gateway.submit(("letter.wav", b"not a recording"))).headers["Location"]
    await gateway.caller.end(location.rpartition("/")[2])
    answer = await gateway.http.get(f"{location}/transcript.srt")
    assert answer.status_code == 409 and answer.json()["detail"] == "the call has no transcript"
    assert (await gateway.http.get(f"{location}/transcript.docx")).status_code == 400
