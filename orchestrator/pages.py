"""Tokens that say where a page of a list ended."""

from __future__ import annotations

import base64
import hashlib

from orchestrator.queries import Filter
from rpc.errors import InvalidInput

_DIGEST_BYTES = 12


def to_token(before_id: str, wanted: Filter) -> str:
    """Makes the token of the page that begins behind a call.

    Args:
        before_id: last call of this page.
        wanted: the list's filter: the token is good for the same list only.
    """
    return base64.urlsafe_b64encode(_digest(before_id, wanted) + before_id.encode()).decode().rstrip("=")


def from_token(token: str, wanted: Filter) -> str:
    """Reads a token; empty: the first page.

    Raises:
        InvalidInput: it was not made by ``to_token`` for this filter.
    """
    if not token:
        return ""
    try:
        data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        before_id = data[_DIGEST_BYTES:].decode("ascii")
    except ValueError:
        before_id, data = "", b""
    if not before_id or data[:_DIGEST_BYTES] != _digest(before_id, wanted):
        raise InvalidInput(
            "the page token is not of this list", "send the next_page_token of the same filters, or none"
        )
    return before_id


def _digest(before_id: str, wanted: Filter) -> bytes:
    return hashlib.sha256(f"callcenter {before_id} {wanted}".encode()).digest()[:_DIGEST_BYTES]
