"""``make run`` and ``make demo``: the whole system under one process manager, with the sample calls analysed.

The processes of the Procfile run under honcho and write to one log file; this terminal shows what matters: what
starts, the live progress of the samples, their analyses, and then every new call. Ctrl-C stops everything.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import grpc
from callcenter.v1 import call_pb2
from rich.console import Console

from client.calls import ENDED, CallCenter
from client.follow import follow
from client.text import analysis

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples"
GATEWAY_PORT = 8001
START_SECONDS = 180.0
STOP_SECONDS = 40.0


class StartError(Exception):
    """The system did not come up; the message says why and where to look."""


class Processes:
    """The Procfile's processes under honcho, in a process group of their own."""

    def __init__(self, data: Path) -> None:
        self.log = data / "logs" / "processes.log"
        self._manager: asyncio.subprocess.Process | None = None

    async def start(self, environment: dict[str, str]) -> None:
        """Starts them; they are not ready yet."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._manager = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "honcho", "--no-colour", "start",
                cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    @property
    def ended(self) -> bool:
        """True when some process has ended: honcho then stops the others."""
        return self._manager is None or self._manager.returncode is not None

    async def stop(self) -> None:
        """Ends them in order, and by force if they do not."""
        if self._manager is None:
            return
        if self._manager.returncode is None:
            self._manager.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._manager.wait(), STOP_SECONDS)
            except TimeoutError:
                os.killpg(self._manager.pid, signal.SIGKILL)
                await self._manager.wait()

    def tail(self, count: int = 25) -> str:
        """The last lines of the log."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])


def check_ports(ports: Sequence[int]) -> None:
    """Refuses to start where another system listens already.

    Raises:
        StartError: naming the ports.
    """
    taken = []
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                taken.append(port)
    if taken:
        names = ", ".join(map(str, taken))
        raise StartError(f"port {names} of 127.0.0.1 is taken: is the system running already? Stop it first.")


async def wait_until_serving(calls: CallCenter, processes: Processes, console: Console) -> None:
    """Waits until every stage serves, and says which are still loading.

    Raises:
        StartError: a process has ended, or the time is up.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + START_SECONDS
    waiting = "everything"
    with console.status("starting the model servers …") as status:
        while loop.time() < deadline:
            if processes.ended:
                raise StartError(f"a process ended while starting; the end of {processes.log}:\n{processes.tail()}")
            try:
                models = await calls.models()
            except grpc.aio.AioRpcError:
                waiting = "the orchestrator"
            else:
                missing = [entry.stage for entry in models if not entry.serving]
                if not missing:
                    return
                waiting = ", ".join(missing)
            status.update(f"starting: waiting for {waiting}")
            await asyncio.sleep(0.5)
    raise StartError(f"{waiting} did not start within {START_SECONDS:.0f} s; see {processes.log}")


async def analyse_samples(calls: CallCenter, console: Console) -> bool:
    """Submits the sample calls, shows their progress and prints the analyses; True when all are complete."""
    files = sorted(path for path in SAMPLES.iterdir() if path.suffix in (".wav", ".mp3", ".ogg", ".m4a"))
    ids = [(await calls.submit(path)).call_id for path in files]
    ended = await follow(calls, ids, console)
    for call in ended:
        console.print(analysis(call))
    return bool(ended) and all(call.state == call_pb2.CALL_STATE_COMPLETED for call in ended)


async def show_new_calls(calls: CallCenter, console: Console) -> None:
    """Prints the analysis of every call that ends from now on, until it is cancelled."""
    async for event in calls.watch():
        if event.HasField("stage") or event.deleted:
            continue
        if event.call_state in ENDED:
            console.print(analysis(await calls.get(event.call_id)))
        elif event.call_state == call_pb2.CALL_STATE_QUEUED:
            console.print(f"[dim]new call:[/] {event.file_name}")


async def up(stay: bool, console: Console) -> int:
    """Runs the system; returns the exit code."""
    data = Path(os.environ.get("CALLCENTER_DATA", ROOT / "data"))
    processes = Processes(data)
    profile = os.environ.get("CALLCENTER_PROFILE", "mini")
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    try:
        check_ports([*range(50050, 50058), GATEWAY_PORT])
        console.print(f"starting seven model servers (profile {profile}), the orchestrator and the gateway")
        console.print(f"[dim]their log: {processes.log}[/]", soft_wrap=True)
        await processes.start(dict(os.environ))
        async with CallCenter() as calls:
            main = asyncio.create_task(_main(calls, processes, console, stay))
            stop = asyncio.create_task(stopping.wait())
            await asyncio.wait({main, stop}, return_when=asyncio.FIRST_COMPLETED)
            if main.done():
                stop.cancel()
                return 0 if main.result() else 1
            main.cancel()
            await asyncio.gather(main, return_exceptions=True)
            return 0 if stay else 130
    except StartError as error:
        console.print(str(error), style="red", markup=False)
        return 1
    finally:
        console.print("stopping")
        await processes.stop()


async def _main(calls: CallCenter, processes: Processes, console: Console, stay: bool) -> bool:
    await wait_until_serving(calls, processes, console)
    complete = await analyse_samples(calls, console)
    if stay:
        watched = os.environ.get("CALLCENTER_WATCH", "records/1003/")
        console.print(f"dashboard  [link]http://127.0.0.1:{GATEWAY_PORT}[/link]")
        console.print(f"drop recordings into {watched}, or: .venv/bin/callcenter submit FILE --follow; Ctrl-C stops")
        await show_new_calls(calls, console)
    return complete


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(prog="python -m client.up", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--once", action="store_true", help="stop when the samples are analysed; 0 if all are complete")
    options = parser.parse_args(argv)
    sys.exit(asyncio.run(up(not options.once, Console())))


if __name__ == "__main__":
    main()
