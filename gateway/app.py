"""The application: routes, errors and headers put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from callcenter.v1 import call_pb2_grpc
from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.utils import get_openapi

from gateway import audio, calls, events, overview, page, problems, ready, schema, transcript, uploads
from gateway.access import admit
from gateway.config import Config
from gateway.headers import SafeHeaders
from gateway.hub import Hub
from rpc.channel import connect

_VERSION = "0.1.0"

_DESCRIPTION = """\
Recorded calls of a bank's call centre, analysed: who spoke, what was said, how it sounded, how good the service was.

Fields are always there; null means not known (yet). Times are RFC 3339 in UTC. Errors are problem details (RFC 9457)
with an `action` that says what to do.
"""

_TAGS = [
    {"name": "calls", "description": "Submit recordings, read their analysis."},
    {"name": "recordings", "description": "Hear and see what was submitted."},
    {"name": "overview", "description": "Figures of a period."},
    {"name": "events", "description": "What happens, as it happens."},
    {"name": "services", "description": "What is up."},
]


def create_app(config: Config) -> FastAPI:
    """Makes the application.

    Args:
        config: addresses and limits.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with connect(config.orchestrator, config.security) as channel:
            app.state.calls = call_pb2_grpc.CallServiceStub(channel)
            app.state.hub = Hub(app.state.calls, config.event_count)
            following = asyncio.create_task(app.state.hub.run())
            yield
            app.state.hub.close()
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    app = FastAPI(
        title="Call analysis",
        version=_VERSION,
        description=_DESCRIPTION,
        openapi_tags=_TAGS,
        lifespan=lifespan,
        dependencies=[Depends(admit)],
        # The interactive documentation of FastAPI loads scripts from another host: a bank's page must not.
        docs_url=None,
        redoc_url=None,
    )
    app.state.config = config
    app.add_middleware(SafeHeaders)
    problems.install(app)
    api = APIRouter(prefix="/api")
    for part in (uploads, calls, transcript, audio, overview, events, ready):
        api.include_router(part.router)
    app.include_router(api)
    app.include_router(ready.probes)
    app.mount("/assets", page.Assets(config.page))
    app.include_router(page.router)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The document, made once: with problems in place of FastAPI's own form of a mistake in a request."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            tags=app.openapi_tags,
        )
        for path in document["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        schemas = document["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        for extra in (schema.Problem, schema.Transcript, schema.CallEvent):
            described = extra.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
            for name, definition in described.pop("$defs", {}).items():
                schemas.setdefault(name, definition)
            schemas[extra.__name__] = described
        app.openapi_schema = document
    return app.openapi_schema
