"""Loading a pyannote.audio pipeline from a folder or from what was fetched, never from a hub."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pyannote.audio import Model
from pyannote.audio.core.plda import PLDA

from rpc.errors import InvalidInput
from services.diarize.chunkwise import ChunkwiseDiarization
from services.diarize.clustering import UsualNumberClustering
from services.serving.checkpoint import Checkpoint, locate, locate_fetched
from services.serving.profile import StageConfig


def load_pipeline(config: StageConfig) -> tuple[ChunkwiseDiarization, Checkpoint]:
    """Loads what the profile names, with all networks that its ``config.yaml`` names.

    The profile's ``usual_speakers`` is the number of speakers that stands unless a threshold that is ``usual_margin``
    higher finds more, or one that much lower finds fewer. Its ``by_turn`` has each turn find its speaker on its own.

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
        pipeline.by_turn = _by_turn(config, pipeline)
        pipeline.instantiate(described["params"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"{checkpoint.id}: config.yaml does not fit: {error}", "see its params") from error
    elsewhere = [part for part in parts.values() if not part.folder.is_relative_to(checkpoint.folder)]
    return pipeline, replace(checkpoint, digest=_joined(checkpoint, *elsewhere))


def _by_turn(config: StageConfig, pipeline: ChunkwiseDiarization) -> bool:
    wanted = config.option("by_turn", False)
    if wanted and not pipeline.segmentation_model.specifications.powerset:
        raise InvalidInput("diarize.by_turn does not go with this segmentation", "only with a powerset one")
    return wanted


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
