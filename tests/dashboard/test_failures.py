"""What cannot be analysed says why; what failed is retried from the page."""

from __future__ import annotations

import asyncio
import re
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from rpc.errors import InvalidInput
from tests.dashboard.site import Site, away
from tests.orchestrator.stages import Stages


@pytest.fixture
def refusing_topics(site: Site) -> Iterator[None]:
    """In place of the topics' server one that refuses the next call; the real one is back afterwards."""
    stages = Stages()
    stages.ports["topics"] = site.system.ports["topics"]
    stages.errors["topics"] = [InvalidInput("the list of topics is being changed", "try again")]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    site.system.kill("topics")
    try:
        asyncio.run_coroutine_threadsafe(stages.start("topics"), loop).result(30)
        yield
        asyncio.run_coroutine_threadsafe(stages.stop("topics"), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        site.system.start("topics")
        away(lambda: site.system.ready(["topics"]))


def test_partial_call_is_completed_from_the_page(
    page: Page, site: Site, recording: Path, refusing_topics: None
) -> None:
    call_id = site.submit(recording)
    page.goto(f"/calls/{call_id}")
    article = page.locator("article")
    expect(article).to_have_attribute("data-call-state", "partial", timeout=120_000)
    problem = page.get_by_test_id("problem")
    expect(problem).to_contain_text("Finding the topic: INVALID_ARGUMENT: the list of topics is being changed")
    expect(page.get_by_test_id("summary")).to_be_visible()
    expect(page.locator("[data-section=topic]")).to_contain_text("Could not be determined")
    page.get_by_test_id("retry").click()
    expect(article).to_have_attribute("data-call-state", "completed", timeout=60_000)
    expect(problem).to_be_hidden()
    expect(page.get_by_test_id("topic")).to_be_visible()


def test_file_that_is_no_recording_says_so(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"%PDF-1.7\n" + b"0" * 2000)
    page.goto("/")
    page.get_by_test_id("upload-input").set_input_files(path)
    item = page.locator("[data-upload-state=failed]", has_text="letter.pdf")
    expect(item).to_contain_text("not a recording")
    empty = tmp_path / "empty.wav"
    empty.touch()
    page.get_by_test_id("upload-input").set_input_files(empty)
    expect(page.locator("[data-upload-state=failed]", has_text="empty.wav")).to_contain_text("The file is empty")


def test_recording_without_speech_is_rejected_with_its_reason(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "noise.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(np.random.default_rng(0).normal(0, 30, 8000 * 6).astype("<i2").tobytes())
    page.goto("/")
    page.get_by_test_id("upload-input").set_input_files(path)
    row = page.locator("[data-call]", has_text="noise.wav")
    expect(row).to_have_attribute("data-call-state", "rejected", timeout=60_000)
    expect(row).to_contain_text(re.compile("speech|silent"))
    row.click()
    expect(page.get_by_test_id("problem")).to_contain_text("This recording was not analysed")
