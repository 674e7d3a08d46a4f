"""The embedded BERT that turns and summaries are classified with."""

from __future__ import annotations

from collections.abc import Sequence

from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast


def classifier(
    tokens: PreTrainedTokenizerFast, labels: Sequence[str], max_tokens: int, dropout: float = 0.1
) -> BertForSequenceClassification:
    """An untrained classifier of 0.9 M parameters for a vocabulary of 3000; ``dropout`` is of the hidden states."""
    return BertForSequenceClassification(
        BertConfig(
            vocab_size=len(tokens),
            hidden_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=512,
            max_position_embeddings=max_tokens,
            pad_token_id=tokens.pad_token_id,
            hidden_dropout_prob=dropout,
            id2label=dict(enumerate(labels)),
            label2id={label: i for i, label in enumerate(labels)},
        )
    )
