"""Watches a folder: files that have stopped growing become calls."""

from __future__ import annotations

import asyncio
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from orchestrator import queries
from orchestrator.intake import Changed, Intake
from orchestrator.store import Store
from rpc import logs
from rpc.errors import Busy, CallCenterError, NotFound

_log = logs.get(__name__)

_PARTIAL = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".download", "~")
_EMPTY_FACTOR = 5
"""An empty file is often one whose content is still to come: it gets so many times the usual time."""

_TICKS = 4


@dataclass
class _Candidate:
    size_bytes: int
    mtime_ns: int
    since: float


class _Handler(FileSystemEventHandler):
    """Wakes the watcher from watchdog's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, news: asyncio.Event) -> None:
        self._loop = loop
        self._news = news

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in ("opened", "closed_no_write") and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._news.set)


class Watcher:
    """Takes each file of a folder once: those that are there at the start, and those that come.

    Hidden files, partial ones (``.part``, ``.tmp``, …), links and sub-folders are left alone. A file is known by its
    name, size and time; if one of them changes, it is read again, and becomes a call if its content is new.

    Args:
        folder: made if it is not there.
        settle_seconds: a file is taken when it has not changed for so long.
        rescan_seconds: how often the folder is listed even if nothing is told.
    """

    def __init__(
        self, folder: Path, intake: Intake, store: Store, settle_seconds: float, rescan_seconds: float
    ) -> None:
        self._folder = folder
        self._intake = intake
        self._store = store
        self._settle_seconds = settle_seconds
        self._rescan_seconds = rescan_seconds
        self._candidates: dict[str, _Candidate] = {}
        self._taken: dict[str, tuple[int, int]] = {}
        self._observer: Any = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to watch."""
        self._folder.mkdir(parents=True, exist_ok=True)
        news = asyncio.Event()
        try:
            observer = Observer()
            observer.schedule(_Handler(asyncio.get_running_loop(), news), str(self._folder))
            observer.start()
            self._observer = observer
        except OSError as error:  # no notifications to be had: listing it finds the files too
            _log.warning("watching by listing only", folder=str(self._folder), reason=str(error))
        self._task = asyncio.create_task(self._run(news))
        _log.info("watching", folder=str(self._folder))

    async def stop(self) -> None:
        """Ends; a file that is being taken is taken at the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._observer is not None:
            self._observer.stop()
            await asyncio.get_running_loop().run_in_executor(None, self._observer.join)

    async def _run(self, news: asyncio.Event) -> None:
        while True:
            news.clear()
            try:
                await self._look()
            except Exception as error:  # a folder that is away for a while must not end the watch
                _log.error("cannot look into the watched folder", exc_info=error)
            # While a file is settling it is looked at a few times; the rest of the time, when something is told.
            wait = self._settle_seconds / _TICKS if self._candidates else self._rescan_seconds
            try:
                await asyncio.wait_for(news.wait(), wait)
                await asyncio.sleep(min(wait, self._settle_seconds / _TICKS))  # one look for a burst of news
            except TimeoutError:
                continue

    async def _look(self) -> None:
        """Lists the folder; takes what has settled."""
        found = {}
        for path in sorted(self._folder.iterdir()):
            if path.name.startswith(".") or path.name.lower().endswith(_PARTIAL):
                continue
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(status.st_mode):
                found[path.name] = status
        for gone in [name for name in (*self._candidates, *self._taken) if name not in found]:
            self._candidates.pop(gone, None)
            self._taken.pop(gone, None)
        for name, status in found.items():
            if await self._settled(name, status.st_size, status.st_mtime_ns):
                await self._take(name)

    async def _settled(self, name: str, size_bytes: int, mtime_ns: int) -> bool:
        if self._taken.get(name) == (size_bytes, mtime_ns):
            return False
        candidate = self._candidates.get(name)
        if candidate is None or (candidate.size_bytes, candidate.mtime_ns) != (size_bytes, mtime_ns):
            if await self._store.read(queries.known_watched, name, size_bytes, mtime_ns):
                self._taken[name] = (size_bytes, mtime_ns)
                self._candidates.pop(name, None)
                return False
            self._candidates[name] = _Candidate(size_bytes, mtime_ns, time.monotonic())
            return False
        wait = self._settle_seconds * (_EMPTY_FACTOR if size_bytes == 0 else 1)
        return time.monotonic() - candidate.since >= wait

    async def _take(self, name: str) -> None:
        candidate = self._candidates.pop(name)
        try:
            await self._intake.take(name)
        except (Changed, NotFound):
            return
        except Busy as error:
            _log.warning("a watched file has to wait", file=name, reason=error.message)
            return
        except (CallCenterError, OSError) as error:
            # Not readable, perhaps: said once, and tried again when it changes or at the next start.
            _log.error("cannot take a watched file", file=name, reason=str(error))
        self._taken[name] = (candidate.size_bytes, candidate.mtime_ns)
