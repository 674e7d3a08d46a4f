"""The gateway's HTTP server."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from gateway.app import create_app
from gateway.config import Config

_STOP_SECONDS = 5

# The system would keep megabytes for each client that does not read; this is much for a network of a bank, and little
# for two hundred clients.
_SEND_BUFFER_BYTES = 64 * 1024


class Server(uvicorn.Server):
    """Bounds what waits for each client, and ends at once whoever follows events.

    Args:
        config: of the application.
        host, port: where to listen; port 0 takes any free one.
    """

    def __init__(self, config: Config, host: str, port: int) -> None:
        self.app: FastAPI = create_app(config)
        super().__init__(
            uvicorn.Config(
                self.app,
                host=host,
                port=port,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=_STOP_SECONDS,
            )
        )

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves until a signal."""
        listening = self.config.bind_socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)  # connections inherit it
        await super().serve([listening])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Takes nothing new, lets what runs finish, and ends."""
        self.app.state.hub.close()  # their answers have no end of their own
        await super().shutdown(sockets)
