"""Loading a pyannote.audio pipeline from a folder or from what was fetched, never from a hub."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import yaml
from pyannote.audio import Model
from pyannote.audio.core.plda import PLDA
from pyannote.audio.pipelines import SpeakerDiarization
from pyannote.core import SlidingWindowFeature

from rpc.errors import InvalidInput
from services.diarize.clustering import UsualNumberClustering
from services.serving.checkpoint import Checkpoint, locate, locate_fetched
from services.serving.profile import StageConfig

_CPU_BATCH = 4
"""Chunks at once: on a CPU small batches of convolutions are faster than pyannote's 32 (measured: 1 to 4)."""


class ChunkwiseDiarization(SpeakerDiarization):
    """pyannote.audio's pipeline with the embedding network run once a chunk, not once a speaker of the chunk.

    The speakers of a chunk differ in the pooling only: same embeddings at a third of the time.
    """

    def get_embeddings(
        self,
        file: Any,
        binary_segmentations: SlidingWindowFeature,
        exclude_overlap: bool = False,
        hook: Callable[..., None] | None = None,
    ) -> npt.NDArray[np.float32]:
        """Embeddings, shape (chunks, speakers, dimension); zeros for chunks in which nobody speaks."""
        masks = np.nan_to_num(binary_segmentations.data).astype(np.float32)
        used = self._masks_without_overlap(binary_segmentations, masks) if exclude_overlap else masks
        spoken = np.flatnonzero(masks.any(axis=(1, 2)))
        embeddings = np.zeros((len(masks), masks.shape[2], self._embedding.dimension), np.float32)
        model: Any = self._embedding.model_
        size = self.embedding_batch_size if self._embedding.device.type != "cpu" else _CPU_BATCH
        for first in range(0, len(spoken), size):
            if hook is not None:
                hook("embeddings", None, total=len(spoken), completed=first)
            chunks = spoken[first : first + size]
            waves = torch.stack([self._wave(file, binary_segmentations.sliding_window[int(c)]) for c in chunks])
            weights = torch.from_numpy(used[chunks]).transpose(1, 2)
            with torch.inference_mode():
                vectors = model(waves.to(self._embedding.device), weights=weights.to(self._embedding.device))
            embeddings[chunks] = vectors.float().cpu().numpy()
        return embeddings

    def reconstruct(
        self,
        segmentations: SlidingWindowFeature,
        hard_clusters: npt.NDArray[np.integer],
        count: SlidingWindowFeature,
    ) -> SlidingWindowFeature:
        """Who speaks in each frame; never more at once than there are speakers.

        pyannote.audio adds a speaker without a voice where two are counted at once and clustering found one.
        """
        count.data = np.minimum(count.data, np.max(hard_clusters) + 1).astype(np.int8)
        return super().reconstruct(segmentations, hard_clusters, count)

    def warm_up_embedding(self) -> None:
        """Runs the embedding network on a second of noise: it has no other work where nobody speaks."""
        self._embedding(torch.randn(1, 1, self._embedding.sample_rate), masks=torch.ones(1, 100))

    def _wave(self, file: Any, chunk: Any) -> torch.Tensor:
        wave: torch.Tensor = self._audio.crop(file, chunk, mode="pad")[0]
        return wave

    def _masks_without_overlap(
        self, segmentations: SlidingWindowFeature, masks: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """Each speaker's speech alone, or all of it where that is less than the network can take."""
        clean = masks * (masks.sum(axis=2, keepdims=True) < 2)
        samples = segmentations.sliding_window.duration * self._embedding.sample_rate
        least = math.ceil(masks.shape[1] * self._embedding.min_num_samples / samples)
        return np.where(clean.sum(axis=1, keepdims=True) > least, clean, masks)


def load_pipeline(config: StageConfig) -> tuple[ChunkwiseDiarization, Checkpoint]:
    """Loads what the profile names, with all networks that its ``config.yaml`` names.

    The profile's ``usual_speakers`` is the number of speakers that stands unless a threshold that is ``usual_margin``
    higher finds more, or one that much lower finds fewer.

    Returns:
        The pipeline on the CPU, and its checkpoint with a digest over everything that it is made of.

    Raises:
        InvalidInput: something is not on this machine, or it is no diarization pipeline.
    """
    checkpoint = locate(config)
    described = _read(checkpoint.folder / "config.yaml")
    params = dict(described["pipeline"].get("params", {}))
    parts = {name: _locate_part(config, checkpoint, params.get(name), name) for name in ("segmentation", "embedding")}
    segmentation, embedding = (_network(parts[name]) for name in ("segmentation", "embedding"))
    params |= {"segmentation": segmentation, "embedding": embedding, "legacy": False}
    if "plda" in params:
        plda = _locate_part(config, checkpoint, params["plda"], "plda")
        params["plda"] = PLDA.from_pretrained(plda.folder)
        parts["plda"] = plda
    elif params.get("clustering") == "AgglomerativeClustering":
        params["plda"] = identity_plda(embedding.dimension)
    else:
        raise InvalidInput(f"{checkpoint.id}: config.yaml names no plda", "only AgglomerativeClustering needs none")
    try:
        pipeline = ChunkwiseDiarization(**params)
        if usual := config.option("usual_speakers", 0):
            pipeline.clustering = _with_usual_number(pipeline, usual, config.option("usual_margin", 0.0))
        pipeline.instantiate(described["params"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"{checkpoint.id}: config.yaml does not fit: {error}", "see its params") from error
    elsewhere = [part for part in parts.values() if not part.folder.is_relative_to(checkpoint.folder)]
    return pipeline, replace(checkpoint, digest=_joined(checkpoint, *elsewhere))


def _with_usual_number(pipeline: ChunkwiseDiarization, usual: int, margin: float) -> UsualNumberClustering:
    if pipeline.klustering != "AgglomerativeClustering":
        raise InvalidInput(
            f"diarize.usual_speakers does not go with {pipeline.klustering}", "only with AgglomerativeClustering"
        )
    return UsualNumberClustering(pipeline.clustering.metric, usual, margin)


def identity_plda(dimension: int) -> PLDA:
    """A PLDA that changes nothing: the pipeline wants one at construction even where its clustering uses none."""
    transform, plda = (BytesIO(), BytesIO())
    for file, arrays in zip((transform, plda), identity_plda_arrays(dimension), strict=True):
        np.savez(file, **arrays)  # type: ignore[arg-type]
        file.seek(0)
    return PLDA(transform, plda, lda_dimension=dimension)


def identity_plda_arrays(dimension: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What ``xvec_transform.npz`` and ``plda.npz`` hold where nothing is to be changed."""
    zero, one = np.zeros(dimension), np.eye(dimension)
    return {"mean1": zero, "mean2": zero, "lda": one}, {"mu": zero, "tr": one, "psi": np.ones(dimension)}


def _read(path: Path) -> dict[str, Any]:
    try:
        described = yaml.safe_load(path.read_text(encoding="utf-8"))
        name = described["pipeline"]["name"]
    except FileNotFoundError:
        raise InvalidInput(f"{path} is missing", "the folder must hold a pyannote.audio pipeline") from None
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise InvalidInput(f"{path} describes no pipeline: {error}", "see a pyannote.audio config.yaml") from error
    if name.rpartition(".")[2] != "SpeakerDiarization":
        raise InvalidInput(f"{path}: pipeline {name!r}", "only SpeakerDiarization is served")
    result: dict[str, Any] = described
    return result


def _locate_part(config: StageConfig, whole: Checkpoint, reference: Any, name: str) -> Checkpoint:
    """Finds ``$model/…``, a folder beside ``config.yaml``, or a fetched hub id such as pyannote/segmentation-3.0."""
    if not isinstance(reference, str):
        raise InvalidInput(f"{whole.id}: config.yaml names no {name}", "give a $model/ folder or a hub id")
    folder = whole.folder / reference.removeprefix("$model/")
    if folder.is_dir():
        return Checkpoint(reference, "", folder, "")
    if reference.startswith("$model/"):
        raise InvalidInput(f"{folder} is missing", "the pipeline's folder is not complete: fetch or copy it again")
    repository, _, revision = reference.partition("@")
    return locate_fetched(repository, revision, config.profile)


def _network(part: Checkpoint) -> Any:
    file = part.folder / "pytorch_model.bin"
    if not file.is_file():
        raise InvalidInput(f"{part.id}: {file} is missing", "fetch or copy the model again")
    return Model.from_pretrained(file, strict=False)


def _joined(*checkpoints: Checkpoint) -> str:
    if len(checkpoints) == 1:
        return checkpoints[0].digest
    return hashlib.sha256("".join(checkpoint.digest for checkpoint in checkpoints).encode()).hexdigest()
