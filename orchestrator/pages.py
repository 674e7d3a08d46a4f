"""Tokens that say where a page of a list ended."""

from __future__ import annotations

import base64
import hashlib
import json

from orchestrator.listing import Filter, Place
from rpc.errors import InvalidInput

_DIGEST_BYTES = 12


def to_token(place: Place, wanted: Filter) -> str:
    """Makes the token of the page that begins behind a call.

    Args:
        place: where this page ends.
        wanted: the list's filter and order: the token is good for the same list only.
    """
    body = json.dumps(place, ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(_digest(body, wanted) + body).decode().rstrip("=")


def from_token(token: str, wanted: Filter) -> Place | None:
    """Reads a token; None for an empty one: the first page.

    Raises:
        InvalidInput: it was not made by ``to_token`` for this filter and order.
    """
    if not token:
        return None
    try:
        data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        data = b""
    body = data[_DIGEST_BYTES:]
    if not body or data[:_DIGEST_BYTES] != _digest(body, wanted):
        raise InvalidInput(
            "the page token is not of this list", "send the next_page_token of the same filters and order, or none"
        )
    value, call_id = json.loads(body)
    return Place(value, call_id)


def _digest(body: bytes, wanted: Filter) -> bytes:
    return hashlib.sha256(b"callcenter " + body + repr(wanted).encode()).digest()[:_DIGEST_BYTES]
