"""Turns of a speaker in one passage: where their frames are, and what the head makes of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import Wav2Vec2FeatureExtractor, WavLMConfig, WavLMForSequenceClassification

from services.emotion.classifier import Classifier
from services.emotion.labels import EMOTIONS, Scores
from services.emotion.passages import hop_of, lay_out, turn_logits

RATE, HOP = 16000, 1280


def network(context_seconds: float = 20.0) -> WavLMForSequenceClassification:
    torch.manual_seed(0)
    config = WavLMConfig(
        vocab_size=4,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        conv_dim=(8, 8),
        conv_kernel=(400, 6),
        conv_stride=(320, 4),
        num_feat_extract_layers=2,
        feat_extract_norm="layer",
        conv_bias=True,
        num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=2,
        classifier_proj_size=8,
        id2label=dict(enumerate(EMOTIONS)),
        num_labels=4,
        context_seconds=context_seconds,
    )
    model: WavLMForSequenceClassification = WavLMForSequenceClassification(config).eval()
    model.classifier.weight.data.mul_(30)  # random weights say nearly the same about everything
    return model


def noise(seconds: float, seed: int = 0, gain: float = 0.1) -> np.ndarray:
    return (gain * np.random.default_rng(seed).normal(size=int(seconds * RATE))).astype(np.float32)


def classifier(context_seconds: float = 20.0) -> Classifier:
    return Classifier(network(context_seconds), Wav2Vec2FeatureExtractor(do_normalize=False))


def close(first: Scores, second: Scores, tolerance: float = 1e-5) -> bool:
    return all(first[emotion] == pytest.approx(second[emotion], abs=tolerance) for emotion in EMOTIONS)


def test_each_speaker_has_passages_of_their_own_in_the_order_of_the_turns() -> None:
    clips = [noise(seconds, seed) for seed, seconds in enumerate((2, 3, 1, 4, 5))]
    passages = lay_out(clips, ["A", "B", "A", "B", "A"], 12 * RATE, HOP, RATE)
    assert [passage.clips for passage in passages] == [(0, 2, 4), (1, 3)]


def test_a_passage_that_would_grow_too_long_is_parted() -> None:
    clips = [noise(seconds, seed) for seed, seconds in enumerate((2, 2, 2, 9))]
    passages = lay_out(clips, ["A"] * 4, 5 * RATE, HOP, RATE)
    assert [passage.clips for passage in passages] == [(0, 1), (2,), (3,)]
    assert passages[0].samples.size <= 5 * RATE


def test_a_turn_lies_where_its_frames_say() -> None:
    clips = [noise(1.23, 1), noise(0.61, 2)]
    (passage,) = lay_out(clips, ["A", "A"], 60 * RATE, HOP, RATE)
    assert passage.samples.size % HOP == 0
    for clip, (first, last) in zip(clips, passage.frames, strict=True):
        assert np.array_equal(passage.samples[first * HOP : first * HOP + clip.size], clip)
        assert (last - first - 1) * HOP < clip.size <= (last - first) * HOP
    (_, end), (start, last) = passage.frames
    assert (start - end) * HOP >= 0.3 * RATE
    with torch.inference_mode():
        frames = network().wavlm(torch.from_numpy(passage.samples)[None]).last_hidden_state.shape[1]
    assert last <= frames


def test_one_turn_over_all_frames_is_what_the_model_itself_says() -> None:
    model = network()
    values = torch.from_numpy(np.stack([noise(2, 1), noise(2, 2, 0.3)]))
    with torch.inference_mode():
        stock = model(values).logits
        hidden = model.wavlm(values).last_hidden_state
        own = turn_logits(model, hidden, [[(0, hidden.shape[1])], [(0, hidden.shape[1])]])
    assert torch.allclose(stock, own, atol=1e-5)
    assert not torch.allclose(own[0], own[1], atol=1e-2)


def test_the_other_turns_of_the_speaker_are_heard_and_those_of_others_are_not() -> None:
    judge = classifier()
    clips = [noise(2, 1), noise(2, 2, 0.5), noise(2, 3, 0.02)]
    alone = dict(judge.classify(clips, ["A", "B", "C"]))
    together = dict(judge.classify(clips, ["A", "A", "C"]))
    assert sorted(alone) == sorted(together) == [0, 1, 2]
    assert not close(alone[0], together[0]) and not close(alone[1], together[1])
    assert close(alone[2], together[2])


def test_without_a_context_every_turn_is_alone() -> None:
    judge = classifier(context_seconds=0.0)
    clips = [noise(2, 1), noise(2, 2, 0.5)]
    assert close(dict(judge.classify(clips, ["A", "A"]))[0], dict(judge.classify(clips, ["A", "B"]))[0])


def test_a_turn_longer_than_the_context_is_heard_in_parts() -> None:
    judge = classifier(context_seconds=3.0)
    clip = noise(8, 1)
    ((number, scores),) = judge.classify([clip])
    assert number == 0 and sum(scores.values()) == pytest.approx(1)
    parts = [next(judge.classify([part]))[1] for part in np.array_split(clip, 3)]
    assert close(scores, {emotion: float(np.mean([part[emotion] for part in parts])) for emotion in EMOTIONS})


def test_the_context_is_written_with_the_model(tmp_path: object) -> None:
    model = network(context_seconds=7.5)
    model.save_pretrained(str(tmp_path))
    again = WavLMForSequenceClassification.from_pretrained(str(tmp_path), local_files_only=True)
    assert again.config.context_seconds == 7.5 and hop_of(again) == HOP
