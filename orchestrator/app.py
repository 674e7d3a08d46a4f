"""The orchestrator put together: one object that starts and stops."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TextIO

import grpc
from callcenter.v1 import call_pb2, call_pb2_grpc

from orchestrator.config import Config
from orchestrator.engine import Engine
from orchestrator.events import Followers
from orchestrator.intake import Intake
from orchestrator.recordings import Recordings
from orchestrator.service import CallServicer
from orchestrator.stages import StageRunner
from orchestrator.store import Store
from orchestrator.watcher import Watcher
from orchestrator.waveforms import Waveforms
from rpc.channel import connect
from rpc.errors import NotPossibleNow
from rpc.security import Security
from rpc.server import Server, ServerConfig

_STOP_SECONDS = 5.0


class Orchestrator:
    """Serves CallService, runs the engine and watches the folder.

    Args:
        config: folders, addresses and limits.
        where: host, port and security of the server.
        clients: security towards the stages' servers; None: the server's.

    Raises:
        NotPossibleNow: another orchestrator works in the data folder.
    """

    def __init__(self, config: Config, where: ServerConfig, clients: Security | None = None) -> None:
        self._config = config
        self.server = Server(where)
        self._security = clients if clients is not None else where.security
        self._lock = _lock(config.data)
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._watcher: Watcher | None = None

    async def start(self) -> int:
        """Takes up what was left, then serves; returns the port."""
        config = self._config
        self._store = Store(config.data / "calls.sqlite3")
        recordings = Recordings(config.data, config.rejected)
        self._channels |= {name: connect(address, self._security) for name, address in config.addresses.items()}
        runner = StageRunner(self._store, recordings, self._channels, config)
        self._engine = Engine(config.data, self._store, runner, config.max_running)
        self._followers = Followers(self._store)
        intake = Intake(self._store, recordings, self._engine, config)
        waveforms = Waveforms(self._store, recordings, config)
        servicer = CallServicer(
            self._store, recordings, self._engine, intake, self._followers, waveforms, self._channels, config.addresses
        )
        call_pb2_grpc.add_CallServiceServicer_to_server(servicer, self.server.grpc_server)
        self.server.announce(call_pb2.DESCRIPTOR.services_by_name["CallService"].full_name)
        port = await self.server.start()  # first: a port that is taken is found out before anything is begun
        await intake.clean_up()
        await self._engine.start()
        if config.watch is not None:
            self._watcher = Watcher(config.watch, intake, self._store, config.settle_seconds, config.rescan_seconds)
            await self._watcher.start()
        await self.server.serving(True)
        return port

    async def stop(self) -> None:
        """Ends followers, lets uploads finish, leaves calls for the next start."""
        await self.server.serving(False)
        if self._watcher is not None:
            await self._watcher.stop()
        self._followers.close()
        await self.server.stop(_STOP_SECONDS)
        await self._engine.stop()
        for channel in self._channels.values():
            await channel.close(None)
        self._store.close()
        self._lock.close()


def _lock(folder: Path) -> TextIO:
    """Takes the data folder for this process; the system frees it when the process ends, however it ends."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = (folder / "orchestrator.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        file.close()
        raise NotPossibleNow(
            f"another orchestrator (process {owner}) works in the data folder {folder}",
            "stop it, or choose another folder with --data",
        ) from error
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file
