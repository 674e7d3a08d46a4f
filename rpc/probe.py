"""Asks a server whether it serves, for container health checks: ``python -m rpc.probe 127.0.0.1:50052``.

Exit code 0: it serves. TLS is used where CALLCENTER_TLS_AUTHORITY is set; health needs no token. An ``http://``
address is asked with GET instead, for the gateway's ``/healthz``.
"""

from __future__ import annotations

import os
import sys
import urllib.request
from collections.abc import Sequence

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from rpc.security import Security

TIMEOUT_SECONDS = 5.0


def serves(address: str, security: Security) -> bool:
    """Asks once.

    Raises:
        grpc.RpcError, OSError: nobody answers.
    """
    if address.startswith("http://"):
        with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer:
            return bool(answer.status == 200)
    credentials = security.channel_credentials()
    # Not through rpc.channel: it leaves out servers that say NOT_SERVING, and retries.
    channel = grpc.insecure_channel(address) if credentials is None else grpc.secure_channel(address, credentials)
    with channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=TIMEOUT_SECONDS)
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def main(argv: Sequence[str]) -> None:
    """Runs the command line; exits with 1 where the server does not serve."""
    if len(argv) != 1:
        sys.exit("usage: python -m rpc.probe HOST:PORT | http://HOST:PORT/PATH")
    try:
        if not serves(argv[0], Security.from_environment(os.environ)):
            sys.exit(f"{argv[0]} does not serve yet")
    except grpc.RpcError as error:
        sys.exit(f"{argv[0]} does not answer: {error.details()}")
    except OSError as error:
        sys.exit(f"{argv[0]} does not answer: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
