"""EmotionService through a real channel: the embedded model, and superb's form of the full-size one."""

from __future__ import annotations

import json
import re
import wave
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
import pytest_asyncio
import torch
from callcenter.v1 import common_pb2, emotion_pb2, emotion_pb2_grpc, model_pb2, model_pb2_grpc
from transformers import Wav2Vec2Config, Wav2Vec2ForSequenceClassification

from rpc import errors
from services.emotion.model import EmotionModel
from services.emotion.server import register
from services.serving.profile import StageConfig, load_stage
from tests.serving import stage

DATA = Path(__file__).parent / "data"
CHUNK_BYTES = 256 * 1024

pytestmark = pytest.mark.asyncio(loop_scope="module")


def call() -> dict[str, Any]:
    entry: dict[str, Any] = json.loads((DATA / "call.json").read_text(encoding="utf-8"))
    return entry


def recording() -> tuple[int, bytes]:
    with wave.open(str(DATA / "call.wav"), "rb") as file:
        return file.getframerate(), file.readframes(file.getnframes())


def spans(turns: list[dict[str, Any]]) -> list[emotion_pb2.TurnSpan]:
    return [
        emotion_pb2.TurnSpan(
            index=index,
            start_ms=int(1000 * turn["start"]),
            end_ms=int(1000 * turn["end"]),
            role=f"ROLE_{turn['role'].upper()}",
            speaker=turn["speaker"],
        )
        for index, turn in enumerate(turns)
    ]


async def requests(
    turns: list[emotion_pb2.TurnSpan], pcm: bytes, rate: int, channels: int = 1
) -> AsyncIterator[emotion_pb2.ClassifyEmotionsRequest]:
    audio = common_pb2.AudioFormat(sample_rate_hz=rate, channel_count=channels)
    yield emotion_pb2.ClassifyEmotionsRequest(config=emotion_pb2.ClassifyEmotionsConfig(format=audio, turns=turns))
    for start in range(0, len(pcm), CHUNK_BYTES):
        yield emotion_pb2.ClassifyEmotionsRequest(pcm=pcm[start : start + CHUNK_BYTES])


def served(config: StageConfig) -> AbstractAsyncContextManager[grpc.aio.Channel]:
    """Serves the stage as its process does."""
    return stage.served(EmotionModel, register, config)


async def classify(
    channel: grpc.aio.Channel, turns: list[emotion_pb2.TurnSpan], pcm: bytes, rate: int, channels: int = 1
) -> list[emotion_pb2.ClassifyEmotionsResponse]:
    stub = emotion_pb2_grpc.EmotionServiceStub(channel)
    return [answer async for answer in stub.ClassifyEmotions(requests(turns, pcm, rate, channels))]


def emotions(answers: list[emotion_pb2.ClassifyEmotionsResponse]) -> dict[int, str]:
    turns = [answer.turn for answer in answers if answer.WhichOneof("part") == "turn"]
    return {turn.index: common_pb2.Emotion.Name(turn.emotion).removeprefix("EMOTION_").lower() for turn in turns}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mini() -> AsyncIterator[grpc.aio.Channel]:
    async with served(load_stage("emotion", "mini", {})) as channel:
        yield channel


async def test_hears_the_four_emotions_of_a_voice_it_does_not_know(mini: grpc.aio.Channel) -> None:
    rate, pcm = recording()
    turns = call()["turns"]
    answers = await classify(mini, spans(turns), pcm, rate)
    heard = emotions(answers)
    right = [heard[index] == turn["emotion"] for index, turn in enumerate(turns) if turn["role"] == "customer"]
    assert len(right) == 4 and sum(right) >= 3, heard


async def test_streams_turns_with_progress_and_ends_with_the_trend(mini: grpc.aio.Channel) -> None:
    rate, pcm = recording()
    answers = await classify(mini, spans(call()["turns"]), pcm, rate)
    progress = [answer.progress for answer in answers if answer.WhichOneof("part") == "progress"]
    assert progress == sorted(progress) and progress[-1] == 1
    for answer in answers:
        if answer.WhichOneof("part") == "turn":
            scores = [score.score for score in answer.turn.scores]
            assert scores == sorted(scores, reverse=True) and sum(scores) == pytest.approx(1, abs=1e-4)
            assert answer.turn.scores[0].emotion == answer.turn.emotion
    assert [answer.WhichOneof("part") for answer in answers].count("result") == 1
    result = answers[-1].result
    assert result.trend.description == "Customer started Sad and finished Happy"
    assert (result.trend.start, result.trend.end) == (common_pb2.EMOTION_SAD, common_pb2.EMOTION_HAPPY)
    times = [point.time_ms for point in result.trend.points]
    assert len(times) == 4 and times == sorted(times)
    assert all(-1 <= point.valence <= 1 for point in result.trend.points)
    assert result.model.id == "models/mini/emotion" and len(result.model.digest) == 64
    assert result.model.architecture == "WavLMForSequenceClassification"


