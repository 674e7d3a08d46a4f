"""The figures that a head of quality looks at in the morning."""

from __future__ import annotations

from typing import Annotated

from callcenter.v1 import call_pb2
from fastapi import APIRouter, Query

from gateway import messages, schema
from gateway.backend import UNARY_SECONDS, Calls
from gateway.calls import Moment
from gateway.problems import documented

router = APIRouter(tags=["overview"])

BAKU_MINUTES = 240


@router.get("/overview", summary="Count the calls of a period", responses=documented())
async def get_overview(
    calls: Calls,
    start: Annotated[Moment, Query(alias="from", description="Only calls accepted then or later, RFC 3339.")] = None,
    before: Annotated[Moment, Query(description="Only calls accepted before, RFC 3339.")] = None,
    utc_offset_minutes: Annotated[
        int, Query(ge=-720, le=840, description="What to add to UTC for the days' local time; default: Baku's.")
    ] = BAKU_MINUTES,
) -> schema.Overview:
    """States, stars, topics, customers' trends and days of the calls that were accepted in a period."""
    request = call_pb2.GetOverviewRequest(
        create_time_from=start, create_time_before=before, utc_offset_minutes=utc_offset_minutes
    )
    return messages.overview(await calls.GetOverview(request, timeout=UNARY_SECONDS))
