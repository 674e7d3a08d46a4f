"""Profiles: which model serves each stage, where and how."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rpc.errors import InvalidInput

PROJECT_ROOT = Path(__file__).resolve().parents[2]
_FIELDS = ("model", "revision", "device", "precision")


@dataclass(frozen=True)
class StageConfig:
    """What one stage serves.

    Attributes:
        stage: name of the stage, for example ``asr``.
        profile: name of the profile.
        model: hub id, or folder (relative ones lie under ``root``).
        revision: revision on the hub; empty for the newest that was fetched, or a folder.
        device: in PyTorch's spelling, ``cpu`` or ``cuda:0``.
        precision: ``fp32``, ``bf16``, ``fp16`` or ``int8``.
        options: what only this stage knows, from its table in the profile.
        root: folder that relative paths start from.
    """

    stage: str
    profile: str
    model: str
    revision: str = ""
    device: str = "cpu"
    precision: str = "fp32"
    options: Mapping[str, Any] = field(default_factory=dict)
    root: Path = PROJECT_ROOT

    def option(self, name: str, default: Any) -> Any:
        """Reads an option; a value from the environment is turned into the default's type."""
        value = self.options.get(name, default)
        if isinstance(value, str) and default is not None and not isinstance(default, str):
            try:
                return value.lower() in ("1", "true", "yes") if isinstance(default, bool) else type(default)(value)
            except ValueError as error:
                raise InvalidInput(f"{self.stage}.{name} must be a {type(default).__name__}, not {value!r}") from error
        return value

    def path(self, value: str) -> Path:
        """Resolves a path against ``root``."""
        return self.root / Path(value).expanduser()


def load_stage(
    stage: str,
    profile: str,
    environment: Mapping[str, str],
    overrides: Mapping[str, str] | None = None,
    root: Path = PROJECT_ROOT,
) -> StageConfig:
    """Reads one stage of a profile.

    Args:
        stage: name of the stage.
        profile: name of a file in ``profiles/``, or a path to a TOML file.
        environment: ``CALLCENTER_<STAGE>_<FIELD>`` overrides a field or option, for example
            ``CALLCENTER_ASR_DEVICE=cuda:1``.
        overrides: from the command line; stronger than the environment. Empty values are ignored.
        root: folder that relative paths start from.

    Raises:
        InvalidInput: no such profile, or the stage has no model in it.
    """
    path = Path(profile) if profile.endswith(".toml") else root / "profiles" / f"{profile}.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = ", ".join(sorted(file.stem for file in (root / "profiles").glob("*.toml"))) or "none"
        raise InvalidInput(f"no profile {profile!r}", f"profiles: {known}") from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{path}: {error}", "mend the file") from error
    values: dict[str, Any] = dict(table.get(stage, {}))
    prefix = f"CALLCENTER_{stage.upper()}_"
    values |= {key.removeprefix(prefix).lower(): value for key, value in environment.items() if key.startswith(prefix)}
    values |= {key: value for key, value in (overrides or {}).items() if value}
    if not values.get("model"):
        raise InvalidInput(f"profile {profile!r} names no model for {stage}", f"add [{stage}] model = … to {path}")
    fields = {name: str(values.pop(name)) for name in _FIELDS if name in values}
    return StageConfig(stage=stage, profile=path.stem, options=values, root=root, **fields)
