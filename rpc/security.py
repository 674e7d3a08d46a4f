"""Who may speak with whom: TLS and tokens, and loopback only without them."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import grpc

from rpc.errors import CallCenterError

TOKEN_KEY = "authorization"


class UnsafeAddress(CallCenterError):
    """A server was asked to listen beyond loopback without TLS and a token."""


@dataclass(frozen=True)
class Security:
    """What a process needs to prove itself and to trust others.

    Attributes:
        certificate: PEM file of the server's certificate chain; None: no TLS as a server.
        private_key: PEM file of its key.
        authority: PEM file of the authority that clients trust; None: no TLS as a client.
        token: shared secret that every call carries; empty: none.
    """

    certificate: Path | None = None
    private_key: Path | None = None
    authority: Path | None = None
    token: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Security:
        """Reads CALLCENTER_TLS_CERTIFICATE, _TLS_KEY, _TLS_AUTHORITY, CALLCENTER_TOKEN or _TOKEN_FILE."""

        def path(name: str) -> Path | None:
            value = environment.get(name, "")
            return Path(value) if value else None

        token = environment.get("CALLCENTER_TOKEN", "")
        token_file = path("CALLCENTER_TOKEN_FILE")
        if not token and token_file is not None:
            token = token_file.read_text(encoding="utf-8").strip()
        return cls(
            certificate=path("CALLCENTER_TLS_CERTIFICATE"),
            private_key=path("CALLCENTER_TLS_KEY"),
            authority=path("CALLCENTER_TLS_AUTHORITY"),
            token=token,
        )

    def server_credentials(self) -> grpc.ServerCredentials | None:
        """Makes the server's TLS credentials; None without a certificate."""
        if self.certificate is None or self.private_key is None:
            return None
        pair = (self.private_key.read_bytes(), self.certificate.read_bytes())
        return grpc.ssl_server_credentials([pair])

    def channel_credentials(self) -> grpc.ChannelCredentials | None:
        """Makes a client's TLS credentials, with the token in every call; None without an authority."""
        if self.authority is None:
            return None
        tls = grpc.ssl_channel_credentials(self.authority.read_bytes())
        if not self.token:
            return tls
        return grpc.composite_channel_credentials(tls, grpc.access_token_call_credentials(self.token))

    def allows(self, presented: str) -> bool:
        """Compares the value of the authorization metadata with the token, in constant time."""
        if not self.token:
            return True
        return secrets.compare_digest(presented.encode(), f"Bearer {self.token}".encode())

    def check_address(self, host: str) -> None:
        """Refuses to listen beyond loopback without TLS and a token.

        Raises:
            UnsafeAddress: with what to configure.
        """
        if is_loopback(host) or (self.server_credentials() is not None and self.token):
            return
        raise UnsafeAddress(
            f"refusing to listen on {host}: calls would cross the network unprotected",
            "set CALLCENTER_TLS_CERTIFICATE, CALLCENTER_TLS_KEY and CALLCENTER_TOKEN, or listen on 127.0.0.1",
        )


def is_loopback(host: str) -> bool:
    """Says whether a host name or address is of this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
