"""The process around a model: command line, loading, serving."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from callcenter.v1 import model_pb2, model_pb2_grpc

from rpc import logs
from rpc.errors import CallCenterError
from rpc.security import Security
from rpc.server import Server, ServerConfig, run
from services.serving.profile import StageConfig, load_stage
from services.serving.worker import ModelWorker, ServedModel

M = TypeVar("M", bound=ServedModel)

MAX_QUEUED = 16


class Register(Protocol[M]):
    """Adds a stage's service to a server and returns the service's full name."""

    def __call__(self, server: Any, worker: ModelWorker[M]) -> str: ...


class _ModelServicer(model_pb2_grpc.ModelServiceServicer):  # type: ignore[misc]
    def __init__(self, stage: str, worker: ModelWorker[Any]) -> None:
        self._stage = stage
        self._worker = worker

    async def GetModel(self, request: model_pb2.GetModelRequest, context: Any) -> model_pb2.GetModelResponse:
        """Names the model; NotReady while it loads."""
        return model_pb2.GetModelResponse(model=self._worker.model.info.to_proto(), stage=self._stage)


class StageServer:
    """One stage's server with its model; ``start`` and ``load`` are apart so that tests can wait for each."""

    def __init__(self, stage: str, config: ServerConfig, register: Register[M], max_queued: int = MAX_QUEUED) -> None:
        self.server = Server(config)
        self.worker: ModelWorker[Any] = ModelWorker(max_queued, self.server.serving)
        self.server.announce(register(self.server.grpc_server, self.worker))
        model_pb2_grpc.add_ModelServiceServicer_to_server(_ModelServicer(stage, self.worker), self.server.grpc_server)
        self.server.announce(model_pb2.DESCRIPTOR.services_by_name["ModelService"].full_name)


def main(
    stage: str,
    port: int,
    load: Callable[[StageConfig], M],
    register: Register[M],
    argv: Sequence[str] | None = None,
) -> None:
    """Serves a stage until a signal.

    Args:
        stage: name of the stage, for example ``asr``.
        port: default port.
        load: makes the model from the stage's configuration.
        register: adds the stage's service to a server.
        argv: command line without the program's name; None: the process' own.
    """
    parser = argparse.ArgumentParser(prog=f"python -m services.{stage}", description=f"Serves the {stage} model.")
    env = os.environ
    parser.add_argument(
        "--profile", default=env.get("CALLCENTER_PROFILE", "mini"), help="profile (default: %(default)s)"
    )
    parser.add_argument("--model", default="", help="hub id or folder in place of the profile's")
    parser.add_argument("--device", default="", help="cpu or cuda:N in place of the profile's")
    parser.add_argument("--host", default=env.get("CALLCENTER_HOST", "127.0.0.1"), help="default: %(default)s")
    parser.add_argument(
        "--port",
        type=int,
        default=int(env.get(f"CALLCENTER_{stage.upper()}_PORT", port)),
        help="default: %(default)s",
    )
    parser.add_argument("--log-level", default=env.get("CALLCENTER_LOG_LEVEL", "INFO"), help="default: %(default)s")
    options = parser.parse_args(argv)
    logs.configure(stage, options.log_level)
    try:
        config = load_stage(stage, options.profile, env, {"model": options.model, "device": options.device})
        security = Security.from_environment(env)
        asyncio.run(_serve(config, ServerConfig(options.host, options.port, security=security), load, register))
    except (CallCenterError, OSError) as error:
        action = f" — {error.action}" if isinstance(error, CallCenterError) and error.action else ""
        sys.exit(f"{stage}: {error}{action}")


async def _serve(
    config: StageConfig, where: ServerConfig, load: Callable[[StageConfig], M], register: Register[M]
) -> None:
    stage = StageServer(config.stage, where, register, int(config.option("max_queued", MAX_QUEUED)))
    _limit_threads(int(config.option("threads", 0)))
    await run(stage.server, lambda: stage.worker.load(lambda: load(config)))
    stage.worker.close()


def _limit_threads(count: int) -> None:
    """Keeps seven servers on one small machine from fighting over its cores. 0: PyTorch's own default."""
    if count:
        import torch

        torch.set_num_threads(count)
