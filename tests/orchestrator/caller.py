"""A caller of CallService, as short as tests like it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
from callcenter.v1 import call_pb2, call_pb2_grpc

from rpc.channel import connect
from rpc.security import Security

CHUNK = 64 * 1024


class Caller:
    """Calls an orchestrator."""

    def __init__(self, address: str, security: Security | None = None) -> None:
        self.address = address
        self._channel = connect(address, security)
        self.stub = call_pb2_grpc.CallServiceStub(self._channel)

    async def close(self) -> None:
        await self._channel.close(None)

    async def submit(self, path: Path, **config: Any) -> call_pb2.SubmitCallResponse:
        """Submits a file."""
        data = await asyncio.to_thread(path.read_bytes)
        return await self.send(data, **({"file_name": path.name} | config))

    async def send(self, data: bytes, **config: Any) -> call_pb2.SubmitCallResponse:
        """Submits bytes."""

        async def requests() -> AsyncIterator[call_pb2.SubmitCallRequest]:
            yield call_pb2.SubmitCallRequest(config=call_pb2.SubmitCallConfig(**config))
            for start in range(0, len(data), CHUNK):
                yield call_pb2.SubmitCallRequest(data=data[start : start + CHUNK])

        response: call_pb2.SubmitCallResponse = await self.stub.SubmitCall(requests())
        return response

    async def get(self, call_id: str) -> call_pb2.Call:
        """Reads a call."""
        call: call_pb2.Call = (await self.stub.GetCall(call_pb2.GetCallRequest(call_id=call_id))).call
        return call

    async def watch(
        self, call_id: str = "", after: int = 0, until_end: bool = False
    ) -> AsyncIterator[call_pb2.CallEvent]:
        """Follows events."""
        request = call_pb2.WatchCallsRequest(call_id=call_id, after_sequence=after, until_end=until_end)
        async for response in self.stub.WatchCalls(request):
            yield response.event

    async def end(self, call_id: str, seconds: float = 30.0) -> call_pb2.Call:
        """Waits for the end of a call."""
        async with asyncio.timeout(seconds):
            async for _ in self.watch(call_id, until_end=True):
                pass
        return await self.get(call_id)

    async def until(self, call_id: str, stage: str, state: int, seconds: float = 30.0) -> call_pb2.CallEvent:
        """Waits until a stage is in a state."""
        async with asyncio.timeout(seconds):
            async for event in self.watch(call_id):
                if event.stage.name == stage and event.stage.state == state:
                    return event
        raise AssertionError("the stream ended")

    async def refusal(self, call: Any) -> grpc.StatusCode:
        """The status code with which a call is refused."""
        try:
            if hasattr(call, "__aiter__"):
                async for _ in call:
                    pass
            else:
                await call
        except grpc.aio.AioRpcError as error:
            code: grpc.StatusCode = error.code()
            return code
        raise AssertionError("it was not refused")


def stage(call: call_pb2.Call, name: str) -> call_pb2.Stage:
    """One stage of a call."""
    return next(stage for stage in call.stages if stage.name == name)


def states(call: call_pb2.Call) -> dict[str, str]:
    """States of the stages, by name, in short."""
    return {s.name: call_pb2.StageState.Name(s.state).removeprefix("STAGE_STATE_") for s in call.stages}
