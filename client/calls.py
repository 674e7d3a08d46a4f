"""CallService as Python methods."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import grpc
from callcenter.v1 import call_pb2, call_pb2_grpc

from rpc.channel import CHUNK_BYTES, connect
from rpc.security import Security

DEFAULT_ADDRESS = "127.0.0.1:50050"

ENDED = frozenset(
    {
        call_pb2.CALL_STATE_COMPLETED,
        call_pb2.CALL_STATE_PARTIAL,
        call_pb2.CALL_STATE_REJECTED,
        call_pb2.CALL_STATE_CANCELLED,
    }
)
"""States in which nothing more happens to a call by itself."""


class CallCenter:
    """A connection to the orchestrator; an asynchronous context manager.

    Every method raises ``grpc.aio.AioRpcError`` with the codes that call.proto documents; ``rpc.errors.action_of``
    reads from it what to do.

    Args:
        address: ``host:port`` of the orchestrator, or a gRPC name.
        security: TLS and token; None for a plain connection on this machine.
    """

    def __init__(self, address: str = DEFAULT_ADDRESS, security: Security | None = None) -> None:
        self._channel = connect(address, security)
        self._stub = call_pb2_grpc.CallServiceStub(self._channel)

    async def __aenter__(self) -> CallCenter:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connection."""
        await self._channel.close(None)

    async def ready(self, timeout_seconds: float) -> None:
        """Waits until the orchestrator serves.

        Raises:
            TimeoutError: it did not within the time.
        """
        try:
            await self._stub.ListModels(call_pb2.ListModelsRequest(), wait_for_ready=True, timeout=timeout_seconds)
        except grpc.aio.AioRpcError as error:
            if error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
                raise TimeoutError(f"the orchestrator did not answer within {timeout_seconds:.0f} s") from error
            raise

    async def submit(self, path: Path, idempotency_key: str = "") -> call_pb2.SubmitCallResponse:
        """Submits a recording; returns when it is safely stored and queued.

        Args:
            path: the file; it is streamed, not held in memory.
            idempotency_key: the same key gives the same call; empty: the content decides.
        """
        with path.open("rb") as file:
            return await self._stub.SubmitCall(_parts(path.name, file, idempotency_key))

    async def get(self, call_id: str) -> call_pb2.Call:
        """Reads a call with all results so far."""
        answer = await self._stub.GetCall(call_pb2.GetCallRequest(call_id=call_id))
        return answer.call

    async def find(self, request: call_pb2.ListCallsRequest | None = None) -> AsyncIterator[call_pb2.Call]:
        """Yields the calls that a request asks for, in its order, over as many pages as there are."""
        page = call_pb2.ListCallsRequest()
        page.CopyFrom(request or call_pb2.ListCallsRequest())
        while True:
            answer = await self._stub.ListCalls(page)
            for call in answer.calls:
                yield call
            if not answer.next_page_token:
                return
            page.page_token = answer.next_page_token

    async def watch(
        self, call_id: str = "", after_sequence: int = -1, until_end: bool = False
    ) -> AsyncIterator[call_pb2.CallEvent]:
        """Follows the events of one call or of all; see WatchCalls for the meaning of ``after_sequence``."""
        request = call_pb2.WatchCallsRequest(call_id=call_id, after_sequence=after_sequence, until_end=until_end)
        async for answer in self._stub.WatchCalls(request):
            yield answer.event

    async def wait(self, call_id: str) -> call_pb2.Call:
        """Waits until the analysis has ended, then reads the call."""
        async for _ in self.watch(call_id, after_sequence=0, until_end=True):
            pass
        return await self.get(call_id)

    async def retry(self, call_id: str, from_stage: str = "") -> list[str]:
        """Runs the failed stages again, or everything from a stage on; returns their names."""
        answer = await self._stub.RetryCall(call_pb2.RetryCallRequest(call_id=call_id, from_stage=from_stage))
        return [str(stage) for stage in answer.stages]

    async def cancel(self, call_id: str) -> None:
        """Stops the analysis; finished results stay."""
        await self._stub.CancelCall(call_pb2.CancelCallRequest(call_id=call_id))

    async def delete(self, call_id: str) -> None:
        """Deletes a call with its results and recording, for good."""
        await self._stub.DeleteCall(call_pb2.DeleteCallRequest(call_id=call_id))

    async def models(self) -> list[call_pb2.StageModel]:
        """Asks which stages are up and what they serve."""
        answer = await self._stub.ListModels(call_pb2.ListModelsRequest())
        return list(answer.models)

    async def recording(self, call_id: str, offset: int = 0, length: int = 0) -> AsyncIterator[bytes]:
        """Yields the bytes of the original recording; a length of 0 goes on to its end."""
        request = call_pb2.GetRecordingRequest(call_id=call_id, offset=offset, length=length)
        async for part in self._stub.GetRecording(request):
            if part.data:
                yield part.data


async def _parts(name: str, file: BinaryIO, key: str) -> AsyncIterator[call_pb2.SubmitCallRequest]:
    yield call_pb2.SubmitCallRequest(config=call_pb2.SubmitCallConfig(file_name=name, idempotency_key=key))
    while chunk := file.read(CHUNK_BYTES):
        yield call_pb2.SubmitCallRequest(data=chunk)
