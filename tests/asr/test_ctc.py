"""CTC classes other than the embedded one, with random weights in the form in which the hub serves them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    ParakeetCTCConfig,
    ParakeetFeatureExtractor,
    ParakeetForCTC,
    PreTrainedTokenizerFast,
    Wav2Vec2Config,
    Wav2Vec2CTCTokenizer,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForCTC,
)

from services.asr.ctc import CtcEngine
from services.asr.model import Recogniser
from services.serving.profile import StageConfig

LETTERS = list("abcçdeəfgğhxıijkqlmnoöprsştuüvyz")


def wav2vec2(folder: Path) -> None:
    """As ``facebook/wav2vec2-large-xlsr-53`` fine-tuned on letters, of a few thousand weights."""
    symbols = ["<pad>", "<s>", "</s>", "<unk>", "|", *LETTERS]
    (folder / "vocab.json").write_text(json.dumps({s: i for i, s in enumerate(symbols)}, ensure_ascii=False), "utf-8")
    Wav2Vec2CTCTokenizer(str(folder / "vocab.json")).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=True, return_attention_mask=True).save_pretrained(folder)
    config = Wav2Vec2Config(
        vocab_size=len(symbols), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        conv_dim=(8,) * 7, num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=2, feat_extract_norm="layer",
        do_stable_layer_norm=True, pad_token_id=0,
    )  # fmt: skip
    Wav2Vec2ForCTC(config).save_pretrained(folder)


def parakeet(folder: Path) -> None:
    """As ``nvidia/parakeet-ctc-1.1b``: pieces of SentencePiece, the blank last."""
    pieces = ["<unk>", *(f"▁{letter}" for letter in LETTERS), *LETTERS, "<pad>"]
    tokenizer = Tokenizer(models.BPE({piece: i for i, piece in enumerate(pieces)}, [], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>", pad_token="<pad>").save_pretrained(folder)
    ParakeetFeatureExtractor(feature_size=80).save_pretrained(folder)
    encoder = {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "subsampling_conv_channels": 8,
        "num_mel_bins": 80,
        "conv_kernel_size": 3,
    }
    blank = len(pieces) - 1
    ParakeetForCTC(
        ParakeetCTCConfig(vocab_size=len(pieces), pad_token_id=blank, encoder_config=encoder)
    ).save_pretrained(folder)


@pytest.mark.parametrize("make", [wav2vec2, parakeet])
def test_is_served_by_the_same_code(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    torch.manual_seed(0)
    make(tmp_path)
    recogniser = Recogniser(StageConfig("asr", "public", str(tmp_path), options={"batch_windows": 2}))
    recogniser.warm_up()
    engine = recogniser._engine
    assert isinstance(engine, CtcEngine) and engine.architecture in ("Wav2Vec2ForCTC", "ParakeetForCTC")
    windows = [np.random.default_rng(i).normal(0, 0.1, 16000 * (1 + i)).astype(np.float32) for i in range(2)]
    for window, words in zip(windows, engine.recognise(windows, "az"), strict=True):
        assert words, "random weights say something"
        assert all(set(word.text) <= set(LETTERS) and 0 < word.probability <= 1 for word in words)
        assert all(0 <= word.start_ms <= word.end_ms <= 1000 * len(window) / 16000 for word in words)
