"""Runs ``orchestrator.decode`` in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from callcenter.v1 import call_pb2

from rpc.errors import CallCenterError, InvalidInput

_ROOT = Path(__file__).resolve().parents[1]
_MIN_TIMEOUT_SECONDS = 1800.0


class DecoderDied(CallCenterError):
    """The process ended without an answer: killed, out of memory, or crashed by the file."""

    reason = "DECODER_DIED"


async def decode(
    source: Path,
    target: Path,
    waveform: Path,
    max_seconds: float,
    on_progress: Callable[[float], Awaitable[None]],
    timeout_seconds: float = _MIN_TIMEOUT_SECONDS,
) -> call_pb2.Recording:
    """Decodes a file to PCM and its peaks, which stand under their names only when they are complete.

    Args:
        source: the recording.
        target: 16 kHz, 16 bits, mono or one channel a party, interleaved.
        waveform: a serialised ``GetWaveformResponse`` of the target.
        max_seconds: longest recording that is taken.
        on_progress: told the share that is done.
        timeout_seconds: longest time for it.

    Returns:
        What the file is.

    Raises:
        InvalidInput: it cannot be analysed; the message says why.
        DecoderDied: see there.
        OSError: the disk is full, or cannot be read or written.
    """
    temporary = target.with_name(f"{target.name}.{uuid.uuid4().hex}")
    temporary_waveform = temporary.with_name(f"{temporary.name}.waveform")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "orchestrator.decode",
        str(source), str(temporary), str(temporary_waveform), str(max_seconds),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=environment,
        start_new_session=True,  # Ctrl-C is for the orchestrator, which then closes stdin
    )  # fmt: skip
    try:
        async with asyncio.timeout(timeout_seconds):
            media = await _listen(process, on_progress)
        if media is not None:
            temporary_waveform.replace(waveform)
            temporary.replace(target)  # last: it is what says that the recording is decoded
            return call_pb2.Recording(**media)
    except TimeoutError as error:
        raise InvalidInput(f"the file could not be decoded within {timeout_seconds / 60:.0f} minutes") from error
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        for part in target.parent.glob(f"{temporary.name}*"):
            part.unlink(missing_ok=True)
    raise DecoderDied(f"the decoder ended with exit status {process.returncode}", "see the orchestrator's log")


async def _listen(
    process: asyncio.subprocess.Process, on_progress: Callable[[float], Awaitable[None]]
) -> dict[str, Any] | None:
    """Reads what the process says; None: it said nothing at the end."""
    assert process.stdout is not None
    media = None
    async for line in process.stdout:
        said = json.loads(line)
        if "progress" in said:
            await on_progress(said["progress"])
        elif "rejected" in said:
            raise InvalidInput(said["rejected"])
        elif "failed" in said:
            raise OSError(said["failed"])
        else:
            media = said["media"]
    await process.wait()
    return media if process.returncode == 0 else None
