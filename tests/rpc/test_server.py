"""A server's life, its errors and its token, over a real channel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from callcenter.v1 import quality_pb2, quality_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from rpc import errors
from rpc.channel import connect
from rpc.security import Security, UnsafeAddress
from rpc.server import Server, ServerConfig

NAME = quality_pb2.DESCRIPTOR.services_by_name["QualityService"].full_name


class Echo(quality_pb2_grpc.QualityServiceServicer):
    """Does what the text of the request says."""

    def __init__(self) -> None:
        self.release = asyncio.Event()
        self.entered = asyncio.Event()

    async def RateQuality(
        self, request: quality_pb2.RateQualityRequest, context: Any
    ) -> quality_pb2.RateQualityResponse:
        if request.summary == "bad":
            raise errors.InvalidInput("the summary is bad", "send a better one")
        if request.summary == "crash":
            raise ZeroDivisionError
        if request.summary == "slow":
            self.entered.set()
            await self.release.wait()
        return quality_pb2.RateQualityResponse(stars=4)


async def serve(config: ServerConfig) -> tuple[Server, Echo]:
    server, echo = Server(config), Echo()
    quality_pb2_grpc.add_QualityServiceServicer_to_server(echo, server.grpc_server)
    server.announce(NAME)
    await server.start()
    return server, echo


@pytest.fixture
async def running() -> AsyncIterator[tuple[Server, Echo, grpc.aio.Channel]]:
    server, echo = await serve(ServerConfig())
    async with connect(f"127.0.0.1:{server.port}") as channel:
        yield server, echo, channel
    await server.stop(0)


async def health(server: Server, service: str = "") -> int:
    # Not through `connect`: it leaves out servers that say NOT_SERVING.
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=service))
    return int(answer.status)


async def test_is_healthy_only_when_told(running: tuple[Server, Echo, grpc.aio.Channel]) -> None:
    server, _, channel = running
    request = quality_pb2.RateQualityRequest(summary="fine")
    assert await health(server, NAME) == health_pb2.HealthCheckResponse.NOT_SERVING
    with pytest.raises(grpc.aio.AioRpcError, match="backend unhealthy"):
        await quality_pb2_grpc.QualityServiceStub(channel).RateQuality(request)
    await server.serving(True)
    assert await health(server, NAME) == health_pb2.HealthCheckResponse.SERVING
    assert await health(server) == health_pb2.HealthCheckResponse.SERVING


async def test_error_carries_code_message_and_action(running: tuple[Server, Echo, grpc.aio.Channel]) -> None:
    server, _, channel = running
    await server.serving(True)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await quality_pb2_grpc.QualityServiceStub(channel).RateQuality(quality_pb2.RateQualityRequest(summary="bad"))
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert caught.value.details() == "the summary is bad"
    assert errors.action_of(caught.value) == "send a better one"


async def test_unforeseen_exception_is_internal_without_its_text(
    running: tuple[Server, Echo, grpc.aio.Channel],
) -> None:
    server, _, channel = running
    await server.serving(True)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await quality_pb2_grpc.QualityServiceStub(channel).RateQuality(quality_pb2.RateQualityRequest(summary="crash"))
    assert caught.value.code() == grpc.StatusCode.INTERNAL
    assert caught.value.details() == "internal error: ZeroDivisionError"


async def test_stop_drains_the_running_call(running: tuple[Server, Echo, grpc.aio.Channel]) -> None:
    server, echo, channel = running
    await server.serving(True)
    call = quality_pb2_grpc.QualityServiceStub(channel).RateQuality(quality_pb2.RateQualityRequest(summary="slow"))
    await asyncio.wait_for(echo.entered.wait(), 5)
    stopping = asyncio.create_task(server.stop(10))
    await asyncio.sleep(0)
    echo.release.set()
    assert (await call).stars == 4
    await stopping


async def test_token_is_asked_for_except_by_health() -> None:
    server, _ = await serve(ServerConfig(security=Security(token="secret")))
    await server.serving(True)
    address = f"127.0.0.1:{server.port}"
    request = quality_pb2.RateQualityRequest(summary="fine")
    async with connect(address) as stranger, connect(address, Security(token="secret")) as friend:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await quality_pb2_grpc.QualityServiceStub(stranger).RateQuality(request)
        assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED
        assert await health(server) == health_pb2.HealthCheckResponse.SERVING
        assert (await quality_pb2_grpc.QualityServiceStub(friend).RateQuality(request)).stars == 4
    await server.stop(0)


def test_refuses_the_network_without_tls_and_token() -> None:
    with pytest.raises(UnsafeAddress, match=r"0\.0\.0\.0"):
        Server(ServerConfig(host="0.0.0.0"))


async def test_taken_port_is_a_plain_error(running: tuple[Server, Echo, grpc.aio.Channel]) -> None:
    server, _, _ = running
    with pytest.raises(OSError, match="another server"):
        await Server(ServerConfig(port=server.port)).start()
