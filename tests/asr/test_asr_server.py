"""SpeechRecognitionService through a real channel, with the embedded recogniser."""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc
import jiwer
import numpy as np
import pytest
import pytest_asyncio

from rpc import errors
from services.asr.text import normalise
from services.serving.profile import load_stage
from tests.asr.serving import RATE, Pcm, recognise, recording, served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mini() -> AsyncIterator[grpc.aio.Channel]:
    async with served(load_stage("asr", "mini", {})) as channel:
        yield channel


def said(start: float = 0.0, end: float = 1e9) -> str:
    """The reference's text between two times, normalised."""
    return normalise(" ".join(turn["text"] for turn in recording()[1] if start <= turn["start"] < end))


def tone(frequencies_hz: tuple[int, ...], seconds: int = 8) -> Pcm:
    time = np.arange(seconds * RATE) / RATE
    wave = sum(np.sin(2 * np.pi * frequency * time) for frequency in frequencies_hz) / len(frequencies_hz)
    return (6000 * np.asarray(wave)).astype(np.int16)


async def test_writes_most_words_of_a_call_that_nobody_trained_on(mini: grpc.aio.Channel) -> None:
    answers = await recognise(mini, recording()[0])
    assert jiwer.wer(said(), answers.text) < 0.5


async def test_words_stand_where_they_were_said(mini: grpc.aio.Channel) -> None:
    samples, turns = recording()
    words = (await recognise(mini, samples)).words
    assert all(0 <= word.start_ms <= word.end_ms <= 1000 * len(samples) / RATE for word in words)
    assert all(0 < word.probability <= 1 for word in words)
    assert [word.start_ms for word in words] == sorted(word.start_ms for word in words)
    for turn in turns:
        inside = [w for w in words if turn["start"] <= (w.start_ms + w.end_ms) / 2000 <= turn["end"]]
        expected = len(normalise(turn["text"]).split())
        assert 0.5 * expected <= len(inside) <= 1.5 * expected


async def test_streams_progress_and_phrases_before_the_result(mini: grpc.aio.Channel) -> None:
    answers = await recognise(mini, recording()[0])
    assert answers.kinds.count("result") == 1 and answers.kinds[-1] == "result"
    assert answers.progress == sorted(answers.progress)
    assert (answers.progress[0], answers.progress[-1]) == (0, 1)
    between = [value for value in answers.progress if 0 < value < 1]
    assert between, "a call of several windows reports progress between them"
    first_phrase = answers.kinds.index("phrase")
    assert "progress" in answers.kinds[first_phrase:], "phrases come while the rest is still being recognised"


async def test_result_names_language_speech_and_model(mini: grpc.aio.Channel) -> None:
    samples, turns = recording()
    result = (await recognise(mini, samples)).result
    spoken_ms = 1000 * sum(turn["end"] - turn["start"] for turn in turns)
    assert result.language == "az"
    assert 0.7 * spoken_ms < result.speech_ms < 1.3 * spoken_ms
    assert result.model.id == "models/mini/asr" and len(result.model.digest) == 64
    assert result.model.architecture == "Wav2Vec2BertForCTC" and result.model.profile == "mini"


async def test_each_channel_is_recognised_on_its_own(mini: grpc.aio.Channel) -> None:
    samples, turns = recording()
    half = int((turns[1]["end"] + turns[2]["start"]) / 2 * RATE)
    both = np.zeros((len(samples), 2), dtype=np.int16)
    both[:half, 0], both[half:, 1] = samples[:half], samples[half:]
    answers = await recognise(mini, both, channels=2)
    assert {phrase.channel for phrase in answers.phrases} == {0, 1}
    assert all(word.channel == phrase.channel for phrase in answers.phrases for word in phrase.words)
    for number, text in enumerate((said(end=half / RATE), said(start=half / RATE))):
        heard = " ".join(word.text for word in answers.words if word.channel == number)
        assert jiwer.wer(text, heard) < 0.6


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(5 * RATE, dtype=np.int16),
        (np.random.default_rng(0).normal(0, 300, 8 * RATE)).astype(np.int16),
        (np.random.default_rng(1).normal(0, 6000, 8 * RATE)).astype(np.int16),
        tone((440,)),
        tone((350, 440)),
        tone((220, 277, 330, 440)) * (np.arange(8 * RATE) % RATE > RATE // 3).astype(np.int16),
        np.full(3, 7, dtype=np.int16),
    ],
    ids=["silence", "soft noise", "loud noise", "tone", "dialling tone", "chords", "three samples"],
)
async def test_writes_nothing_where_nobody_speaks(mini: grpc.aio.Channel, samples: Pcm) -> None:
    answers = await recognise(mini, samples)
    assert answers.text == ""
    assert answers.kinds[-1] == "result" and answers.progress[-1] == 1


async def test_any_rate_is_taken(mini: grpc.aio.Channel) -> None:
    samples = recording()[0]
    fast = np.repeat(samples, 6)  # 48 kHz, with the images above 4 kHz that a plain repetition makes
    assert jiwer.wer(said(), (await recognise(mini, fast, rate=48000)).text) < 0.6


@pytest.mark.parametrize(
    ("samples", "rate", "language", "message"),
    [
        (np.zeros(0, dtype=np.int16), RATE, "", "the audio is empty"),
        (np.zeros(8, dtype=np.int16), 4000, "", "sample_rate_hz is 4000"),
        (np.zeros(8, dtype=np.int16), RATE, "xx", "does not know the language 'xx'"),
    ],
)
async def test_refuses(mini: grpc.aio.Channel, samples: Pcm, rate: int, language: str, message: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await recognise(mini, samples, rate=rate, language=language)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert message in str(caught.value.details())
    assert errors.action_of(caught.value)
