"""The pipeline's folder, and its thresholds: chosen on calls that were not learned from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from pyannote.core import Annotation, Segment
from pyannote.metrics.diarization import DiarizationErrorRate

from services.diarize.pipeline import identity_plda_arrays, load_pipeline
from services.serving.profile import load_stage
from training.common.log import CsvLog
from training.corpus.speak import SAMPLE_RATE
from training.diarize.networks import save
from training.diarize.recordings import Recording

COLLAR_SECONDS = 0.25
_METHODS = ("average",)
_THRESHOLDS = tuple(round(0.2 + 0.05 * step, 2) for step in range(5))
_MIN_CLUSTER_SIZES = (2, 4, 8)
_MIN_GAPS_SECONDS = (0.3, 0.6)
# A wrong number of speakers is worse for a reader than its seconds: a call with one counts as so much more error.
_COUNT_COST = 0.1
_SETTINGS = {
    "clustering": "AgglomerativeClustering",
    "segmentation_batch_size": 8,
    "segmentation_step": 0.25,
    "embedding_batch_size": 8,
    "embedding_exclude_overlap": True,
}


@dataclass(frozen=True)
class Parameters:
    """What clustering and smoothing are set to; the names are pyannote.audio's."""

    method: str
    threshold: float
    min_cluster_size: int
    min_duration_off: float

    def to_config(self) -> dict[str, Any]:
        """The ``params`` of ``config.yaml``."""
        clustering = {
            "method": self.method,
            "min_cluster_size": self.min_cluster_size,
            "threshold": self.threshold,
        }
        return {"clustering": clustering, "segmentation": {"min_duration_off": self.min_duration_off}}


FIRST_GUESS = Parameters("centroid", 0.7, 4, 0.0)


@dataclass(frozen=True)
class Score:
    """How a pipeline did on some calls: diarization error rate and share of calls with the right number of speakers."""

    der: float
    speaker_count_accuracy: float

    @property
    def cost(self) -> float:
        """What tuning makes small."""
        return self.der + _COUNT_COST * (1 - self.speaker_count_accuracy)


def write_config(folder: Path, parameters: Mapping[str, Any], settings: Mapping[str, Any] = _SETTINGS) -> None:
    """Writes ``config.yaml``: the networks and the identity PLDA lie beside it.

    Args:
        folder: the pipeline's.
        parameters: of clustering and smoothing.
        settings: of the pipeline; where they name networks, these are replaced by the ones in the folder.
    """
    config = {
        "dependencies": {"pyannote.audio": "4.0.0"},
        "pipeline": {
            "name": "pyannote.audio.pipelines.SpeakerDiarization",
            "params": {**settings, **{name: f"$model/{name}" for name in ("segmentation", "embedding", "plda")}},
        },
        "params": dict(parameters),
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")


def write_pipeline(folder: Path, segmentation: Any, embedding: Any, dtype: torch.dtype = torch.float16) -> None:
    """Writes what ``config.yaml`` names: both networks, and a PLDA that changes nothing."""
    save(segmentation, folder / "segmentation", dtype)
    save(embedding, folder / "embedding", dtype)
    (folder / "plda").mkdir(exist_ok=True)
    names = ("xvec_transform.npz", "plda.npz")
    for name, arrays in zip(names, identity_plda_arrays(embedding.dimension), strict=True):
        np.savez(folder / "plda" / name, **arrays)


def tune(folder: Path, calls: Sequence[Recording], log: CsvLog) -> tuple[Parameters, Score]:
    """Tries all settings on the calls, keeps the best one in the folder's ``config.yaml`` and returns it.

    The pipeline is set up as the embedded profile serves it, with the number of speakers that is usual there.
    The networks run once a call; only the clustering and what follows is repeated.
    """
    config = replace(load_stage("diarize", "mini", {}), model=str(folder.absolute()))
    pipeline, _ = load_pipeline(config)
    files = [_Cached(pipeline, call, config.option("max_speakers", 0)) for call in calls]
    best: tuple[Parameters, Score] | None = None
    for parameters in _grid():
        pipeline.instantiate(parameters.to_config())
        score = _score([(call, file.diarize()) for call, file in zip(calls, files, strict=True)])
        log.write(stage="tuning", method=parameters.method, threshold=parameters.threshold,
                  min_cluster_size=parameters.min_cluster_size, min_duration_off=parameters.min_duration_off,
                  der=score.der, speaker_count_accuracy=score.speaker_count_accuracy)  # fmt: skip
        if best is None or score.cost < best[1].cost:
            best = parameters, score
    assert best is not None
    write_config(folder, best[0].to_config())
    return best


def _grid() -> Iterator[Parameters]:
    for method, size, gap in itertools.product(_METHODS, _MIN_CLUSTER_SIZES, _MIN_GAPS_SECONDS):
        for threshold in _THRESHOLDS:
            yield Parameters(method, threshold, size, gap)


class _Cached:
    """One call's segmentation and embeddings, computed once."""

    def __init__(self, pipeline: Any, call: Recording, max_speakers: int) -> None:
        self._pipeline, self._max_speakers = pipeline, max_speakers
        self._file = {
            "waveform": torch.from_numpy(call.wave)[None],
            "sample_rate": SAMPLE_RATE,
            "uri": call.id,
        }
        self._segmentations = pipeline.get_segmentations(self._file)
        self._embeddings = pipeline.get_embeddings(
            self._file, self._segmentations, exclude_overlap=pipeline.embedding_exclude_overlap
        )

    def diarize(self) -> Annotation:
        """What the pipeline finds with its present settings and the profile's bound on speakers."""
        self._pipeline.get_segmentations = lambda file, hook=None: self._segmentations
        self._pipeline.get_embeddings = lambda *_, **__: self._embeddings.copy()
        try:
            return self._pipeline(self._file, max_speakers=self._max_speakers or None).speaker_diarization
        finally:
            del self._pipeline.get_segmentations, self._pipeline.get_embeddings


def _score(pairs: Sequence[tuple[Recording, Annotation]]) -> Score:
    metric = DiarizationErrorRate(collar=COLLAR_SECONDS, skip_overlap=False)
    right = 0
    for call, found in pairs:
        reference = Annotation(uri=call.id)
        for number, (start, end, who) in enumerate(call.turns):
            reference[Segment(start, end), number] = who
        metric(reference, found, uem=Segment(0, len(call.wave) / SAMPLE_RATE))
        right += len(found.labels()) == len(reference.labels())
    return Score(abs(metric), right / len(pairs))
