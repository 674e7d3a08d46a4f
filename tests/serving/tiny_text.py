"""The full-size text models at a tiny size: random weights, files as the hub serves them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    DebertaV2Config,
    DebertaV2ForSequenceClassification,
    MT5Config,
    MT5ForConditionalGeneration,
)

_TEXT = """salam buyurun sizi dinləyirəm kartımı itirmişəm zəhmət olmasa kartı bloklayın
müştəri kartını itirdiyini bildirdi operator kartı blokladı və yenisini sifariş etdi müştəri razı qaldı
hesabımda pul yoxdur kredit ödənişi gecikib cərimə yazılıb filial saat neçəyə qədər işləyir təşəkkür edirəm
this text is about cards loans transfers the speaker is a bank operator who helps a customer""".splitlines()


def bert(folder: Path, labels: list[str]) -> Path:
    """``nlptown/bert-base-multilingual-uncased-sentiment`` and its kind: ``vocab.txt``, weights as PyTorch pickles."""
    folder.mkdir()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = sorted({letter for line in _TEXT for letter in line if letter.strip()})
    words = sorted({word for line in _TEXT for word in line.split()})
    vocabulary = list(dict.fromkeys([*special, *letters, *(f"##{letter}" for letter in letters), *words]))
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    _write(folder / "tokenizer_config.json", {"do_lower_case": True, "model_max_length": 512})
    _write(folder / "special_tokens_map.json", {"unk_token": "[UNK]", "sep_token": "[SEP]", "cls_token": "[CLS]"})
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=512,
        id2label=dict(enumerate(labels)),
        label2id={label: i for i, label in enumerate(labels)},
        architectures=["BertForSequenceClassification"],
    )
    torch.manual_seed(0)
    config.save_pretrained(folder)
    torch.save(BertForSequenceClassification(config).state_dict(), folder / "pytorch_model.bin")
    return folder


def deberta(folder: Path) -> Path:
    """``MoritzLaurer/mDeBERTa-v3-base-mnli-xnli``: ``spm.model``, three labels, weights in safetensors."""
    folder.mkdir()
    # mDeBERTa's pieces: [PAD] 0, [CLS] 1, [SEP] 2, [UNK] 3; [MASK] is added behind the end.
    _pieces(folder / "spm", pad_id=0, bos_id=1, eos_id=2, unk_id=3, pad="[PAD]", bos="[CLS]", eos="[SEP]", unk="[UNK]")
    _write(
        folder / "tokenizer_config.json",
        {
            "do_lower_case": False,
            "bos_token": "[CLS]",
            "eos_token": "[SEP]",
            "sep_token": "[SEP]",
            "cls_token": "[CLS]",
            "unk_token": "[UNK]",
            "pad_token": "[PAD]",
            "mask_token": "[MASK]",
            "split_by_punct": False,
            "sp_model_kwargs": {},
            "vocab_type": "spm",
            "model_max_length": 512,
            "tokenizer_class": "DebertaV2Tokenizer",
        },
    )
    _write(folder / "added_tokens.json", {"[MASK]": 200})
    config = DebertaV2Config(
        vocab_size=256,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=512,
        type_vocab_size=0,
        relative_attention=True,
        position_buckets=256,
        norm_rel_ebd="layer_norm",
        share_att_key=True,
        pos_att_type=["p2c", "c2p"],
        position_biased_input=False,
        pooler_hidden_size=16,
        id2label={0: "entailment", 1: "neutral", 2: "contradiction"},
        label2id={"entailment": 0, "neutral": 1, "contradiction": 2},
    )
    torch.manual_seed(0)
    DebertaV2ForSequenceClassification(config).save_pretrained(folder)
    return folder


def mt5(folder: Path) -> Path:
    """``csebuetnlp/mT5_multilingual_XLSum`` and its kind: ``spiece.model``, weights as PyTorch pickles."""
    folder.mkdir()
    _pieces(folder / "spiece", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, pad="<pad>", eos="</s>", unk="<unk>")
    _write(
        folder / "tokenizer_config.json",
        {
            "eos_token": "</s>",
            "unk_token": "<unk>",
            "pad_token": "<pad>",
            "extra_ids": 0,
            "additional_special_tokens": None,
            "special_tokens_map_file": None,
            "sp_model_kwargs": {},
            "tokenizer_class": "T5Tokenizer",
        },
    )
    _write(folder / "special_tokens_map.json", {"eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"})
    config = MT5Config(
        vocab_size=150,
        d_model=16,
        d_kv=8,
        num_heads=2,
        d_ff=16,
        num_layers=1,
        num_decoder_layers=1,
        feed_forward_proj="gated-gelu",
        tie_word_embeddings=False,
        decoder_start_token_id=0,
        eos_token_id=1,
        pad_token_id=0,
        architectures=["MT5ForConditionalGeneration"],
        # The published model carries its way of writing in config.json.
        num_beams=4,
        max_length=84,
        no_repeat_ngram_size=2,
        length_penalty=0.6,
    )
    torch.manual_seed(0)
    model = MT5ForConditionalGeneration(config)
    config.save_pretrained(folder)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    return folder


def _pieces(prefix: Path, pad: str, eos: str, unk: str, bos: str = "<s>", **ids: Any) -> None:
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(_TEXT * 20),
        model_prefix=str(prefix),
        vocab_size=150,
        hard_vocab_limit=False,
        pad_piece=pad,
        bos_piece=bos,
        eos_piece=eos,
        unk_piece=unk,
        minloglevel=2,
        **ids,
    )
    prefix.with_suffix(".vocab").unlink()


def _write(path: Path, values: dict[str, Any]) -> None:
    path.write_text(json.dumps(values), encoding="utf-8")
