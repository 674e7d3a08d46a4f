"""Which files of a repository are chosen; the lists are those of the real repositories."""

from __future__ import annotations

import pytest

from services.fetch.files import choose

WHISPER = [
    ".gitattributes", "README.md", "added_tokens.json", "config.json", "flax_model.msgpack", "generation_config.json",
    "merges.txt", "model.safetensors", "normalizer.json", "preprocessor_config.json", "pytorch_model.bin",
    "special_tokens_map.json", "tf_model.h5", "tokenizer.json", "tokenizer_config.json", "vocab.json",
]  # fmt: skip


def test_safetensors_are_taken_and_their_duplicates_left() -> None:
    left = {".gitattributes", "flax_model.msgpack", "pytorch_model.bin", "tf_model.h5"}
    assert choose(WHISPER) == sorted(set(WHISPER) - left)


def test_pickled_weights_are_taken_where_there_is_nothing_else() -> None:
    names = ["config.json", "preprocessor_config.json", "pytorch_model.bin"]
    assert choose(names) == names


def test_shards_stay_and_other_precisions_go() -> None:
    shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"]
    others = [
        "model.fp32-00001-of-00002.safetensors", "model.safetensors.index.fp32.json", "model.fp16.safetensors",
        "pytorch_model-00001-of-00002.bin", "pytorch_model.bin.index.json",
    ]  # fmt: skip
    assert choose([*others, *shards]) == shards


def test_each_folder_of_a_pipeline_decides_for_itself() -> None:
    names = ["config.yaml", "embedding/pytorch_model.bin", "plda/plda.npz", "segmentation/model.safetensors"]
    assert choose([*names, "segmentation/pytorch_model.bin"]) == names


@pytest.mark.parametrize(
    "name", ["onnx/model.onnx", "checkpoint-500/model.safetensors", "runs/x/events.out.tfevents.1"]
)
def test_exports_and_training_state_are_left(name: str) -> None:
    assert choose([name, "config.json"]) == ["config.json"]
