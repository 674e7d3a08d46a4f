"""Fine-tunes a Whisper checkpoint on labelled calls: how a bank gets its own ``whisper-az-small-finetuned``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration, WhisperTokenizer

from training.asr.batches import Source
from training.asr.train import Recipe
from training.asr.windows import Window
from training.common import state
from training.common.budget import Budget, cosine
from training.common.log import CsvLog
from training.corpus.speak import SAMPLE_RATE

LONGEST_SECONDS = 29.0
"""Whisper hears 30 s at a time."""
_PEAK_LEARNING_RATE = 1e-5
_BATCH_WINDOWS = 8
_IGNORED = -100


def fine_tune(base: Path, source: Source, recipe: Recipe, folder: Path, language: str = "azerbaijani") -> None:
    """Trains until the budget is spent, resuming what is in ``folder``; writes ``folder/model`` as the hub serves it.

    Args:
        base: the checkpoint to start from.
        source: windows with text as it is written.
        recipe: its budget, seed, weight decay and clip are used.
        folder: ``state.pt``, ``log.csv`` and ``model`` are kept here.
        language: Whisper's name of the language.
    """
    torch.manual_seed(recipe.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = WhisperForConditionalGeneration.from_pretrained(base, local_files_only=True, dtype=torch.float32)
    model = model.to(device).train()
    tokenizer = WhisperTokenizer.from_pretrained(base, local_files_only=True)
    tokenizer.set_prefix_tokens(language=language, task="transcribe", predict_timestamps=False)
    extractor = WhisperFeatureExtractor.from_pretrained(base, local_files_only=True)
    optimizer = state.adamw(model, (0.9, 0.98), recipe.weight_decay)
    step, spent_seconds = 0, 0.0
    if saved := state.load(folder / "state.pt"):
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        step, spent_seconds = saved["step"], saved["spent_seconds"]
    rng = np.random.default_rng(recipe.seed * 1_000_003 + step)
    budget, log = Budget(recipe.minutes, spent_seconds), CsvLog(folder / "log.csv", ("step", "minutes", "loss"))
    next_save = budget.spent_seconds / 60 + recipe.check_every_minutes
    while (progress := budget.progress) < 1.0:
        state.set_learning_rate(optimizer, _PEAK_LEARNING_RATE * cosine(progress))
        windows = [source.draw(rng, progress) for _ in range(_BATCH_WINDOWS)]
        features = extractor([w.audio for w in windows], sampling_rate=SAMPLE_RATE, return_tensors="pt").input_features
        loss = model(input_features=features.to(device), labels=labels(windows, tokenizer).to(device)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        minutes = budget.spent_seconds / 60
        log.write(step=step, minutes=minutes, loss=loss.item())
        if minutes >= next_save or budget.progress >= 1.0:
            next_save = minutes + recipe.check_every_minutes
            parts = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
            state.save(folder / "state.pt", step=step, spent_seconds=budget.spent_seconds, **parts)
    model.save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    extractor.save_pretrained(folder / "model")


def labels(windows: list[Window], tokenizer: WhisperTokenizer) -> torch.Tensor:
    """int64 [windows, tokens]: language, task, no timestamps, text, end; the model itself puts the start first."""
    rows = [torch.tensor(tokenizer(window.text).input_ids[1:]) for window in windows]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=_IGNORED)
