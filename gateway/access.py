"""Who may ask: the one place where signing in will stand, and what keeps other web sites out until then."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import Request

from gateway.config import Config
from gateway.problems import ProblemError

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


async def admit(request: Request) -> None:
    """Admits a request to the API or the page; every route depends on this.

    Without signing in, whoever reaches the loopback address is admitted: the people of this machine. A web site that
    one of them visits reaches it through their browser too, and is kept out: it must neither read (by a name of its
    own that leads here, "DNS rebinding") nor change anything (by a form or a script that is sent here).

    Raises:
        ProblemError: 421 for a host name that is not the gateway's; 403 for a change that another site asks for.
    """
    config: Config = request.app.state.config
    host = request.headers.get("host", "")
    if config.hosts is not None and _name(host) not in config.hosts:
        raise ProblemError(
            HTTPStatus.MISDIRECTED_REQUEST,
            "the gateway is not known under this name",
            f"use one of: {', '.join(sorted(config.hosts))}",
        )
    origin = request.headers.get("origin")
    if request.method not in _READING and origin is not None and urlsplit(origin).netloc != host:
        raise ProblemError(HTTPStatus.FORBIDDEN, "another site asks for this change", "use the gateway's own page")


def _name(host: str) -> str:
    """A host header without its port, lower-case; IPv6 keeps its brackets."""
    name = host.lower()
    return name[: name.rfind(":")] if ":" in name.rpartition("]")[2] else name
