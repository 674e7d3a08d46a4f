"""The training loop of CTC recognisers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import Wav2Vec2BertForCTC, Wav2Vec2BertProcessor

from training.asr.batches import Batch, Batches, Collator, Source
from training.asr.measure import Score, character_score
from training.asr.windows import Window
from training.common import state
from training.common.budget import Budget, cosine
from training.common.log import CsvLog

_FIELDS = ("step", "minutes", "hours_of_audio", "learning_rate", "loss", "cer", "cer_without_spaces", "wer_greedy")

_LETTERS_A_FRAME = 0.4

_SHORT_WINDOWS = 0.05
"""Progress at which windows are still short ones: where a run waits until it has started to understand them."""
_STARTED_LOSS = 1.0
"""Loss a letter under which it has."""


@dataclass(frozen=True)
class Recipe:
    """What a run is made of.

    Attributes:
        minutes: core-minutes; the learning rate is zero when they are over.
        seed: of weights and data.
        peak_learning_rate: after the warm-up.
        window_growth: progress, 0 to 1, that the windows start from: 0 for weights that have yet to hear a letter.
        weight_decay: of matrices.
        clip: largest norm of the gradient.
        check_every_minutes: between validations, each of which also saves the state.
        validation_windows: windows of other voices and other text.
    """

    minutes: float = 270.0
    seed: int = 2
    peak_learning_rate: float = 1.0e-3
    window_growth: float = 0.0
    weight_decay: float = 0.02
    clip: float = 1.0
    check_every_minutes: float = 5.0
    validation_windows: int = 64


@dataclass(frozen=True)
class Sources:
    """Windows to learn from, and windows of other voices and other text to be measured with."""

    train: Source
    validation: Source


def train(
    model: Wav2Vec2BertForCTC, processor: Wav2Vec2BertProcessor, sources: Sources, recipe: Recipe, folder: Path
) -> None:
    """Trains until the budget is spent, resuming what is in ``folder``; leaves the model trained.

    Args:
        model: with random or pretrained weights.
        processor: its features and letters.
        sources, recipe: see there.
        folder: ``state.pt`` and ``log.csv`` are kept here.
    """
    optimizer = state.adamw(model, (0.9, 0.98), recipe.weight_decay)
    saved = state.load(folder / "state.pt")
    step, audio_seconds, spent_seconds = 0, 0.0, 0.0
    if saved:
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        step, audio_seconds, spent_seconds = saved["step"], saved["audio_seconds"], saved["spent_seconds"]
    validation = validation_batches(processor, sources.validation, recipe)
    batches = Batches(processor, sources.train, recipe.seed * 1_000_003 + step)
    log = CsvLog(folder / "log.csv", _FIELDS)
    budget = Budget(recipe.minutes, spent_seconds)
    batches.progress.value = max(_SHORT_WINDOWS, recipe.window_growth)
    next_check = budget.spent_seconds / 60 + min(2.0, recipe.check_every_minutes)
    average = math.nan
    started = False
    model.train()
    for batch in batches:
        progress = budget.progress
        # Long windows teach nothing before the first letters are heard: alignment must be learnt on short ones.
        started = started or average < _STARTED_LOSS
        batches.progress.value = max(progress if started else min(progress, _SHORT_WINDOWS), recipe.window_growth)
        rate = recipe.peak_learning_rate * cosine(progress)
        state.set_learning_rate(optimizer, rate)
        loss = ctc_loss(model, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        audio_seconds += float(batch.mask.sum()) / 25.0
        average = loss.item() if math.isnan(average) else 0.98 * average + 0.02 * loss.item()
        minutes = budget.spent_seconds / 60
        line = {"step": step, "minutes": minutes, "hours_of_audio": audio_seconds / 3600, "learning_rate": rate}
        if progress >= 1.0 or minutes >= next_check:
            next_check = minutes + recipe.check_every_minutes
            score = validate(model, processor, validation)
            log.write(
                **line, loss=average, cer=score.cer, cer_without_spaces=score.cer_without_spaces, wer_greedy=score.wer
            )
            state.save(
                folder / "state.pt",
                model=model.state_dict(),
                optimizer=optimizer.state_dict(),
                step=step,
                audio_seconds=audio_seconds,
                spent_seconds=budget.spent_seconds,
            )
        elif step % 100 == 0:
            log.write(**line, loss=average)
        if progress >= 1.0:
            return


def ctc_loss(model: Wav2Vec2BertForCTC, batch: Batch) -> torch.Tensor:
    """CTC loss a letter, as many letters as speech of the batch's length has: a batch may be silent altogether."""
    logits = model(input_features=batch.features, attention_mask=batch.mask).logits
    losses = torch.nn.functional.ctc_loss(
        torch.log_softmax(logits, dim=-1).transpose(0, 1),
        batch.labels,
        batch.mask.sum(1),
        batch.label_lengths,
        blank=model.config.pad_token_id,
        reduction="none",
        zero_infinity=True,
    )
    return losses.sum() / (_LETTERS_A_FRAME * batch.mask.sum())


def validation_batches(processor: Wav2Vec2BertProcessor, source: Source, recipe: Recipe) -> list[Batch]:
    """The same windows at each validation, of full length."""
    collate = Collator(processor)
    rng = np.random.default_rng(7)
    drawn: list[Window] = []
    while len(drawn) < recipe.validation_windows:
        window = source.draw(rng, 1.0)
        if window.text:
            drawn.append(window)
    drawn.sort(key=lambda window: len(window.audio))
    return [collate(drawn[i : i + 8], None) for i in range(0, len(drawn), 8)]


@torch.no_grad()  # inference mode would leave its tensors in the cache of rotary positions
def validate(model: Wav2Vec2BertForCTC, processor: Wav2Vec2BertProcessor, batches: list[Batch]) -> Score:
    """Greedy decoding, without a lexicon."""
    model.eval()
    pairs: list[tuple[str, str]] = []
    for batch in batches:
        best = model(input_features=batch.features, attention_mask=batch.mask).logits.argmax(-1)
        best = best.masked_fill(batch.mask == 0, model.config.pad_token_id)
        pairs += zip(batch.texts, processor.tokenizer.batch_decode(best), strict=True)
    model.train()
    print("  said :", pairs[len(pairs) // 2][0], "\n  heard:", pairs[len(pairs) // 2][1], flush=True)
    return character_score(pairs)
