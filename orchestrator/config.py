"""What the orchestrator is told: read in ``__main__`` only, passed on as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.graph import SERVED


def default_addresses(environment: Mapping[str, str]) -> dict[str, str]:
    """Finds each stage's server: CALLCENTER_<STAGE>_ADDRESS, or loopback and CALLCENTER_<STAGE>_PORT, or the default.

    Args:
        environment: environment variables.
    """
    addresses = {}
    for stage in SERVED:
        prefix = f"CALLCENTER_{stage.name.upper()}"
        port = environment.get(f"{prefix}_PORT") or stage.port
        addresses[stage.name] = environment.get(f"{prefix}_ADDRESS") or f"127.0.0.1:{port}"
    return addresses


@dataclass(frozen=True)
class Config:
    """Folders, addresses and limits of the orchestrator.

    Attributes:
        data: folder of the database and the recordings; one orchestrator a folder.
        watch: folder whose files become calls; None: none is watched.
        rejected: folder for recordings that cannot be analysed.
        addresses: address of each stage's server.
        language: language of the calls, ISO 639-1; empty: the recogniser's own.
        max_running: calls that are under way at once. A call that waits for a server counts, so it is far above
            ``per_stage``: an outage of one stage must not keep other calls from their other stages.
        per_stage: requests that one stage's server (all its replicas) is given at once; also decodings at once.
        max_pending: calls that may be queued or under way; one more is refused.
        max_upload_bytes: largest recording.
        max_seconds: longest recording.
        settle_seconds: a watched file is taken when it has not changed for so long.
        rescan_seconds: how often the watched folder is listed, for file systems that tell of no changes.
        max_failures: times that a stage may fail before it has failed for good; outages do not count.
        max_lost: times that the connection may break while a stage's server works on one call, before the call is
            taken to be what kills the server.
        max_wait_seconds: longest pause between two tries of a stage whose server is away.
        base_timeout_seconds: deadline of one try, besides the part for the audio's length.
    """

    data: Path
    watch: Path | None = None
    rejected: Path = Path("records/rejected")
    addresses: Mapping[str, str] = field(default_factory=lambda: default_addresses({}))
    language: str = ""
    max_running: int = 32
    per_stage: int = 4
    max_pending: int = 1000
    max_upload_bytes: int = 2 * 1024**3
    max_seconds: float = 4 * 3600.0
    settle_seconds: float = 2.0
    rescan_seconds: float = 5.0
    max_failures: int = 3
    max_lost: int = 10
    max_wait_seconds: float = 2.0
    base_timeout_seconds: float = 300.0
