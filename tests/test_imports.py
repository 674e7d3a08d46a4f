"""Imports go down only, and models stay where models are served and made.

protos ← rpc ← services.serving ← services.<stage>
         rpc ← orchestrator, gateway, client
         training and evaluation use all of these, and nothing uses them
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("rpc", "services", "orchestrator", "gateway", "client", "training", "evaluation", "bench")
OWN = {*PACKAGES, "callcenter", "tests"}
MODEL_LIBRARIES = (
    "torch",
    "torchaudio",
    "transformers",
    "pyannote.audio",
    "ctranslate2",
    "faster_whisper",
    "lightning",
)


def allowed(package: str) -> tuple[str, ...]:
    """What a package may import of the project, besides itself."""
    if package == "rpc":
        return ("callcenter",)
    if package in ("services", "services.serving", "orchestrator", "gateway", "client"):
        return ("callcenter", "rpc")
    if package in ("training", "evaluation", "bench"):
        return ("callcenter", "rpc", "services", "client")
    return ("callcenter", "rpc", "services.serving")


def package_of(path: Path) -> str:
    """The part of the house that a file belongs to: ``services.asr``, ``rpc``."""
    parts = path.relative_to(ROOT).parts
    if parts[0] == "services" and len(parts) > 2:
        return f"services.{parts[1]}"
    return parts[0]


def sources() -> list[Path]:
    """All of the project's own modules."""
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in the file; ``from a import b`` may name the module a.b."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.relative_to(ROOT)}:{node.lineno} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down(path: Path) -> None:
    package = package_of(path)
    may = (package, *allowed(package))
    for module in imports(path):
        if module.partition(".")[0] in OWN:
            assert any(within(module, name) for name in may), f"{package} must not import {module}"
        if package.partition(".")[0] not in ("services", "training"):
            assert not any(within(module, name) for name in MODEL_LIBRARIES), f"{package} must not import {module}"


def test_only_fetch_talks_to_a_hub() -> None:
    users = {
        str(path.relative_to(ROOT)) for path in sources() for module in imports(path) if "huggingface_hub" in module
    }
    # The checkpoint looks into the cache only.
    assert {user for user in users if not user.startswith("services/fetch/")} <= {"services/serving/checkpoint.py"}
    assert "local_files_only=True" in (ROOT / "services" / "serving" / "checkpoint.py").read_text(encoding="utf-8")


def test_orchestrator_gateway_and_client_start_without_the_model_libraries() -> None:
    program = "import sys, orchestrator.process, gateway.app, client.cli; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "orchestrator.process" in loaded
    assert not loaded.intersection(MODEL_LIBRARIES)
    assert not {module for module in loaded if within(module, "services")}


@pytest.mark.parametrize("package", ["services", "training"])
def test_models_are_served_and_made_offline(package: str) -> None:
    """The variables are set by the package itself, thus before any library that reads them is imported."""
    program = f"""
import os, sys
import {package}
assert not {{"torch", "transformers", "huggingface_hub", "pyannote.audio"}} & set(sys.modules)
print(os.environ["HF_HUB_OFFLINE"], os.environ["PYANNOTE_METRICS_ENABLED"], os.environ["HF_HUB_DISABLE_TELEMETRY"])
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env={"PATH": ""}, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "0", "1"]
