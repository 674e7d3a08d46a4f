"""Where a model's files are, and their digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from rpc.errors import InvalidInput
from services.serving.profile import StageConfig


@dataclass(frozen=True)
class Checkpoint:
    """A model on disk.

    Attributes:
        id: hub id or folder name, as the profile has it.
        revision: commit on the hub; empty for a folder.
        folder: folder with the files.
        digest: SHA-256 over names and contents, 64 hexadecimal digits.
    """

    id: str
    revision: str
    folder: Path
    digest: str


def locate(config: StageConfig) -> Checkpoint:
    """Finds the files of a stage's model: a folder, or what ``services.fetch`` brought from the hub.

    Raises:
        InvalidInput: the model is not on this machine.
    """
    folder = config.path(config.model)
    if folder.is_dir():
        return Checkpoint(config.model, config.revision, folder, digest(folder))
    return locate_fetched(config.model, config.revision, config.profile)


def locate_fetched(repository: str, revision: str, profile: str) -> Checkpoint:
    """Finds a hub model in the local cache, never on the hub.

    Raises:
        InvalidInput: it was not fetched.
    """
    from huggingface_hub import snapshot_download  # half a second that folders need not pay
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        found = Path(snapshot_download(repository, revision=revision or None, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, OSError) as error:
        raise InvalidInput(
            f"model {repository!r} is neither a folder nor on this machine",
            f"run: make fetch PROFILE={profile}",
        ) from error
    return Checkpoint(repository, found.name, found, digest(found))


def digest(folder: Path) -> str:
    """Hashes all files below a folder, in the order of their names; cards and hidden files do not count."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if not path.is_file() or path.suffix == ".md" or any(part.startswith(".") for part in relative.parts):
            continue
        total.update(f"{relative.as_posix()}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()
