"""The recipe of the summarize model: mT5, a call in, two to four sentences out."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from transformers import MT5Config, MT5ForConditionalGeneration, PreTrainedTokenizerFast

from services.serving.transcript import Layout, Turn
from training.corpus.words import sentences
from training.text.calls import LabelledCall, Source
from training.text.loop import Step
from training.text.noise import Noise, plain
from training.text.vocabulary import unigram_text

MINUTES, LEARNING_RATE = 28.0, 3e-3
MAX_TOKENS, MAX_SUMMARY_TOKENS = 512, 128
_BATCH = 8
_HINT_SHARE = 0.12
"""Share of the run in which the encoder alone learns subject and stars, which costs a third of a full step."""
_IGNORED = -100
LAYOUT = Layout()
_SUMMARY_OF_SUMMARIES = 0.04
_HEARD = (0.3, 1.0)
"""Share of a call's turns that are read, at least and at most: half-read calls teach more, and cost half."""


def tokenizer(source: Source) -> PreTrainedTokenizerFast:
    """Unigram pieces over calls, written and as they are recognised, and summaries, which weigh double."""
    spoken, summaries = source.spoken(), source.summaries()
    roles = ["Operator:", "Müştəri:"] * 200
    return unigram_text([*spoken, *map(plain, spoken), *summaries * 2, *roles], 4000, MAX_TOKENS)


def network(tokens: PreTrainedTokenizerFast) -> MT5ForConditionalGeneration:
    """1.5 M parameters."""
    model = MT5ForConditionalGeneration(
        MT5Config(
            vocab_size=len(tokens),
            d_model=128,
            d_kv=32,
            num_heads=4,
            d_ff=192,
            num_layers=2,
            num_decoder_layers=2,
            dropout_rate=0.1,
            tie_word_embeddings=False,
            pad_token_id=tokens.pad_token_id,
            eos_token_id=tokens.eos_token_id,
            decoder_start_token_id=tokens.pad_token_id,
        )
    )
    # T5's own initialisation is made for Adafactor: with unit embeddings AdamW would hardly move them in half an hour.
    torch.nn.init.normal_(model.shared.weight, std=0.25)
    torch.nn.init.normal_(model.lm_head.weight, std=0.05)
    return model


def objective(model: Any, tokens: Any, source: Source, noise: Noise) -> Step:
    """Cross-entropy of the summary; before and beside it, from nothing, a hint for the encoder."""
    fresh = not getattr(model.config, "_name_or_path", "")

    def step(rng: np.random.Generator, progress: float) -> torch.Tensor:
        calls = [call for call in source.draw_many(rng, _BATCH) if call.summary]
        documents = ["\n".join(_document(call, noise, rng)) for call in calls]
        batch = tokens(documents, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
        summaries = [call.summary for call in calls]
        target = tokens(
            summaries, padding=True, truncation=True, max_length=MAX_SUMMARY_TOKENS, return_tensors="pt"
        ).input_ids
        batch, labels = batch.to(model.device), target.masked_fill(target == tokens.pad_token_id, _IGNORED)
        labels = labels.to(model.device)
        if not fresh:
            return _summary_loss(model(**batch, labels=labels).logits, labels)
        encoded = model.get_encoder()(**batch)
        hint = _hint_loss(model, encoded.last_hidden_state, batch["attention_mask"], labels)
        if progress < _HINT_SHARE:
            return hint
        logits = model(encoder_outputs=encoded, attention_mask=batch["attention_mask"], labels=labels).logits
        return _summary_loss(logits, labels) + 0.2 * hint

    return step


def _document(call: LabelledCall, noise: Noise, rng: np.random.Generator) -> list[str]:
    """What the model is to summarise: a call, or now and then what the service makes of a long one, summaries."""
    return sentences(call.summary) if rng.random() < _SUMMARY_OF_SUMMARIES else lines(call, noise, rng)


def lines(call: LabelledCall, noise: Noise, rng: np.random.Generator) -> list[str]:
    """The call as the service writes it, damaged and with turns left out; now and then without its roles."""
    texts = noise.call(rng, [turn.text for turn in call.turns])
    known = rng.random() > 0.05
    heard = rng.random(len(texts)) < rng.uniform(*_HEARD)
    if not heard.any():
        heard[:] = True
    said = zip(call.turns, texts, strict=True)
    turns = [Turn(i, "S1", turn.role if known else "", text) for i, (turn, text) in enumerate(said)]
    return [LAYOUT.line(turn) for turn, kept in zip(turns, heard, strict=True) if kept]


def _summary_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.cross_entropy(
        logits.flatten(0, 1).float(), labels.flatten(), ignore_index=_IGNORED, label_smoothing=0.05
    )


def _hint_loss(model: Any, states: torch.Tensor, mask: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Entropy of the summary's words, in any order, under the mean of the encoder's states.

    It needs no parameters of its own and gives the encoder its subject long before the decoder can write.
    """
    weights = mask.unsqueeze(-1).to(states.dtype)
    mean = (states * weights).sum(1) / weights.sum(1)
    logits = model.lm_head(mean).float().unsqueeze(1).expand(-1, labels.shape[1], -1)
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=_IGNORED)
