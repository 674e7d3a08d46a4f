"""A browser before the whole system with the mini models, both started once for all tests of this folder."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    expect,
    sync_playwright,
)

from evaluation.system import ROOT, System
from tests.dashboard.browser import executable
from tests.dashboard.site import Site, away

SAMPLES = ROOT / "samples"
# Nine processes import torch at once; a machine that is busy with other work takes its time.
START_SECONDS = 280.0

_count = itertools.count()
expect.set_options(timeout=20_000)


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The system with its page."""
    subprocess.run([ROOT / "scripts" / "dashboard.sh"], check=True)
    with System(tmp_path_factory.mktemp("dashboard")) as system:
        away(lambda: system.ready(timeout_seconds=START_SECONDS))
        site = Site(system)
        site.start()
        yield site
        site.stop()
        site.http.close()


@pytest.fixture(scope="package")
def samples(site: Site) -> dict[str, str]:
    """Ids of the sample calls by name, analysed; their figures are in every test's overview."""
    ids = {path.stem: site.submit(path) for path in (SAMPLES / "satisfied.mp3", SAMPLES / "two_channels.wav")}
    for call_id in ids.values():
        assert site.ended(call_id)["state"] == "completed"
    return ids


@pytest.fixture(scope="package")
def browser(site: Site) -> Iterator[Browser]:
    """Chromium without a window."""
    path = executable()
    with sync_playwright() as playwright:
        # Some machines of the kind that run tests forbid the sandbox; every page here is the project's own.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--mute-audio"])
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A visitor who reads English and has never been here."""
    context = browser.new_context(base_url=site.url, locale="en-GB", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, site: Site) -> Iterator[Page]:
    """A page that may not fail unseen, break the security policy, or ask another host for anything."""
    page = context.new_page()
    complaints: list[str] = []

    def on_error(error: Error) -> None:
        complaints.append(str(error))

    def on_console(message: ConsoleMessage) -> None:
        if "Content Security" in message.text:
            complaints.append(message.text)

    def on_request(request: Request) -> None:
        if not request.url.startswith((site.url, "blob:", "data:")):
            complaints.append(request.url)

    page.on("pageerror", on_error)
    page.on("console", on_console)
    page.on("request", on_request)
    yield page
    assert not complaints


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """The angry sample with a little more silence at its end: other content for each test, so another call."""
    path = tmp_path / f"dropped call {next(_count)}.wav"
    path.write_bytes((SAMPLES / "angry.wav").read_bytes() + b"\xd5" * (400 + next(_count)))
    return path
