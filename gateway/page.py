"""The web page: its document, asked for each time, and its assets, good for ever."""

from __future__ import annotations

import asyncio
import mimetypes
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, Response
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from gateway.backend import Settings
from gateway.problems import ProblemError

router = APIRouter(include_in_schema=False)

# Nothing from elsewhere, and neither script nor style in the document.
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)


class Assets(StaticFiles):
    """Files whose names carry a digest of their content: what was fetched once is good for ever."""

    def __init__(self, page: Path) -> None:
        super().__init__(directory=page / "assets", check_dir=False)  # the page may be built later

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Serves a file."""
        answer = await super().get_response(path, scope)
        if answer.status_code in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


@router.get("/")
@router.get("/overview")
@router.get("/calls/{call_id}")
async def document(settings: Settings, call_id: str = "") -> Response:
    """The document; which view it shows is for its script to find out from the address."""
    try:
        text = await asyncio.to_thread((settings.page / "index.html").read_text, encoding="utf-8")
    except FileNotFoundError as error:
        raise ProblemError(
            HTTPStatus.SERVICE_UNAVAILABLE, "the dashboard is not built: make setup", "run make setup"
        ) from error
    return Response(text, headers={"Content-Security-Policy": _POLICY}, media_type="text/html")


@router.get("/{name}")
async def file(name: str, settings: Settings) -> Response:
    """A file beside the document: an icon, a manifest."""
    path = settings.page / name
    kind = mimetypes.guess_type(name)[0]
    if name.startswith(".") or name == "index.html" or kind is None or not await asyncio.to_thread(path.is_file):
        raise ProblemError(HTTPStatus.NOT_FOUND, f"there is no page /{name}", "go to /")
    return FileResponse(path, media_type=kind, headers={"Cache-Control": "no-cache"})
