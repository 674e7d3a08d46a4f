"""The command line and the process."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from orchestrator.app import Orchestrator
from orchestrator.config import Config, default_addresses
from orchestrator.graph import SERVED
from rpc import logs
from rpc.errors import CallCenterError
from rpc.security import Security
from rpc.server import ServerConfig, wait_for_signal

_EPILOG = """
Every option can be given by an environment variable too: CALLCENTER_DATA, CALLCENTER_WATCH, CALLCENTER_REJECTED,
CALLCENTER_HOST, CALLCENTER_ORCHESTRATOR_PORT, CALLCENTER_LANGUAGE, CALLCENTER_LOG_LEVEL, CALLCENTER_MAX_RUNNING,
CALLCENTER_PER_STAGE, CALLCENTER_MAX_PENDING, CALLCENTER_SETTLE_SECONDS, CALLCENTER_<STAGE>_ADDRESS. Beyond loopback,
TLS and a token are needed: CALLCENTER_TLS_CERTIFICATE, CALLCENTER_TLS_KEY, CALLCENTER_TLS_AUTHORITY, CALLCENTER_TOKEN.
What happens when something fails: docs/orchestrator.md.
"""


def parse() -> argparse.Namespace:
    """Reads the command line; what it does not say comes from the environment."""
    env = os.environ
    addresses = default_addresses(env)
    parser = argparse.ArgumentParser(
        prog="python -m orchestrator",
        description="Takes recorded calls, has them analysed by the model servers, and keeps the results.",
        epilog=_EPILOG,
    )

    def add(flag: str, name: str, default: str | int | float, text: str) -> None:
        kind = type(default)
        parser.add_argument(flag, type=kind, default=kind(env.get(name) or default), help=f"{text} (now: %(default)s)")

    add("--host", "CALLCENTER_HOST", "127.0.0.1", "address to listen on")
    add("--port", "CALLCENTER_ORCHESTRATOR_PORT", 50050, "port to listen on; 0 takes any free one")
    add("--data", "CALLCENTER_DATA", "data", "folder of the database and the recordings")
    add("--watch", "CALLCENTER_WATCH", "records/1003", "folder whose files become calls; 'none' watches none")
    add(
        "--rejected",
        "CALLCENTER_REJECTED",
        "",
        "folder for recordings that cannot be analysed; empty: 'rejected' beside the watched one",
    )
    add("--language", "CALLCENTER_LANGUAGE", "", "language of the calls, ISO 639-1; empty: the recogniser's own")
    add("--max-running", "CALLCENTER_MAX_RUNNING", Config.max_running, "calls under way at once")
    add("--per-stage", "CALLCENTER_PER_STAGE", Config.per_stage, "requests that a stage's server is given at once")
    add("--max-pending", "CALLCENTER_MAX_PENDING", Config.max_pending, "calls that may wait; one more is refused")
    add("--settle-seconds", "CALLCENTER_SETTLE_SECONDS", Config.settle_seconds,
        "a watched file is taken when it has not changed for so long")  # fmt: skip
    add("--log-level", "CALLCENTER_LOG_LEVEL", "INFO", "least level of the log")
    for stage in SERVED:
        add(f"--{stage.name}", "", addresses[stage.name], f"address of the {stage.name} server")
    return parser.parse_args()


def to_config(options: argparse.Namespace) -> Config:
    """Makes the orchestrator's configuration of the options."""
    data = Path(options.data).resolve()
    watch = None if options.watch in ("", "none") else Path(options.watch).resolve()
    return Config(
        data=data,
        watch=watch,
        rejected=Path(options.rejected).resolve()
        if options.rejected
        else (watch.parent if watch else data) / "rejected",
        addresses={stage.name: getattr(options, stage.name) for stage in SERVED},
        language=options.language,
        max_running=options.max_running,
        per_stage=options.per_stage,
        max_pending=options.max_pending,
        settle_seconds=options.settle_seconds,
    )


async def _serve(config: Config, where: ServerConfig) -> None:
    orchestrator = Orchestrator(config, where)
    await orchestrator.start()
    await wait_for_signal()
    await orchestrator.stop()


def main() -> None:
    """Serves until a signal."""
    options = parse()
    logs.configure("orchestrator", options.log_level)
    try:
        security = Security.from_environment(os.environ)
        asyncio.run(_serve(to_config(options), ServerConfig(options.host, options.port, security=security)))
    except (CallCenterError, OSError) as error:
        action = f" — {error.action}" if isinstance(error, CallCenterError) and error.action else ""
        sys.exit(f"orchestrator: {error}{action}")
