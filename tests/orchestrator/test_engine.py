"""Calls through the graph, with servers that are away, slow or failing."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import numpy as np
import pytest
from callcenter.v1 import call_pb2, common_pb2, quality_pb2

from orchestrator.app import Orchestrator
from orchestrator.config import Config
from orchestrator.graph import NAMES, STAGES, with_dependents
from rpc.errors import InvalidInput, ModelFailure, NotReady
from rpc.server import ServerConfig
from tests.orchestrator.caller import Caller, stage, states
from tests.orchestrator.conftest import House
from tests.orchestrator.sounds import conversation, speech, write

COMPLETED, PARTIAL = call_pb2.CALL_STATE_COMPLETED, call_pb2.CALL_STATE_PARTIAL
REJECTED, CANCELLED = call_pb2.CALL_STATE_REJECTED, call_pb2.CALL_STATE_CANCELLED


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_graph_is_in_order() -> None:
    for index, spec in enumerate(STAGES):
        assert set(spec.needs) <= set(NAMES[:index])
    assert with_dependents(["summarize"]) == ("summarize", "quality")
    assert with_dependents(["decode"]) == NAMES


async def test_mono_call_is_analysed_completely(house: House) -> None:
    caller = await house.launch()
    submitted = await caller.submit(write(house.folder / "Zəng 1.wav", speech(8.0), codec="pcm_alaw"))
    call = await caller.end(submitted.call_id)
    assert not submitted.already_known
    assert call.state == COMPLETED and not call.error and call.end_time.seconds >= call.create_time.seconds > 0
    assert states(call) == dict.fromkeys(NAMES, "FINISHED")
    assert [s.name for s in call.stages] == list(NAMES)
    assert {s.name: s.model.id for s in call.stages if s.HasField("model")} == {
        name: f"test-{name}" for name in NAMES if name not in ("decode", "turns")
    }
    assert all(s.progress == 1 and s.attempt_count == 1 for s in call.stages)
    recording = call.recording
    assert (recording.file_name, recording.codec, recording.media_type) == ("Zəng 1.wav", "pcm_alaw", "audio/wav")
    assert (recording.duration_ms, recording.channel_count, recording.party_per_channel) == (8000, 1, False)
    assert [turn.text for turn in call.turns] == [
        "Salam, Paşa Bank.",
        "Kartımı itirmişəm.",
        "Kömək edərəm, narahat olmayın.",
        "Çox sağ olun.",
    ]
    assert [turn.speaker for turn in call.turns] == ["S1", "S2", "S1", "S2"]
    assert [turn.role for turn in call.turns] == [common_pb2.ROLE_OPERATOR, common_pb2.ROLE_CUSTOMER] * 2
    assert all(turn.emotion == common_pb2.EMOTION_HAPPY and turn.emotion_scores for turn in call.turns)
    assert [speaker.name for speaker in call.speakers] == ["S1", "S2"]
    assert call.speakers[0].role == common_pb2.ROLE_OPERATOR and call.speakers[0].role_confidence > 0.8
    assert call.trend.description == "Customer started Happy and finished Happy"
    assert call.summary == "Müştəri dedi: Kartımı itirmişəm."
    assert (call.topic.topic, call.topic.subtopic) == ("cards", "lost or stolen card")
    assert (call.quality.label, call.quality.stars) == (quality_pb2.QUALITY_LABEL_GOOD, 4)
    assert call.language == "az"
    # What can be made anew does not stay on the disk.
    assert [name.rsplit("/", 1)[-1] for name in files(house.folder / "data" / "recordings")] == ["original", "waveform"]


async def test_channel_is_the_speaker(house: House) -> None:
    caller = await house.launch()
    call = await caller.end((await caller.submit(write(house.folder / "a.wav", conversation(8.0)))).call_id)
    assert call.state == COMPLETED and call.recording.party_per_channel
    assert states(call)["diarize"] == "SKIPPED" and "channel" in stage(call, "diarize").reason
    assert [turn.channel for turn in call.turns] == [0, 1, 0, 1]
    assert [turn.speaker for turn in call.turns] == ["S1", "S2", "S1", "S2"]
    assert ("diarize", call.id) not in house.stages.asked


async def test_events_tell_the_whole_story_in_order(house: House) -> None:
    house.stages.delay_seconds["asr"] = 0.3
    caller = await house.launch()
    call_id = (await caller.submit(write(house.folder / "a.wav", speech(4.0)))).call_id
    await caller.end(call_id)
    events = [event async for event in caller.watch(call_id, until_end=True)]
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert [event.call_state for event in events if not event.HasField("stage")] == [
        call_pb2.CALL_STATE_QUEUED,
        call_pb2.CALL_STATE_RUNNING,
        COMPLETED,
    ]
    for name in NAMES:
        told = [event.stage.state for event in events if event.stage.name == name]
        assert told[:2] == [call_pb2.STAGE_STATE_QUEUED, call_pb2.STAGE_STATE_RUNNING]
        assert told[-1] == call_pb2.STAGE_STATE_FINISHED and told.count(call_pb2.STAGE_STATE_FINISHED) == 1
        progress = [event.stage.progress for event in events if event.stage.name == name]
        assert progress == sorted(progress)
    finished = [e for e in events if e.stage.name == "asr" and e.stage.state == call_pb2.STAGE_STATE_FINISHED]
    assert finished[0].stage.model.id == "test-asr" and finished[0].file_name == "a.wav"


async def test_outage_delays_only_what_needs_the_server(house: House) -> None:
    await house.stages.stop("asr", "emotion")
    caller = await house.launch()
    call_id = (await caller.submit(write(house.folder / "a.wav", speech(4.0)))).call_id
    async with asyncio.timeout(30):
        async for event in caller.watch(call_id):
            if event.stage.name == "asr" and "waiting for asr at 127.0.0.1" in event.stage.reason:
                break
    await caller.until(call_id, "diarize", call_pb2.STAGE_STATE_FINISHED)
    assert (await caller.get(call_id)).state == call_pb2.CALL_STATE_RUNNING
    await house.stages.start("asr")
    await caller.until(call_id, "quality", call_pb2.STAGE_STATE_FINISHED)
    assert stage(await caller.get(call_id), "emotion").state == call_pb2.STAGE_STATE_RUNNING
    await house.stages.start("emotion")
    call = await caller.end(call_id)
    assert call.state == COMPLETED and not stage(call, "asr").reason
    assert set(house.stages.asked.values()) == {1}


async def test_server_that_dies_at_work_is_asked_again(house: House) -> None:
    house.stages.hold["asr"] = asyncio.Event()
    caller = await house.launch()
    call_id = (await caller.submit(write(house.folder / "a.wav", speech(4.0)))).call_id
    await asyncio.wait_for(house.stages.arrived["asr"].wait(), 20)
    await house.stages.stop("asr")
    del house.stages.hold["asr"]
    await house.stages.start("asr")
    assert (await caller.end(call_id)).state == COMPLETED
    assert house.stages.asked["asr", call_id] == 2 and house.stages.asked["diarize", call_id] == 1


async def test_call_that_kills_the_server_is_given_up(house: House) -> None:
    caller = await house.launch(max_lost=2)
    house.stages.errors["asr"] = [NotReady("gone"), NotReady("gone")]
    call = await caller.end((await caller.submit(write(house.folder / "a.wav", speech(4.0)))).call_id)
    assert call.state == PARTIAL and "went away 2 times" in stage(call, "asr").reason


async def test_failures_are_tried_three_times_then_retried_on_demand(house: House) -> None:
    caller = await house.launch()
    house.stages.errors["summarize"] = [ModelFailure("out of beams", "see the log")] * 3
    house.stages.errors["topics"] = [ModelFailure("once")] * 2
    call_id = (await caller.submit(write(house.folder / "a.wav", speech(4.0)))).call_id
    call = await caller.end(call_id)
    assert call.state == PARTIAL
    assert states(call) == dict.fromkeys(NAMES, "FINISHED") | {"summarize": "FAILED", "quality": "FAILED"}
    assert stage(call, "summarize").reason == "INTERNAL: out of beams (see the log) (tried 3 times)"
    assert stage(call, "summarize").attempt_count == 3 and stage(call, "topics").attempt_count == 3
    assert stage(call, "quality").reason == "needs summarize" and not stage(call, "quality").attempt_count
    assert "summarize: INTERNAL" in call.error and "quality: needs summarize" in call.error
    assert call.turns and call.topic.topic and not call.summary

    house.stages.asked.clear()
    retried = await caller.stub.RetryCall(call_pb2.RetryCallRequest(call_id=call_id))
    assert list(retried.stages) == ["summarize", "quality"]
    call = await caller.end(call_id)
    assert call.state == COMPLETED and not call.error and call.summary and call.quality.stars == 4
    assert dict(house.stages.asked) == {("summarize", call_id): 1, ("quality", call_id): 1}


async def test_refused_request_is_not_repeated(house: House) -> None:
    caller = await house.launch()
    house.stages.errors["emotion"] = [InvalidInput("a turn outside of the audio")]
    call = await caller.end((await caller.submit(write(house.folder / "a.wav", speech(4.0)))).call_id)
    assert call.state == PARTIAL and house.stages.asked["emotion", call.id] == 1
    assert stage(call, "emotion").reason == "INVALID_ARGUMENT: a turn outside of the audio"
    # The decoded audio was dropped at the end: it is made anew.
    await caller.stub.RetryCall(call_pb2.RetryCallRequest(call_id=call.id))
    call = await caller.end(call.id)
    assert call.state == COMPLETED and call.trend.description and stage(call, "decode").attempt_count == 1


async def test_retry_from_a_named_stage(house: House) -> None:
    caller = await house.launch()
    call_id = (await caller.submit(write(house.folder / "a.wav", speech(4.0)))).call_id
    before = await caller.end(call_id)

    async def refused(call_id: str, name: str) -> grpc.StatusCode:
        return await caller.refusal(caller.stub.RetryCall(call_pb2.RetryCallRequest(call_id=call_id, from_stage=name)))

    assert await refused(call_id, "") == grpc.StatusCode.FAILED_PRECONDITION
    assert await refused(call_id, "dance") == grpc.StatusCode.INVALID_ARGUMENT
    assert await refused("nobody", "asr") == grpc.StatusCode.NOT_FOUND
    house.stages.asked.clear()
    house.stages.hold["asr"] = asyncio.Event()
    again = await caller.stub.RetryCall(call_pb2.RetryCallRequest(call_id=call_id, from_stage="asr"))
    assert list(again.stages) == [name for name in NAMES if name not in ("decode", "diarize")]
    assert await refused(call_id, "asr") == grpc.StatusCode.FAILED_PRECONDITION
    during = await caller.get(call_id)
    assert not during.turns and not during.summary and states(during)["diarize"] == "FINISHED"
    house.stages.hold["asr"].set()
    after = await caller.end(call_id)
    assert after.state == COMPLETED and after.turns == before.turns and after.sequence > before.sequence
    assert ("diarize", call_id) not in house.stages.asked and house.stages.asked["asr", call_id] == 1


async def test_bad_recording_is_set_aside_with_the_reason(house: House) -> None:
    caller = await house.launch()
    submitted = await caller.send(b"RIFF no recording", file_name="../../x/bad.wav")
    call = await caller.end(submitted.call_id)
    assert (call.state == REJECTED and "cannot" in call.error) or "can be read" in call.error
    assert states(call) == dict.fromkeys(NAMES, "SKIPPED") | {"decode": "FAILED"}
    kept = files(house.folder / "rejected")
    assert kept == [f"{call.id}-bad.wav", f"{call.id}-bad.wav.reason.txt"]
    why = (house.folder / "rejected" / kept[1]).read_text(encoding="utf-8")
    assert why.startswith(call.error) and call.id in why
    assert not house.stages.asked


async def test_no_speech_ends_the_call_at_once(house: House) -> None:
    house.stages.silent = True
    house.stages.hold["diarize"] = asyncio.Event()
    caller = await house.launch()
    call_id = (await caller.submit(write(house.folder / "music.wav", speech(4.0)))).call_id
    call = await caller.end(call_id)
    assert call.state == REJECTED and call.error == "no speech was found in the recording"
    assert states(call)["asr"] == "FINISHED" and states(call)["diarize"] == states(call)["turns"] == "SKIPPED"
    assert f"{call_id}-music.wav" in files(house.folder / "rejected")
    # A better model hears it after all.
    house.stages.silent = False
    del house.stages.hold["diarize"]
    again = await caller.stub.RetryCall(call_pb2.RetryCallRequest(call_id=call_id, from_stage="asr"))
    assert list(again.stages) == [name for name in NAMES if name != "decode"]
    assert (await caller.end(call_id)).state == COMPLETED


async def test_cancelled_call_keeps_its_results_and_can_be_completed(house: House) -> None:
    house.stages.hold["summarize"] = asyncio.Event()
    caller = await house.launch()
    call_id = (await caller.submit(write(house.folder / "a.wav", speech(4.0)))).call_id
    await caller.until(call_id, "topics", call_pb2.STAGE_STATE_FINISHED)
    await caller.until(call_id, "emotion", call_pb2.STAGE_STATE_FINISHED)
    await caller.stub.CancelCall(call_pb2.CancelCallRequest(call_id=call_id))
    call = await caller.end(call_id)
    assert call.state == CANCELLED and call.turns and call.topic.topic
    assert states(call)["summarize"] == states(call)["quality"] == "FAILED"
    assert stage(call, "summarize").reason == "cancelled"
    refused = await caller.refusal(caller.stub.CancelCall(call_pb2.CancelCallRequest(call_id=call_id)))
    assert refused == grpc.StatusCode.FAILED_PRECONDITION
    house.stages.hold["summarize"].set()
    await caller.stub.RetryCall(call_pb2.RetryCallRequest(call_id=call_id))
    assert (await caller.end(call_id)).state == COMPLETED
    assert house.stages.asked["asr", call_id] == 1


async def test_cancelled_while_it_waits_for_its_turn(house: House) -> None:
    house.stages.hold["asr"] = asyncio.Event()
    caller = await house.launch(max_running=1)
    first = (await caller.submit(write(house.folder / "a.wav", speech(4.0, seed=1)))).call_id
    await caller.until(first, "asr", call_pb2.STAGE_STATE_RUNNING)
    second = (await caller.submit(write(house.folder / "b.wav", speech(4.0, seed=2)))).call_id
    await caller.stub.CancelCall(call_pb2.CancelCallRequest(call_id=second))
    house.stages.hold["asr"].set()
    assert (await caller.end(first)).state == COMPLETED
    third = (await caller.submit(write(house.folder / "c.wav", speech(4.0, seed=3)))).call_id
    assert (await caller.end(third)).state == COMPLETED
    assert (await caller.get(second)).state == CANCELLED and not house.stages.asked["asr", second]


async def test_deleted_call_is_gone_for_good(house: House) -> None:
    caller = await house.launch(watch=house.folder / "in", settle_seconds=0.05)
    house.stages.hold["asr"] = asyncio.Event()
    write(house.folder / "in" / "a.wav", speech(4.0))
    async with asyncio.timeout(10):
        call_id = (await anext(caller.watch())).call_id
    await caller.until(call_id, "asr", call_pb2.STAGE_STATE_RUNNING)
    following = asyncio.create_task(collect(caller.watch(call_id, until_end=True)))
    await asyncio.sleep(0.1)
    await caller.stub.DeleteCall(call_pb2.DeleteCallRequest(call_id=call_id))
    assert (await asyncio.wait_for(following, 5))[-1].deleted
    for method, request in (
        (caller.stub.GetCall, call_pb2.GetCallRequest(call_id=call_id)),
        (caller.stub.DeleteCall, call_pb2.DeleteCallRequest(call_id=call_id)),
        (caller.stub.GetRecording, call_pb2.GetRecordingRequest(call_id=call_id)),
        (caller.stub.WatchCalls, call_pb2.WatchCallsRequest(call_id=call_id)),
    ):
        assert await caller.refusal(method(request)) == grpc.StatusCode.NOT_FOUND
    assert files(house.folder / "data" / "recordings") == [] and files(house.folder / "in") == []
    told = await anext(caller.watch())
    assert told.deleted and told.call_id == call_id
    # The same content is a new call.
    house.stages.hold["asr"].set()
    again = await caller.submit(write(house.folder / "a.wav", speech(4.0)))
    assert not again.already_known and again.call_id != call_id
    assert (await caller.end(again.call_id)).state == COMPLETED


async def collect(events: AsyncIterator[call_pb2.CallEvent]) -> list[call_pb2.CallEvent]:
    return [event async for event in events]


async def test_calls_are_taken_up_after_a_restart(house: House) -> None:
    house.stages.hold["asr"] = asyncio.Event()
    caller = await house.launch(max_running=2)
    paths = [write(house.folder / f"{n}.wav", speech(4.0, seed=n)) for n in range(3)]
    call_ids = [(await caller.submit(path)).call_id for path in paths]
    await caller.until(call_ids[0], "diarize", call_pb2.STAGE_STATE_FINISHED)
    await caller.until(call_ids[1], "diarize", call_pb2.STAGE_STATE_FINISHED)
    await house.halt()
    house.stages.hold["asr"].set()
    caller = await house.launch()
    for call_id in call_ids:
        assert (await caller.end(call_id)).state == COMPLETED
        assert house.stages.asked["diarize", call_id] == 1


async def test_record_of_another_version_does_not_strand_a_call(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.stages.hold["summarize"] = asyncio.Event()
    caller = await house.launch()
    call_id = (await caller.submit(write(house.folder / "a.wav", speech(4.0)))).call_id
    await caller.until(call_id, "topics", call_pb2.STAGE_STATE_FINISHED)
    await house.halt()
    house.stages.hold["summarize"].set()
    monkeypatch.setattr("orchestrator.engine.GRAPH_VERSION", "2")
    caller = await house.launch()
    assert (await caller.end(call_id)).state == COMPLETED
    assert house.stages.asked["asr", call_id] == 1


async def test_many_calls_at_once(house: House) -> None:
    caller = await house.launch(max_running=8, per_stage=2)
    paths = [write(house.folder / f"{n}.wav", speech(2.0, seed=n)) for n in range(12)]
    calls = [(await caller.submit(path)).call_id for path in paths]
    ended = await asyncio.gather(*(caller.end(call_id, 60) for call_id in calls))
    assert {call.state for call in ended} == {COMPLETED}
    assert set(house.stages.asked.values()) == {1}
    assert len(np.unique(calls)) == 12 and calls == sorted(calls)


async def test_store_that_was_set_back_is_worked_on_from_where_it_is(house: House) -> None:
    """The engine's record says that stages are done which the store has lost: a backup was put back."""
    house.stages.hold["summarize"] = asyncio.Event()
    caller = await house.launch()
    call_id = (await caller.submit(write(house.folder / "a.wav", speech(4.0)))).call_id
    await caller.until(call_id, "topics", call_pb2.STAGE_STATE_FINISHED)
    await house.halt()
    with sqlite3.connect(house.folder / "data" / "calls.sqlite3") as database:
        database.execute("DELETE FROM results WHERE stage NOT IN ('decode', 'diarize')")
        database.execute("UPDATE stages SET state = 1 WHERE name NOT IN ('decode', 'diarize')")
    database.close()
    house.stages.hold["summarize"].set()
    caller = await house.launch()
    call = await caller.end(call_id)
    assert call.state == COMPLETED and call.turns and call.summary
    assert house.stages.asked["asr", call_id] == 2 and house.stages.asked["diarize", call_id] == 1


def test_engine_stops_well_after_its_loop_stood_still(tmp_path: Path) -> None:
    """Meanwhile the library takes a call from the queue and runs it in a loop of its own."""

    async def begin() -> tuple[Orchestrator, str]:
        orchestrator = Orchestrator(Config(data=tmp_path / "data", rejected=tmp_path / "rejected"), ServerConfig())
        caller = Caller(f"127.0.0.1:{await orchestrator.start()}")
        call_id = (await caller.send(b"x", file_name="a.wav")).call_id
        await caller.close()
        return orchestrator, call_id

    with asyncio.Runner() as runner:
        orchestrator, call_id = runner.run(begin())
        time.sleep(1.0)
        runner.run(orchestrator.stop())
    with sqlite3.connect(tmp_path / "data" / "calls.sqlite3") as database:
        assert database.execute("SELECT id, end_ms FROM calls").fetchall() == [(call_id, None)]
