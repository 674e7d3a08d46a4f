"""pyannote/speaker-diarization-3.1 and what it names, in the hub's own layout, tiny and with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightning
import torch
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.models.embedding import WeSpeakerResNet34
from pyannote.audio.models.segmentation import PyanNet

PIPELINE = "pyannote/speaker-diarization-3.1"
SEGMENTATION = "pyannote/segmentation-3.0"
EMBEDDING = "pyannote/wespeaker-voxceleb-resnet34-LM"
COMMIT = "84fd25912480287da0247647c3d2b4853cb3ee5d"

# As https://huggingface.co/pyannote/speaker-diarization-3.1 has it.
CONFIG = f"""version: 3.1.0

pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    clustering: AgglomerativeClustering
    embedding: {EMBEDDING}
    embedding_batch_size: 32
    embedding_exclude_overlap: true
    segmentation: {SEGMENTATION}
    segmentation_batch_size: 32

params:
  clustering:
    method: centroid
    min_cluster_size: 12
    threshold: 0.7045654963945799
  segmentation:
    min_duration_off: 0.0
"""


def snapshot(cache: Path, repository: str) -> Path:
    """The folder of a repository's files in a hub cache, made as ``huggingface_hub`` makes it."""
    root = cache / f"models--{repository.replace('/', '--')}"
    folder = root / "snapshots" / COMMIT
    folder.mkdir(parents=True)
    (root / "refs").mkdir()
    (root / "refs" / "main").write_text(COMMIT)
    return folder


def write(net: Any, folder: Path) -> None:
    """A Lightning checkpoint as pyannote.audio 3 and 4 write it."""
    checkpoint: dict[str, Any] = {
        "state_dict": net.state_dict(),
        "hyper_parameters": dict(net.hparams),
        "pytorch-lightning_version": lightning.__version__,
        "epoch": 0,
        "global_step": 0,
    }
    net.on_save_checkpoint(checkpoint)
    torch.save(checkpoint, folder / "pytorch_model.bin")


def segmentation() -> Any:
    """segmentation-3.0 with narrower layers; it says that somebody speaks, nearly always."""
    net = PyanNet(
        sincnet={"stride": 10},
        lstm={"hidden_size": 8, "num_layers": 4, "bidirectional": True, "monolithic": True, "dropout": 0.5},
        linear={"hidden_size": 8, "num_layers": 2},
    )
    net.specifications = Specifications(
        problem=Problem.MONO_LABEL_CLASSIFICATION,
        resolution=Resolution.FRAME,
        duration=10.0,
        min_duration=None,
        warm_up=(0.0, 0.0),
        classes=["speaker#1", "speaker#2", "speaker#3"],
        powerset_max_classes=2,
        permutation_invariant=True,
    )
    net.setup()
    with torch.no_grad():
        net.classifier.bias[1] += 3
    return net


def embedding() -> Any:
    """The ResNet with fewer mel bands: as deep, a fifth of the work."""
    net = WeSpeakerResNet34(num_mel_bins=16)
    net.specifications = Specifications(
        problem=Problem.REPRESENTATION, resolution=Resolution.CHUNK, duration=5.0, min_duration=2.0
    )
    return net


def build(cache: Path) -> None:
    """Puts all three repositories into a cache."""
    torch.manual_seed(3)
    (snapshot(cache, PIPELINE) / "config.yaml").write_text(CONFIG, encoding="utf-8")
    write(segmentation(), snapshot(cache, SEGMENTATION))
    write(embedding(), snapshot(cache, EMBEDDING))
