"""The Dockerfile against the tree: what it copies is there, and what it installs is all that is imported."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from orchestrator.graph import SERVED
from tests.deploy.compose import PORTS, ROOT, services

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def copied() -> set[str]:
    """What the Dockerfile copies from the context."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return {source for line in lines for source in line.split()[:-1]}


def allowed() -> set[str]:
    """What .dockerignore lets through: it forbids everything, then allows by name."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    return {line.removeprefix("!") for line in rules if line.startswith("!")}


def test_everything_that_is_copied_exists_and_reaches_the_builder() -> None:
    for source in copied():
        assert (ROOT / source).exists(), source
        assert any(f"{source}/".startswith(f"{rule}/") or rule.startswith(f"{source}/") for rule in allowed()), source


def test_no_call_and_no_secret_reaches_the_builder() -> None:
    tops = {rule.partition("/")[0] for rule in allowed()}
    assert not tops & {"records", "data", "runs", "samples", ".git", ".env", ".venv", ".cache"}


def test_every_process_of_compose_is_one_that_the_image_holds() -> None:
    for name, service in services().items():
        module = service["build"]["args"]["PROCESS"].replace(".", "/")
        assert (ROOT / f"{module}.py").exists() or (ROOT / module / "__main__.py").exists(), name
        assert module.partition("/")[0] in copied()
        needs_models = module.startswith("services")
        assert (service["build"]["args"].get("KIND", "models") == "models") is needs_models, name


def test_ports_are_those_of_the_graph() -> None:
    assert {stage.name: stage.port for stage in SERVED} == {k: v for k, v in PORTS.items() if k != "orchestrator"}


def imported(folder: str) -> Iterator[tuple[str, Path]]:
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((alias.name, path) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module, path


_installed = cache(metadata.packages_distributions)  # reads every package's list of files


def distributions(module: str) -> set[str]:
    """The installed packages that a module may come from; none for the standard library and the project."""
    if module.startswith("google."):  # a namespace that several packages share
        return {"protobuf" if module.startswith("google.protobuf") else "googleapis-common-protos"}
    found = _installed().get(module.partition(".")[0], [])
    return {str(canonicalize_name(name)) for name in found} - {"callcenter"}


def closure(names: Iterable[str]) -> set[str]:
    """The packages and everything that they need on this machine."""
    waiting, seen = [canonicalize_name(name) for name in names], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            requires = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        needed = (Requirement(line) for line in requires)
        waiting += [canonicalize_name(need.name) for need in needed if not need.marker or need.marker.evaluate()]
    return seen


def test_the_image_without_models_holds_what_its_processes_import() -> None:
    lines = (ROOT / "deploy" / "platform.txt").read_text(encoding="utf-8").splitlines()
    listed = {canonicalize_name(line) for line in lines if line and not line.startswith("#")}
    for folder in ("rpc", "orchestrator", "gateway", "client"):
        for module, path in imported(folder):
            known = distributions(module)
            assert not known or known & listed, f"{path.relative_to(ROOT)} imports {module}"
    assert not closure(listed) & {"torch", "transformers"}
    pinned = {canonicalize_name(line.partition("==")[0]) for line in (ROOT / "requirements.txt").read_text().split()}
    assert listed <= pinned


@pytest.mark.parametrize("folder", ["services", "rpc"])
def test_the_image_with_models_holds_what_its_processes_import(folder: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    held = closure(Requirement(line).name for line in project["dependencies"])
    for module, path in imported(folder):
        known = distributions(module)
        assert not known or known & held, f"{path.relative_to(ROOT)} imports {module}"
