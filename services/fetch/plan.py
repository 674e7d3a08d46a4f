"""What a profile needs: folders that must be there, and repositories on a hub."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rpc.errors import InvalidInput
from services.serving.profile import PROJECT_ROOT, load_stage

STAGES = ("diarize", "asr", "roles", "emotion", "summarize", "topics", "quality")

# owner/name, as a hub allows; deeper paths and bare names are folders.
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True)
class Source:
    """Where a model comes from.

    Attributes:
        name: as the profile has it.
        stages: stages that it serves.
        revision: on the hub; empty for the newest.
        folder: for a folder, its path; None for a repository.
    """

    name: str
    stages: tuple[str, ...]
    revision: str = ""
    folder: Path | None = None


def plan(
    profile: str, stages: Sequence[str], environment: Mapping[str, str], root: Path = PROJECT_ROOT
) -> list[Source]:
    """Lists what the stages of a profile serve, each model once.

    Raises:
        InvalidInput: no such profile, or a stage without a model.
    """
    found: dict[tuple[str, str], Source] = {}
    for stage in stages:
        config = load_stage(stage, profile, environment, root=root)
        folder = config.path(config.model)
        is_repository = _REPOSITORY.fullmatch(config.model) and not folder.is_dir()
        key = (config.model, config.revision)
        users = (*found[key].stages, stage) if key in found else (stage,)
        found[key] = Source(config.model, users, config.revision, None if is_repository else folder)
    return list(found.values())


def named_in_pipeline(folder: Path, stages: tuple[str, ...]) -> list[Source]:
    """Lists the repositories that a ``pyannote.audio`` pipeline folder names in its ``config.yaml``.

    A folder without that file is no pipeline and names none. ``owner/name@revision`` pins one.

    Raises:
        InvalidInput: the file is no YAML.
    """
    path = folder / "config.yaml"
    if not path.is_file():
        return []
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise InvalidInput(f"{path}: {error}", "mend the file, or fetch the model again") from error
    pipeline = config.get("pipeline") if isinstance(config, dict) else None
    parameters: Mapping[str, Any] = (pipeline.get("params") if isinstance(pipeline, dict) else None) or {}
    sources = []
    for value in parameters.values():
        name = value.get("checkpoint") if isinstance(value, dict) else value
        repository, _, revision = name.partition("@") if isinstance(name, str) else ("", "", "")
        if _REPOSITORY.fullmatch(repository) and not (folder / repository).exists():
            sources.append(Source(repository, stages, revision))
    return sources
