"""Live progress of calls: a table that moves on a terminal, a line a change elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType

from callcenter.v1 import call_pb2
from rich.console import Console
from rich.live import Live
from rich.table import Table

from client.calls import ENDED, CallCenter
from client.text import stage_line, state_name, state_text


class Progress:
    """Shows the stages of some calls as their events come; a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._calls: dict[str, call_pb2.Call] = {}
        self._live = Live(console=console, refresh_per_second=8) if console.is_terminal else None

    def __enter__(self) -> Progress:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def add(self, call: call_pb2.Call) -> None:
        """Shows a call as it is now."""
        self._calls[call.id] = call
        if self._live:
            self._live.update(self._table())

    def take(self, event: call_pb2.CallEvent) -> None:
        """Moves a call by one event; events of calls that were not added are passed over."""
        call = self._calls.get(event.call_id)
        if call is None:
            return
        before = call.state
        call.state = event.call_state
        stage = next((stage for stage in call.stages if stage.name == event.stage.name), None)
        changed = stage is not None and stage.state != event.stage.state
        if stage is not None:
            stage.CopyFrom(event.stage)
        if self._live:
            self._live.update(self._table())
        elif changed or before != call.state:
            self._print_change(call, event)

    def _print_change(self, call: call_pb2.Call, event: call_pb2.CallEvent) -> None:
        what = stage_line([event.stage]).plain.strip() if event.HasField("stage") else state_name(call.state)
        reason = f"  ({event.stage.reason})" if event.stage.reason else ""
        self._console.print(f"{call.recording.file_name}: {what}{reason}", markup=False, highlight=False)

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for call in self._calls.values():
            table.add_row(call.recording.file_name, state_text(call.state), stage_line(list(call.stages)))
        return table


async def follow(calls: CallCenter, call_ids: Iterable[str], console: Console) -> list[call_pb2.Call]:
    """Shows calls until all have ended.

    Returns:
        The calls with their results, in the order of the ids.
    """
    ids = list(dict.fromkeys(call_ids))
    open_ids = set(ids)
    with Progress(console) as progress:
        first = []
        for call_id in ids:
            call = await calls.get(call_id)
            progress.add(call)
            first.append(call.sequence)
            if call.state in ENDED:
                open_ids.discard(call_id)
        if open_ids:
            # From the oldest snapshot on: an event between two snapshots is seen again, which changes nothing.
            async for event in calls.watch(after_sequence=min(first)):
                progress.take(event)
                if event.call_state in ENDED or event.deleted:
                    open_ids.discard(event.call_id)
                if not open_ids:
                    break
    return [await calls.get(call_id) for call_id in ids]
