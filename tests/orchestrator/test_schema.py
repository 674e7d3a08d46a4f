"""Databases that older versions wrote."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from callcenter.v1 import call_pb2, common_pb2, emotion_pb2, quality_pb2, topics_pb2

from orchestrator import queries, schema
from orchestrator.answers import to_bytes
from orchestrator.graph import NAMES
from orchestrator.listing import Filter, Place
from orchestrator.migrations import STEPS
from orchestrator.store import Store

TABLES = Path(__file__).parent / "data" / "tables_1.sql"

DONE, BARE = "01done", "01bare"
ANSWERS: dict[str, list[Any]] = {
    "decode": [call_pb2.Recording(duration_ms=4000)],
    "turns": [call_pb2.Call(language="az"), call_pb2.Call(turns=[call_pb2.Turn(text="Salam")])],
    "emotion": [
        emotion_pb2.ClassifyEmotionsResponse(turn=emotion_pb2.TurnEmotion(emotion=common_pb2.EMOTION_SAD)),
        emotion_pb2.ClassifyEmotionsResponse(
            result=emotion_pb2.ClassifyEmotionsResult(
                trend=emotion_pb2.EmotionTrend(start=common_pb2.EMOTION_SAD, end=common_pb2.EMOTION_HAPPY)
            )
        ),
    ],
    "topics": [topics_pb2.ClassifyTopicResponse(topic="cards", subtopic="PIN code")],
    "quality": [quality_pb2.RateQualityResponse(label=quality_pb2.QUALITY_LABEL_POOR, stars=2)],
}


def write_version_1(path: Path) -> None:
    """A database with one call that has its answers and one that has none yet."""
    with sqlite3.connect(path) as c:
        c.executescript(TABLES.read_text(encoding="utf-8"))
        for call_id in (DONE, BARE):
            row = (call_id, 1, 3, "", f"{call_id}.wav", f"{call_id}.wav", 10, call_id, 1000)
            c.execute("INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)", row)
            for name in NAMES:
                c.execute("INSERT INTO stages VALUES (?, ?, 1, 0, '', NULL, NULL, 0)", (call_id, name))
        for stage, messages in ANSWERS.items():
            kept = ("cards", "PIN code") if stage == "topics" else ("", "")
            quality = 2 if stage == "quality" else 0
            c.execute(
                "INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (DONE, stage, b"", *kept, quality, "salam", to_bytes(messages)),
            )
    c.close()


def shape(c: sa.Connection) -> list[str]:
    """All columns and indexes; not the order of the columns: those that were added later stand behind the others."""
    tables = c.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").scalars().all()
    columns = [
        str((table, *column[1:6])) for table in tables for column in c.exec_driver_sql(f"PRAGMA table_info({table})")
    ]
    indexes = c.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").scalars()
    return sorted([*columns, *indexes])


async def test_database_of_version_1_is_brought_up_to_date(tmp_path: Path) -> None:
    write_version_1(tmp_path / "old.sqlite3")
    old, new = Store(tmp_path / "old.sqlite3"), Store(tmp_path / "new.sqlite3")
    assert await old.read(shape) == await new.read(shape)
    assert await old.read(lambda c: c.exec_driver_sql("PRAGMA user_version").scalar_one()) == schema.VERSION
    facts = Filter(
        topic="cards", subtopic="PIN code", quality=quality_pb2.QUALITY_LABEL_POOR, min_stars=2, max_stars=2,
        trend_start=common_pb2.EMOTION_SAD, trend_end=common_pb2.EMOTION_HAPPY, text="Salam",
    )  # fmt: skip
    assert [call.id for call in (await old.read(queries.list_calls, facts, None, 10)).calls] == [DONE]
    longest = Filter(order=call_pb2.CALL_ORDER_LONGEST)
    page = await old.read(queries.list_calls, longest, None, 1)
    assert page.end == Place(4000, DONE)
    assert [call.id for call in (await old.read(queries.list_calls, longest, page.end, 10)).calls] == [BARE]
    call = await old.read(queries.get_call, DONE)
    assert (call.turns[0].text, call.topic.topic, call.quality.stars) == ("Salam", "cards", 2)
    old.close()
    new.close()
    again = Store(tmp_path / "old.sqlite3")
    assert (await again.read(queries.list_calls, facts, None, 10)).total_count == 1
    again.close()


async def test_half_a_migration_leaves_the_old_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.sqlite3"
    write_version_1(path)

    def break_off(c: sa.Connection) -> None:
        STEPS[1](c)
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(schema, "STEPS", {1: break_off})
        with pytest.raises(ZeroDivisionError):
            Store(path)
    mended = Store(path)
    assert (await mended.read(queries.list_calls, Filter(topic="cards"), None, 10)).total_count == 1
    mended.close()
