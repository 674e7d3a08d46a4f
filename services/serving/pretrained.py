"""Loading transformers models: one way for every stage and profile."""

from __future__ import annotations

import warnings
from typing import Any, TypeVar

import torch
from transformers import PreTrainedModel

from rpc.errors import InvalidInput
from services.serving.checkpoint import Checkpoint
from services.serving.profile import StageConfig

Net = TypeVar("Net", bound=PreTrainedModel)

_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16, "int8": torch.float32}


def load_pretrained(kind: type[Net], checkpoint: Checkpoint, config: StageConfig) -> Net:
    """Loads a checkpoint for inference.

    Args:
        kind: the architecture's class, or an ``AutoModelFor…``.
        checkpoint: files on disk.
        config: device and precision. ``int8`` is PyTorch's dynamic quantization of linear layers, on the CPU only.

    Raises:
        InvalidInput: the precision or the device is not to be had here.
    """
    device = torch_device(config)
    if config.precision not in _DTYPES:
        raise InvalidInput(f"{config.stage}.precision is {config.precision!r}", f"one of {', '.join(_DTYPES)}")
    if config.precision == "int8" and device.type != "cpu":
        raise InvalidInput(f"{config.stage}: int8 runs on the CPU only", "use fp16 or bf16 on a GPU")
    loader: Any = kind
    model = loader.from_pretrained(checkpoint.folder, dtype=_DTYPES[config.precision], local_files_only=True)
    model = model.to(device).eval()
    if config.precision == "int8":
        with warnings.catch_warnings():  # torch announces a successor that has no CPU kernels for this yet
            warnings.simplefilter("ignore", DeprecationWarning)
            quantize: Any = torch.ao.quantization.quantize_dynamic
            model = quantize(model, {torch.nn.Linear}, dtype=torch.qint8)
    result: Net = model
    return result


def torch_device(config: StageConfig) -> torch.device:
    """Reads the stage's device.

    Raises:
        InvalidInput: unknown, or a GPU that this machine does not have.
    """
    try:
        device = torch.device(config.device)
    except RuntimeError as error:
        raise InvalidInput(f"{config.stage}.device is {config.device!r}", "use cpu or cuda:N") from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise InvalidInput(
            f"{config.stage} is to run on {config.device}, but PyTorch sees {torch.cuda.device_count()} GPUs",
            f"set CALLCENTER_{config.stage.upper()}_DEVICE=cpu, or install the CUDA build of torch",
        )
    return device
