"""Whisper checkpoints converted for CTranslate2, once, into a cache."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ctranslate2.converters import TransformersConverter
from safetensors import SafetensorError
from transformers import AutoFeatureExtractor, AutoTokenizer

from rpc import logs
from rpc.errors import InvalidInput
from services.serving.checkpoint import Checkpoint

_log = logs.get(__name__)


def converted(checkpoint: Checkpoint, quantization: str, cache: Path) -> Path:
    """The folder with the converted checkpoint; converts it if nobody has.

    Several servers may start at once: one converts, the others wait for it. A conversion that is cut off leaves
    nothing that would be taken for a whole one.

    Args:
        checkpoint: a WhisperForConditionalGeneration as the hub serves it.
        quantization: CTranslate2's name of the weights' type.
        cache: folder of all conversions, each named by the digest of what it was made from.

    Raises:
        InvalidInput: the checkpoint cannot be converted, or the cache cannot be written.
    """
    target = cache / "whisper" / f"{checkpoint.digest[:32]}-{quantization}"
    if target.is_dir():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(target.with_suffix(".lock")):
            if not target.is_dir():
                _convert(checkpoint, quantization, target)
    except OSError as error:
        raise InvalidInput(
            f"cannot convert {checkpoint.id} into {target.parent}: {error}",
            "make that folder writable, or name another in CALLCENTER_CACHE",
        ) from error
    return target


def _convert(checkpoint: Checkpoint, quantization: str, target: Path) -> None:
    _log.info("converting the checkpoint, once", model=checkpoint.id, quantization=quantization, folder=str(target))
    with tempfile.TemporaryDirectory(prefix=".converting-", dir=target.parent) as scratch:
        made = Path(scratch) / "model"
        try:
            TransformersConverter(str(checkpoint.folder)).convert(str(made), quantization=quantization)
        except (ValueError, KeyError, AttributeError, RuntimeError, SafetensorError) as error:
            raise InvalidInput(
                f"{checkpoint.id} cannot be converted for CTranslate2: {type(error).__name__}: {error}",
                "the folder must hold a Whisper checkpoint as the hub serves it, with its tokenizer",
            ) from error
        # faster-whisper reads these two; a checkpoint may come with vocab.json and merges.txt alone.
        tokenizer = AutoTokenizer.from_pretrained(checkpoint.folder, local_files_only=True)
        tokenizer.backend_tokenizer.save(str(made / "tokenizer.json"))
        AutoFeatureExtractor.from_pretrained(checkpoint.folder, local_files_only=True).save_pretrained(made)
        shutil.copy2(checkpoint.folder / "config.json", made / "source_config.json")
        made.rename(target)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Holds a file's lock; the system gives it back when the process ends, however it ends."""
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
