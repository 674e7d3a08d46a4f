"""A recording dropped on the page is followed to its analysis, played, and read."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.dashboard.site import Site

STAGES = {"decode", "diarize", "asr", "turns", "roles", "emotion", "summarize", "topics", "quality"}
# They take long enough to be seen at work; the others may be over between two pictures.
LONG = {"diarize", "asr", "emotion"}

DROP = """async ([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], name));
  for (const kind of ["dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true }));
  }
}"""

# Writes down every state that any stage shows, from the first picture on.
WATCH = """() => {
  window.seen = {};
  const look = () => {
    for (const mark of document.querySelectorAll("[data-call-state] [data-stage]")) {
      const { stage, stageState } = mark.dataset;
      (window.seen[stage] ??= []).includes(stageState) || window.seen[stage].push(stageState);
    }
  };
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true, attributes: true });
}"""


# Whether anything is painted in the colour of a party.
PAINTED = """(party) => {
  const canvas = document.querySelector("canvas");
  const digits = getComputedStyle(canvas).getPropertyValue(party).slice(1).match(/../g);
  const colour = digits.map((pair) => parseInt(pair, 16));
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  for (let at = 0; at < pixels.length; at += 4) {
    if (pixels[at + 3] === 255 && colour.every((part, index) => pixels[at + index] === part)) return true;
  }
  return false;
}"""


def drop(page: Page, path: Path) -> None:
    """Drops a file on the page as a hand would."""
    page.evaluate(DROP, [path.name, base64.b64encode(path.read_bytes()).decode()])


def seconds(page: Page) -> float:
    """Where the player stands."""
    return float(page.get_by_role("slider", name="Position in the call").get_attribute("aria-valuenow") or "nan")


def test_dropped_recording_is_followed_to_its_analysis(page: Page, site: Site, recording: Path) -> None:
    page.goto("/")
    page.evaluate(WATCH)
    drop(page, recording)
    row = page.locator("[data-call]", has_text=recording.name)
    expect(row).to_have_attribute("data-call-state", "completed", timeout=120_000)
    seen = page.evaluate("window.seen")
    assert set(seen) == STAGES
    assert all("finished" in states for states in seen.values()), seen
    assert all("running" in seen[stage] for stage in LONG), seen
    expect(page.get_by_test_id("announcements")).to_contain_text(f"{recording.name}: Completed")

    row.click()
    call = site.call(page.url.rpartition("/")[2])
    expect(page.get_by_role("heading", level=1)).to_have_text(recording.name)
    expect(page.get_by_test_id("summary")).to_have_text(call["summary"])
    expect(page.get_by_test_id("quality")).to_contain_text(call["quality"]["label"].title())
    expect(page.get_by_test_id("topic")).to_contain_text(call["topic"]["subtopic"], ignore_case=True)
    expect(page.get_by_test_id("trend")).to_contain_text(call["trend"]["end"])
    turns = page.get_by_test_id("turns").get_by_role("listitem")
    expect(turns).to_have_count(len(call["turns"]))
    expect(turns.first).to_contain_text(call["turns"][0]["text"])
    expect(turns.filter(has_text="Customer")).to_have_count(sum(turn["role"] == "customer" for turn in call["turns"]))
    nodes = page.locator("[data-section=stages] [data-stage-state=finished]")
    expect(nodes).to_have_count(len(STAGES))
    nodes.filter(has_text="Speech").click()
    expect(page.locator("[data-section=stages]")).to_contain_text("models/mini/asr")
    expect(page.locator("[data-section=file]")).to_contain_text(call["recording"]["sha256"])


def test_playing_marks_the_turn_and_the_word(page: Page, site: Site, samples: dict[str, str]) -> None:
    call = site.call(samples["satisfied"])
    page.goto(f"/calls/{samples['satisfied']}")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    expect(page.get_by_test_id("position")).to_have_text(re.compile("^0:0[2-9]"))

    turn = call["turns"][4]
    row = page.locator(f"[data-turn='{turn['index']}']")
    row.get_by_role("button").click()
    expect(row).to_have_attribute("aria-current", "true")
    assert turn["start_ms"] / 1000 - 1 <= seconds(page) <= turn["end_ms"] / 1000 + 1
    expect(row.locator("[data-current]")).to_have_count(1)

    word = turn["words"][-1]
    row.locator(f"[data-start='{word['start_ms']}']").last.click()
    expect(row.locator("[data-current]")).to_have_text(word["text"])

    page.get_by_role("button", name="Pause", exact=True).click()
    at = seconds(page)
    page.keyboard.press("j")
    assert seconds(page) == pytest.approx(at - 5, abs=1)
    page.keyboard.press("ArrowRight")
    assert seconds(page) == pytest.approx(at, abs=1)
    slider = page.get_by_role("slider", name="Position in the call")
    slider.press("Home")
    assert seconds(page) == 0
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()


def test_waveform_has_the_colours_of_both_parties(page: Page, samples: dict[str, str]) -> None:
    for call_id in samples.values():
        page.goto(f"/calls/{call_id}")
        expect(page.get_by_role("slider", name="Position in the call")).to_have_attribute("aria-busy", "false")
        assert page.evaluate(PAINTED, "--operator")
        assert page.evaluate(PAINTED, "--customer")


def test_transcript_is_searched(page: Page, site: Site, samples: dict[str, str]) -> None:
    call = site.call(samples["satisfied"])
    words = [word["text"] for turn in call["turns"] for word in turn["words"] if len(word["text"]) > 5]
    page.goto(f"/calls/{samples['satisfied']}")
    search = page.get_by_role("searchbox", name="Search in the transcript")
    found = page.locator("[data-section=transcript]").get_by_role("status")
    search.fill(words[0])
    expect(found).to_contain_text("1 of ")
    search.fill("qwxyz")
    expect(found).to_have_text("Not found")


def test_sections_stay_closed(page: Page, samples: dict[str, str]) -> None:
    page.goto(f"/calls/{samples['satisfied']}")
    page.get_by_role("button", name="Summary", exact=True).click()
    expect(page.get_by_test_id("summary")).to_be_hidden()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_test_id("summary")).to_be_hidden()


def test_exports_are_files(page: Page, samples: dict[str, str]) -> None:
    page.goto(f"/calls/{samples['satisfied']}")
    for name, ending in (("Transcript as text", ".txt"), ("Subtitles (WebVTT)", ".vtt"), ("Recording", ".mp3")):
        page.get_by_text("Export", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.suggested_filename.endswith(ending)


def test_call_is_deleted_after_asking(page: Page, site: Site, recording: Path) -> None:
    call_id = site.submit(recording)
    site.ended(call_id)
    page.goto(f"/calls/{call_id}")
    page.get_by_role("button", name="Delete …").click()
    page.get_by_role("button", name="Cancel").click()
    assert site.call(call_id)
    page.get_by_role("button", name="Delete …").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Calls")
    expect(page.locator("[data-call]", has_text=recording.name)).to_have_count(0)
    assert site.http.get(f"/api/calls/{call_id}").status_code == 404
    page.goto(f"/calls/{call_id}")
    expect(page.get_by_text("There is no such call")).to_be_visible()


def test_reload_and_reconnect_lose_nothing(page: Page, context: BrowserContext, site: Site, recording: Path) -> None:
    call_id = site.submit(recording)
    page.goto(f"/calls/{call_id}")
    page.reload()
    article = page.locator("article")
    expect(article).to_have_attribute("data-call-state", "running")
    site.stop()
    expect(page.get_by_text("The connection is lost")).to_be_visible()
    site.start()
    expect(page.get_by_text("The connection is lost")).to_be_hidden()
    # No reload: what happened meanwhile comes by itself.
    expect(article).to_have_attribute("data-call-state", "completed", timeout=120_000)
    call = site.call(call_id)
    expect(page.get_by_test_id("summary")).to_have_text(call["summary"])
    expect(page.get_by_test_id("turns").get_by_role("listitem")).to_have_count(len(call["turns"]))
    expect(page.get_by_test_id("quality")).to_be_visible()
