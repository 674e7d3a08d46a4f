"""Which model made an answer."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

from callcenter.v1 import common_pb2

from services.serving.checkpoint import Checkpoint
from services.serving.profile import StageConfig


@dataclass(frozen=True)
class ModelInfo:
    """A model's identity; the fields are those of ``callcenter.v1.Model``."""

    id: str
    revision: str
    digest: str
    architecture: str
    profile: str
    device: str

    def to_proto(self) -> common_pb2.Model:
        """Makes the message that every answer carries."""
        return common_pb2.Model(
            id=self.id,
            revision=self.revision,
            digest=self.digest,
            architecture=self.architecture,
            profile=self.profile,
            device=self.device,
            software_version=software_version(),
        )


def describe(config: StageConfig, checkpoint: Checkpoint, architecture: str) -> ModelInfo:
    """Puts together what the profile chose and what was found on disk."""
    return ModelInfo(
        id=checkpoint.id,
        revision=checkpoint.revision,
        digest=checkpoint.digest,
        architecture=architecture,
        profile=config.profile,
        device=config.device,
    )


def software_version() -> str:
    """Version of the installed package; ``0+unknown`` when run from a folder that is not installed."""
    try:
        return metadata.version("callcenter")
    except metadata.PackageNotFoundError:
        return "0+unknown"
