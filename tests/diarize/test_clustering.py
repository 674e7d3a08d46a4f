"""How many speakers are found: thresholds, and the number that is usual."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pyannote.core import SlidingWindow, SlidingWindowFeature

from rpc.errors import InvalidInput
from services.diarize.clustering import UsualNumberClustering
from services.diarize.pipeline import load_pipeline
from services.serving.profile import StageConfig, load_stage

_AT_45, _AT_60, _AT_90 = np.deg2rad([45, 60, 90])


def clustering(usual: int, margin: float) -> UsualNumberClustering:
    """With a threshold of 0.4: the cosine distance of 53 degrees."""
    made = UsualNumberClustering("cosine", usual, margin)
    made.instantiate({"method": "average", "threshold": 0.4, "min_cluster_size": 2})
    return made


def voices(*angles: float) -> npt.NDArray[np.float64]:
    """Ten embeddings at each angle, shape (embeddings, 2)."""
    at = np.concatenate([angle + np.linspace(-0.02, 0.02, 10) for angle in angles])
    return np.stack([np.cos(at), np.sin(at)], axis=1)


def count(usual: int, margin: float, *angles: float, **bounds: int) -> int:
    return int(clustering(usual, margin).cluster(voices(*angles), **bounds).max()) + 1


def test_alike_voices_are_two_where_two_are_usual() -> None:
    assert count(2, 0.0, 0, _AT_45) == 1
    assert count(2, 0.15, 0, _AT_45) == 2
    assert count(1, 0.15, 0, _AT_45) == 1


def test_a_wavering_voice_is_no_third_speaker_where_two_are_usual() -> None:
    angles = (0, _AT_60, np.pi)
    assert count(2, 0.0, *angles) == 3
    assert count(2, 0.15, *angles) == 2
    assert list(clustering(2, 0.15).cluster(voices(*angles))) in ([0] * 20 + [1] * 10, [1] * 20 + [0] * 10)


def test_clear_voices_are_believed_whatever_is_usual() -> None:
    assert count(2, 0.15, 0) == 1
    assert count(2, 0.15, 0, _AT_90, np.pi) == 3
    assert count(4, 0.15, 0, _AT_90) == 2


def test_bounds_and_exact_numbers_go_first() -> None:
    assert count(2, 0.15, 0, _AT_45, max_clusters=1) == 1
    assert count(2, 0.15, 0, _AT_90, np.pi, max_clusters=2) == 2
    assert count(2, 0.15, 0, _AT_90, min_clusters=3) == 3
    assert count(2, 0.15, 0, _AT_90, num_clusters=1) == 1


def test_one_embedding_is_one_speaker() -> None:
    assert list(clustering(2, 0.15).cluster(voices(0)[:1])) == [0]


def test_the_threshold_stays() -> None:
    made = clustering(2, 0.15)
    made.cluster(voices(0, _AT_45))
    assert made.parameters(instantiated=True)["threshold"] == 0.4


def mini(**options: Any) -> StageConfig:
    plain = load_stage("diarize", "mini", {})
    return StageConfig("diarize", "test", plain.model, options=options)


def test_the_profile_says_what_is_usual() -> None:
    pipeline, _ = load_pipeline(load_stage("diarize", "mini", {}))
    plain, _ = load_pipeline(mini())
    assert isinstance(pipeline.clustering, UsualNumberClustering)
    assert not isinstance(plain.clustering, UsualNumberClustering)
    assert pipeline.parameters(instantiated=True) == plain.parameters(instantiated=True)


def test_another_clustering_has_no_usual_number(tmp_path: Path) -> None:
    folder = load_stage("diarize", "mini", {}).path(mini().model)
    for name in ("segmentation", "embedding", "plda"):
        (tmp_path / name).symlink_to(folder / name)
    text = (folder / "config.yaml").read_text(encoding="utf-8").replace("AgglomerativeClustering", "KMeansClustering")
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match="usual_speakers does not go with KMeansClustering"):
        load_pipeline(StageConfig("diarize", "test", str(tmp_path), options={"usual_speakers": 2}))


def test_no_more_at_once_than_there_are_speakers() -> None:
    pipeline, _ = load_pipeline(mini())
    window = SlidingWindow(start=0, duration=8, step=2)
    frames = SlidingWindow(start=0, duration=0.08, step=0.08)
    spoken = SlidingWindowFeature(np.ones((1, 100, 3), np.float32), window)
    counted = SlidingWindowFeature(np.full((100, 1), 2, np.int8), frames)
    for speakers in (1, 2):
        clusters = np.array([[0, speakers - 1, -2]])
        assert pipeline.reconstruct(spoken, clusters, counted).data.shape[1] == speakers
