"""Where recordings lie: one folder for each content, written so that what was accepted is never lost."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from rpc.channel import CHUNK_BYTES

_MAX_NAME_BYTES = 150


def clean_name(name: str) -> str:
    """The name of a file without folders and without characters that would disturb a terminal or a file system."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(character for character in base if character.isprintable()).strip(" .")
    while len(printable.encode()) > _MAX_NAME_BYTES:  # the end tells the format
        printable = printable[1:]
    return printable


class Upload:
    """A recording that is coming in; what is not kept in the end is removed.

    Args:
        folder: on the same file system as the recordings.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / uuid.uuid4().hex
        self._file = self.path.open("xb")
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def write(self, data: bytes) -> None:
        """Adds bytes."""
        self._file.write(data)
        self._hash.update(data)
        self.size_bytes += len(data)

    def finish(self) -> str:
        """Brings the bytes to the disk; returns their SHA-256."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._hash.hexdigest()

    def __enter__(self) -> Upload:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


class Recordings:
    """The folder of recordings.

    Args:
        folder: the data folder; made if it is not there, readable for this user only.
        rejected: folder for recordings that cannot be analysed.
    """

    def __init__(self, folder: Path, rejected: Path) -> None:
        self._folder = folder / "recordings"
        self._incoming = folder / "incoming"
        self._rejected = rejected
        shutil.rmtree(self._incoming, ignore_errors=True)  # uploads that a crash cut off
        for path in (self._folder, self._incoming):
            path.mkdir(parents=True, exist_ok=True)

    def upload(self) -> Upload:
        """Begins to take a recording in."""
        return Upload(self._incoming)

    def folder(self, sha256: str) -> Path:
        """The folder of one content: the original and what was made of it."""
        return self._folder / sha256[:2] / sha256

    def original(self, sha256: str) -> Path:
        """The recording as it was submitted."""
        return self.folder(sha256) / "original"

    def pcm(self, sha256: str) -> Path:
        """What it was decoded to; can be made anew at any time, and is there only while it is needed."""
        return self.folder(sha256) / "audio.pcm"

    def waveform(self, sha256: str) -> Path:
        """The peaks of its sound; can be made anew too, but stays, because people look at it again and again."""
        return self.folder(sha256) / "waveform"

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for a moment, on the same file system as the recordings."""
        with TemporaryDirectory(dir=self._incoming) as folder:
            yield Path(folder)

    def keep(self, upload: Upload, sha256: str) -> None:
        """Keeps an upload: whatever happens after this, it is on the disk under its name."""
        target = self.original(sha256)
        _make_folder(target.parent, self._folder)
        upload.path.replace(target)
        _sync(target.parent)

    def read(self, sha256: str, offset: int, length: int) -> Iterator[bytes]:
        """Reads a range of the original in chunks.

        Raises:
            FileNotFoundError: it is gone.
        """
        with self.original(sha256).open("rb") as file:
            file.seek(offset)
            while length > 0 and (data := file.read(min(CHUNK_BYTES, length))):
                length -= len(data)
                yield data

    def set_aside(self, sha256: str, call_id: str, file_name: str, reason: str) -> None:
        """Puts a copy where people look for rejected recordings, with the reason beside it. May be done again."""
        self._rejected.mkdir(parents=True, exist_ok=True)
        copy, why = self.aside(call_id, file_name)
        temporary = copy.with_name(f".{copy.name}.tmp")
        if self.original(sha256).exists():
            shutil.copyfile(self.original(sha256), temporary)
            temporary.replace(copy)
        why.write_text(f"{reason}\n\ncall: {call_id}\nfile: {file_name}\nsha256: {sha256}\n", encoding="utf-8")
        _sync(self._rejected)

    def aside(self, call_id: str, file_name: str) -> tuple[Path, Path]:
        """Where ``set_aside`` puts the copy and the reason."""
        copy = self._rejected / f"{call_id}-{file_name}"
        return copy, copy.with_name(f"{copy.name}.reason.txt")

    def drop_pcm(self, sha256: str) -> None:
        """Removes what can be made anew."""
        for path in self.folder(sha256).glob("audio.pcm*"):
            path.unlink(missing_ok=True)

    def remove(self, path: Path) -> None:
        """Removes a file or a folder for good; raises OSError if it cannot."""
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        if path.parent.is_dir():
            _sync(path.parent)


def _make_folder(folder: Path, known: Path) -> None:
    """Makes a folder below a known one, so that it is there after a power cut."""
    if folder != known and not folder.is_dir():
        _make_folder(folder.parent, known)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
