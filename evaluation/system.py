"""The whole system as processes of its own: free ports, its own data folder, ended with the ``with`` block."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

ROOT = Path(__file__).resolve().parents[1]
STAGES = ("diarize", "asr", "roles", "emotion", "summarize", "topics", "quality")
START_SECONDS = 180.0


class StartError(RuntimeError):
    """A process of the system ended or did not become ready; the message holds the end of its log."""


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that are free at the moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for probe in sockets:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in sockets]
    finally:
        for probe in sockets:
            probe.close()


class System:
    """Seven model servers and an orchestrator.

    Args:
        folder: data, logs and the watched folder go below it.
        profile: name of the profile.
        stages: model servers to start; the orchestrator waits for the others.
        orchestrator: start an orchestrator too.
        environment: variables on top of this process' own.
    """

    def __init__(
        self,
        folder: Path,
        profile: str = "mini",
        stages: Iterable[str] = STAGES,
        orchestrator: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.watched = folder / "records" / "1003"
        names = [*stages, *(["orchestrator"] if orchestrator else [])]
        self.ports = dict(zip([*STAGES, "orchestrator"], free_ports(len(STAGES) + 1), strict=True))
        self._names = names
        self._environment = {
            **os.environ,
            "CALLCENTER_PROFILE": profile,
            "CALLCENTER_DATA": str(folder / "data"),
            "CALLCENTER_WATCH": str(self.watched),
            **{f"CALLCENTER_{name.upper()}_PORT": str(port) for name, port in self.ports.items()},
            **{f"CALLCENTER_{name.upper()}_ADDRESS": f"127.0.0.1:{self.ports[name]}" for name in STAGES},
            **(environment or {}),
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def address(self, name: str = "orchestrator") -> str:
        """``host:port`` of a process."""
        return f"127.0.0.1:{self.ports[name]}"

    def start(self, name: str) -> None:
        """Starts one process; it is not ready yet."""
        module = name if name == "orchestrator" else f"services.{name}"
        log_path = self.folder / f"{name}.log"
        self.folder.mkdir(parents=True, exist_ok=True)
        with log_path.open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", module], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )

    def kill(self, name: str) -> None:
        """Ends one process at once, as a crash would (SIGKILL)."""
        process = self._processes.pop(name)
        process.kill()
        process.wait()

    async def ready(self, names: Iterable[str] | None = None, timeout_seconds: float = START_SECONDS) -> None:
        """Waits until processes say SERVING.

        Raises:
            StartError: one has ended, or is not ready in time.
        """
        deadline = time.monotonic() + timeout_seconds
        await asyncio.gather(*(self._ready(name, deadline) for name in names or self._names))

    async def _ready(self, name: str, deadline: float) -> None:
        while time.monotonic() < deadline:
            if self._processes[name].poll() is not None:
                raise StartError(f"{name} ended:\n{self.log_tail(name)}")
            async with grpc.aio.insecure_channel(self.address(name)) as channel:
                try:
                    answer = await health_pb2_grpc.HealthStub(channel).Check(
                        health_pb2.HealthCheckRequest(), timeout=2, wait_for_ready=True
                    )
                except grpc.aio.AioRpcError:
                    continue
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    return
            await asyncio.sleep(0.1)
        raise StartError(f"{name} is not ready in time:\n{self.log_tail(name)}")

    def log_tail(self, name: str, count: int = 30) -> str:
        """The last lines of a process' log."""
        text = (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-count:])

    def __enter__(self) -> System:
        for name in self._names:
            self.start(name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self._processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()
