"""The figures of a period, each by one query over the table of calls."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from callcenter.v1 import call_pb2, quality_pb2

from orchestrator.listing import within
from orchestrator.schema import calls

_DAY_MS = 24 * 3600 * 1000
_EPOCH = date(1970, 1, 1)

_COUNT = sa.func.count().label("call_count")
_RATED = sa.func.count(calls.c.stars).label("rated_count")
_POOR = sa.func.count(sa.case((calls.c.quality == quality_pb2.QUALITY_LABEL_POOR, 1))).label("poor_count")
_DURATION = sa.func.coalesce(sa.func.sum(calls.c.duration_ms), 0).label("duration_ms")


def get_overview(
    c: sa.Connection, from_ms: int | None, before_ms: int | None, utc_offset_minutes: int
) -> call_pb2.GetOverviewResponse:
    """Counts the calls that were accepted in a period.

    Args:
        from_ms, before_ms: the period, milliseconds since 1970; None: no limit.
        utc_offset_minutes: what to add to UTC for the days' local time.
    """
    period = within(from_ms, before_ms)
    found = call_pb2.GetOverviewResponse()
    _totals(c, period, found)
    _states(c, period, found)
    _stars(c, period, found)
    _topics(c, period, found)
    _trends(c, period, found)
    _days(c, period, found, utc_offset_minutes * 60_000)
    return found


def _totals(c: sa.Connection, period: list[Any], found: call_pb2.GetOverviewResponse) -> None:
    row = c.execute(sa.select(_COUNT, _DURATION, _RATED, _POOR).where(*period)).one()
    found.call_count, found.duration_ms, found.rated_count, found.poor_count = row


def _states(c: sa.Connection, period: list[Any], found: call_pb2.GetOverviewResponse) -> None:
    query = sa.select(calls.c.state, _COUNT).where(*period).group_by(calls.c.state).order_by(calls.c.state)
    for state, count in c.execute(query):
        found.states.add(state=state, call_count=count)


def _stars(c: sa.Connection, period: list[Any], found: call_pb2.GetOverviewResponse) -> None:
    query = sa.select(calls.c.stars, _COUNT).where(calls.c.stars.is_not(None), *period).group_by(calls.c.stars)
    counts = {row.stars: row.call_count for row in c.execute(query)}
    found.stars.extend(counts.get(stars, 0) for stars in range(1, 6))


def _topics(c: sa.Connection, period: list[Any], found: call_pb2.GetOverviewResponse) -> None:
    query = sa.select(calls.c.topic, calls.c.subtopic, _COUNT, _POOR)
    query = query.where(calls.c.topic.is_not(None), *period).group_by(calls.c.topic, calls.c.subtopic)
    topics: dict[str, call_pb2.TopicCount] = {}
    for row in c.execute(query.order_by(_COUNT.desc(), calls.c.subtopic)):
        topic = topics.setdefault(row.topic, call_pb2.TopicCount(topic=row.topic))
        topic.call_count += row.call_count
        topic.poor_count += row.poor_count
        topic.subtopics.add(subtopic=row.subtopic or "", call_count=row.call_count, poor_count=row.poor_count)
    found.topics.extend(sorted(topics.values(), key=lambda topic: (-topic.call_count, topic.topic)))


def _trends(c: sa.Connection, period: list[Any], found: call_pb2.GetOverviewResponse) -> None:
    start, end = calls.c.trend_start, calls.c.trend_end
    query = sa.select(start, end, _COUNT).where(start.is_not(None), end.is_not(None), *period).group_by(start, end)
    for row in c.execute(query.order_by(_COUNT.desc(), start, end)):
        found.trends.add(start=row.trend_start, end=row.trend_end, call_count=row.call_count)


def _days(c: sa.Connection, period: list[Any], found: call_pb2.GetOverviewResponse, offset_ms: int) -> None:
    day = ((calls.c.create_ms + offset_ms) // _DAY_MS).label("day")
    query = sa.select(day, _COUNT, _POOR, _DURATION).where(*period)
    for row in c.execute(query.group_by(day).order_by(day)):
        found.days.add(
            date=(_EPOCH + timedelta(days=row.day)).isoformat(),
            call_count=row.call_count,
            poor_count=row.poor_count,
            duration_ms=row.duration_ms,
        )
