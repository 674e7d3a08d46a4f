"""What the gateway is told: read in ``__main__`` only, passed on as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from rpc.security import Security

MIB = 1024 * 1024


@dataclass(frozen=True)
class Config:
    """Addresses and limits of the gateway.

    Attributes:
        orchestrator: address of the CallService.
        security: TLS and token towards the orchestrator.
        hosts: names under which browsers reach the gateway, without port; None: any, because a proxy before it checks.
        max_upload_bytes: largest upload, all of its files together.
        page: folder of the built page; may be missing.
        event_count: events that are kept for clients which follow; one that is further behind is cut off.
        keep_alive_seconds: a client that follows hears something at least so often.
        stall_seconds: a client that follows and takes nothing for so long is cut off.
    """

    orchestrator: str = "127.0.0.1:50050"
    security: Security = field(default_factory=Security)
    hosts: frozenset[str] | None = frozenset({"127.0.0.1", "localhost", "[::1]"})
    max_upload_bytes: int = 2048 * MIB
    page: Path = Path(__file__).parent / "dashboard" / "dist"
    event_count: int = 4096
    keep_alive_seconds: float = 15.0
    stall_seconds: float = 30.0
