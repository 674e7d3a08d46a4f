"""Judges a profile on a manifest: ``python -m evaluation --help``."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from client import CallCenter
from evaluation import alone, end_to_end
from evaluation.manifest import ManifestError, ReferenceCall, read
from evaluation.metrics import Pair, Scores, score
from evaluation.system import STAGES, StartError, System
from rpc.channel import connect

# Calls under way at once end to end: the stages of different calls fill each other's gaps.
CONCURRENT_CALLS = 3


async def evaluate(calls: list[ReferenceCall], profile: str, folder: Path, console: Console) -> dict[str, Any]:
    """Starts the system, judges all calls both ways and returns the table that ``--json`` writes."""
    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with System(folder, profile) as system, Progress(*columns, console=console) as progress:
        starting = progress.add_task("starting", total=None)
        await system.ready()
        progress.remove_task(starting)
        alone_pairs = await _alone(calls, system, progress)
        whole_pairs = await _end_to_end(calls, system, progress)
    return {
        "calls": len(calls),
        "minutes": round(sum(max(turn.end for turn in call.turns) for call in calls if call.turns) / 60, 1),
        "profile": profile,
        "alone": score(alone_pairs),
        "end_to_end": score(whole_pairs),
    }


async def _alone(calls: list[ReferenceCall], system: System, progress: Progress) -> list[Pair]:
    task = progress.add_task("alone", total=len(calls) * len(STAGES))
    async with AsyncExitStack() as stack:
        channels: dict[str, grpc.aio.Channel] = {
            stage: await stack.enter_async_context(connect(system.address(stage))) for stage in STAGES
        }
        return [(call, await alone.judge(call, channels, lambda: progress.advance(task))) for call in calls]


async def _end_to_end(calls: list[ReferenceCall], system: System, progress: Progress) -> list[Pair]:
    task = progress.add_task("end to end", total=len(calls))
    gate = asyncio.Semaphore(CONCURRENT_CALLS)

    async with CallCenter(system.address()) as client:

        async def judge(call: ReferenceCall) -> Pair:
            async with gate:
                answer = await end_to_end.judge(call, client)
            progress.advance(task)
            return call, answer

        return list(await asyncio.gather(*map(judge, calls)))


def table(result: dict[str, Any]) -> Table:
    """The scores side by side: a row a metric, alone and end to end."""
    title = f"{result['calls']} calls, {result['minutes']} minutes, profile {result['profile']}"
    view = Table("stage", "metric", "alone", "end to end", title=title)
    left: Scores = result["alone"]
    right: Scores = result["end_to_end"]
    for stage in STAGES:
        metrics = list(dict.fromkeys([*left.get(stage, {}), *right.get(stage, {})]))
        for metric in metrics:
            cells = [_cell(metric, side.get(stage, {}).get(metric)) for side in (left, right)]
            view.add_row(stage, metric, *cells)
    return view


def _cell(metric: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if metric == "stars_mae" else f"{value:.1%}"


def _spread(calls: list[ReferenceCall], count: int) -> list[ReferenceCall]:
    """So many calls at even distances: a manifest is often sorted by topic."""
    return [calls[index * len(calls) // count] for index in range(min(count, len(calls)))]


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation",
        description="Judges every stage alone and the whole system end to end on labelled calls (docs/evaluation.md).",
    )
    parser.add_argument("manifest", type=Path, help="manifest.jsonl; recordings are relative to it")
    parser.add_argument("--profile", default="mini", help="profile to judge (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--limit", type=int, default=0, help="judge only N calls, spread evenly (default: all)")
    options = parser.parse_args(argv)
    console = Console(stderr=True)
    try:
        calls = read(options.manifest)
        calls = _spread(calls, options.limit) if options.limit else calls
        with tempfile.TemporaryDirectory(prefix="callcenter-evaluation-") as folder:
            result = asyncio.run(evaluate(calls, options.profile, Path(folder), console))
    except (ManifestError, StartError) as error:
        sys.exit(f"evaluation: {error}")
    Console().print(table(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
