"""The peaks of recordings: made when a recording is decoded, and made again where they are missing."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from callcenter.v1 import call_pb2
from google.protobuf.message import DecodeError

from orchestrator import decoder, queries
from orchestrator.config import Config
from orchestrator.recordings import Recordings
from orchestrator.store import Store
from rpc.errors import InvalidInput, NotFound, NotPossibleNow


class Waveforms:
    """Reads waveforms.

    Args:
        store, recordings: where calls and their recordings are.
        config: limits.
    """

    def __init__(self, store: Store, recordings: Recordings, config: Config) -> None:
        self._store = store
        self._recordings = recordings
        self._config = config
        # Rare (a folder from before there were waveforms, or a power cut), and not to be in the way of analyses.
        self._making = asyncio.Lock()

    async def get(self, call_id: str) -> call_pb2.GetWaveformResponse:
        """Reads the waveform of a call's recording.

        Raises:
            NotFound: no such call, or the recording is gone.
            NotPossibleNow: the recording is not decoded.
        """
        recording = await self._store.read(queries.get_recording, call_id)
        if not recording.duration_ms:
            raise NotPossibleNow("the recording is not decoded", "ask again when its stage decode has finished")
        path = self._recordings.waveform(recording.sha256)
        found = await asyncio.to_thread(_read, path)
        if found is not None:
            return found
        async with self._making:
            return await asyncio.to_thread(_read, path) or await self._make(recording.sha256)

    async def _make(self, sha256: str) -> call_pb2.GetWaveformResponse:
        """Decodes a recording for its waveform alone, aside: the call may be deleted, or analysed again, meanwhile."""
        source = self._recordings.original(sha256)
        gone = NotFound("the recording is gone from the data folder", "submit it again")
        if not source.exists():
            raise gone
        try:
            with self._recordings.scratch() as folder:
                made = folder / "waveform"
                await decoder.decode(source, folder / "audio.pcm", made, self._config.max_seconds, _unheard)
                waveform = call_pb2.GetWaveformResponse.FromString(made.read_bytes())
                made.replace(self._recordings.waveform(sha256))
        except FileNotFoundError as error:
            raise gone from error
        except InvalidInput as error:
            raise NotPossibleNow(f"the recording cannot be decoded any more: {error.message}") from error
        return waveform


def _read(path: Path) -> call_pb2.GetWaveformResponse | None:
    """Reads a file; None: it is not there, or not whole after a power cut."""
    with contextlib.suppress(FileNotFoundError, DecodeError):
        found = call_pb2.GetWaveformResponse.FromString(path.read_bytes())
        return found if found.channels else None
    return None


async def _unheard(share: float) -> None:
    """Nobody waits for the progress."""
