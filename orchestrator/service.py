"""CallService: what other systems of the bank use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import grpc
from callcenter.v1 import call_pb2, call_pb2_grpc

from orchestrator import pages, queries, transitions
from orchestrator.engine import Engine
from orchestrator.events import Followers
from orchestrator.intake import Intake
from orchestrator.listing import NEWEST, Filter
from orchestrator.models import list_models
from orchestrator.overview import get_overview
from orchestrator.recordings import Recordings, clean_name
from orchestrator.store import Store
from orchestrator.waveforms import Waveforms
from rpc.errors import CallCenterError, InvalidInput, NotFound, OutOfRange

_DEFAULT_PAGE, _MAX_PAGE = 50, 500
_MAX_KEY = 200
_MAX_STARS = 5
_REFUSED_SECONDS = 5.0
"""Time that a sender who was refused has to send what is under way."""
# What time zones there are (https://www.iana.org/time-zones): Baker Island to the Line Islands.
_MIN_UTC_OFFSET, _MAX_UTC_OFFSET = -12 * 60, 14 * 60


class CallServicer(call_pb2_grpc.CallServiceServicer):  # type: ignore[misc]
    """Proto to the orchestrator's parts and back."""

    def __init__(
        self,
        store: Store,
        recordings: Recordings,
        engine: Engine,
        intake: Intake,
        followers: Followers,
        waveforms: Waveforms,
        channels: Mapping[str, grpc.aio.Channel],
        addresses: Mapping[str, str],
    ) -> None:
        self._store = store
        self._recordings = recordings
        self._engine = engine
        self._intake = intake
        self._followers = followers
        self._waveforms = waveforms
        self._channels = channels
        self._addresses = addresses

    async def SubmitCall(
        self, requests: AsyncIterator[call_pb2.SubmitCallRequest], context: Any
    ) -> call_pb2.SubmitCallResponse:
        """Takes a recording; answers when it is safe."""
        try:
            return await self._submit(requests)
        except CallCenterError:
            await _taken_off_the_line(requests)
            raise

    async def _submit(self, requests: AsyncIterator[call_pb2.SubmitCallRequest]) -> call_pb2.SubmitCallResponse:
        first = await anext(aiter(requests), None)
        if first is None or first.WhichOneof("part") != "config":
            raise InvalidInput("the first message must carry the config", "send a config, then the data")
        config = first.config
        if len(config.idempotency_key) > _MAX_KEY:
            raise InvalidInput(f"the idempotency key is longer than {_MAX_KEY} characters", "send a shorter one")
        if config.watched_file_name:
            if await anext(aiter(requests), None) is not None:
                raise InvalidInput("data came with watched_file_name", "send the one or the other")
            created = await self._intake.take(config.watched_file_name, config.idempotency_key)
        else:
            file_name = clean_name(config.file_name)
            if not file_name:
                raise InvalidInput("file_name is empty", "name the file, or a watched file")
            with self._intake.upload() as upload:
                async for request in requests:
                    if request.WhichOneof("part") != "data":
                        raise InvalidInput("only the first message may carry a config", "send data after it")
                    await self._intake.write(upload, request.data)
                if upload.size_bytes == 0:
                    raise InvalidInput("no data came", "send the bytes of the file after the config")
                created = await self._intake.accept(upload, file_name, config.idempotency_key)
        return call_pb2.SubmitCallResponse(call_id=created.run.call_id, already_known=created.known)

    async def GetCall(self, request: call_pb2.GetCallRequest, context: Any) -> call_pb2.GetCallResponse:
        """Reads a call."""
        return call_pb2.GetCallResponse(call=await self._store.read(queries.get_call, request.call_id))

    async def ListCalls(self, request: call_pb2.ListCallsRequest, context: Any) -> call_pb2.ListCallsResponse:
        """Lists a page of calls."""
        size = request.page_size or _DEFAULT_PAGE
        if not 1 <= size <= _MAX_PAGE:
            raise InvalidInput(f"page_size is {request.page_size}", f"1 to {_MAX_PAGE}, or 0 for {_DEFAULT_PAGE}")
        wanted = _filter(request)
        after = pages.from_token(request.page_token, wanted)
        page = await self._store.read(queries.list_calls, wanted, after, size)
        token = pages.to_token(page.end, wanted) if page.end is not None else ""
        return call_pb2.ListCallsResponse(
            calls=page.calls, next_page_token=token, total_count=page.total_count, sequence=page.sequence
        )

    async def WatchCalls(
        self, request: call_pb2.WatchCallsRequest, context: Any
    ) -> AsyncIterator[call_pb2.WatchCallsResponse]:
        """Follows events."""
        async for event in self._followers.follow(request.call_id, request.after_sequence, request.until_end):
            yield call_pb2.WatchCallsResponse(event=event)

    async def RetryCall(self, request: call_pb2.RetryCallRequest, context: Any) -> call_pb2.RetryCallResponse:
        """Runs stages again."""
        run, stages = await self._store.write(transitions.retry, request.call_id, request.from_stage)
        await self._engine.submit(run)
        return call_pb2.RetryCallResponse(stages=stages)

    async def CancelCall(self, request: call_pb2.CancelCallRequest, context: Any) -> call_pb2.CancelCallResponse:
        """Stops a call."""
        await self._store.write(transitions.cancel, request.call_id)
        await self._engine.halt(request.call_id)
        return call_pb2.CancelCallResponse()

    async def DeleteCall(self, request: call_pb2.DeleteCallRequest, context: Any) -> call_pb2.DeleteCallResponse:
        """Deletes a call."""
        # Shielded: a caller that goes away in the middle must not leave the files behind.
        await asyncio.shield(self._intake.delete(request.call_id))
        return call_pb2.DeleteCallResponse()

    async def GetRecording(
        self, request: call_pb2.GetRecordingRequest, context: Any
    ) -> AsyncIterator[call_pb2.GetRecordingResponse]:
        """Streams a range of the original recording."""
        recording = await self._store.read(queries.get_recording, request.call_id)
        if request.offset < 0 or request.length < 0:
            raise InvalidInput(f"offset is {request.offset}, length {request.length}", "neither can be negative")
        if request.offset > recording.size_bytes:
            raise OutOfRange(f"the recording has {recording.size_bytes} bytes", "send a smaller offset")
        chunks = self._recordings.read(recording.sha256, request.offset, request.length or recording.size_bytes)
        loop = asyncio.get_running_loop()
        try:
            data = await loop.run_in_executor(None, next, chunks, b"")
            yield call_pb2.GetRecordingResponse(recording=recording, data=data)
            while data := await loop.run_in_executor(None, next, chunks, b""):
                yield call_pb2.GetRecordingResponse(data=data)
        except FileNotFoundError as error:
            raise NotFound("the recording is gone from the data folder", "submit it again") from error

    async def GetWaveform(self, request: call_pb2.GetWaveformRequest, context: Any) -> call_pb2.GetWaveformResponse:
        """Reads the peaks of a recording."""
        return await self._waveforms.get(request.call_id)

    async def GetOverview(self, request: call_pb2.GetOverviewRequest, context: Any) -> call_pb2.GetOverviewResponse:
        """Counts the calls of a period."""
        offset = request.utc_offset_minutes
        if not _MIN_UTC_OFFSET <= offset <= _MAX_UTC_OFFSET:
            raise InvalidInput(f"utc_offset_minutes is {offset}", f"{_MIN_UTC_OFFSET} to {_MAX_UTC_OFFSET}")
        period = _milliseconds(request, "create_time_from"), _milliseconds(request, "create_time_before")
        return await self._store.read(get_overview, *period, offset)

    async def ListModels(self, request: call_pb2.ListModelsRequest, context: Any) -> call_pb2.ListModelsResponse:
        """Asks all stages' servers."""
        return call_pb2.ListModelsResponse(models=await list_models(self._channels, self._addresses))


