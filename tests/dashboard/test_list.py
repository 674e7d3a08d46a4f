"""The list: filters in the address bar, both languages, the overview's links, and ten thousand calls."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.dashboard.site import Site


def total(page: Page) -> int:
    """The number of calls that the list says it has."""
    return int(re.sub(r"\D", "", page.get_by_test_id("total").inner_text()))


def test_filters_are_the_address(page: Page, site: Site, samples: dict[str, str]) -> None:
    call = site.call(samples["satisfied"])
    topic, label = call["topic"]["topic"], call["quality"]["label"]
    expected = site.http.get("/api/calls", params={"topic": topic, "quality": label, "page_size": 1}).json()
    page.goto("/")
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("combobox", name="Topic", exact=True).select_option(topic)
    page.get_by_role("combobox", name="Quality").select_option(label)
    expect(page).to_have_url(re.compile(f"topic=.*quality={label}"))
    rows = page.locator("[data-call]")
    expect(page.locator(f"[data-call='{samples['satisfied']}']")).to_be_visible()
    expect(rows).to_have_count(expected["total_count"])
    # The view can be shared: the same address shows the same calls to somebody else.
    page.reload()
    expect(rows).to_have_count(expected["total_count"])
    page.get_by_role("button", name=re.compile("Remove the filter Quality")).click()
    expect(page).not_to_have_url(re.compile("quality="))
    page.get_by_role("button", name="Clear all filters").click()
    expect(page).to_have_url(f"{site.url}/")


def test_search_finds_words_of_the_transcript(page: Page, site: Site, samples: dict[str, str]) -> None:
    call = site.call(samples["two_channels"])
    text = " ".join(call["turns"][1]["text"].split()[:3])
    page.goto("/")
    page.get_by_role("searchbox", name="Search").fill(text)
    expect(page).to_have_url(re.compile("text="))
    expect(page.locator(f"[data-call='{call['id']}']")).to_be_visible()
    expect(page.locator(f"[data-call='{samples['satisfied']}']")).to_have_count(0)
    page.get_by_role("searchbox", name="Search").fill("qwxyz")
    expect(page.get_by_text("No call matches")).to_be_visible()


def test_order_is_the_servers(page: Page, site: Site, samples: dict[str, str]) -> None:
    page.goto("/")
    page.get_by_role("combobox", name="Order").select_option("longest")
    expect(page).to_have_url(re.compile("order=longest"))
    longest = site.http.get("/api/calls", params={"order": "longest", "page_size": 1}).json()["calls"][0]
    expect(page.locator("[data-call]").first).to_have_attribute("data-call", longest["id"])


def test_figures_lead_to_their_calls(page: Page, site: Site, samples: dict[str, str]) -> None:
    overview = site.http.get("/api/overview").json()
    page.goto("/overview?period=today")
    figure = page.locator("[data-figure=calls]")
    expect(figure).to_have_text(str(overview["call_count"]))
    for stars, count in enumerate(overview["stars"], start=1):
        expect(page.locator(f"[data-stars='{stars}']")).to_contain_text(str(count))
    stars = max(range(1, 6), key=lambda star: overview["stars"][star - 1])
    page.locator(f"[data-stars='{stars}']").click()
    expect(page).to_have_url(re.compile(f"stars={stars}"))
    expect(page.locator("[data-call]")).to_have_count(overview["stars"][stars - 1])
    page.go_back()
    page.get_by_text("7 days", exact=True).click()
    expect(page).to_have_url(re.compile("period=7"))
    trend = overview["trends"][0]
    name = re.compile(f"{trend['start']} → {trend['end']}", re.IGNORECASE)
    page.get_by_role("link", name=name).click()
    expect(page.locator("[data-call]")).to_have_count(trend["call_count"])


def test_both_languages(page: Page, site: Site, samples: dict[str, str]) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Calls")
    page.get_by_role("button", name="Azərbaycanca").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Zənglər")
    expect(page.locator("html")).to_have_attribute("lang", "az")
    page.goto(f"/calls/{samples['satisfied']}")
    expect(page.get_by_role("button", name="Söhbətin mətni")).to_be_visible()
    expect(page.get_by_test_id("trend")).to_contain_text("Müştəri")
    expect(page.get_by_text("Tamamlandı").first).to_be_visible()
    page.goto("/overview")
    expect(page.get_by_role("heading", level=1)).to_have_text("İcmal")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


def test_the_browsers_language_comes_first(context: BrowserContext, site: Site) -> None:
    browser = context.browser
    assert browser
    azerbaijani = browser.new_context(base_url=site.url, locale="az-AZ")
    page = azerbaijani.new_page()
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Zənglər")
    azerbaijani.close()


def test_appearance_is_remembered(page: Page, site: Site) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Appearance").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_ten_thousand_calls_stay_light(page: Page, site: Site, samples: dict[str, str]) -> None:
    """The server's pages are made up: its own figures with ten thousand calls are in the orchestrator's tests."""
    model = site.http.get("/api/calls", params={"page_size": 1}).json()["calls"][0]
    count, asked = 10_000, list[int]()

    def answer(route: Route) -> None:
        query: dict[str, Any] = parse_qs(urlsplit(route.request.url).query)
        start, size = int(query.get("page_token", ["0"])[0]), int(query["page_size"][0])
        asked.append(start)
        calls = [{**model, "id": f"c{n}", "recording": {**model["recording"], "file_name": f"call {n}.wav"}}
                 for n in range(start, start + size)]  # fmt: skip
        token = str(start + size) if start + size < count else None
        route.fulfill(json={"calls": calls, "next_page_token": token, "total_count": count})

    page.route("**/api/calls?*", answer)
    page.goto("/")
    expect(page.get_by_test_id("total")).to_have_text("10,000 calls")
    rows = page.locator("[data-call]")
    for first_of_next_page in (100, 200, 300, 400):
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        expect(page.locator(f"[data-call=c{first_of_next_page}]")).to_be_attached()
        assert rows.count() < 80
    assert sorted(set(asked)) == [0, 100, 200, 300, 400]
    page.evaluate("window.scrollTo(0, 0)")
    expect(page.locator("[data-call=c0]")).to_be_visible()
    page.locator("[data-call=c3]").focus()
    page.keyboard.press("Tab")
    expect(page.locator("[data-call=c4]")).to_be_focused()
