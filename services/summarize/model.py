"""Summaries by a text-to-text model; long calls are read in parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import AutoModelForSeq2SeqLM, DynamicCache, EncoderDecoderCache, GenerationConfig

from rpc.errors import InvalidInput, ModelFailure
from services.serving.checkpoint import locate
from services.serving.pretrained import load_pretrained
from services.serving.profile import StageConfig
from services.serving.provenance import ModelInfo, describe
from services.serving.tokens import batches, load_tokenizer, max_tokens
from services.serving.transcript import Turn, layout, windows

MIN_LIMIT, MAX_LIMIT = 8, 512
_BATCH_TOKENS = 4096
_WARM_UP = (Turn(0, "S1", "customer", "Kartımı itirmişəm."), Turn(1, "S2", "operator", "Kartı blokladım."))


@dataclass(frozen=True)
class Summary:
    """What happened in a call, and in how many parts the call was read."""

    text: str
    part_count: int


class SummaryModel:
    """A T5-like model; its options say how the call is written for it and how it writes."""

    def __init__(self, config: StageConfig) -> None:
        checkpoint = locate(config)
        self._tokenizer = load_tokenizer(checkpoint)
        self._model: Any = load_pretrained(AutoModelForSeq2SeqLM, checkpoint, config)
        self._layout = layout(config)
        self._prefix = str(config.option("prefix", ""))
        self._max_input = int(config.option("max_input_tokens", max_tokens(self._tokenizer, self._model)))
        self._beams = int(config.option("beams", 4))
        self._max_tokens = int(config.option("max_tokens", 128))
        self._min_tokens = int(config.option("min_tokens", 8))
        self._no_repeat = int(config.option("no_repeat_ngram", 3))
        self._length_penalty = float(config.option("length_penalty", 1.0))
        self._batch_tokens = int(config.option("batch_tokens", _BATCH_TOKENS))
        self.info: ModelInfo = describe(config, checkpoint, type(self._model).__name__)

    def warm_up(self) -> None:
        """Summarizes two turns; what comes out of so little does not matter."""
        self._generate([[self._layout.line(turn) for turn in _WARM_UP]], MIN_LIMIT, 1)

    def summarize(self, turns: Sequence[Turn], max_tokens: int = 0, min_tokens: int = 0) -> Summary:
        """Summarizes a call.

        What is longer than the model reads is cut between turns into parts of about the same length; each part is
        summarised, then the parts' summaries together, so that the end counts as much as the start.

        Args:
            turns: those with text, at least one, in order of time.
            max_tokens: most tokens of the summary, 8 to 512; 0: the profile's.
            min_tokens: fewest tokens, at most ``max_tokens``; 0: the profile's.

        Raises:
            InvalidInput: a limit is out of range.
            ModelFailure: the model wrote nothing.
        """
        most, fewest = self._limits(max_tokens, min_tokens)
        lines = [self._layout.line(turn) for turn in turns]
        budget = self._max_input - self._count(self._prefix) - self._tokenizer.num_special_tokens_to_add()
        first = parts = windows(lines, self._count, budget)
        while len(parts) > 1:
            summaries = self._generate(parts, most, fewest)
            parts = self._shorter(windows(summaries, self._count, budget), parts)
        text = self._generate(parts, most, fewest)[0]
        if not text:
            raise ModelFailure("the model wrote an empty summary", "raise min_tokens, or look at the model")
        return Summary(text, len(first))

    def _shorter(self, new: list[list[str]], old: list[list[str]]) -> list[list[str]]:
        """The next round's parts. Summaries that are no shorter than what they summarise would go on for ever."""
        if len(new) < len(old):
            return new
        raise InvalidInput(
            "the summaries of the call's parts do not get shorter",
            f"ask for fewer tokens, or raise max_input_tokens (now {self._max_input})",
        )

    def _limits(self, most: int, fewest: int) -> tuple[int, int]:
        if most and not MIN_LIMIT <= most <= MAX_LIMIT:
            raise InvalidInput(f"max_tokens is {most}", f"{MIN_LIMIT} to {MAX_LIMIT}, or 0 for the model's default")
        limit = most or self._max_tokens
        if not 0 <= fewest <= limit:
            raise InvalidInput(f"min_tokens is {fewest}", f"0 to {limit} (max_tokens)")
        return limit, fewest or min(self._min_tokens, limit)

    def _count(self, text: str) -> int:
        return len(self._tokenizer(text, add_special_tokens=False).input_ids) if text else 0

    @torch.inference_mode()
    def _generate(self, parts: Sequence[Sequence[str]], most: int, fewest: int) -> list[str]:
        """One text for each part."""
        documents = [self._prefix + "\n".join(part) for part in parts]
        encoded = self._tokenizer(documents, truncation=True, max_length=self._max_input)
        settings = GenerationConfig(
            num_beams=self._beams,
            max_new_tokens=most,
            min_new_tokens=fewest,
            no_repeat_ngram_size=self._no_repeat,
            length_penalty=self._length_penalty,
            decoder_start_token_id=self._model.config.decoder_start_token_id,
            eos_token_id=self._model.config.eos_token_id,
            pad_token_id=self._model.config.pad_token_id,
        )
        texts = [""] * len(parts)
        for batch in batches([len(ids) for ids in encoded["input_ids"]], self._batch_tokens):
            rows = {name: [encoded[name][i] for i in batch] for name in ("input_ids", "attention_mask")}
            padded = self._tokenizer.pad(rows, return_tensors="pt").to(self._model.device)
            # A cache that grows: transformers' own has as many layers as the encoder, too few for some decoders.
            cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
            written = self._model.generate(**padded, generation_config=settings, past_key_values=cache)
            for index, text in zip(batch, self._tokenizer.batch_decode(written, skip_special_tokens=True), strict=True):
                texts[index] = " ".join(text.split())
        return texts
