"""Calls: the list, one of them, and what can be done to it."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from callcenter.v1 import call_pb2, common_pb2, quality_pb2
from fastapi import APIRouter, Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from gateway import messages, schema
from gateway.backend import UNARY_SECONDS, CallId, Calls
from gateway.problems import documented

router = APIRouter(tags=["calls"])

_MAX_TEXT = 500


def _none_for_empty(value: Any) -> Any:
    return None if value == "" else value


# A parameter that is there without a value (``?state=``) filters nothing, as an empty form field means it.
_Blank = BeforeValidator(_none_for_empty)


def _in_utc(value: datetime | None) -> datetime | None:
    try:
        return value and value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("in UTC it lies outside of the years 1 to 9999") from error


Moment = Annotated[AwareDatetime | None, _Blank, AfterValidator(_in_utc)]
Stars = Annotated[Annotated[int, Query(ge=1, le=5)] | None, _Blank]


@router.get("/calls", summary="List calls", responses=documented())
async def list_calls(
    calls: Calls,
    page_size: Annotated[int, Query(ge=1, le=500, description="Most calls in the answer.")] = 50,
    page_token: Annotated[str, Query(max_length=2000, description="The `next_page_token` of the page before.")] = "",
    state: Annotated[schema.CallState | None, _Blank, Query(description="Only calls in this state.")] = None,
    topic: Annotated[str, Query(max_length=_MAX_TEXT, description="Only calls of this topic.")] = "",
    subtopic: Annotated[str, Query(max_length=_MAX_TEXT, description="Only calls of this subtopic.")] = "",
    quality: Annotated[schema.QualityLabel | None, _Blank, Query(description="Only calls of this quality.")] = None,
    min_stars: Annotated[Stars, Query(description="Only calls with so many stars or more.")] = None,
    max_stars: Annotated[Stars, Query(description="Only calls with so many stars or fewer.")] = None,
    trend_start: Annotated[schema.Emotion | None, _Blank, Query(description="The customer's emotion at first.")] = None,
    trend_end: Annotated[schema.Emotion | None, _Blank, Query(description="The customer's emotion at last.")] = None,
    text: Annotated[
        str, Query(max_length=_MAX_TEXT, description="Only calls with this in transcript, summary or file name.")
    ] = "",
    start: Annotated[Moment, Query(alias="from", description="Only calls accepted then or later, RFC 3339.")] = None,
    before: Annotated[Moment, Query(description="Only calls accepted before, RFC 3339.")] = None,
    order: Annotated[
        schema.Order | None, _Blank, Query(description="Newest first by default; calls without the value come last.")
    ] = None,
) -> schema.CallPage:
    """A page of calls, without their turns. Filters that are given must all hold.

    What arrives or goes between two pages shifts nothing: no call is left out or comes twice.
    """
    request = call_pb2.ListCallsRequest(
        page_size=page_size,
        page_token=page_token,
        state=messages.value_of(call_pb2.CallState, "CALL_STATE_", state),
        topic=topic,
        subtopic=subtopic,
        quality=messages.value_of(quality_pb2.QualityLabel, "QUALITY_LABEL_", quality),
        min_stars=min_stars or 0,
        max_stars=max_stars or 0,
        trend_start=messages.value_of(common_pb2.Emotion, "EMOTION_", trend_start),
        trend_end=messages.value_of(common_pb2.Emotion, "EMOTION_", trend_end),
        text=text,
        create_time_from=start,
        create_time_before=before,
        order=messages.value_of(call_pb2.CallOrder, "CALL_ORDER_", order),
    )
    answer = await calls.ListCalls(request, timeout=UNARY_SECONDS)
    return schema.CallPage(
        calls=[messages.listed_call(call) for call in answer.calls],
        next_page_token=answer.next_page_token or None,
        total_count=answer.total_count,
    )


@router.get("/calls/{call_id}", summary="Read a call", responses=documented(HTTPStatus.NOT_FOUND))
async def get_call(call_id: CallId, calls: Calls) -> schema.Call:
    """A call with all results so far."""
    answer = await calls.GetCall(call_pb2.GetCallRequest(call_id=call_id), timeout=UNARY_SECONDS)
    return messages.call(answer.call)


@router.delete("/calls/{call_id}", status_code=204, summary="Delete a call", responses=documented(HTTPStatus.NOT_FOUND))
async def delete_call(call_id: CallId, calls: Calls) -> None:
    """Deletes a call, its results, events and recording for good; a running one is cancelled first."""
    await calls.DeleteCall(call_pb2.DeleteCallRequest(call_id=call_id), timeout=UNARY_SECONDS)


@router.post(
    "/calls/{call_id}/retry",
    status_code=202,
    summary="Run stages again",
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
async def retry_call(
    call_id: CallId,
    calls: Calls,
    from_stage: Annotated[
        schema.StageName | None, _Blank, Query(description="From this stage on; default: the stages that failed.")
    ] = None,
) -> schema.Retried:
    """Runs the failed stages of a call again and what depends on them, or everything from a stage on."""
    request = call_pb2.RetryCallRequest(call_id=call_id, from_stage=from_stage or "")
    answer = await calls.RetryCall(request, timeout=UNARY_SECONDS)
    return schema.Retried(stages=list(answer.stages))


@router.post(
    "/calls/{call_id}/cancel",
    status_code=204,
    summary="Stop the analysis of a call",
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
async def cancel_call(call_id: CallId, calls: Calls) -> None:
    """Stops the analysis; results that are there stay, and a retry makes the others."""
    await calls.CancelCall(call_pb2.CancelCallRequest(call_id=call_id), timeout=UNARY_SECONDS)
