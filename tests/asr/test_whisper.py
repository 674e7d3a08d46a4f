"""Whisper checkpoints through the same server: conversion, languages, words with times."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import numpy as np
import pytest
import pytest_asyncio
from faster_whisper.transcribe import Segment, Word

from rpc.errors import InvalidInput
from services.asr.conversion import converted
from services.asr.model import Recogniser
from services.asr.whisper import _credible, cache_folder, repeats
from services.serving.checkpoint import locate
from services.serving.profile import StageConfig
from tests.asr import tiny_whisper
from tests.asr.serving import RATE, recognise, recording, served

same_loop = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hub") / "whisper-az-small-finetuned"
    tiny_whisper.write(folder)
    return folder


def config(folder: Path, cache: Path, **options: object) -> StageConfig:
    return StageConfig("asr", "poc", str(folder), options={"cache": str(cache), "threads": 1, **options})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whisper(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[grpc.aio.Channel]:
    async with served(config(checkpoint, tmp_path_factory.mktemp("cache"), beam=1)) as channel:
        yield channel


@same_loop
async def test_is_served_as_the_hub_has_it(whisper: grpc.aio.Channel) -> None:
    samples, _ = recording()
    answers = await recognise(whisper, samples)
    assert answers.result.model.architecture == "WhisperForConditionalGeneration"
    assert answers.result.language == "az"
    assert answers.progress[-1] == 1
    # Random weights say nothing that is credible; what they say must not come out as if it had been said.
    assert all(0 <= word.start_ms <= word.end_ms <= 1000 * len(samples) / RATE for word in answers.words)


@same_loop
async def test_takes_the_languages_of_the_checkpoint_alone(whisper: grpc.aio.Channel) -> None:
    samples = recording()[0][: 4 * RATE]
    assert (await recognise(whisper, samples, language="tr")).result.language == "tr"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await recognise(whisper, samples, language="yue")  # came with large-v3
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@same_loop
async def test_silence_is_not_even_decoded(whisper: grpc.aio.Channel) -> None:
    assert (await recognise(whisper, np.zeros(40 * RATE, dtype=np.int16))).text == ""


@pytest.mark.parametrize("batch_windows", [1, 2])
def test_words_carry_times_and_probabilities(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_windows: int
) -> None:
    # Random weights are never sure of themselves: the checks are what this test is not about.
    monkeypatch.setattr("services.asr.whisper._credible", lambda segment: True)
    recogniser = Recogniser(config(checkpoint, tmp_path, beam=1, batch_windows=batch_windows))
    windows = [np.random.default_rng(i).normal(0, 0.1, 16000 * (2 + i)).astype(np.float32) for i in range(2)]
    heard = [
        words
        for start in range(0, 2, batch_windows)
        for words in recogniser._engine.recognise(windows[start : start + batch_windows], "az")
    ]
    assert len(heard) == 2 and any(heard)
    for window, words in zip(windows, heard, strict=True):
        assert all(word.text and 0 <= word.probability <= 1 for word in words)
        assert all(-20 <= word.start_ms <= word.end_ms <= 1000 * len(window) / 16000 + 1000 for word in words)


def test_converts_once_and_into_the_cache(checkpoint: Path, tmp_path: Path) -> None:
    found = locate(config(checkpoint, tmp_path))
    first = converted(found, "int8", tmp_path)
    stamp = (first / "model.bin").stat().st_mtime_ns
    assert converted(found, "int8", tmp_path) == first
    assert (first / "model.bin").stat().st_mtime_ns == stamp
    assert first.parent.parent == tmp_path and found.digest[:32] in first.name
    assert (first / "tokenizer.json").exists() and (first / "preprocessor_config.json").exists()
    assert not list(first.parent.glob(".converting-*"))


def test_reads_checkpoints_without_tokenizer_json(tmp_path: Path) -> None:
    folder = tmp_path / "older"
    tiny_whisper.write(folder, tokenizer_json=False)
    recogniser = Recogniser(config(folder, tmp_path / "cache"))
    recogniser.warm_up()
    assert "az" in (recogniser._engine.languages() or ())


def _convert(folder: str, cache: str) -> str:
    return str(converted(locate(config(Path(folder), Path(cache))), "int8", Path(cache)))


def test_two_servers_that_start_at_once_share_one_conversion(checkpoint: Path, tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        first, second = pool.starmap(_convert, [(str(checkpoint), str(tmp_path))] * 2)
    assert first == second
    assert (Path(first) / "model.bin").exists()


def test_says_what_is_wrong_with_a_checkpoint(checkpoint: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(checkpoint, broken)
    (broken / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(InvalidInput, match="broken cannot be converted"):
        Recogniser(config(broken, tmp_path / "cache"))
    assert not list((tmp_path / "cache" / "whisper").glob("*-int8"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "config.json").write_text('{"architectures": ["BertModel"]}')
    with pytest.raises(InvalidInput, match="BertModel"):
        Recogniser(config(tmp_path / "other", tmp_path))


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CALLCENTER_CACHE", str(tmp_path))
    assert cache_folder(StageConfig("asr", "poc", "x")) == tmp_path
    assert cache_folder(StageConfig("asr", "poc", "x", options={"cache": "/elsewhere"})) == Path("/elsewhere")


def segment(text: str, log_probability: float = -0.3, compression: float = 1.2) -> Segment:
    words = [Word(start=0.0, end=1.0, word=text, probability=0.9)]
    return Segment(0, 0, 0.0, 1.0, text, [], log_probability, compression, 0.1, words, 0.0)


def test_what_was_invented_is_dropped() -> None:
    assert _credible(segment("Salam, kartım işləmir."))
    assert not _credible(segment("Salam", log_probability=-1.4))
    assert not _credible(segment("təşəkkür edirəm", compression=3.0))
    assert not _credible(segment("bəli " * 6))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("bəli bəli bəli bəli", False), ("bəli bəli bəli bəli bəli", True), ("a b a b a b a b a b", True), ("", False)],
)
def test_repetition(text: str, expected: bool) -> None:
    assert repeats(text.split()) is expected
