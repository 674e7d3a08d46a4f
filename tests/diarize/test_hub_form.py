"""speaker-diarization-3.1 as the hub serves it, through the same code, without a network."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pyannote.audio.pipelines import SpeakerDiarization
from pyannote.core import SlidingWindow, SlidingWindowFeature

from rpc.errors import InvalidInput
from services.diarize.pipeline import load_pipeline
from services.serving.profile import StageConfig, load_stage
from tests.diarize import tiny_hub
from tests.diarize.serving import diarize, recording, served


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hub")
    tiny_hub.build(folder)
    return folder


@pytest.fixture
def cache(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A hub cache, and no way out of the machine."""
    resolve = socket.getaddrinfo

    def local_only(host: Any, *rest: Any, **options: Any) -> Any:
        assert host in ("127.0.0.1", "localhost", "::1", None), f"reached for {host}"
        return resolve(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", local_only)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(filled))
    yield filled


def config(**changes: str) -> StageConfig:
    return load_stage("diarize", "public", {}, changes)


async def test_is_served_offline_as_the_profile_names_it(cache: Path) -> None:
    async with served(config()) as channel:
        answers = await diarize(channel, *recording("two_speakers"), speaker_count=2)
    assert answers.segments
    assert answers.result is not None
    assert (answers.result.model.id, answers.result.model.revision) == (tiny_hub.PIPELINE, tiny_hub.COMMIT)
    assert answers.progress == sorted(answers.progress) and answers.progress[-1] == 1


def test_keeps_the_parameters_of_its_config(cache: Path) -> None:
    pipeline, _ = load_pipeline(config())
    assert pipeline.parameters(instantiated=True) == {
        "clustering": {"method": "centroid", "min_cluster_size": 12, "threshold": 0.7045654963945799},
        "segmentation": {"min_duration_off": 0.0},
    }
    assert pipeline.embedding_exclude_overlap
    assert (pipeline.segmentation_batch_size, pipeline.embedding_batch_size) == (32, 32)


def test_digest_covers_the_networks_too(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, before = load_pipeline(config())
    other = tmp_path / "hub"
    shutil.copytree(cache, other)
    torch.manual_seed(4)
    folder = other / "models--pyannote--segmentation-3.0" / "snapshots" / tiny_hub.COMMIT
    tiny_hub.write(tiny_hub.segmentation(), folder)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(other))
    _, after = load_pipeline(config())
    assert before.digest != after.digest and before.revision == after.revision


@pytest.mark.parametrize("missing", [tiny_hub.PIPELINE, tiny_hub.SEGMENTATION, tiny_hub.EMBEDDING])
def test_what_was_not_fetched_is_named(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    shutil.copytree(cache, tmp_path / "hub")
    shutil.rmtree(tmp_path / "hub" / f"models--{missing.replace('/', '--')}")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(InvalidInput, match=missing) as caught:
        load_pipeline(config())
    assert caught.value.action == "run: make fetch PROFILE=public"


def test_a_copied_folder_must_be_complete(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        tiny_hub.CONFIG.replace(tiny_hub.SEGMENTATION, "$model/segmentation"), encoding="utf-8"
    )
    with pytest.raises(InvalidInput, match="segmentation is missing"):
        load_pipeline(config(model=str(tmp_path)))


def test_another_kind_of_pipeline_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("pipeline: {name: pyannote.audio.pipelines.VoiceActivityDetection}")
    with pytest.raises(InvalidInput, match="VoiceActivityDetection"):
        load_pipeline(config(model=str(tmp_path)))


def test_embeddings_once_a_chunk_are_those_of_pyannote(cache: Path) -> None:
    pipeline, _ = load_pipeline(config())
    rng = np.random.default_rng(0)
    wave = torch.from_numpy(rng.normal(0, 0.1, (1, 13 * 16000)).astype(np.float32))
    file = {"waveform": wave, "sample_rate": 16000, "uri": "noise"}
    masks = np.repeat(rng.random((4, 31, 3)) < 0.5, 19, axis=1).astype(np.float32)
    masks[1, :, 1] = 0  # a speaker who is silent
    masks[2] = 0  # a chunk in which nobody speaks
    masks[3, :, 0] = masks[3, :, 1]  # two who never speak alone
    chunks = SlidingWindowFeature(masks, SlidingWindow(start=0, duration=10, step=1))
    for exclude_overlap in (False, True):
        ours = pipeline.get_embeddings(file, chunks, exclude_overlap=exclude_overlap)
        theirs = SpeakerDiarization.get_embeddings(pipeline, file, chunks, exclude_overlap=exclude_overlap)
        speaks = masks.any(axis=1)
        np.testing.assert_allclose(ours[speaks], theirs[speaks], atol=1e-4, rtol=1e-4)
