"""The waveform of a call over the service: made once, made again where it is missing, gone with the call."""

from __future__ import annotations

import grpc
import numpy as np
import pytest
from callcenter.v1 import call_pb2

from orchestrator import decoder
from tests.orchestrator.caller import Caller
from tests.orchestrator.conftest import House
from tests.orchestrator.sounds import conversation, speech, write


async def waveform(caller: Caller, call_id: str) -> call_pb2.GetWaveformResponse:
    answer: call_pb2.GetWaveformResponse = await caller.stub.GetWaveform(call_pb2.GetWaveformRequest(call_id=call_id))
    return answer


async def test_made_once_and_made_again_where_it_is_missing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = await house.launch()
    sound = conversation(6.0)
    call_id = (await caller.submit(write(house.folder / "a.wav", sound))).call_id
    await caller.end(call_id)
    (kept,) = (house.folder / "data" / "recordings").rglob("waveform")
    with monkeypatch.context() as no_decoder:
        no_decoder.setattr(decoder, "decode", None)
        found = await waveform(caller, call_id)
    assert (found.points_per_second, found.duration_ms, len(found.channels)) == (100, 6000, 2)
    for channel, samples in zip(found.channels, sound.T, strict=True):
        peaks = np.frombuffer(channel.peaks, np.uint8)
        assert len(peaks) == 600
        # The first party speaks in the first two seconds, the second in the next two; the other one's echo is weak.
        loud = np.abs(samples.astype(int)).reshape(600, 80).max(axis=1) > 1500
        assert peaks[loud].min() > 4 * np.median(peaks[~loud])
    for broken in (None, b"", kept.read_bytes()[:-5]):
        kept.unlink() if broken is None else kept.write_bytes(broken)
        assert await waveform(caller, call_id) == found
        assert call_pb2.GetWaveformResponse.FromString(kept.read_bytes()) == found
    assert sorted(path.name for path in kept.parent.iterdir()) == ["original", "waveform"]
    assert list((house.folder / "data" / "incoming").iterdir()) == []
    await caller.stub.DeleteCall(call_pb2.DeleteCallRequest(call_id=call_id))
    assert not kept.exists()


async def test_what_has_no_waveform(house: House) -> None:
    caller = await house.launch()

    async def refused(call_id: str) -> grpc.StatusCode:
        return await caller.refusal(waveform(caller, call_id))

    assert await refused("nothing") == grpc.StatusCode.NOT_FOUND
    letter = (await caller.send(b"not a recording", file_name="letter.wav")).call_id
    await caller.end(letter)
    assert await refused(letter) == grpc.StatusCode.FAILED_PRECONDITION
    call_id = (await caller.submit(write(house.folder / "a.wav", speech(2.0)))).call_id
    await caller.end(call_id)
    for path in (house.folder / "data" / "recordings").rglob("*"):
        if path.is_file():
            path.unlink()
    assert await refused(call_id) == grpc.StatusCode.NOT_FOUND
