"""How a recording becomes a call, wherever it comes from; and how it goes for good."""

from __future__ import annotations

import asyncio
import errno
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from orchestrator import queries, transitions
from orchestrator.config import Config
from orchestrator.engine import Engine
from orchestrator.recordings import Recordings, Upload, clean_name
from orchestrator.store import Store
from orchestrator.transitions import Created, NewCall, Run
from rpc import logs
from rpc.channel import CHUNK_BYTES
from rpc.errors import Busy, InvalidInput, NotFound, NotPossibleNow

R = TypeVar("R")

_log = logs.get(__name__)


class Changed(NotPossibleNow):
    """A file changed while it was read."""


class Intake:
    """Takes recordings in and deletes them.

    Args:
        store, recordings, engine: where they go.
        config: folders and limits.
    """

    def __init__(self, store: Store, recordings: Recordings, engine: Engine, config: Config) -> None:
        self._store = store
        self._recordings = recordings
        self._engine = engine
        self._config = config
        # A content that is being removed must not be kept anew at the same time.
        self._placing = asyncio.Lock()

    @contextmanager
    def upload(self) -> Iterator[Upload]:
        """Begins to take a recording in; what was not kept is removed."""
        with _disk_space(), self._recordings.upload() as upload:
            yield upload

    async def write(self, upload: Upload, data: bytes) -> None:
        """Adds bytes to an upload.

        Raises:
            Busy: too large.
        """
        if upload.size_bytes + len(data) > self._config.max_upload_bytes:
            raise Busy(f"the recording is larger than {self._config.max_upload_bytes} bytes", "submit it in parts")
        await _off_loop(lambda: upload.write(data))

    async def accept(self, upload: Upload, file_name: str, key: str = "") -> Created:
        """Makes a call of an upload; when this returns, the call will be analysed whatever happens.

        Args:
            upload: all bytes of it.
            file_name: clean name for people.
            key: idempotency key; empty: none.

        Raises:
            InvalidInput: the key was used for other content.
            Busy: too many calls are waiting.
        """
        sha256 = await _off_loop(upload.finish)
        async with self._placing:
            if not await self._store.read(queries.content_known, sha256):
                await _off_loop(lambda: self._recordings.keep(upload, sha256))
            created = await self._store.write(
                transitions.create, NewCall(file_name, upload.size_bytes, sha256, key), self._config.max_pending
            )
        if await self._store.read(queries.get_state, created.run.call_id) == transitions.QUEUED:
            await self._engine.submit(created.run)  # again, if it was known: then a crash may have come in between
        _log.info("accepted", call_id=created.run.call_id, file=file_name, known=created.known)
        return created

    async def take(self, name: str, key: str = "") -> Created:
        """Makes a call of a file in the watched folder; the file stays where it is.

        Raises:
            InvalidInput: not the plain name of a regular file, or no folder is watched.
            NotFound: no such file.
            Changed: it is still being written.
            Busy: too large, or too many calls are waiting.
        """
        path = self._watched(name)
        with self.upload() as upload:
            try:
                before = path.lstat()
                if not stat.S_ISREG(before.st_mode):  # a link may lead anywhere, a pipe would never end
                    raise InvalidInput(f"{name!r} is not a regular file", "put the recording itself into the folder")
                with path.open("rb") as file:
                    while data := await _off_loop(lambda: file.read(CHUNK_BYTES)):
                        await self.write(upload, data)
                after = path.stat()
            except FileNotFoundError as error:
                raise NotFound(f"there is no file {name!r} in the watched folder", "put it there first") from error
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise Changed(f"the file {name!r} is still being written", "wait until it is complete")
            created = await self.accept(upload, clean_name(name), key)
        await self._store.write(
            transitions.remember_watched, name, after.st_size, after.st_mtime_ns, created.run.call_id
        )
        return created

    async def delete(self, call_id: str) -> None:
        """Deletes a call and every copy of its recording here, in the watched folder too.

        Raises:
            NotFound: no such call.
        """
        recording = await self._store.read(queries.get_recording, call_id)
        run = await self._store.read(queries.get_run, call_id)
        async with self._placing:
            paths = [self._recordings.folder(recording.sha256), *self._recordings.aside(call_id, recording.file_name)]
            paths += await self._unchanged_watched(call_id)
            await self._store.write(transitions.delete, call_id, [str(path) for path in paths])
            await self._engine.halt(call_id)
            await self._remove(paths)
        await self._engine.forget(Run(call_id, attempt) for attempt in range(1, run.attempt + 1))
        _log.info("deleted", call_id=call_id)

    async def clean_up(self) -> None:
        """Removes what a crash left of deleted calls. For the start, before anything is taken in."""
        await self._remove([Path(path) for path in await self._store.read(queries.pending_removals)])

    async def _remove(self, paths: list[Path]) -> None:
        gone = []
        for path in paths:
            try:
                await _off_loop(partial(self._recordings.remove, path))
                gone.append(str(path))
            except OSError as error:  # read-only, perhaps: tried again at the next start
                _log.error("cannot remove a deleted call's file", path=str(path), reason=str(error))
        await self._store.write(transitions.removed, gone)

    async def _unchanged_watched(self, call_id: str) -> list[Path]:
        """Files of the watched folder that are still what became the call."""
        found = []
        for name, size_bytes, mtime_ns in await self._store.read(queries.watched_of, call_id):
            path = self._watched(name)
            if path.exists() and (path.stat().st_size, path.stat().st_mtime_ns) == (size_bytes, mtime_ns):
                found.append(path)
        return found

    def _watched(self, name: str) -> Path:
        if self._config.watch is None:
            raise InvalidInput("no folder is watched", "start the orchestrator with --watch, or send the data")
        if name != Path(name).name or name.startswith("."):
            raise InvalidInput(f"{name!r} is not the plain name of a file", "name a file in the watched folder itself")
        return self._config.watch / name


@contextmanager
def _disk_space() -> Iterator[None]:
    """Says it plainly where the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Busy("the disk of the data folder is full", "make room, then submit the recording again") from error


async def _off_loop(function: Callable[[], R]) -> R:
    return await asyncio.get_running_loop().run_in_executor(None, function)
