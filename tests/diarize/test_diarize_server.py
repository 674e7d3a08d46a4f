"""DiarizationService through a real channel, with the embedded pipeline."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import AsyncIterator, Iterable

import grpc
import numpy as np
import pytest
import pytest_asyncio
from callcenter.v1 import common_pb2
from pyannote.core import Annotation, Segment
from pyannote.metrics.diarization import DiarizationErrorRate

from rpc import errors
from services.serving.profile import load_stage
from tests.diarize.serving import DATA, diarize, recording, served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mini() -> AsyncIterator[grpc.aio.Channel]:
    async with served(load_stage("diarize", "mini", {})) as channel:
        yield channel


def error_rate(name: str, segments: Iterable[common_pb2.Segment]) -> float:
    """DER as the evaluation has it."""
    entry = json.loads((DATA / f"{name}.jsonl").read_text(encoding="utf-8"))
    reference, found = Annotation(), Annotation()
    for turn in entry["turns"]:
        reference[Segment(turn["start"], turn["end"]), turn["start"]] = turn["speaker"]
    for number, segment in enumerate(segments):
        found[Segment(segment.start_ms / 1000, segment.end_ms / 1000), number] = segment.speaker
    return float(DiarizationErrorRate(collar=0.25, skip_overlap=False)(reference, found))


async def test_tells_two_unknown_voices_apart(mini: grpc.aio.Channel) -> None:
    answers = await diarize(mini, *recording("two_speakers"))
    assert answers.result is not None and answers.result.speaker_count == 2
    assert error_rate("two_speakers", answers.segments) < 0.25
    assert error_rate("two_speakers", answers.result.exclusive_segments) < 0.25


async def test_answers_progress_then_segments_then_one_result(mini: grpc.aio.Channel) -> None:
    answers = await diarize(mini, *recording("two_speakers"))
    assert answers.kinds == sorted(answers.kinds, key=["progress", "segment", "result"].index)
    assert answers.kinds.count("result") == 1
    assert len(answers.progress) > 4
    assert answers.progress == sorted(answers.progress)
    assert (answers.progress[0], answers.progress[-1]) == (0, 1)
    assert answers.result is not None
    assert answers.result.model.id == "models/mini/diarize" and len(answers.result.model.digest) == 64
    assert answers.result.model.profile == "mini"


async def test_names_speakers_in_order_and_keeps_inside_of_the_recording(mini: grpc.aio.Channel) -> None:
    rate, pcm = recording("two_speakers")
    answers = await diarize(mini, rate, pcm)
    assert answers.result is not None
    starts = [segment.start_ms for segment in answers.segments]
    assert starts == sorted(starts)
    assert list(dict.fromkeys(segment.speaker for segment in answers.segments)) == ["S1", "S2"]
    assert {segment.speaker for segment in answers.result.exclusive_segments} <= {"S1", "S2"}
    for segment in [*answers.segments, *answers.result.exclusive_segments]:
        assert 0 <= segment.start_ms < segment.end_ms <= len(pcm) / 2 / rate * 1000
    ordered = answers.result.exclusive_segments
    assert all(one.end_ms <= other.start_ms for one, other in itertools.pairwise(ordered))


async def test_one_voice_is_one_speaker(mini: grpc.aio.Channel) -> None:
    answers = await diarize(mini, *recording("one_speaker"))
    assert answers.result is not None and answers.result.speaker_count == 1
    assert error_rate("one_speaker", answers.segments) < 0.25


async def test_a_hint_is_followed(mini: grpc.aio.Channel) -> None:
    rate, pcm = recording("two_speakers")
    for hints in ({"speaker_count": 1}, {"max_speaker_count": 1}):
        answers = await diarize(mini, rate, pcm, **hints)
        assert answers.result is not None and answers.result.speaker_count == 1


async def test_channels_are_mixed(mini: grpc.aio.Channel) -> None:
    rate, pcm = recording("two_speakers")
    mono = np.frombuffer(pcm, "<i2")
    both = np.stack([mono, mono], axis=1).tobytes()
    assert (await diarize(mini, rate, both, channels=2)).segments == (await diarize(mini, rate, pcm)).segments


@pytest.mark.parametrize("seconds", [0.0001, 1.0, 12.0])
async def test_silence_has_no_speaker(mini: grpc.aio.Channel, seconds: float) -> None:
    answers = await diarize(mini, 16000, bytes(2 * round(16000 * seconds)))
    assert answers.result is not None and answers.result.speaker_count == 0
    assert not answers.segments and not answers.result.exclusive_segments
    assert answers.progress[-1] == 1


@pytest.mark.parametrize(
    ("rate", "pcm", "hints", "message"),
    [
        (16000, b"", {}, "empty"),
        (16000, bytes(3), {}, "within a sample"),
        (4000, bytes(2), {}, "sample_rate_hz is 4000"),
        (16000, bytes(2), {"speaker_count": 21}, "out of range"),
        (16000, bytes(2), {"min_speaker_count": -1}, "out of range"),
        (16000, bytes(2), {"min_speaker_count": 3, "max_speaker_count": 2}, "contradict"),
    ],
)
async def test_bad_requests_say_what_to_do(
    mini: grpc.aio.Channel, rate: int, pcm: bytes, hints: dict[str, int], message: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError, match=message) as caught:
        await diarize(mini, rate, pcm, **hints)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert errors.action_of(caught.value)


async def test_nothing_is_reported_to_pyannote(mini: grpc.aio.Channel) -> None:
    from pyannote.audio.telemetry import metrics

    assert os.environ["PYANNOTE_METRICS_ENABLED"] == "0"
    assert not metrics.is_metrics_enabled()
