"""The compose files: every process, protected, checked and reachable as it should be."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from rpc import certificates
from rpc.probe import serves
from rpc.security import Security
from tests.deploy.compose import BASE, GPU, PORTS, ROOT, STAGES, load, services

# The keys that the files may use, for machines without compose; compose knows them all.
_SERVICE_KEYS = {
    "image", "build", "command", "environment", "volumes", "networks", "network_mode", "ports", "depends_on", "restart",
    "healthcheck", "stop_grace_period", "security_opt", "cap_drop", "logging", "profiles", "deploy",
}  # fmt: skip


_CLIENT = "from client.cli import main; main()"  # what the installed `callcenter` command does


def compose() -> list[str] | None:
    """The compose command of this machine, if it has one."""
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    plugin = shutil.which("docker") and subprocess.run(
        ["docker", "compose", "version"], capture_output=True, check=False
    )
    return ["docker", "compose"] if plugin and plugin.returncode == 0 else None


@pytest.mark.parametrize("files", [[BASE], [BASE, GPU]], ids=["cpu", "gpu"])
def test_compose_takes_the_files(files: list[Path]) -> None:
    command = compose()
    if command is None:
        for path in files:
            content = load(path)
            assert set(content) <= {"services", "networks", "volumes"} | {
                key for key in content if key.startswith("x-")
            }
            for name, service in content["services"].items():
                assert set(service) <= _SERVICE_KEYS, name
        return
    arguments = [part for path in files for part in ("-f", str(path))]
    done = subprocess.run([*command, *arguments, "config"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_process_has_an_entry_and_a_health_check() -> None:
    found = services()
    assert {"certificates", "gateway", "fetch", *PORTS} == set(found)
    for name, port in PORTS.items():
        arguments = found[name]["build"]["args"]
        assert arguments["PROCESS"] == ("orchestrator" if name == "orchestrator" else f"services.{name}")
        assert found[name]["healthcheck"]["test"][-1] == arguments["PROBE"] == f"127.0.0.1:{port}"
    assert found["gateway"]["healthcheck"]["test"][-1] == "http://127.0.0.1:8001/healthz"


def test_model_servers_can_be_scaled_and_have_no_way_out() -> None:
    content = load(BASE)
    assert content["networks"]["inside"]["internal"] is True
    for stage in STAGES:
        service = content["services"][stage]
        assert service["networks"] == ["inside"]
        assert not {"container_name", "ports", "hostname"} & set(service)
        address = content["services"]["orchestrator"]["environment"][f"CALLCENTER_{stage.upper()}_ADDRESS"]
        assert address == f"dns:///{stage}:{PORTS[stage]}"


def test_only_the_orchestrator_and_the_gateway_are_published_and_on_loopback() -> None:
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert published == {"orchestrator": ["127.0.0.1:50050:50050"], "gateway": ["127.0.0.1:8001:8001"]}


def test_everything_waits_for_certificates_that_name_it() -> None:
    found = services()
    (names,) = (part.removeprefix("--names=") for part in found["certificates"]["command"] if "--names=" in part)
    assert set(PORTS) <= set(names.split(","))
    for name in (*PORTS, "gateway"):
        assert found[name]["depends_on"]["certificates"] == {"condition": "service_completed_successfully"}
        assert "certs:/certs:ro" in found[name]["volumes"]


def test_each_model_server_is_pinned_to_a_gpu_and_topics_to_the_cpu() -> None:
    found = services(GPU)
    assert set(found) == set(STAGES)
    for stage in STAGES:
        device = found[stage]["environment"][f"CALLCENTER_{stage.upper()}_DEVICE"]
        assert found[stage]["build"]["args"]["TORCH"] == "cuda"
        if stage == "topics":
            assert device == "cpu"
            assert "deploy" not in found[stage]
            continue
        assert device == "cuda:0"
        (gpu,) = found[stage]["deploy"]["resources"]["reservations"]["devices"]
        assert gpu == {"driver": "nvidia", "device_ids": ["0"], "capabilities": ["gpu"]}
        assert f"${{CALLCENTER_{stage.upper()}_GPU:-0}}" in GPU.read_text(encoding="utf-8")


def on_this_machine(service: dict[str, Any], folder: Path) -> dict[str, str]:
    """The variables of a service, with the folders of its container below one of this machine."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CALLCENTER_")}
    given = {key: str(value) for key, value in service["environment"].items() if value is not None}
    return clean | {key: str(folder) + value if value.startswith("/") else value for key, value in given.items()}


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for free in sockets:
            free.bind(("127.0.0.1", 0))
        return [free.getsockname()[1] for free in sockets]


def healthy(address: str, security: Security) -> bool:
    try:
        return serves(address, security)
    except grpc.RpcError:
        return False


@asynccontextmanager
async def process(module: str, environment: dict[str, str], address: str, log: Path) -> AsyncIterator[None]:
    """Runs a process until it is healthy by its own probe, and then until the block ends."""
    with log.open("wb") as file:
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, cwd=ROOT, env=environment, stderr=file
        )
    security = Security.from_environment(environment)
    try:
        while not await asyncio.to_thread(healthy, address, security):
            if running.returncode is not None:
                pytest.fail(log.read_text(encoding="utf-8"))  # noqa: ASYNC240
            await asyncio.sleep(0.2)
        yield
    finally:
        running.terminate()
        code = await running.wait()
    assert code == 0, "SIGTERM, which a container is stopped with, ends it in order"


async def run(environment: dict[str, str], *arguments: str) -> tuple[int | None, str]:
    """Runs Python to its end; gives its exit code and what it said."""
    started = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, env=environment, stdout=-1, stderr=-1
    )
    out, err = await started.communicate()
    return started.returncode, (out + err).decode()


async def test_processes_run_as_their_entries_say(tmp_path: Path) -> None:
    """Certificates, TLS, token and addresses as in the file, between processes that listen beyond loopback."""
    found = services()
    certificates.main([part.replace("=/certs", f"={tmp_path}/certs") for part in found["certificates"]["command"]])
    own, stage = free_ports(2)
    model = on_this_machine(found["quality"], tmp_path) | {"CALLCENTER_QUALITY_PORT": str(stage)}
    orchestrator = on_this_machine(found["orchestrator"], tmp_path) | {
        "CALLCENTER_ORCHESTRATOR_PORT": str(own),
        "CALLCENTER_ADDRESS": f"127.0.0.1:{own}",
        "CALLCENTER_DATA": str(tmp_path / "data"),
        "CALLCENTER_WATCH": str(tmp_path / "records" / "1003"),
        # A name of this machine stands in for the name that an engine's network would give the server.
        "CALLCENTER_QUALITY_ADDRESS": f"dns:///localhost:{stage}",
    }
    async with (
        process("services.quality", model, f"127.0.0.1:{stage}", tmp_path / "quality.log"),
        process("orchestrator", orchestrator, f"127.0.0.1:{own}", tmp_path / "orchestrator.log"),
    ):
        _, said = await run(orchestrator, "-c", _CLIENT, "models", "--json")
        stages = {json.loads(line)["stage"]: json.loads(line) for line in said.splitlines()}
        assert stages["quality"]["serving"] is True
        others = {name: entry["address"] for name, entry in stages.items() if name != "quality"}
        assert others == {stage: f"dns:///{stage}:{PORTS[stage]}" for stage in STAGES if stage != "quality"}
        orchestrator.pop("CALLCENTER_TOKEN_FILE")
        code, said = await run(orchestrator, "-c", _CLIENT, "list")
        assert code == 2
        assert "no token" in said
