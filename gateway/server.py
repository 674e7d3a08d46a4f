"""The gateway's HTTP server."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from gateway.app import create_app
from gateway.config import Config

_STOP_SECONDS = 5


class Server(uvicorn.Server):
    """Ends at once, whoever follows events.

    Args:
        config: of the application.
        host, port: where to listen; port 0 takes any free one.
    """

    def __init__(self, config: Config, host: str, port: int) -> None:
        self._app: FastAPI = create_app(config)
        super().__init__(
            uvicorn.Config(
                self._app,
                host=host,
                port=port,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=_STOP_SECONDS,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Takes nothing new, lets what runs finish, and ends."""
        self._app.state.hub.close()  # their answers have no end of their own
        await super().shutdown(sockets)
