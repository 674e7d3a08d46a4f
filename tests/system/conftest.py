"""The whole system with the mini models, started once for all tests of this folder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation.manifest import ReferenceCall, read
from evaluation.system import System

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with System(tmp_path_factory.mktemp("system")) as running:
        asyncio.run(running.ready())
        yield running


@pytest.fixture(scope="session")
def samples() -> dict[str, ReferenceCall]:
    return {call.id: call for call in read(SAMPLES / "manifest.jsonl")}
