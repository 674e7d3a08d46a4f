"""A diarization server on a free port, and one call of it."""

from __future__ import annotations

import wave
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from callcenter.v1 import common_pb2, diarization_pb2, diarization_pb2_grpc

from services.diarize.model import DiarizeModel
from services.diarize.server import register
from services.serving.profile import StageConfig
from tests.serving import stage

DATA = Path(__file__).parent / "data"
CHUNK_BYTES = 64 * 1024


@dataclass
class Answers:
    """Everything that one call was answered with, in the order in which it came."""

    progress: list[float] = field(default_factory=list)
    segments: list[common_pb2.Segment] = field(default_factory=list)
    result: diarization_pb2.DiarizeResult | None = None
    kinds: list[str] = field(default_factory=list)


def recording(name: str) -> tuple[int, bytes]:
    """Samples a second, and PCM."""
    with wave.open(str(DATA / f"{name}.wav"), "rb") as file:
        return file.getframerate(), file.readframes(file.getnframes())


def served(config: StageConfig) -> AbstractAsyncContextManager[grpc.aio.Channel]:
    """Serves the stage as its process does."""
    return stage.served(DiarizeModel, register, config)


async def diarize(channel: grpc.aio.Channel, rate: int, pcm: bytes, channels: int = 1, **hints: int) -> Answers:
    """Sends a recording; hints are fields of the config."""
    audio = common_pb2.AudioFormat(sample_rate_hz=rate, channel_count=channels)

    async def requests() -> AsyncIterator[diarization_pb2.DiarizeRequest]:
        yield diarization_pb2.DiarizeRequest(config=diarization_pb2.DiarizeConfig(format=audio, **hints))
        for start in range(0, len(pcm), CHUNK_BYTES):
            yield diarization_pb2.DiarizeRequest(pcm=pcm[start : start + CHUNK_BYTES])

    answers = Answers()
    async for answer in diarization_pb2_grpc.DiarizationServiceStub(channel).Diarize(requests()):
        kind = answer.WhichOneof("part")
        answers.kinds.append(kind)
        if kind == "progress":
            answers.progress.append(answer.progress)
        elif kind == "segment":
            answers.segments.append(answer.segment)
        else:
            answers.result = answer.result
    return answers
