"""A model repository on a hub, into the cache that ``huggingface_hub`` shares with every model server.

The library downloads whole files, and one that breaks off starts again from nothing. A model is a gigabyte and a
bank's line to the internet is slow: here a file goes on where it stopped, also in a later run. The cache's layout
stays the library's own, and a model appears in it only when all of its files are there.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2
from huggingface_hub import HfApi, constants, hf_hub_download, hf_hub_url
from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

from services.fetch.files import choose
from services.fetch.problems import BrokenFile, FullDisk

_TIMEOUT_SECONDS = 30.0
_TRIES = 5
_PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class RemoteFile:
    """A file on the hub.

    Attributes:
        name: path in the repository.
        size: bytes.
        digest: SHA-256 for a large file (64 hexadecimal digits), git's blob id (40) for a small one.
    """

    name: str
    size: int
    digest: str


@dataclass(frozen=True)
class Snapshot:
    """The needed files of a repository at one commit."""

    repository: str
    revision: str
    commit: str
    files: tuple[RemoteFile, ...]

    @property
    def cache(self) -> Path:
        """The repository's folder in the cache."""
        return Path(constants.HF_HUB_CACHE) / f"models--{self.repository.replace('/', '--')}"

    @property
    def folder(self) -> Path:
        """Where the model servers find the files; exists only when all have been fetched."""
        return self.cache / "snapshots" / self.commit

    def blob(self, file: RemoteFile) -> Path:
        """Where the content of a file lies."""
        return self.cache / "blobs" / file.digest

    def part(self, file: RemoteFile) -> Path:
        """Where the content of a file gathers."""
        return self.cache / "parts" / file.digest

    def present_bytes(self) -> int:
        """Bytes that need not be fetched any more."""
        paths = ((self.blob(file), self.part(file)) for file in self.files)
        return sum(next((path.stat().st_size for path in pair if path.exists()), 0) for pair in paths)


def look_up(repository: str, revision: str) -> Snapshot:
    """Asks the hub for a repository's files.

    Raises:
        HfHubHTTPError, httpx2.HTTPError: see ``problems.explain``.
    """
    info = HfApi().model_info(repository, revision=revision or None, files_metadata=True, timeout=_TIMEOUT_SECONDS)
    siblings = {sibling.rfilename: sibling for sibling in info.siblings or ()}
    files = []
    for name in choose(siblings):
        sibling = siblings[name]
        digest = sibling.lfs.sha256 if sibling.lfs else sibling.blob_id
        files.append(RemoteFile(name, sibling.size, digest))
    return Snapshot(repository, revision or constants.DEFAULT_REVISION, info.sha, tuple(files))


def download(snapshot: Snapshot, on_bytes: Callable[[int], None]) -> None:
    """Fetches what is missing of a repository.

    Args:
        snapshot: what to fetch.
        on_bytes: told how many more bytes are there; negative where a part was thrown away.

    Raises:
        FullDisk, BrokenFile, HfHubHTTPError, httpx2.HTTPError: what was fetched so far stays for the next run.
    """
    missing_bytes = sum(file.size for file in snapshot.files) - snapshot.present_bytes()
    snapshot.cache.mkdir(parents=True, exist_ok=True)
    free_bytes = shutil.disk_usage(snapshot.cache).free
    if missing_bytes > free_bytes:
        raise FullDisk(snapshot.cache, missing_bytes, free_bytes)
    for file in snapshot.files:
        _fetch(snapshot, file, on_bytes)
    for file in snapshot.files:
        hf_hub_download(snapshot.repository, file.name, revision=snapshot.commit)  # the content is there: links it
    # A listing that another tool left names the files that were not chosen, and the model would look incomplete.
    (snapshot.cache / "trees" / f"{snapshot.commit}.json").unlink(missing_ok=True)
    reference = snapshot.cache / "refs" / snapshot.revision
    reference.parent.mkdir(parents=True, exist_ok=True)
    reference.write_text(snapshot.commit, encoding="utf-8")


def _fetch(snapshot: Snapshot, file: RemoteFile, on_bytes: Callable[[int], None]) -> None:
    """Brings one file; gives up when nothing more has come in several tries."""
    blob, part = snapshot.blob(file), snapshot.part(file)
    if blob.exists():
        return
    part.parent.mkdir(parents=True, exist_ok=True)
    part.touch()
    tries = 0
    while (size := part.stat().st_size) < file.size:
        broken: Exception = BrokenFile(snapshot.repository, file.name)
        try:
            _continue(snapshot, file, part, on_bytes)
        except httpx2.TransportError as error:
            broken = error
        tries = 0 if part.stat().st_size > size else tries + 1
        if tries == _TRIES:
            raise broken
        if part.stat().st_size < file.size:
            time.sleep(_PAUSE_SECONDS * 2**tries)
    if part.stat().st_size > file.size or _digest(part, file) != file.digest:
        on_bytes(-part.stat().st_size)
        part.unlink()
        raise BrokenFile(snapshot.repository, file.name)
    blob.parent.mkdir(parents=True, exist_ok=True)
    part.replace(blob)


def _continue(snapshot: Snapshot, file: RemoteFile, part: Path, on_bytes: Callable[[int], None]) -> None:
    """Appends to a part what one answer of the hub brings."""
    start = part.stat().st_size
    # A compressed answer could not be continued: positions count bytes of the file.
    headers = {**build_hf_headers(), "Accept-Encoding": "identity", "Range": f"bytes={start}-"}
    url = hf_hub_url(snapshot.repository, file.name, revision=snapshot.commit)
    with get_session().stream("GET", url, headers=headers, timeout=_TIMEOUT_SECONDS) as response:
        hf_raise_for_status(response)
        if response.status_code == httpx2.codes.OK and start:  # the range was not heeded
            on_bytes(-start)
            start = 0
        with part.open("r+b") as target:
            target.seek(start)
            target.truncate()
            for chunk in response.iter_bytes():
                target.write(chunk)
                on_bytes(len(chunk))


def _digest(path: Path, file: RemoteFile) -> str:
    with path.open("rb") as content:
        if len(file.digest) == 64:
            return hashlib.file_digest(content, "sha256").hexdigest()
        # https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
        return hashlib.sha1(f"blob {file.size}\0".encode() + content.read(), usedforsecurity=False).hexdigest()
