"""Ids of calls: unique, and in the order in which they were given."""

from __future__ import annotations

import secrets
import threading
import time

# Crockford's base 32: no letters that look alike (https://www.crockford.com/base32.html), as in ULIDs.
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 80
_LENGTH = 26

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """Makes an id of 26 characters: 48 bits of milliseconds since 1970, then 80 random bits.

    Within this process every id sorts behind the one before, even if the clock is set back.
    """
    global _last
    fresh = time.time_ns() // 1_000_000 << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    with _lock:
        _last = max(fresh, _last + 1)
        value = _last
    return "".join(_DIGITS[value >> 5 * place & 31] for place in reversed(range(_LENGTH)))
