"""Writes a calibration into a model's own files, in a form that the services already read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from services.asr.lexicon import Lexicon
from training.calibration.maps import Map, Odds, Temperature

_LAST_LAYER = ("classifier.weight", "classifier.bias")


def keep(folder: Path, map_: Map) -> None:
    """Folds a temperature into the last layer of a classifier, or a line over log-odds into a recogniser's lexicon.

    Both add to what the folder has already: a map that is fitted on what the folder's model says now is the right one.

    Raises:
        ValueError: the folder has nothing that could hold it.
    """
    match map_:
        case Temperature():
            _divide(folder / "model.safetensors", map_.value)
        case Odds():
            _bend(folder, map_)
        case _:
            raise ValueError(f"{map_} cannot be kept")


def _divide(path: Path, temperature: float) -> None:
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    if missing := [name for name in _LAST_LAYER if name not in tensors]:
        raise ValueError(f"{path} has no {' and no '.join(missing)}")
    for name in _LAST_LAYER:
        tensors[name] = (tensors[name].to(torch.float32) / temperature).to(tensors[name].dtype)
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata)
    partial.chmod(0o644)  # safetensors writes files that only their owner reads
    partial.replace(path)


def _bend(folder: Path, line: Odds) -> None:
    lexicon = Lexicon.load(folder)
    if lexicon is None:
        raise ValueError(f"{folder} has no lexicon")
    before = lexicon.weights
    lexicon.weights = replace(
        before,
        certainty=line.slope * before.certainty,
        assurance=line.slope * before.assurance + line.offset,
    )
    lexicon.save(folder)
