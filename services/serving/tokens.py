"""What the text models share below their own logic: tokenizers, input limits, batches of like lengths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from transformers import AutoTokenizer

from services.serving.checkpoint import Checkpoint

_UNLIMITED = 10**6
"""Tokenizers without a limit say 10**30."""


def load_tokenizer(checkpoint: Checkpoint) -> Any:
    """Loads the tokenizer that lies beside the weights."""
    return AutoTokenizer.from_pretrained(checkpoint.folder, local_files_only=True)


def max_tokens(tokenizer: Any, model: Any, otherwise: int = 512) -> int:
    """Most tokens of one input, special tokens included.

    Args:
        tokenizer: its ``model_max_length`` counts unless it is unlimited.
        model: its number of positions counts if it has any; RoBERTa's family keeps two of them for itself.
        otherwise: for models that say nothing (T5 and mT5 have relative positions only).
    """
    limits = [int(tokenizer.model_max_length)] if tokenizer.model_max_length < _UNLIMITED else []
    positions = getattr(model.config, "max_position_embeddings", 0) or 0
    if positions > 0:
        limits.append(positions - 2 if "roberta" in model.config.model_type else positions)
    return min(limits, default=otherwise)


def batches(lengths: Sequence[int], batch_tokens: int) -> Iterator[list[int]]:
    """Groups inputs of like lengths, longest first, so that little is padded.

    Args:
        lengths: tokens of each input.
        batch_tokens: most tokens of a batch, padding included; one input always goes.

    Yields:
        Indices into ``lengths``.
    """
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > batch_tokens:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
