"""The recipe of the summarize model: mT5, a call in, two to four sentences out."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from transformers import MT5Config, MT5ForConditionalGeneration, PreTrainedTokenizerFast

from services.serving.transcript import Layout, Turn
from training.corpus.words import sentences
from training.text.calls import LabelledCall, Source
from training.text.loglinear import fit_evidence
from training.text.loop import Step
from training.text.noise import Noise, plain
from training.text.vocabulary import pairs_text

MINUTES, LEARNING_RATE = 42.0, 2e-3
MAX_TOKENS, MAX_SUMMARY_TOKENS = 512, 128
_BATCH = 8
_IGNORED = -100
LAYOUT = Layout()
_SUMMARY_OF_SUMMARIES = 0.04
_EMBEDDING_SPREAD, _MOST = 0.25, 2.0
_FITTED_CALLS = 12_000
_TOLD, _SURENESS = 0.3, 6.0
"""Weight of what the encoder must tell of a call's subtopic and stars, and factor on the states that tell it."""
_HEARD = (0.5, 1.0)
"""Share of a call's turns that are read, at least and at most: half-read calls teach more, and cost half."""


def tokenizer(source: Source) -> PreTrainedTokenizerFast:
    """Pieces of calls, written and as they are recognised, and summaries, which weigh double."""
    spoken, summaries = source.spoken(), source.summaries()
    roles = ["Operator:", "Müştəri:"] * 200
    return pairs_text([*spoken, *map(plain, spoken), *summaries * 2, *roles], 8000, MAX_TOKENS)


def network(tokens: PreTrainedTokenizerFast) -> MT5ForConditionalGeneration:
    """1.8 M parameters; no dropout, which would cost a quarter of the time: the noise of the calls is enough.

    Eager attention learns a tenth faster on a CPU.
    """
    model = MT5ForConditionalGeneration(
        MT5Config(
            vocab_size=len(tokens),
            d_model=128,
            d_kv=32,
            num_heads=4,
            d_ff=256,
            num_layers=2,
            num_decoder_layers=2,
            dropout_rate=0.0,
            tie_word_embeddings=False,
            attn_implementation="eager",
            pad_token_id=tokens.pad_token_id,
            eos_token_id=tokens.eos_token_id,
            decoder_start_token_id=tokens.pad_token_id,
        )
    )
    # T5's own initialisation is made for Adafactor: with unit embeddings AdamW would hardly move them in half an hour.
    # What is read and what is written have one embedding, whatever the configuration says.
    torch.nn.init.normal_(model.shared.weight, std=0.05)
    return model


def prepare(model: Any, tokens: Any, source: Source, noise: Noise, seed: int) -> None:
    """Writes into a part of each piece's embedding what the piece tells of a call's subtopic and stars, and keeps it.

    From random embeddings the decoder learns to write long before the encoder learns to read, and then writes much the
    same for every call. The evidence is that of a log-linear model, fitted in a minute: the mean that a cross-attention
    takes over the call is then a fair guess at what the call is about. It is not trained further: AdamW's steps
    would wash it out before the decoder has learned to use it.
    """
    rng = np.random.default_rng([seed, 3])
    calls = [call for call in source.draw_many(rng, _FITTED_CALLS) if call.subtopic and call.stars]
    subtopics = sorted(name for names in source.subjects().values() for name in names)
    documents = ["\n".join(lines(call, noise, rng)) for call in calls]
    evidence = fit_evidence(
        [found.ids for found in tokens.backend_tokenizer.encode_batch(documents, add_special_tokens=False)],
        [[subtopics.index(call.subtopic) for call in calls], [call.stars - 1 for call in calls]],
        [len(subtopics), 5],
        len(tokens),
    )
    spread = float(evidence.square().mean().sqrt())
    known = torch.arange(model.config.d_model) < evidence.shape[1]
    with torch.no_grad():
        model.shared.weight[:, known] = (_EMBEDDING_SPREAD / spread * evidence).clamp(-_MOST, _MOST)
    model.shared.weight.register_hook(lambda gradient: gradient.masked_fill(known, 0.0))
    model.evidence = subtopics  # for the objective; not saved


def objective(model: Any, tokens: Any, source: Source, noise: Noise) -> Step:
    """Cross-entropy of the summary; from nothing, also of what the encoder's mean state says of subtopic and stars.

    Stars depend on who says a word, which takes the encoder a while to find out from summaries alone.
    """
    subtopics: list[str] | None = getattr(model, "evidence", None)

    def step(rng: np.random.Generator) -> torch.Tensor:
        calls = [call for call in source.draw_many(rng, _BATCH) if call.summary]
        documents = ["\n".join(_document(call, noise, rng)) for call in calls]
        batch = tokens(documents, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
        summaries = [call.summary for call in calls]
        target = tokens(
            summaries, padding=True, truncation=True, max_length=MAX_SUMMARY_TOKENS, return_tensors="pt"
        ).input_ids
        labels = target.masked_fill(target == tokens.pad_token_id, _IGNORED).to(model.device)
        batch = batch.to(model.device)
        made = model(**batch, decoder_input_ids=model.prepare_decoder_input_ids_from_labels(labels))
        loss = torch.nn.functional.cross_entropy(
            made.logits.flatten(0, 1).float(), labels.flatten(), ignore_index=_IGNORED, label_smoothing=0.05
        )
        if subtopics is None:
            return loss
        return loss + _TOLD * _told(made.encoder_last_hidden_state, batch.attention_mask, calls, subtopics)

    return step


def _told(states: torch.Tensor, mask: torch.Tensor, calls: list[LabelledCall], subtopics: list[str]) -> torch.Tensor:
    """Cross-entropy of subtopic and stars as the mean of the states [calls, pieces, d_model] has them, in the places
    where the embeddings have them (``prepare``)."""
    means = (states * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
    subject, stars = _SURENESS * means[:, : len(subtopics)], _SURENESS * means[:, len(subtopics) :][:, :5]
    about = [subtopics.index(call.subtopic) if call.subtopic else _IGNORED for call in calls]
    rated = [call.stars - 1 if call.stars else _IGNORED for call in calls]
    losses = [
        torch.nn.functional.cross_entropy(said, torch.tensor(right, device=states.device), ignore_index=_IGNORED)
        for said, right in ((subject, about), (stars, rated))
        if any(label != _IGNORED for label in right)
    ]
    return torch.stack(losses).sum() if losses else states.new_zeros(())


def _document(call: LabelledCall, noise: Noise, rng: np.random.Generator) -> list[str]:
    """What the model is to summarise: a call, or now and then what the service makes of a long one, summaries."""
    return sentences(call.summary) if rng.random() < _SUMMARY_OF_SUMMARIES else lines(call, noise, rng)


def lines(call: LabelledCall, noise: Noise, rng: np.random.Generator) -> list[str]:
    """The call as the service writes it, damaged and with turns left out; now and then without its roles."""
    texts = noise.call(rng, [turn.text for turn in call.turns], call.heard)
    known = rng.random() > 0.05
    heard = rng.random(len(texts)) < rng.uniform(*_HEARD)
    if not heard.any():
        heard[:] = True
    said = zip(call.turns, texts, strict=True)
    turns = [Turn(i, "S1", turn.role if known else "", text) for i, (turn, text) in enumerate(said)]
    return [LAYOUT.line(turn) for turn, kept in zip(turns, heard, strict=True) if kept]
