"""What can go wrong with a hub, as sentences that say what to do."""

from __future__ import annotations

import errno
from pathlib import Path

import httpx2
from huggingface_hub import constants, get_token
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from rpc.errors import CallCenterError


class FullDisk(CallCenterError):
    """There is no room for a model."""

    def __init__(self, folder: Path, missing_bytes: int, free_bytes: int) -> None:
        super().__init__(
            f"the disk of {folder} has {free_bytes / 1e9:.1f} GB free, and {missing_bytes / 1e9:.1f} GB are to come",
            "make room, or set HF_HOME to a folder on a larger disk, for this command and for the model servers",
        )


class BrokenFile(CallCenterError):
    """A file is not what the hub says it is."""

    def __init__(self, repository: str, name: str) -> None:
        super().__init__(
            f"{name} of {repository} arrived damaged and was thrown away",
            "run the command again; if it stays so, something between here and the hub changes what passes",
        )


def explain(error: Exception, repository: str, revision: str) -> CallCenterError | None:
    """Turns an error of the hub's library into a sentence and an action; None for one that is not known.

    Args:
        error: what was raised.
        repository: what was fetched.
        revision: its revision.
    """
    page = f"{constants.ENDPOINT}/{repository}"
    with_token = "with the token in HF_TOKEN" if get_token() else "without a token (HF_TOKEN is not set)"
    known: CallCenterError | None = None
    match error:
        case CallCenterError():
            known = error
        case GatedRepoError():
            known = CallCenterError(
                f"{repository} is gated, and was refused {with_token}",
                f"accept its conditions on {page}, make a read token on {constants.ENDPOINT}/settings/tokens, set"
                " HF_TOKEN to it and run the command again",
            )
        case RevisionNotFoundError():
            known = CallCenterError(f"{repository} has no revision {revision!r}", f"see {page}/commits/main")
        case RepositoryNotFoundError():
            known = CallCenterError(
                f"{repository} does not exist, or is private and was refused {with_token}",
                "correct the name in the profile, or set HF_TOKEN to a token that may read it",
            )
        case HfHubHTTPError() if error.response.status_code in (401, 403):
            known = CallCenterError(f"{page} refuses access {with_token}", "set HF_TOKEN to a token that may read it")
        case HfHubHTTPError():
            known = CallCenterError(
                f"{constants.ENDPOINT} answered {error.response.status_code} for {repository}", "try again later"
            )
        case httpx2.HTTPError() | LocalEntryNotFoundError():
            known = CallCenterError(
                f"{constants.ENDPOINT} cannot be reached: {error}",
                "check the network and HTTPS_PROXY, or set HF_ENDPOINT to a mirror; for a machine without internet,"
                f" fetch on another one and copy {constants.HF_HUB_CACHE}. What has come so far is kept",
            )
        case OSError(errno=errno.ENOSPC):
            known = CallCenterError(
                f"the disk of {constants.HF_HUB_CACHE} is full",
                "make room and run the command again: what has come so far is kept",
            )
        case OSError():
            known = CallCenterError(f"{error}", f"see that {constants.HF_HUB_CACHE} can be written")
    return known