async def _taken_off_the_line(requests: AsyncIterator[call_pb2.SubmitCallRequest]) -> None:
    """Reads what a refused sender still sends, for a while.

    A Python sender whose rpc ends while it writes is shown INTERNAL now and then, and never the reason: in grpc.aio a
    failed write takes precedence over the status that comes behind it.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(_REFUSED_SECONDS):
            async for _ in requests:
                pass


def _filter(request: call_pb2.ListCallsRequest) -> Filter:
    for name in ("min_stars", "max_stars"):
        if not 0 <= getattr(request, name) <= _MAX_STARS:
            raise InvalidInput(f"{name} is {getattr(request, name)}", f"1 to {_MAX_STARS}, or 0 for any")
    if request.order not in call_pb2.CallOrder.values():
        raise InvalidInput(f"there is no order {request.order}", "send a CallOrder that this server knows")
    return Filter(
        state=request.state,
        topic=request.topic,
        subtopic=request.subtopic,
        quality=request.quality,
        min_stars=request.min_stars,
        max_stars=request.max_stars,
        trend_start=request.trend_start,
        trend_end=request.trend_end,
        text=request.text,
        from_ms=_milliseconds(request, "create_time_from"),
        before_ms=_milliseconds(request, "create_time_before"),
        order=request.order or NEWEST,
    )


def _milliseconds(request: Any, field: str) -> int | None:
    """Reads a time, rounded up: a call's time has whole milliseconds, so "from" and "before" mean what they say."""
    if not request.HasField(field):
        return None
    try:
        return -(-getattr(request, field).ToNanoseconds() // 1_000_000)
    except ValueError as error:
        raise InvalidInput(f"{field} is no time: {error}", "send a time of the years 1 to 9999") from error
