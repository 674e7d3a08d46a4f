"""The figures of the overview, against calls that were counted by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import pytest
import sqlalchemy as sa
from callcenter.v1 import call_pb2, common_pb2, emotion_pb2, quality_pb2, topics_pb2

from orchestrator import schema, transitions
from orchestrator.answers import Answer
from orchestrator.graph import NAMES
from orchestrator.overview import get_overview
from orchestrator.store import Store
from orchestrator.transitions import NewCall, Run
from tests.orchestrator.conftest import House

NEUTRAL, HAPPY, ANGRY = common_pb2.EMOTION_NEUTRAL, common_pb2.EMOTION_HAPPY, common_pb2.EMOTION_ANGRY
QUEUED, RUNNING = call_pb2.CALL_STATE_QUEUED, call_pb2.CALL_STATE_RUNNING
COMPLETED, PARTIAL = call_pb2.CALL_STATE_COMPLETED, call_pb2.CALL_STATE_PARTIAL
REJECTED = call_pb2.CALL_STATE_REJECTED


class Counted(NamedTuple):
    """A call as it is in the end. ``time``: accepted then, UTC."""

    time: str
    state: int = COMPLETED
    seconds: int = 0
    topic: tuple[str, str] | None = None
    stars: int = 0
    trend: tuple[int, int] = (0, 0)


CALLS = (
    Counted("2026-11-22 10:00", COMPLETED, 60, ("cards", "PIN code"), 5, (NEUTRAL, HAPPY)),
    Counted("2026-11-22 19:59", COMPLETED, 30, ("cards", "card limit"), 2, (ANGRY, NEUTRAL)),
    Counted("2026-11-22 20:00", PARTIAL, 10, ("cards", "PIN code")),  # in Baku it is the 23rd
    Counted("2026-11-23 08:00", COMPLETED, 90, ("loans", "mortgage"), 1, (ANGRY, NEUTRAL)),
    Counted("2026-11-24 08:00", REJECTED, 5),
    Counted("2026-11-24 09:00", QUEUED),
)


def milliseconds(time: str) -> int:
    return int(datetime.fromisoformat(time).replace(tzinfo=UTC).timestamp()) * 1000


async def add(store: Store, n: int, call: Counted) -> Run:
    run = (await store.write(transitions.create, NewCall(f"{n}.wav", 1, f"{n:064x}"), 100)).run
    if call.state != QUEUED:
        await store.write(transitions.begin, run)
    answers: dict[str, object] = {}
    if call.seconds:
        answers["decode"] = call_pb2.Recording(duration_ms=1000 * call.seconds)
    if call.topic:
        topic, subtopic = call.topic
        answers["topics"] = topics_pb2.ClassifyTopicResponse(topic=topic, subtopic=subtopic)
    if call.stars:
        label = quality_pb2.QUALITY_LABEL_GOOD if call.stars >= 3 else quality_pb2.QUALITY_LABEL_POOR
        answers["quality"] = quality_pb2.RateQualityResponse(label=label, stars=call.stars)
    if any(call.trend):
        trend = emotion_pb2.EmotionTrend(start=call.trend[0], end=call.trend[1])  # type: ignore[arg-type]
        result = emotion_pb2.ClassifyEmotionsResult(trend=trend)
        answers["emotion"] = emotion_pb2.ClassifyEmotionsResponse(result=result)
    if call.state != QUEUED:
        for stage in NAMES:
            if stage in answers:
                await store.write(transitions.finish_stage, run, stage, Answer([answers[stage]]))
            else:
                await store.write(transitions.skip_stage, run, stage, "")

    def settle(c: sa.Connection) -> None:
        values = {"state": call.state, "create_ms": milliseconds(call.time)}
        c.execute(schema.calls.update().where(schema.calls.c.id == run.call_id).values(**values))

    await store.write(settle)
    return run


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store(tmp_path / "calls.sqlite3")
    yield opened
    opened.close()


async def test_figures(store: Store) -> None:
    for n, call in enumerate(CALLS):
        await add(store, n, call)
    found = await store.read(get_overview, None, None, 240)
    assert (found.call_count, found.duration_ms, found.rated_count, found.poor_count) == (6, 195_000, 3, 2)
    assert [(row.state, row.call_count) for row in found.states] == [
        (QUEUED, 1), (COMPLETED, 3), (PARTIAL, 1), (REJECTED, 1),
    ]  # fmt: skip
    assert list(found.stars) == [1, 1, 0, 0, 1]
    assert [
        (row.topic, row.call_count, row.poor_count, [(s.subtopic, s.call_count, s.poor_count) for s in row.subtopics])
        for row in found.topics
    ] == [("cards", 3, 1, [("PIN code", 2, 0), ("card limit", 1, 1)]), ("loans", 1, 1, [("mortgage", 1, 1)])]
    assert [(row.start, row.end, row.call_count) for row in found.trends] == [(ANGRY, NEUTRAL, 2), (NEUTRAL, HAPPY, 1)]
    assert [(row.date, row.call_count, row.poor_count, row.duration_ms) for row in found.days] == [
        ("2026-11-22", 2, 1, 90_000),
        ("2026-11-23", 2, 1, 100_000),
        ("2026-11-24", 2, 0, 5000),
    ]


async def test_period_and_days_of_another_place(store: Store) -> None:
    for n, call in enumerate(CALLS):
        await add(store, n, call)
    period = milliseconds("2026-11-22 19:59"), milliseconds("2026-11-23 08:00")
    found = await store.read(get_overview, *period, 0)
    assert (found.call_count, found.duration_ms, found.rated_count, found.poor_count) == (2, 40_000, 1, 1)
    assert [(row.date, row.call_count) for row in found.days] == [("2026-11-22", 2)]
    assert [(row.topic, row.call_count) for row in found.topics] == [("cards", 2)]
    west = await store.read(get_overview, *period, -720)
    assert [(row.date, row.call_count) for row in west.days] == [("2026-11-22", 2)]
    west = await store.read(get_overview, None, None, -540)
    days = [("2026-11-22", 4), ("2026-11-23", 1), ("2026-11-24", 1)]
    assert [(row.date, row.call_count) for row in west.days] == days


async def test_nothing_to_count(store: Store) -> None:
    assert await store.read(get_overview, None, None, 240) == call_pb2.GetOverviewResponse(stars=[0] * 5)


async def test_result_that_is_made_again_does_not_count_meanwhile(store: Store) -> None:
    run = await add(store, 0, CALLS[0])

    async def figures() -> tuple[int, int, int, int]:
        found = await store.read(get_overview, None, None, 0)
        return found.duration_ms, found.rated_count, len(found.topics), len(found.trends)

    assert await figures() == (60_000, 1, 1, 1)
    await store.write(transitions.retry, run.call_id, "summarize")
    assert await figures() == (60_000, 0, 1, 1)
    await store.write(transitions.cancel, run.call_id)
    await store.write(transitions.retry, run.call_id, "decode")
    assert await figures() == (0, 0, 0, 0)


async def test_result_that_came_second_does_not_count(store: Store) -> None:
    run = await add(store, 0, CALLS[0]._replace(state=RUNNING))
    again = quality_pb2.RateQualityResponse(label=quality_pb2.QUALITY_LABEL_POOR, stars=1)
    await store.write(transitions.finish_stage, run, "quality", Answer([again]))
    assert list((await store.read(get_overview, None, None, 0)).stars) == [0, 0, 0, 0, 1]


async def test_over_the_service(house: House) -> None:
    caller = await house.launch()
    call_id = (await caller.send(b"x", file_name="a.wav")).call_id
    await caller.end(call_id)
    call = await caller.get(call_id)

    async def count(**fields: Any) -> int:
        answer = await caller.stub.GetOverview(call_pb2.GetOverviewRequest(**fields))
        return int(answer.call_count)

    assert await count() == await count(create_time_from=call.create_time, utc_offset_minutes=840) == 1
    assert await count(create_time_before=call.create_time) == 0
    for offset in (-721, 841):
        request = call_pb2.GetOverviewRequest(utc_offset_minutes=offset)
        assert await caller.refusal(caller.stub.GetOverview(request)) == grpc.StatusCode.INVALID_ARGUMENT