async def test_how_loud_the_line_is_does_not_matter(mini: grpc.aio.Channel) -> None:
    rate, pcm = recording()
    quiet = (np.frombuffer(pcm, "<i2") // 4).astype("<i2").tobytes()
    turns = spans(call()["turns"])
    assert emotions(await classify(mini, turns, pcm, rate)) == emotions(await classify(mini, turns, quiet, rate))


async def test_a_turn_is_heard_on_its_channel(mini: grpc.aio.Channel) -> None:
    rate, pcm = recording()
    mono = np.frombuffer(pcm, "<i2")
    noise = np.random.default_rng(0).normal(0, 3000, mono.size).astype("<i2")
    turns = spans(call()["turns"])
    expected = emotions(await classify(mini, turns, pcm, rate))
    for turn in turns:
        turn.channel = 1
    pair = np.stack([noise, mono], axis=1).tobytes()
    assert emotions(await classify(mini, turns, pair, rate, channels=2)) == expected


async def test_without_a_customer_there_is_no_trend(mini: grpc.aio.Channel) -> None:
    rate, pcm = recording()
    turns = [span for span in spans(call()["turns"]) if span.role == common_pb2.ROLE_OPERATOR]
    result = (await classify(mini, turns, pcm, rate))[-1].result
    assert result.trend == emotion_pb2.EmotionTrend()


async def test_a_word_and_a_whole_call_are_judged(mini: grpc.aio.Channel) -> None:
    rate, pcm = recording()
    end_ms = len(pcm) // 2 * 1000 // rate
    turns = [emotion_pb2.TurnSpan(index=3, start_ms=1500, end_ms=1600), emotion_pb2.TurnSpan(index=9, end_ms=end_ms)]
    assert emotions(await classify(mini, turns, pcm, rate)).keys() == {3, 9}


@pytest.mark.parametrize(
    ("turn", "complaint"),
    [
        (emotion_pb2.TurnSpan(index=5, start_ms=900, end_ms=900), "turn 5 runs from 900 to 900 ms"),
        (emotion_pb2.TurnSpan(index=5, start_ms=0, end_ms=90_000), "turn 5 runs from 0 to 90000 ms"),
        (emotion_pb2.TurnSpan(index=5, start_ms=0, end_ms=900, channel=1), "turn 5 is on channel 1"),
        (None, "0 turns were sent"),
    ],
)
async def test_wrong_turns_are_refused(
    mini: grpc.aio.Channel, turn: emotion_pb2.TurnSpan | None, complaint: str
) -> None:
    rate, pcm = recording()
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await classify(mini, [turn] if turn is not None else [], pcm, rate)
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert re.search(complaint, str(refused.value.details()))
    assert errors.action_of(refused.value)


async def test_the_model_names_itself(mini: grpc.aio.Channel) -> None:
    answer = await model_pb2_grpc.ModelServiceStub(mini).GetModel(model_pb2.GetModelRequest())
    assert (answer.stage, answer.model.profile) == ("emotion", "mini")


def superb(folder: Path) -> Path:
    """A tiny superb/wav2vec2-large-superb-er as the hub serves it: its files, fields and old names of weights."""
    config = Wav2Vec2Config(
        vocab_size=32,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        conv_dim=[16] * 7,
        conv_bias=True,
        feat_extract_norm="layer",
        do_stable_layer_norm=True,
        num_conv_pos_embedding_groups=4,
        use_weighted_layer_sum=True,
        classifier_proj_size=16,
        num_labels=4,
        id2label={0: "neu", 1: "hap", 2: "ang", 3: "sad"},
        label2id={"neu": 0, "hap": 1, "ang": 2, "sad": 3},
    )
    torch.manual_seed(0)
    weights = Wav2Vec2ForSequenceClassification(config).state_dict()
    conv = "wav2vec2.encoder.pos_conv_embed.conv."
    weights[conv + "weight_g"] = weights.pop(conv + "parametrizations.weight.original0")
    weights[conv + "weight_v"] = weights.pop(conv + "parametrizations.weight.original1")
    # So decided that the order of the labels shows.
    weights["classifier.bias"] = torch.tensor([0.0, 0.0, 9.0, 0.0])
    torch.save(weights, folder / "pytorch_model.bin")
    fields = {"architectures": ["Wav2Vec2ForSequenceClassification"], **config.to_diff_dict()}
    (folder / "config.json").write_text(json.dumps(fields))
    (folder / "preprocessor_config.json").write_text(
        json.dumps(
            {
                "do_normalize": True,
                "feature_extractor_type": "Wav2Vec2FeatureExtractor",
                "feature_size": 1,
                "padding_side": "right",
                "padding_value": 0,
                "return_attention_mask": True,
                "sampling_rate": 16000,
            }
        )
    )
    return folder


async def test_serves_the_form_of_the_full_size_model(tmp_path: Path) -> None:
    rate, pcm = recording()
    config = StageConfig("emotion", "poc", str(superb(tmp_path)))
    async with served(config) as channel:
        answers = await classify(channel, spans(call()["turns"]), pcm, rate)
    assert set(emotions(answers).values()) == {"angry"}
    assert answers[-1].result.trend.description == "Customer started Angry and finished Angry"
    assert answers[-1].result.model.architecture == "Wav2Vec2ForSequenceClassification"
