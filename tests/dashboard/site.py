"""The whole system with a gateway before it, for a browser to visit."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import httpx

from evaluation.system import ROOT, System, free_ports

ENDED = ("completed", "partial", "rejected", "cancelled")
START_SECONDS = 30.0
CALL_SECONDS = 120.0

T = TypeVar("T")


def away(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Runs a coroutine on a thread of its own: Playwright keeps an event loop on the one of the tests."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


class Site:
    """A gateway before a running system.

    Args:
        system: the system.

    Attributes:
        url: address of the page.
        http: a client of the gateway, past the browser.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=self.url, timeout=60, trust_env=False)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the gateway and waits until it answers."""
        with (self.system.folder / "gateway.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable, "-m", "gateway", "--port", str(self.port),
                    "--orchestrator", self.system.address(),
                ],
                cwd=ROOT, stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                if self.http.get("/healthz").is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise TimeoutError(f"the gateway does not answer:\n{self.system.log_tail('gateway')}")

    def stop(self) -> None:
        """Ends the gateway; the system behind it goes on."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def submit(self, path: Path) -> str:
        """Submits a recording past the browser; returns the id of its call."""
        with path.open("rb") as file:
            answer = self.http.post("/api/calls", files={"file": (path.name, file)})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["submitted"][0]["call_id"])

    def call(self, call_id: str) -> dict[str, Any]:
        """Reads a call."""
        answer = self.http.get(f"/api/calls/{call_id}")
        assert answer.is_success, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def ended(self, call_id: str) -> dict[str, Any]:
        """Waits for the end of a call and reads it."""
        deadline = time.monotonic() + CALL_SECONDS
        while (call := self.call(call_id))["state"] not in ENDED:
            assert time.monotonic() < deadline, call
            time.sleep(0.2)
        return call
