"""Any stage on a free port, served as its process does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
from callcenter.v1 import common_pb2

from rpc.channel import connect
from rpc.server import ServerConfig
from services.serving.process import StageServer
from services.serving.profile import StageConfig, load_stage

ROLES = {"O": common_pb2.ROLE_OPERATOR, "C": common_pb2.ROLE_CUSTOMER, "": common_pb2.ROLE_UNSPECIFIED}


@asynccontextmanager
async def served(
    load: Callable[[StageConfig], Any], register: Any, config: StageConfig
) -> AsyncIterator[grpc.aio.Channel]:
    """Serves a stage and gives a channel to it."""
    stage = StageServer(config.stage, ServerConfig(), register)
    await stage.server.start()
    try:
        await stage.worker.load(lambda: load(config))
        await stage.server.serving(True)
        async with connect(f"127.0.0.1:{stage.server.port}") as channel:
            yield channel
    finally:
        await stage.server.stop(0)
        stage.worker.close()


def mini(stage: str, **options: str) -> StageConfig:
    """What the mini profile says of a stage; options override."""
    return load_stage(stage, "mini", {}, options)


def turns(script: str) -> list[common_pb2.TranscriptTurn]:
    """Turns from lines ``SPEAKER[ROLE]: text`` such as ``A: Salam`` or ``A[O]: Salam``."""
    made = []
    for index, line in enumerate(filter(None, map(str.strip, script.splitlines()))):
        head, _, text = line.partition(":")
        speaker, _, role = head.rstrip("]").partition("[")
        made.append(common_pb2.TranscriptTurn(index=index, speaker=speaker, role=ROLES[role], text=text.strip()))
    return made
