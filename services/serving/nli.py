"""Natural language inference: how much a text entails each of several hypotheses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification

from rpc.errors import InvalidInput
from services.serving.checkpoint import Checkpoint
from services.serving.pretrained import load_pretrained
from services.serving.profile import StageConfig
from services.serving.tokens import batches, load_tokenizer, max_tokens

BATCH_TOKENS = 8192


def entailment_index(labels: Mapping[int, str]) -> int | None:
    """The output that means entailment; None when the model is no inference model."""
    return next((int(index) for index, label in labels.items() if str(label).lower().startswith("entail")), None)


class Entailment:
    """An inference model read as transformers' zero-shot pipeline reads it, several hypotheses in one forward."""

    def __init__(self, checkpoint: Checkpoint, config: StageConfig) -> None:
        self._tokenizer = load_tokenizer(checkpoint)
        self._model: Any = load_pretrained(AutoModelForSequenceClassification, checkpoint, config)
        index = entailment_index(self._model.config.id2label)
        if index is None:
            labels = list(self._model.config.id2label.values())
            raise InvalidInput(f"the {config.stage} model's labels are {labels}", "it needs one named entailment")
        self._entailment = index
        self._batch_tokens = int(config.option("batch_tokens", BATCH_TOKENS))
        self.max_tokens = max_tokens(self._tokenizer, self._model)
        self.architecture = type(self._model).__name__

    def count(self, text: str) -> int:
        """Tokens of a text, without special tokens."""
        return len(self._tokenizer.backend_tokenizer.encode(text, add_special_tokens=False))

    def room(self, hypotheses: Sequence[str]) -> int:
        """Tokens that the longest hypothesis leaves to a text."""
        return self.max_tokens - max(map(self.count, hypotheses)) - self._tokenizer.num_special_tokens_to_add(pair=True)

    @torch.inference_mode()
    def logits(self, texts: Sequence[str], hypotheses: Sequence[str]) -> torch.Tensor:
        """Entailment logits.

        Args:
            texts: premises; what does not fit beside the longest hypothesis is cut off at the end.
            hypotheses: sentences.

        Returns:
            Shape (texts, hypotheses), float32 on the CPU.
        """
        backend = self._tokenizer.backend_tokenizer
        backend.no_truncation()
        backend.no_padding()
        heads = [backend.encode(text, add_special_tokens=False) for text in texts]
        tails = [backend.encode(text, add_special_tokens=False) for text in hypotheses]
        room = self.room(hypotheses)
        for head in heads:
            head.truncate(room)
        # Each text is tokenised once; post_process only puts the special tokens around the pair.
        pairs = [backend.post_process(head, tail) for head in heads for tail in tails]
        out = torch.empty(len(pairs))
        for batch in batches([len(pair.ids) for pair in pairs], self._batch_tokens):
            encoded = {
                "input_ids": [pairs[i].ids for i in batch],
                "token_type_ids": [pairs[i].type_ids for i in batch],
                "attention_mask": [pairs[i].attention_mask for i in batch],
            }
            known = {name: rows for name, rows in encoded.items() if name in self._tokenizer.model_input_names}
            padded = self._tokenizer.pad(known, return_tensors="pt").to(self._model.device)
            out[batch] = self._model(**padded).logits[:, self._entailment].float().cpu()
        return out.view(len(texts), len(hypotheses))
