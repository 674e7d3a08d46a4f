"""The compose files as data, with their variables at the defaults."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / "docker-compose.yml"
GPU = ROOT / "docker-compose.gpu.yml"
STAGES = ("diarize", "asr", "roles", "emotion", "summarize", "topics", "quality")
PORTS = {"orchestrator": 50050, **{stage: 50051 + index for index, stage in enumerate(STAGES)}}


def load(path: Path) -> dict[str, Any]:
    """Reads a file; ``${NAME:-default}`` becomes the default, and one without a default is an error."""
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", path.read_text(encoding="utf-8"))
    assert "${" not in text, f"a variable without a default in {path.name}"
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def services(path: Path = BASE) -> dict[str, dict[str, Any]]:
    """The services of a file."""
    found: dict[str, dict[str, Any]] = load(path)["services"]
    return found
