"""A Whisper of a few thousand weights in the exact form in which the hub serves ``openai/whisper-small``."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from faster_whisper.tokenizer import _LANGUAGE_CODES
from transformers import GenerationConfig, WhisperConfig, WhisperFeatureExtractor, WhisperForConditionalGeneration
from transformers.convert_slow_tokenizer import bytes_to_unicode

# Whisper's own order of languages: az is the 47th of the first 99.
_CODES = """
en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml cy sk
te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo
ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su
"""
_LANGUAGES = _CODES.split()
_TEXT_TOKENS = 50257
_TASKS = ("translate", "transcribe", "startoflm", "startofprev", "nocaptions", "notimestamps")


def write(folder: Path, *, tokenizer_json: bool = True) -> None:
    """Writes a folder; without ``tokenizer.json`` it has ``vocab.json`` and ``merges.txt`` alone, as older ones do."""
    assert set(_LANGUAGES) <= set(_LANGUAGE_CODES)
    folder.mkdir(parents=True, exist_ok=True)
    specials = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{code}|>" for code in _LANGUAGES)]
    specials += [f"<|{task}|>" for task in _TASKS]
    ids = {token: _TEXT_TOKENS + i for i, token in enumerate(specials)}
    stamps = {f"<|{i * 0.02:.2f}|>": _TEXT_TOKENS + len(specials) + i for i in range(1501)}
    _tokenizer(folder, ids, stamps, tokenizer_json)
    torch.manual_seed(0)
    size = _TEXT_TOKENS + len(specials) + len(stamps)
    assert size == 51865
    config = WhisperConfig(
        vocab_size=size, d_model=16, encoder_layers=1, decoder_layers=2, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32, num_mel_bins=80, max_source_positions=1500,
        max_target_positions=448, decoder_start_token_id=ids["<|startoftranscript|>"], bos_token_id=50257,
        eos_token_id=50257, pad_token_id=50257,
    )  # fmt: skip
    model = WhisperForConditionalGeneration(config)
    model.generation_config = GenerationConfig(
        alignment_heads=[[1, 0], [1, 1]],
        begin_suppress_tokens=[220, 50257],
        bos_token_id=50257,
        decoder_start_token_id=ids["<|startoftranscript|>"],
        eos_token_id=50257,
        forced_decoder_ids=[[1, None], [2, ids["<|transcribe|>"]]],
        is_multilingual=True,
        lang_to_id={f"<|{code}|>": ids[f"<|{code}|>"] for code in _LANGUAGES},
        max_initial_timestamp_index=50,
        max_length=448,
        no_timestamps_token_id=ids["<|notimestamps|>"],
        pad_token_id=50257,
        prev_sot_token_id=ids["<|startofprev|>"],
        return_timestamps=False,
        suppress_tokens=[1, 2, 7],
        task_to_id={task: ids[f"<|{task}|>"] for task in ("transcribe", "translate")},
    )
    model.save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=80).save_pretrained(folder)


def _tokenizer(folder: Path, specials: dict[str, int], stamps: dict[str, int], tokenizer_json: bool) -> None:
    letters = list(bytes_to_unicode().values())
    # What the byte level cannot reach fills the vocabulary up. The last one of the real vocabulary is the empty token,
    # and by it CTranslate2 tells multilingual checkpoints from English ones.
    fillers = [f"Ġw{i}" for i in range(_TEXT_TOKENS - len(letters) - 1)]
    vocabulary = {token: i for i, token in enumerate([*letters, *fillers, ""])}
    texts = {
        "vocab.json": vocabulary,
        "added_tokens.json": specials | stamps,
        "special_tokens_map.json": dict.fromkeys(("bos_token", "eos_token", "unk_token", "pad_token"), "<|endoftext|>")
        | {"additional_special_tokens": list(specials)},
        "tokenizer_config.json": {
            "tokenizer_class": "WhisperTokenizer",
            "model_max_length": 1024,
            "errors": "replace",
            "bos_token": "<|endoftext|>",
            "eos_token": "<|endoftext|>",
            "unk_token": "<|endoftext|>",
            "pad_token": "<|endoftext|>",
            "additional_special_tokens": list(specials),
        },
    }
    for name, content in texts.items():
        (folder / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    if tokenizer_json:
        added = [
            {"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
             "special": token in specials}
            for token, i in (specials | stamps).items()
        ]  # fmt: skip
        content = {
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
            "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
            "post_processor": None,
            "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "",
                      "end_of_word_suffix": "", "fuse_unk": False, "vocab": vocabulary, "merges": []},
        }  # fmt: skip
        (folder / "tokenizer.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
