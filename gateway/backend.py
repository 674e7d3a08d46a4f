"""How routes reach the orchestrator."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Request

from gateway.config import Config
from gateway.schema import CALL_ID

UNARY_SECONDS = 30.0
"""Deadline of a question to the orchestrator; far above what one takes."""


def _stub(request: Request) -> Any:
    return request.app.state.calls


def _config(request: Request) -> Config:
    config: Config = request.app.state.config
    return config


Calls = Annotated[Any, Depends(_stub)]
"""The CallService's stub."""

Settings = Annotated[Config, Depends(_config)]

CallId = Annotated[str, Path(description="Id of the call.", examples=[CALL_ID])]
