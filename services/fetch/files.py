"""Which files of a model's repository are needed to serve it."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from pathlib import PurePosixPath

# Weights of frameworks that nothing here loads, and what training and model cards leave behind.
_UNUSED = (
    "*.h5", "*.msgpack", "*.ot", "*.tflite", "*.onnx", "*.onnx_data", "*.gguf", "*.mlmodel", "*.mlpackage/*",
    "optimizer.*", "scheduler.*", "training_args.bin", "trainer_state.json", "rng_state*", "events.out.tfevents.*",
    "*.png", "*.jpg", "*.jpeg", "*.gif", "*.svg", "*.pdf", "*.ipynb", "*.wav", "*.mp3", "*.flac", "*.mp4",
)  # fmt: skip
_UNUSED_FOLDERS = ("onnx", "openvino", "coreml", "runs", "checkpoint-*", ".*")
_PLAIN_WEIGHTS = ("model.safetensors", "model.safetensors.index.json")


def choose(names: Iterable[str]) -> list[str]:
    """Chooses the files that PyTorch serves a model from.

    Where a folder has safetensors, its duplicates in PyTorch's pickle format and in other precisions are left out.

    Args:
        names: paths of all files in the repository.

    Returns:
        The needed ones, sorted.
    """
    wanted = [PurePosixPath(name) for name in names if not _unused(PurePosixPath(name))]
    with_safetensors = {path.parent for path in wanted if path.name in _PLAIN_WEIGHTS}
    return sorted(str(path) for path in wanted if path.parent not in with_safetensors or not _duplicate(path.name))


def _unused(path: PurePosixPath) -> bool:
    in_folder = any(fnmatch.fnmatch(part, pattern) for part in path.parts[:-1] for pattern in _UNUSED_FOLDERS)
    return in_folder or path.name.startswith(".") or any(fnmatch.fnmatch(path.name, pattern) for pattern in _UNUSED)


def _duplicate(name: str) -> bool:
    """Pickled weights, and variants such as ``model.fp16.safetensors`` or ``model.fp32-00001-of-00002.safetensors``."""
    variant = fnmatch.fnmatch(name, "model.*.safetensors") or fnmatch.fnmatch(name, "model.safetensors.index.*.json")
    return variant or fnmatch.fnmatch(name, "pytorch_model*.bin") or fnmatch.fnmatch(name, "pytorch_model*.bin.*")
