"""The ``callcenter`` command."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import grpc
from callcenter.v1 import call_pb2, quality_pb2
from google.protobuf.json_format import MessageToDict
from rich.console import Console
from rich.table import Table

from client.calls import DEFAULT_ADDRESS, CallCenter
from client.follow import follow
from client.text import (
    analysis,
    clock,
    order_names,
    order_of_name,
    quality_names,
    quality_of_name,
    stage_line,
    stars,
    state_name,
    state_names,
    state_of_name,
    state_text,
)
from rpc.errors import action_of
from rpc.security import Security

EXIT_NOT_COMPLETE = 1
EXIT_USAGE = 2
EXIT_UNREACHABLE = 3

STARS = range(1, 6)

_EPILOG = """\
examples:
  callcenter submit call.wav --follow      analyse a recording and show the result
  callcenter list --state partial          calls with a stage that failed
  callcenter list --stars-max 2 --order longest
                                           calls that went badly, the longest first
  callcenter show 01K…                     one call with its transcript
  callcenter watch                         everything that happens, as it happens

The orchestrator's address comes from --address or CALLCENTER_ADDRESS (default 127.0.0.1:50050); TLS and token from
CALLCENTER_TLS_AUTHORITY and CALLCENTER_TOKEN. Exit codes: 0 done, 1 a call did not complete, 2 wrong usage or a
refused request, 3 the orchestrator cannot be reached.
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="callcenter",
        description="Submit recorded calls, follow their analysis and read the results.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    address = os.environ.get("CALLCENTER_ADDRESS", DEFAULT_ADDRESS)
    parser.add_argument("--address", default=address, help="orchestrator (default: %(default)s)")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, run: Callable[..., Awaitable[int]], text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        sub.set_defaults(run=run)
        return sub

    def takes_json(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--json", action="store_true", help="print JSON, one object a line, for machines")

    submit = command("submit", _submit, "submit recordings; the same recording twice is one call")
    submit.add_argument("files", nargs="+", type=Path, metavar="FILE", help="any audio that FFmpeg reads")
    submit.add_argument("--follow", action="store_true", help="show live progress, then the analysis")
    takes_json(submit)
    listing = command("list", _list, "list calls, newest first unless told otherwise")
    listing.add_argument("--state", choices=state_names(), help="only calls in this state")
    listing.add_argument("--topic", default="", help="only calls of this topic")
    listing.add_argument("--subtopic", default="", help="only calls of this subtopic")
    listing.add_argument("--quality", choices=quality_names(), help="only calls of this quality")
    listing.add_argument("--stars-min", type=int, choices=STARS, metavar="N", help="only calls with N stars or more")
    listing.add_argument("--stars-max", type=int, choices=STARS, metavar="N", help="only calls with N stars or fewer")
    listing.add_argument("--order", choices=order_names(), help="what comes first (default: newest)")
    listing.add_argument("--text", default="", help="only calls with this text in transcript, summary or file name")
    listing.add_argument("--limit", type=int, default=50, help="most calls (default: %(default)s)")
    takes_json(listing)
    show = command("show", _show, "show a call with everything known about it")
    show.add_argument("id", help="id of the call")
    takes_json(show)
    watch = command("watch", _watch, "follow events of all calls, or of one until it ends")
    watch.add_argument("id", nargs="?", default="", help="id of a call; default: all calls")
    watch.add_argument("--after", type=int, default=-1, metavar="N", help="resume after event N (0: from the first)")
    takes_json(watch)
    retry = command("retry", _retry, "run the failed stages of a call again")
    retry.add_argument("id", help="id of the call")
    retry.add_argument("--from", dest="stage", default="", metavar="STAGE", help="run again from this stage on")
    retry.add_argument("--follow", action="store_true", help="show live progress, then the analysis")
    cancel = command("cancel", _cancel, "stop the analysis of a call; finished results stay")
    cancel.add_argument("id", help="id of the call")
    delete = command("delete", _delete, "delete a call with its results and recording, for good")
    delete.add_argument("id", help="id of the call")
    takes_json(command("models", _models, "show which stages are up and what models they serve"))
    return parser


async def _submit(calls: CallCenter, options: argparse.Namespace, console: Console) -> int:
    missing = [str(path) for path in options.files if not path.is_file()]
    if missing:
        print(f"callcenter: no such file: {', '.join(missing)}", file=sys.stderr)
        return EXIT_USAGE
    ids = []
    for path in options.files:
        answer = await calls.submit(path)
        ids.append(answer.call_id)
        if not options.follow:
            if options.json:
                _print_json({"file": str(path), "callId": answer.call_id, "alreadyKnown": answer.already_known})
            else:
                known = " (already known)" if answer.already_known else ""
                console.print(f"{answer.call_id}  {path}{known}", markup=False, highlight=False)
    return await _follow(calls, ids, options.json, console) if options.follow else 0


async def _follow(calls: CallCenter, ids: list[str], as_json: bool, console: Console) -> int:
    # Progress goes beside the result: `--json` may be piped into another program.
    ended = await follow(calls, ids, Console(stderr=True) if as_json else console)
    for call in ended:
        if as_json:
            _print_json(call)
        else:
            console.print(analysis(call))
    complete = all(call.state == call_pb2.CALL_STATE_COMPLETED for call in ended)
    return 0 if complete else EXIT_NOT_COMPLETE


async def _list(calls: CallCenter, options: argparse.Namespace, console: Console) -> int:
    request = call_pb2.ListCallsRequest(
        page_size=min(max(options.limit, 1), 500),
        state=state_of_name(options.state) if options.state else call_pb2.CALL_STATE_UNSPECIFIED,
        topic=options.topic,
        subtopic=options.subtopic,
        quality=quality_of_name(options.quality) if options.quality else quality_pb2.QUALITY_LABEL_UNSPECIFIED,
        min_stars=options.stars_min or 0,
        max_stars=options.stars_max or 0,
        order=order_of_name(options.order) if options.order else call_pb2.CALL_ORDER_UNSPECIFIED,
        text=options.text,
    )
    table = Table(box=None, pad_edge=False)
    table.add_column("id", no_wrap=True, min_width=26)  # whole, however narrow the terminal: other commands take it
    for heading in ("file", "received", "length", "state", "topic", "stars", "customer"):
        table.add_column(heading, overflow="fold")
    count = 0
    async for call in calls.find(request):
        if count == options.limit:
            break
        count += 1
        if options.json:
            _print_json(call)
            continue
        table.add_row(
            call.id,
            call.recording.file_name,
            call.create_time.ToDatetime().strftime("%Y-%m-%d %H:%M"),
            clock(call.recording.duration_ms),
            state_text(call.state),
            f"{call.topic.topic} › {call.topic.subtopic}" if call.HasField("topic") else "",
            stars(call.quality.stars) if call.HasField("quality") else "",
            call.trend.description.removeprefix("Customer "),
        )
    if not options.json:
        console.print(table if count else "no calls")
    return 0


async def _show(calls: CallCenter, options: argparse.Namespace, console: Console) -> int:
    call = await calls.get(options.id)
    if options.json:
        _print_json(call)
    else:
        console.print(stage_line(list(call.stages)))
        console.print(analysis(call))
    return 0


async def _watch(calls: CallCenter, options: argparse.Namespace, console: Console) -> int:
    after = 0 if options.id and options.after == -1 else options.after
    async for event in calls.watch(options.id, after_sequence=after, until_end=bool(options.id)):
        if options.json:
            _print_json(event)
            continue
        what = stage_line([event.stage]).plain.strip() if event.HasField("stage") else state_name(event.call_state)
        what = "deleted" if event.deleted else what
        reason = f"  ({event.stage.reason})" if event.stage.reason else ""
        time = event.time.ToDatetime().strftime("%H:%M:%S")
        line = f"{event.sequence:>7}  {time}  {event.call_id}  {event.file_name}  {what}{reason}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return 0


async def _retry(calls: CallCenter, options: argparse.Namespace, console: Console) -> int:
    stages = await calls.retry(options.id, options.stage)
    console.print(f"again: {', '.join(stages)}")
    return await _follow(calls, [options.id], False, console) if options.follow else 0


async def _cancel(calls: CallCenter, options: argparse.Namespace, console: Console) -> int:
    await calls.cancel(options.id)
    return 0


async def _delete(calls: CallCenter, options: argparse.Namespace, console: Console) -> int:
    await calls.delete(options.id)
    return 0


async def _models(calls: CallCenter, options: argparse.Namespace, console: Console) -> int:
    models = await calls.models()
    if options.json:
        for entry in models:
            _print_json(entry)
    else:
        table = Table("stage", "address", "state", "model", "class", "device", "digest", box=None, pad_edge=False)
        for entry in models:
            model = entry.model
            state = "[green]serving[/]" if entry.serving else f"[red]down[/] {entry.reason}"
            revision = f"@{model.revision[:12]}" if model.revision else ""
            names = (model.id + revision, model.architecture, model.device, model.digest[:12])
            table.add_row(entry.stage, entry.address, state, *names)
        console.print(table)
    return 0 if all(entry.serving for entry in models) else EXIT_NOT_COMPLETE


def _print_json(value: Any) -> None:
    table = value if isinstance(value, dict) else MessageToDict(value)
    print(json.dumps(table, ensure_ascii=False), flush=True)


async def _run(options: argparse.Namespace) -> int:
    console = Console()
    async with CallCenter(options.address, Security.from_environment(os.environ)) as calls:
        try:
            code: int = await options.run(calls, options, console)
            return code
        except grpc.aio.AioRpcError as error:
            if error.code() == grpc.StatusCode.UNAVAILABLE:
                print(f"callcenter: no orchestrator answers at {options.address}: {error.details()}", file=sys.stderr)
                return EXIT_UNREACHABLE
            action = action_of(error)
            print(f"callcenter: {error.details()}{f' — {action}' if action else ''}", file=sys.stderr)
            return EXIT_USAGE


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command and ends the process with its exit code."""
    options = _parser().parse_args(argv)
    try:
        code = asyncio.run(_run(options))
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        # The reader (`head`, say) has gone; without this Python complains once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)
