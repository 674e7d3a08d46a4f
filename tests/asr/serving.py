"""A speech recognition server on a free port, and one call of it."""

from __future__ import annotations

import json
import wave
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import numpy.typing as npt
from callcenter.v1 import asr_pb2, asr_pb2_grpc, common_pb2

from services.asr.model import Recogniser
from services.asr.server import register
from services.serving.profile import StageConfig
from tests.serving import stage

DATA = Path(__file__).parent / "data"
RATE = 8000
_CHUNK_BYTES = 64 * 1024

Pcm = npt.NDArray[np.int16]


@dataclass
class Answers:
    """Everything that one call was answered with, in the order in which it came."""

    progress: list[float] = field(default_factory=list)
    phrases: list[asr_pb2.Phrase] = field(default_factory=list)
    result: asr_pb2.RecognizeResult = field(default_factory=asr_pb2.RecognizeResult)
    kinds: list[str] = field(default_factory=list)

    @property
    def words(self) -> list[common_pb2.Word]:
        """All words of all phrases."""
        return [word for phrase in self.phrases for word in phrase.words]

    @property
    def text(self) -> str:
        """What was said, one word after the other."""
        return " ".join(word.text for word in self.words)


def recording() -> tuple[Pcm, list[dict[str, Any]]]:
    """The committed call at ``RATE``, mono, and its turns with start and end in seconds and text."""
    with wave.open(str(DATA / "call.wav"), "rb") as file:
        assert file.getframerate() == RATE
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return samples, json.loads((DATA / "call.json").read_text(encoding="utf-8"))


def served(config: StageConfig) -> AbstractAsyncContextManager[grpc.aio.Channel]:
    """Serves the stage as its process does."""
    return stage.served(Recogniser, register, config)


async def recognise(
    channel: grpc.aio.Channel, samples: Pcm, rate: int = RATE, channels: int = 1, language: str = ""
) -> Answers:
    """Sends int16 [samples], or [samples, channels]."""
    audio = common_pb2.AudioFormat(sample_rate_hz=rate, channel_count=channels)
    pcm = samples.astype("<i2").tobytes()

    async def requests() -> AsyncIterator[asr_pb2.RecognizeRequest]:
        yield asr_pb2.RecognizeRequest(config=asr_pb2.RecognizeConfig(format=audio, language=language))
        for start in range(0, len(pcm), _CHUNK_BYTES):
            yield asr_pb2.RecognizeRequest(pcm=pcm[start : start + _CHUNK_BYTES])

    answers = Answers()
    async for answer in asr_pb2_grpc.SpeechRecognitionServiceStub(channel).Recognize(requests()):
        kind = answer.WhichOneof("part")
        answers.kinds.append(kind)
        if kind == "progress":
            answers.progress.append(answer.progress)
        elif kind == "phrase":
            answers.phrases.append(answer.phrase)
        else:
            answers.result = answer.result
    return answers
