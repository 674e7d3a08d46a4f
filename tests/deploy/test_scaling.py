"""Replicas behind one name: the work is shared, and one that is away or not ready is left out.

`docker compose --scale asr=3` gives the name ``asr`` three addresses of one port. The same is made here of three
addresses of loopback; they come in the target instead of from a name server.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import AsyncIterator

import grpc
import pytest
from callcenter.v1 import model_pb2, model_pb2_grpc

from rpc.channel import connect
from rpc.server import Server, ServerConfig

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")


class Replica(model_pb2_grpc.ModelServiceServicer):
    """Answers with its address."""

    def __init__(self, host: str) -> None:
        self.host = host

    async def GetModel(
        self, request: model_pb2.GetModelRequest, context: grpc.aio.ServicerContext
    ) -> model_pb2.GetModelResponse:
        return model_pb2.GetModelResponse(stage=self.host)


@pytest.fixture
async def replicas() -> AsyncIterator[dict[str, Server]]:
    servers: dict[str, Server] = {}
    port = 0
    for number in (1, 2, 3):
        host = f"127.0.0.{number}"
        server = Server(ServerConfig(host, port))
        model_pb2_grpc.add_ModelServiceServicer_to_server(Replica(host), server.grpc_server)
        port = await server.start()
        await server.serving(True)
        servers[host] = server
    yield servers
    for server in servers.values():
        await server.stop(0)


async def who_answers(channel: grpc.aio.Channel, count: int) -> Counter[str]:
    stub = model_pb2_grpc.ModelServiceStub(channel)
    request = model_pb2.GetModelRequest()
    return Counter([(await stub.GetModel(request, timeout=10, wait_for_ready=True)).stage for _ in range(count)])


async def reached(channel: grpc.aio.Channel, hosts: set[str]) -> Counter[str]:
    """Asks until exactly these answer, then says how 30 requests were shared."""
    for _ in range(1000):
        if set(await who_answers(channel, 3)) == hosts:
            break
    return await who_answers(channel, 30)


async def test_work_is_shared_among_the_replicas_that_serve(replicas: dict[str, Server]) -> None:
    hosts = set(replicas)
    target = ",".join(f"{host}:{server.port}" for host, server in replicas.items())
    async with connect(f"ipv4:///{target}") as channel:
        assert await reached(channel, hosts) == dict.fromkeys(hosts, 10)
        await replicas["127.0.0.2"].serving(False)  # it loads, or its model fails
        rest = hosts - {"127.0.0.2"}
        assert await reached(channel, rest) == dict.fromkeys(rest, 15)
        await replicas["127.0.0.2"].serving(True)
        assert await reached(channel, hosts) == dict.fromkeys(hosts, 10)
        await replicas["127.0.0.3"].stop(0)
        rest = hosts - {"127.0.0.3"}
        assert await reached(channel, rest) == dict.fromkeys(rest, 15)
