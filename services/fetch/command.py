"""The command: what a profile needs, repository by repository."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from rpc.errors import CallCenterError
from services.fetch import hub
from services.fetch.plan import STAGES, Source, named_in_pipeline, plan
from services.fetch.problems import explain

_DESCRIPTION = """\
Downloads the models that a profile names, once, into the cache that the model servers read (HF_HOME, by default
~/.cache/huggingface). What is there already is kept, and a broken download goes on where it stopped. HF_TOKEN is used
for models that need an account. Nothing else in this system ever talks to a hub.
"""


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command line; the exit code is 1 if a model is missing in the end."""
    parser = argparse.ArgumentParser(
        prog="python -m services.fetch", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    profile = os.environ.get("CALLCENTER_PROFILE", "mini")
    parser.add_argument("--profile", default=profile, help="profile (default: %(default)s)")
    parser.add_argument("--stage", nargs="+", choices=STAGES, default=STAGES, help="only these (default: all)")
    options = parser.parse_args(argv)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        sources = plan(options.profile, options.stage, os.environ)
    except CallCenterError as error:
        sys.exit(f"fetch: {error} — {error.action}")
    try:
        missing = _take(sources, console)
    except KeyboardInterrupt:
        console.print("stopped; what has come so far is kept: run the command again to go on")
        sys.exit(130)
    if missing:
        sys.exit(f"fetch: {missing} of the models of profile {options.profile} are missing, see above")
    console.print(f"profile {options.profile}: all models are on this machine")


def _take(sources: Sequence[Source], console: Console) -> int:
    """Takes every source, and those that a pipeline among them names; returns how many are missing in the end."""
    waiting, seen, missing = list(sources), set(sources), 0
    while waiting:
        source = waiting.pop(0)
        label = f"{source.name}{f'@{source.revision}' if source.revision else ''} ({', '.join(source.stages)})"
        try:
            folder = source.folder or _fetch(source, label, console)
            if not folder.is_dir():
                raise CallCenterError(
                    f"{folder} does not exist", "put the model's folder there, or name another in the profile"
                )
            named = [more for more in named_in_pipeline(folder, source.stages) if more not in seen]
        except Exception as error:
            known = explain(error, source.name, source.revision)
            if known is None:
                raise
            console.print(f"✗ {label}: {known} — {known.action}", style="red", markup=False)
            missing += 1
            continue
        console.print(f"✓ {label}: {folder}", markup=False)
        waiting += named
        seen.update(named)
    return missing


def _fetch(source: Source, label: str, console: Console) -> Path:
    """Fetches a repository with a progress bar; returns its folder."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task(label, total=None)
        snapshot = hub.look_up(source.name, source.revision)
        total = sum(file.size for file in snapshot.files)
        progress.update(task, total=total, completed=snapshot.present_bytes())
        hub.download(snapshot, lambda count: progress.advance(task, count))
    return snapshot.folder
