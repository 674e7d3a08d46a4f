"""axe-core finds nothing on any page in either theme; pictures of each page for people to look at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from evaluation.system import ROOT
from tests.dashboard.site import Site

AXE = ROOT / "gateway" / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PICTURES = ROOT / ".cache" / "dashboard"


def addresses(samples: dict[str, str]) -> dict[str, str]:
    """Every page by a name for its pictures."""
    return {
        "calls": "/",
        "call": f"/calls/{samples['two_channels']}",
        "overview": "/overview?period=7",
        "no-call": "/calls/nothing",
    }


def settle(page: Page, address: str) -> None:
    """Opens a page and waits until it shows what it has."""
    page.goto(address)
    expect(page.locator("h1, main p").first).to_be_visible()
    page.wait_for_load_state("load")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(400)  # the bars grow to their lengths


def violations(page: Page) -> list[str]:
    """What axe-core finds, a line a rule."""
    # Through the debugger's protocol, which the page's security policy does not touch.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("(tags) => axe.run(document, { runOnly: tags })", RULES)["violations"]
    return [f"{rule['id']}: {rule['help']}: {[node['target'] for node in rule['nodes']][:3]}" for rule in found]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_violation_on_any_page(page: Page, samples: dict[str, str], theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    for name, address in addresses(samples).items():
        settle(page, address)
        assert violations(page) == [], f"{name}, {theme}"
    page.goto("/")
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("combobox", name="Quality").select_option("good")
    expect(page.locator("[data-filter=quality]")).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    assert violations(page) == [], f"filters, {theme}"
    page.goto(f"/calls/{samples['two_channels']}")
    page.get_by_role("button", name="Delete …").click()
    assert violations(page) == [], f"dialog, {theme}"


@pytest.mark.parametrize("width", [360, 1024, 1920])
def test_pages_fit_and_are_pictured(browser: Browser, site: Site, samples: dict[str, str], width: int) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for theme, locale in (("light", "en-GB"), ("dark", "az-AZ")):
        context = browser.new_context(
            base_url=site.url,
            locale=locale,
            viewport={"width": width, "height": 1000},
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
        )
        page = context.new_page()
        for name, address in addresses(samples).items():
            settle(page, address)
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert overflow <= 0, f"{name} is wider than {width} pixels"
            path = PICTURES / f"{name}-{width}-{theme}.png"
            page.screenshot(path=path, full_page=True)
            assert Path(path).stat().st_size > 0
        context.close()


def test_picture_for_readers(page: Page, samples: dict[str, str]) -> None:
    """What the README shows: a copy of this picture is docs/dashboard.png."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": 1280, "height": 1000})
    settle(page, f"/calls/{samples['satisfied']}")
    page.locator("[data-turn]").nth(5).get_by_role("button").click()
    page.get_by_role("button", name="Pause", exact=True).click()
    page.evaluate("window.scrollTo(0, 0)")
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / "readme.png")
    assert (PICTURES / "readme.png").stat().st_size > 0


def test_everything_is_reached_by_keyboard(page: Page, samples: dict[str, str]) -> None:
    page.goto("/")
    expect(page.locator("[data-call]").first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.locator("[data-call]").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/calls/"))
    expect(page.locator("main")).to_be_focused()
