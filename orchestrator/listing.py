"""Which calls a list shows, in which order, and where a page of it ends: as SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from callcenter.v1 import call_pb2

from orchestrator.answers import fold
from orchestrator.schema import calls, results

NEWEST = call_pb2.CALL_ORDER_NEWEST


@dataclass(frozen=True)
class Filter:
    """Which calls to list, and their order; empty values let every call pass. As in ``ListCallsRequest``."""

    state: int = 0
    topic: str = ""
    subtopic: str = ""
    quality: int = 0
    min_stars: int = 0
    max_stars: int = 0
    trend_start: int = 0
    trend_end: int = 0
    text: str = ""
    from_ms: int | None = None
    before_ms: int | None = None
    order: int = NEWEST


class Place(NamedTuple):
    """Where a page ended: the last call's value of what is sorted by (None: it has none), and its id."""

    value: str | int | None
    id: str


class _Sort(NamedTuple):
    """A column and its direction. Ids rise in the order in which calls came, so they stand for the time."""

    column: sa.ColumnElement[Any]
    falling: bool


_SORTS: Mapping[int, _Sort] = {
    call_pb2.CALL_ORDER_NEWEST: _Sort(calls.c.id, True),
    call_pb2.CALL_ORDER_OLDEST: _Sort(calls.c.id, False),
    call_pb2.CALL_ORDER_LONGEST: _Sort(calls.c.duration_ms, True),
    call_pb2.CALL_ORDER_SHORTEST: _Sort(calls.c.duration_ms, False),
    call_pb2.CALL_ORDER_MOST_STARS: _Sort(calls.c.stars, True),
    call_pb2.CALL_ORDER_FEWEST_STARS: _Sort(calls.c.stars, False),
    call_pb2.CALL_ORDER_FILE_NAME: _Sort(calls.c.file_text, False),
}


def page(wanted: Filter, after: Place | None, size: int) -> sa.Select[Any]:
    """Asks for the rows of a page. Calls without the value come last; among equals the newest comes first.

    Args:
        wanted: which calls, and the order.
        after: where the page before ended; None: the first page. What arrives or goes meanwhile shifts nothing.
        size: most rows.
    """
    column, falling = _SORTS[wanted.order]
    query = sa.select(calls).where(*conditions(wanted)).limit(size)
    if column is calls.c.id:
        query = query.order_by(column.desc() if falling else column.asc())
    else:
        query = query.order_by((column.desc() if falling else column.asc()).nulls_last(), calls.c.id.desc())
    return query if after is None else query.where(_behind(column, falling, after))


def place_of(call: Any, wanted: Filter) -> Place:
    """Where a page ends that ends with a row of ``calls``."""
    return Place(getattr(call, _SORTS[wanted.order].column.key or ""), call.id)


def _behind(column: sa.ColumnElement[Any], falling: bool, place: Place) -> sa.ColumnElement[bool]:
    if column is calls.c.id:
        return column < place.id if falling else column > place.id
    older = calls.c.id < place.id
    if place.value is None:
        return sa.and_(column.is_(None), older)
    further = column < place.value if falling else column > place.value
    return sa.or_(further, column.is_(None), sa.and_(column == place.value, older))


def conditions(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    """What a call must be to be listed."""
    found: list[sa.ColumnElement[bool]] = []
    for name in ("state", "topic", "subtopic", "quality", "trend_start", "trend_end"):
        if getattr(wanted, name):
            found.append(calls.c[name] == getattr(wanted, name))
    if wanted.min_stars:
        found.append(calls.c.stars >= wanted.min_stars)
    if wanted.max_stars:
        found.append(calls.c.stars <= wanted.max_stars)
    if wanted.text:
        text = fold(wanted.text)
        in_results = sa.exists().where(results.c.call_id == calls.c.id, sa.func.instr(results.c.text, text) > 0)
        found.append(sa.or_(sa.func.instr(calls.c.file_text, text) > 0, in_results))
    return found + within(wanted.from_ms, wanted.before_ms)


def within(from_ms: int | None, before_ms: int | None) -> list[sa.ColumnElement[bool]]:
    """When a call must have been accepted; None: at any time."""
    found: list[sa.ColumnElement[bool]] = []
    if from_ms is not None:
        found.append(calls.c.create_ms >= from_ms)
    if before_ms is not None:
        found.append(calls.c.create_ms < before_ms)
    return found
