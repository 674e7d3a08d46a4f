"""Serves the gateway: ``python -m gateway``."""

from __future__ import annotations

import argparse
import os

from gateway.config import MIB, Config
from gateway.server import Server
from rpc import logs
from rpc.security import Security, is_loopback


def main() -> None:
    """Reads the configuration and serves until a signal."""
    env = os.environ
    defaults = Config()
    parser = argparse.ArgumentParser(prog="python -m gateway", description="Serves the dashboard, REST and events.")
    parser.add_argument("--host", default=env.get("CALLCENTER_GATEWAY_HOST", "127.0.0.1"), help="default: %(default)s")
    parser.add_argument("--port", type=int, default=int(env.get("CALLCENTER_GATEWAY_PORT", "8001")), help="%(default)s")
    parser.add_argument(
        "--orchestrator",
        default=env.get("CALLCENTER_ADDRESS", defaults.orchestrator),
        help="address of the CallService (default: %(default)s)",
    )
    parser.add_argument(
        "--max-upload-mb",
        type=int,
        default=int(env.get("CALLCENTER_MAX_UPLOAD_MB", defaults.max_upload_bytes // MIB)),
        help="largest upload, all of its files together, in MiB (default: %(default)s)",
    )
    options = parser.parse_args()
    logs.configure("gateway", env.get("CALLCENTER_LOG_LEVEL", "INFO"))
    behind_proxy = env.get("CALLCENTER_GATEWAY_BEHIND_PROXY") == "1"
    if not is_loopback(options.host) and not behind_proxy:
        parser.error(
            f"refusing to listen on {options.host}: the gateway has no sign-in yet. Listen on 127.0.0.1, or put a proxy"
            " that authenticates and encrypts before it and set CALLCENTER_GATEWAY_BEHIND_PROXY=1"
        )
    config = Config(
        orchestrator=options.orchestrator,
        security=Security.from_environment(env),
        hosts=None if defaults.hosts is None or behind_proxy else defaults.hosts | {options.host},
        max_upload_bytes=options.max_upload_mb * MIB,
    )
    Server(config, options.host, options.port).run()


if __name__ == "__main__":
    main()
