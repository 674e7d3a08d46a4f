"""A small hub over real HTTP: what ``huggingface_hub`` asks of one to list and download a model."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" + "0" * 34
TOKEN = "hf_accepted"


@dataclass
class Hub:
    """Repositories and how the hub treats them; ``requests`` tells what was asked.

    Attributes:
        repositories: contents of the files by repository and name.
        gated: repositories that only TOKEN may read.
        break_after: after so many bytes of a large file's answer the connection breaks, once for each entry.
        stall_after: the same, but the connection stays and nothing more comes until ``go_on``.
        damaged: names whose content arrives with other bytes of the same length.
    """

    repositories: dict[str, dict[str, bytes]] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    break_after: list[int] = field(default_factory=list)
    stall_after: list[int] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    damaged: set[str] = field(default_factory=set)
    requests: list[str] = field(default_factory=list)
    url: str = ""

    def downloads(self) -> list[str]:
        """``name@first byte`` of every content that was asked for, in order."""
        return [line.removeprefix("content ") for line in self.requests if line.startswith("content ")]


def large(name: str) -> bool:
    """Whether the hub keeps a file's content apart, as it does for weights."""
    return name.endswith((".safetensors", ".bin"))


def digest(name: str, content: bytes) -> str:
    """A file's ETag: SHA-256 for a large file, git's blob id for a small one."""
    if large(name):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/(.+))?", path):
            self._info(found[1], found[2] or "main")
        elif found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self._resolve(found[1], found[2], found[3])
        elif found := re.fullmatch(r"/content/([^/]+/[^/]+)/(.+)", path):
            # As on a real hub, large contents come from another host, which must not see the token.
            if "authorization" in self.headers:
                self._refuse(400, "TokenLeaked")
            else:
                self._content(found[1], found[2])
        else:
            self._refuse(404, "EntryNotFound")

    def _refuse(self, status: int, code: str) -> None:
        self._send(status, {"X-Error-Code": code}, b"")

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def _known(self, repository: str, revision: str) -> bool:
        if repository not in self.hub.repositories:
            self._refuse(404, "RepoNotFound")
        elif revision not in ("main", COMMIT):
            self._refuse(404, "RevisionNotFound")
        else:
            return True
        return False

    def _info(self, repository: str, revision: str) -> None:
        if not self._known(repository, revision):
            return
        siblings = []
        for name, content in self.hub.repositories[repository].items():
            entry: dict[str, Any] = {"rfilename": name, "size": len(content), "blobId": digest(name, content)}
            if large(name):
                entry["lfs"] = {"size": len(content), "sha256": digest(name, content), "pointerSize": 134}
            siblings.append(entry)
        body = {"id": repository, "modelId": repository, "sha": COMMIT, "siblings": siblings, "tags": []}
        self._send(200, {"Content-Type": "application/json"}, json.dumps(body).encode())

    def _resolve(self, repository: str, revision: str, name: str) -> None:
        if not self._known(repository, revision):
            return
        if repository in self.hub.gated and self.headers.get("authorization") != f"Bearer {TOKEN}":
            self._refuse(403 if "authorization" in self.headers else 401, "GatedRepo")
            return
        content = self.hub.repositories[repository][name]
        headers = {"X-Repo-Commit": COMMIT}
        if large(name):
            location = f"{self.hub.url.replace('127.0.0.1', 'localhost')}/content/{repository}/{name}"
            linked = {"X-Linked-Etag": f'"{digest(name, content)}"', "X-Linked-Size": str(len(content))}
            self._send(302, {**headers, **linked, "Location": location}, b"")
        elif self.command == "HEAD":
            self._send(200, {**headers, "ETag": f'"{digest(name, content)}"', "Content-Length": str(len(content))}, b"")
        else:
            self._content(repository, name)

    def _content(self, repository: str, name: str) -> None:
        content = self.hub.repositories[repository][name]
        if name in self.hub.damaged:
            content = bytes(len(content))
        start = int(re.sub(r"\D", "", self.headers.get("range", "0")) or 0)
        self.hub.requests.append(f"content {name}@{start}")
        self.send_response(206 if "range" in self.headers else 200)
        self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if large(name) and self.hub.break_after:
            self.wfile.write(content[start : start + self.hub.break_after.pop(0)])
            self.close_connection = True
            return
        if large(name) and self.hub.stall_after:
            self.wfile.write(content[start : start + self.hub.stall_after.pop(0)])
            self.hub.go_on.wait()
            self.close_connection = True
            return
        self.wfile.write(content[start:])


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is what some tests are about."""


@contextmanager
def serve(hub: Hub) -> Iterator[Hub]:
    """Serves a hub on a free port of loopback."""
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield hub
    finally:
        hub.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()
