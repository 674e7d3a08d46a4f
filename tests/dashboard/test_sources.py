"""What of the page needs no browser: its own unit tests."""

from __future__ import annotations

import subprocess

from evaluation.system import ROOT


def test_units() -> None:
    run = subprocess.run([ROOT / "scripts" / "dashboard.sh", "test"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
