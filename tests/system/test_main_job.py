"""A recording in, a complete and meaningful analysis out: the sample calls through real servers and models."""

from __future__ import annotations

import asyncio
import shutil
import wave
from pathlib import Path

import numpy as np
import pytest
from callcenter.v1 import call_pb2, common_pb2, quality_pb2

from client import CallCenter
from evaluation.end_to_end import from_call
from evaluation.manifest import ReferenceCall
from evaluation.metrics import score
from evaluation.system import System

pytestmark = pytest.mark.timeout(240)

STAGES = ["decode", "diarize", "asr", "turns", "roles", "emotion", "summarize", "topics", "quality"]


async def analysed(system: System, path: Path) -> call_pb2.Call:
    async with CallCenter(system.address()) as calls:
        return await calls.wait((await calls.submit(path)).call_id)


@pytest.mark.parametrize("name", ["satisfied", "angry", "two_channels"])
async def test_sample_is_understood(system: System, samples: dict[str, ReferenceCall], name: str) -> None:
    reference = samples[name]
    call = await analysed(system, reference.audio)

    assert call.state == call_pb2.CALL_STATE_COMPLETED, call.error
    assert {stage.name for stage in call.stages} == set(STAGES)
    assert {speaker.role for speaker in call.speakers} == {common_pb2.ROLE_OPERATOR, common_pb2.ROLE_CUSTOMER}
    assert call.topic.subtopics[0].label == call.topic.subtopic
    assert (call.quality.label == quality_pb2.QUALITY_LABEL_GOOD) == (call.quality.stars >= 3)
    assert sum(call.quality.distribution) == pytest.approx(1, abs=1e-3)
    assert call.trend.description.startswith("Customer started ")
    assert call.summary
    scores = score([(reference, from_call(call, reference))])
    assert scores["asr"]["wer"] < 0.5
    assert scores["roles"]["accuracy"] > 0.85


async def test_what_a_listener_would_say_of_the_samples(system: System, samples: dict[str, ReferenceCall]) -> None:
    for reference in samples.values():
        call = await analysed(system, reference.audio)
        assert len(call.speakers) == 2, reference.id
        assert (call.topic.topic, call.topic.subtopic) == (reference.topic, reference.subtopic), reference.id
        assert (call.quality.stars >= 3) == (reference.stars is not None and reference.stars >= 3), reference.id
        assert from_call(call, reference).trend == reference.trend, reference.id


async def test_two_channels_need_no_diarization(system: System, samples: dict[str, ReferenceCall]) -> None:
    call = await analysed(system, samples["two_channels"].audio)
    stages = {stage.name: stage for stage in call.stages}
    assert call.recording.party_per_channel
    assert stages["diarize"].state == call_pb2.STAGE_STATE_SKIPPED
    assert {turn.channel for turn in call.turns} == {0, 1}


async def test_results_name_their_models(system: System, samples: dict[str, ReferenceCall]) -> None:
    call = await analysed(system, samples["satisfied"].audio)
    for stage in call.stages:
        if stage.name in ("decode", "turns"):
            continue
        assert stage.model.id == f"models/mini/{stage.name}"
        assert len(stage.model.digest) == 64
        assert stage.model.profile == "mini"
        assert stage.end_time.ToNanoseconds() >= stage.start_time.ToNanoseconds() > 0


async def test_recording_dropped_into_the_watched_folder(system: System, samples: dict[str, ReferenceCall]) -> None:
    async with CallCenter(system.address()) as calls:
        events = calls.watch(after_sequence=0)
        shutil.copy(samples["angry"].audio, system.watched / "dropped call.wav")
        with (system.watched / "dropped call.wav").open("ab") as file:
            file.write(b"\xd5" * 800)  # a tenth of a second more: other content, so another call
        async for event in events:
            if event.file_name == "dropped call.wav" and event.call_state == call_pb2.CALL_STATE_COMPLETED:
                break


async def test_silence_is_rejected_with_its_reason(system: System, tmp_path: Path) -> None:
    path = tmp_path / "silence.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        noise = np.random.default_rng(0).normal(0, 30, 8000 * 10)
        file.writeframes(noise.astype("<i2").tobytes())
    call = await analysed(system, path)
    assert call.state == call_pb2.CALL_STATE_REJECTED
    assert "speech" in call.error
    assert list((system.watched.parent / "rejected").glob("*-silence.wav.reason.txt"))


async def test_same_recording_twice_is_one_call(system: System, samples: dict[str, ReferenceCall]) -> None:
    async with CallCenter(system.address()) as calls:
        first = await calls.submit(samples["angry"].audio)
        second = await calls.submit(samples["angry"].audio)
        assert second.already_known
        assert second.call_id == first.call_id


async def test_every_stage_is_listed_with_its_model(system: System) -> None:
    async with CallCenter(system.address()) as calls:
        models = await calls.models()
    assert all(entry.serving for entry in models)
    assert {entry.model.id for entry in models} == {f"models/mini/{entry.stage}" for entry in models}
    assert len(models) == 7


async def test_calls_at_once_do_not_mix(system: System, samples: dict[str, ReferenceCall]) -> None:
    results = await asyncio.gather(*(analysed(system, call.audio) for call in samples.values()))
    for reference, call in zip(samples.values(), results, strict=True):
        assert call.recording.file_name == reference.audio.name
        heard = {other.id: score([(other, from_call(call, other))])["asr"]["wer"] for other in samples.values()}
        assert min(heard, key=heard.__getitem__) == reference.id
