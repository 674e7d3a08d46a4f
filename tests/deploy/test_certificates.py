"""The private authority: servers and clients that trust it, and nobody else."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import grpc
import pytest
from callcenter.v1 import model_pb2, model_pb2_grpc

from rpc import certificates
from rpc.channel import connect
from rpc.security import Security
from rpc.server import Server, ServerConfig

ROOT = Path(__file__).resolve().parents[2]
NAME = model_pb2.DESCRIPTOR.services_by_name["ModelService"].full_name


class Named(model_pb2_grpc.ModelServiceServicer):
    """Answers with its stage."""

    async def GetModel(
        self, request: model_pb2.GetModelRequest, context: grpc.aio.ServicerContext
    ) -> model_pb2.GetModelResponse:
        return model_pb2.GetModelResponse(stage="asr")


def environment(folder: Path) -> dict[str, str]:
    """The variables as docker-compose.yml sets them."""
    return {
        "CALLCENTER_TLS_CERTIFICATE": str(folder / "certificate.pem"),
        "CALLCENTER_TLS_KEY": str(folder / "key.pem"),
        "CALLCENTER_TLS_AUTHORITY": str(folder / "authority.pem"),
        "CALLCENTER_TOKEN_FILE": str(folder / "token"),
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert certificates.make(tmp_path / "certs", ["asr", "10.1.2.3"])
    return tmp_path / "certs"


@pytest.fixture
async def server(folder: Path) -> AsyncIterator[Server]:
    """A server beyond loopback: it would refuse without TLS and a token."""
    server = Server(ServerConfig("0.0.0.0", 0, security=Security.from_environment(environment(folder))))
    model_pb2_grpc.add_ModelServiceServicer_to_server(Named(), server.grpc_server)
    server.announce(NAME)
    await server.start()
    yield server
    await server.stop(0)


async def ask(server: Server, security: Security | None, host: str = "127.0.0.1") -> str:
    async with connect(f"{host}:{server.port}", security) as channel:
        answer = await model_pb2_grpc.ModelServiceStub(channel).GetModel(model_pb2.GetModelRequest(), timeout=10)
    return str(answer.stage)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_who_has_authority_and_token_is_served(server: Server, folder: Path, host: str) -> None:
    await server.serving(True)
    assert await ask(server, Security.from_environment(environment(folder)), host) == "asr"


async def test_strangers_are_not(server: Server, folder: Path, tmp_path: Path) -> None:
    await server.serving(True)
    with pytest.raises(grpc.aio.AioRpcError) as no_token:
        await ask(server, Security(authority=folder / "authority.pem"))
    assert no_token.value.code() == grpc.StatusCode.UNAUTHENTICATED
    certificates.make(tmp_path / "other", ["asr"])
    for security in (None, Security.from_environment(environment(tmp_path / "other"))):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await ask(server, security)
        assert refused.value.code() == grpc.StatusCode.UNAVAILABLE


def test_secrets_are_for_the_owner_alone(folder: Path) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) & 0o077 for path in folder.iterdir()}
    assert modes == {"key.pem": 0, "token": 0, "authority.pem": 0o044, "certificate.pem": 0o044}


def test_a_set_that_fits_stays_and_another_name_makes_a_new_one(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert not certificates.make(folder, ["asr"])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert certificates.make(folder, ["asr", "calls.bank.example"])
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert after["token"] == before["token"], "clients keep their token"
    assert after["certificate.pem"] != before["certificate.pem"]


def test_a_certificate_that_runs_out_soon_is_replaced(tmp_path: Path) -> None:
    assert certificates.make(tmp_path, ["asr"], days=certificates.RENEW_DAYS - 1)
    assert certificates.make(tmp_path, ["asr"])
    assert not certificates.make(tmp_path, ["asr"])


def probe(address: str, variables: Mapping[str, str]) -> tuple[int, str]:
    command = [sys.executable, "-m", "rpc.probe", address]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CALLCENTER_")}
    done = subprocess.run(
        command, cwd=ROOT, env={**clean, **variables}, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


async def test_the_probe_tells_serving_from_not_serving(server: Server, folder: Path) -> None:
    address, variables = f"127.0.0.1:{server.port}", environment(folder)
    assert await asyncio.to_thread(probe, address, variables) == (1, f"{address} does not serve yet\n")
    await server.serving(True)
    assert await asyncio.to_thread(probe, address, variables) == (0, "")
    code, said = await asyncio.to_thread(probe, address, {})
    assert code == 1
    assert "does not answer" in said
