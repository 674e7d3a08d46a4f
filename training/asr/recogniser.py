"""The embedded recogniser's shape: a small Wav2Vec2Bert conformer with a CTC head over letters."""

from __future__ import annotations

import json
from pathlib import Path

from transformers import (
    SeamlessM4TFeatureExtractor,
    Wav2Vec2BertConfig,
    Wav2Vec2BertForCTC,
    Wav2Vec2BertProcessor,
    Wav2Vec2CTCTokenizer,
)

from services.asr.text import LETTERS

STRIDE = 4
"""Frames of 10 ms stacked to one: 25 positions a second. The fastest speech of the corpus has 17 letters a second."""


def processor(folder: Path) -> Wav2Vec2BertProcessor:
    """Writes tokenizer and feature extractor to a folder and gives them back."""
    folder.mkdir(parents=True, exist_ok=True)
    symbols = ["<pad>", "|", "<unk>", *LETTERS]
    vocabulary = folder / "vocab.json"
    vocabulary.write_text(json.dumps({symbol: i for i, symbol in enumerate(symbols)}, ensure_ascii=False), "utf-8")
    tokenizer = Wav2Vec2CTCTokenizer(
        str(vocabulary), unk_token="<unk>", pad_token="<pad>", bos_token=None, eos_token=None, word_delimiter_token="|"
    )
    extractor = SeamlessM4TFeatureExtractor(stride=STRIDE, padding_value=0.0)
    both = Wav2Vec2BertProcessor(feature_extractor=extractor, tokenizer=tokenizer)
    both.save_pretrained(folder)
    return both


def build(vocabulary_size: int) -> Wav2Vec2BertForCTC:
    """A recogniser of 2.4 M parameters with random weights."""
    config = Wav2Vec2BertConfig(
        vocab_size=vocabulary_size,
        feature_projection_input_dim=80 * STRIDE,
        hidden_size=144,
        num_hidden_layers=6,
        num_attention_heads=4,
        intermediate_size=432,
        hidden_act="swish",
        # Rotary positions cost a third less time than relative keys and carry over to longer windows.
        position_embeddings_type="rotary",
        conv_depthwise_kernel_size=11,
        add_adapter=False,
        apply_spec_augment=False,
        layerdrop=0.0,
        hidden_dropout=0.05,
        attention_dropout=0.0,
        activation_dropout=0.0,
        feat_proj_dropout=0.0,
        conformer_conv_dropout=0.0,
        final_dropout=0.0,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=None,
        ctc_zero_infinity=True,
    )
    return Wav2Vec2BertForCTC(config)
