"""The life of every server: bind, load, say SERVING, serve, drain, stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from rpc import logs
from rpc.channel import MAX_MESSAGE_BYTES
from rpc.interceptors import ServerInterceptor
from rpc.security import Security

_log = logs.get(__name__)

_OPTIONS: list[tuple[str, str | int]] = [
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    # Two servers on one port would take turns in answering; a clear failure to bind is better.
    ("grpc.so_reuseport", 0),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # Clients look a name up again only when they lose a connection: without this a replica that was added later would
    # get no work. Running rpcs end on the old connection, without a limit.
    ("grpc.max_connection_age_ms", 300_000),
]


@dataclass(frozen=True)
class ServerConfig:
    """Where a server listens and how it ends.

    Attributes:
        host: address to listen on; beyond loopback only with TLS and a token.
        port: 0 takes any free port.
        drain_seconds: how long running rpcs may go on after the first SIGTERM or SIGINT.
        security: TLS and token.
    """

    host: str = "127.0.0.1"
    port: int = 0
    drain_seconds: float = 30.0
    security: Security = field(default_factory=Security)


class Server:
    """A gRPC server with health and reflection.

    Health says NOT_SERVING until ``serving(True)`` is called, and again while draining.
    """

    def __init__(self, config: ServerConfig) -> None:
        config.security.check_address(config.host)
        self._config = config
        self._server = grpc.aio.server(interceptors=[ServerInterceptor(config.security)], options=_OPTIONS)
        self._health = health.aio.HealthServicer()  # type: ignore[attr-defined]
        self._names = [health.SERVICE_NAME, reflection.SERVICE_NAME]
        self.port = 0

    @property
    def grpc_server(self) -> grpc.aio.Server:
        """What the generated ``add_…Servicer_to_server`` functions take."""
        return self._server

    def announce(self, service_name: str) -> None:
        """Names a service for health and reflection; call it once for each service, before ``start``."""
        self._names.append(service_name)

    async def start(self) -> int:
        """Binds and starts to answer; health says NOT_SERVING.

        Returns:
            The port.

        Raises:
            OSError: the port is taken.
        """
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection(self._names, self._server)
        await self.serving(False)
        address = f"{self._config.host}:{self._config.port}"
        credentials = self._config.security.server_credentials()
        try:
            if credentials is None:
                self.port = self._server.add_insecure_port(address)
            else:
                self.port = self._server.add_secure_port(address, credentials)
        except RuntimeError as error:
            raise OSError(f"cannot listen on {address}: is another server running there?") from error
        await self._server.start()
        _log.info("listening", host=self._config.host, port=self.port, tls=credentials is not None)
        return self.port

    async def serving(self, ready: bool) -> None:
        """Sets what health answers, for the whole server and for each service."""
        status = health_pb2.HealthCheckResponse.SERVING if ready else health_pb2.HealthCheckResponse.NOT_SERVING
        for name in ("", *self._names[2:]):
            await self._health.set(name, status)

    async def stop(self, grace_seconds: float | None = None) -> None:
        """Says NOT_SERVING, takes no new rpc, waits for the running ones, then cancels what is left."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(self._config.drain_seconds if grace_seconds is None else grace_seconds)


async def wait_for_signal(signals: Sequence[signal.Signals] = (signal.SIGTERM, signal.SIGINT)) -> None:
    """Returns on the first signal; the second one then ends the process at once."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()

    def first() -> None:
        for number in signals:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        stopped.set()

    for number in signals:
        loop.add_signal_handler(number, first)
    await stopped.wait()


async def run(server: Server, load: Callable[[], Awaitable[None]]) -> None:
    """Serves until a signal: starts, loads, says SERVING, drains.

    Args:
        server: with its services added.
        load: makes the server able to work; while it runs, health says NOT_SERVING.
    """
    await server.start()
    stop = asyncio.create_task(wait_for_signal())
    loading = asyncio.ensure_future(load())
    await asyncio.wait({stop, loading}, return_when=asyncio.FIRST_COMPLETED)
    if loading.done():
        loading.result()
        await server.serving(True)
        _log.info("serving")
        await stop
    else:
        loading.cancel()
    _log.info("draining")
    await server.stop()
    _log.info("stopped")
