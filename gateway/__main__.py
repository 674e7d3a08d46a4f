"""Serves the gateway: ``python -m gateway``."""

from __future__ import annotations

import argparse
import os

import uvicorn

from gateway.app import create_app
from rpc import logs
from rpc.security import Security, is_loopback


def main() -> None:
    """Reads the configuration and serves until a signal."""
    env = os.environ
    parser = argparse.ArgumentParser(prog="python -m gateway", description="Serves REST and events over HTTP.")
    parser.add_argument("--host", default=env.get("CALLCENTER_GATEWAY_HOST", "127.0.0.1"), help="default: %(default)s")
    parser.add_argument("--port", type=int, default=int(env.get("CALLCENTER_GATEWAY_PORT", "8001")), help="%(default)s")
    parser.add_argument(
        "--orchestrator",
        default=env.get("CALLCENTER_ADDRESS", "127.0.0.1:50050"),
        help="address of the CallService (default: %(default)s)",
    )
    options = parser.parse_args()
    logs.configure("gateway", env.get("CALLCENTER_LOG_LEVEL", "INFO"))
    security = Security.from_environment(env)
    if not is_loopback(options.host) and env.get("CALLCENTER_GATEWAY_BEHIND_PROXY") != "1":
        parser.error(
            f"refusing to listen on {options.host}: the gateway has no sign-in yet. Listen on 127.0.0.1, or put a proxy"
            " that authenticates and encrypts before it and set CALLCENTER_GATEWAY_BEHIND_PROXY=1"
        )
    app = create_app(options.orchestrator, security)
    uvicorn.run(app, host=options.host, port=options.port, log_config=None, timeout_graceful_shutdown=5)


if __name__ == "__main__":
    main()
