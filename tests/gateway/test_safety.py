"""What keeps strangers out and browsers safe: headers, the page's policy, hosts and origins, problems without paths."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from gateway.access import _name
from gateway.app import create_app
from gateway.config import Config
from gateway.headers import SAFE
from gateway.messages import without_paths
from tests.gateway.conftest import Gateway, Serve

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)


async def test_page_has_its_policy_under_every_address(serve: Serve, page: Path) -> None:
    http = await serve("127.0.0.1:1", page=page)
    for path in ("/", "/overview", "/calls/01abc", "/?state=partial"):
        answer = await http.get(path)
        assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.text == (page / "index.html").read_text(encoding="utf-8")
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["Cache-Control"] == "no-store"


async def test_files_of_the_page(serve: Serve, page: Path) -> None:
    http = await serve("127.0.0.1:1", page=page)
    script = await http.get("/assets/index-1a2b.js")
    assert script.status_code == 200 and script.headers["Content-Type"].startswith("text/javascript")
    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    icon = await http.get("/icon.svg")
    assert icon.status_code == 200 and icon.headers["Content-Type"] == "image/svg+xml"
    (page.parent / "secret.txt").write_text("secret")
    outside = ("assets/..%2f..%2fsecret.txt", "..%2fsecret.txt")
    for name in ("assets/none.js", "none.svg", ".hidden.svg", "index.html", *outside):
        answer = await http.get(f"/{name}")
        assert answer.status_code == 404, name
        assert answer.headers["Content-Type"] == "application/problem+json"


async def test_page_that_is_not_built(serve: Serve, tmp_path: Path) -> None:
    http = await serve("127.0.0.1:1", page=tmp_path / "nothing")
    for path in ("/", "/overview", "/calls/x"):
        answer = await http.get(path)
        assert answer.status_code == 503 and answer.json()["detail"] == "the dashboard is not built: make setup"
    assert (await http.get("/healthz")).status_code == 200


async def test_headers_on_every_answer(gateway: Gateway) -> None:
    call_id = await gateway.analysed(seconds=2.0)
    paths = (
        "/", "/none", "/assets/none.js", "/healthz", "/readyz", "/openapi.json", "/api/none", "/api/calls",
        "/api/calls?page_size=0", "/api/calls/none", f"/api/calls/{call_id}/audio", f"/api/calls/{call_id}/waveform",
        f"/api/calls/{call_id}/transcript.txt",
    )  # fmt: skip
    for path in paths:
        answer = await gateway.http.get(path)
        for name, value in SAFE.items():
            if name == "Cache-Control" and path.endswith(("/audio", "/waveform")):
                assert answer.headers[name] == "private, no-cache"
            elif not (name == "Content-Security-Policy" and path == "/"):
                assert answer.headers[name] == value, (path, name)
        assert "server" not in answer.headers
    async with gateway.http.stream("GET", "/api/events") as answer:
        assert all(answer.headers[name] == value for name, value in SAFE.items())
        assert answer.headers["Content-Type"].startswith("text/event-stream")


async def test_defect_is_a_problem_that_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(Config())
    monkeypatch.setattr("gateway.ready.schema.Alive", lambda: 1 / 0)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        answer = await http.get("/healthz")
    assert answer.status_code == 500 and answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "a defect in the gateway; its log says more"
    assert all(answer.headers[name] == value for name, value in SAFE.items())


async def test_mistakes_in_a_request(gateway: Gateway) -> None:
    answer = await gateway.http.get("/api/calls", params={"page_size": 0, "state": "lost", "from": "yesterday"})
    assert answer.status_code == 400 and answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert [entry["where"] for entry in problem["errors"]] == ["query page_size", "query state", "query from"]
    assert all(entry["what"] in problem["detail"] for entry in problem["errors"])
    for time in ("2026-11-24T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        for path in ("/api/calls", "/api/overview"):
            for name in ("from", "before"):
                assert (await gateway.http.get(path, params={name: time})).status_code == 400
    assert (await gateway.http.put("/api/calls")).status_code == 405
    nowhere = await gateway.http.get("/api/nothing")
    assert (nowhere.status_code, nowhere.json()["detail"]) == (404, "GET /api/nothing")


async def test_other_sites_are_kept_out(gateway: Gateway) -> None:
    port = gateway.http.base_url.port
    for host in (f"evil.example:{port}", "evil.example", "127.0.0.1.evil.example", ""):
        answer = await gateway.http.get("/api/calls", headers={"Host": host})
        assert answer.status_code == 421, host
        assert "not known under this name" in answer.json()["detail"]
    for host in (f"localhost:{port}", "LOCALHOST", f"[::1]:{port}"):
        assert (await gateway.http.get("/api/calls", headers={"Host": host})).status_code == 200, host
    for origin in ("http://evil.example", "null", f"http://localhost:{port}"):
        answer = await gateway.http.post("/api/calls", files={"file": ("a", b"x")}, headers={"Origin": origin})
        assert answer.status_code == 403, origin
        assert (await gateway.http.delete("/api/calls/x", headers={"Origin": origin})).status_code == 403
    own = {"Origin": f"http://127.0.0.1:{port}"}
    assert (await gateway.http.post("/api/calls", files={"file": ("a", b"x")}, headers=own)).status_code == 202


async def test_behind_a_proxy_any_name_is_good(gateway: Gateway, serve: Serve) -> None:
    http = await serve(gateway.caller.address, hosts=None)
    assert (await http.get("/api/calls", headers={"Host": "calls.bank.example"})).status_code == 200


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("127.0.0.1:8001", "127.0.0.1"),
        ("LocalHost", "localhost"),
        ("[::1]:8001", "[::1]"),
        ("[::1]", "[::1]"),
        ("", ""),
    ],
)
def test_name_of_a_host(host: str, name: str) -> None:
    assert _name(host) == name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cannot read '/srv/data/recordings/ab/original'", "cannot read '…/original'"),
        ("FileNotFoundError: [Errno 2] No such file: /a/b", "FileNotFoundError: [Errno 2] No such file: …/b"),
        ("waiting for asr at dns:///asr:50052: UNAVAILABLE", "waiting for asr at dns:///asr:50052: UNAVAILABLE"),
        ("waiting for asr at 127.0.0.1:50052", "waiting for asr at 127.0.0.1:50052"),
        ("16/16 and/or 3 kbit/s, GET /api/calls/x/y", "16/16 and/or 3 kbit/s, GET …/y"),
    ],
)
def test_paths_of_this_machine_stay_here(text: str, shown: str) -> None:
    assert without_paths(text) == shown


def test_it_refuses_to_listen_beyond_loopback() -> None:
    command = [sys.executable, "-m", "gateway", "--host", "0.0.0.0", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "refusing to listen on 0.0.0.0" in done.stderr
