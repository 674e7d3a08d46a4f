"""The browser of the tests: the system's Chromium, else Playwright's own. ``python -m`` prints where it is."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = (
    "Chromium is needed (the dashboard is tested in it) and was not found. On Debian: apt-get install chromium;"
    " elsewhere: .venv/bin/playwright install chromium-headless-shell"
)


class MissingBrowserError(RuntimeError):
    """There is no browser; the message names the command that brings one."""


def executable() -> str | None:
    """Path of the system's Chromium; None where Playwright's own is to be used.

    Raises:
        MissingBrowserError: neither is there.
    """
    for name in NAMES:
        if path := shutil.which(name):
            return path
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    # What Playwright downloads for tests without a window lies beside the full browser.
    if own.exists() or any(own.parents[2].glob("chromium_headless_shell-*")):
        return None
    raise MissingBrowserError(MISSING)


if __name__ == "__main__":
    try:
        print(executable() or "Playwright's own")
    except MissingBrowserError as error:
        sys.exit(str(error))
