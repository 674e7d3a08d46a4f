"""Batches and windows: a clip's scores do not depend on its neighbours."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2ForSequenceClassification

from rpc.errors import InvalidInput
from services.emotion.classifier import Classifier
from services.emotion.labels import EMOTIONS, Scores, emotions_of

RATE = 16000


def network(norm: str) -> Wav2Vec2ForSequenceClassification:
    torch.manual_seed(0)
    config = Wav2Vec2Config(
        vocab_size=4,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        conv_dim=(8, 8),
        conv_kernel=(40, 16),
        conv_stride=(20, 16),
        num_feat_extract_layers=2,
        feat_extract_norm=norm,
        num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=2,
        classifier_proj_size=8,
        id2label=dict(enumerate(EMOTIONS)),
        num_labels=4,
    )
    model: Wav2Vec2ForSequenceClassification = Wav2Vec2ForSequenceClassification(config).eval()
    model.classifier.weight.data.mul_(30)  # random weights say nearly the same about everything
    return model


def classifier(norm: str = "layer", **options: float) -> Classifier:
    return Classifier(network(norm), Wav2Vec2FeatureExtractor(return_attention_mask=norm == "layer"), **options)


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    swell = np.linspace(0.1, 1, int(seconds * RATE))
    return (swell * np.random.default_rng(seed).normal(0, 0.1, int(seconds * RATE))).astype(np.float32)


def close(first: Scores, second: Scores) -> bool:
    return all(first[emotion] == pytest.approx(second[emotion], abs=1e-4) for emotion in EMOTIONS)


@pytest.mark.parametrize("norm", ["layer", "group"])
def test_together_as_alone(norm: str) -> None:
    judge = classifier(norm)
    clips = [noise(seconds, seed) for seed, seconds in enumerate((3.0, 0.7, 1.4, 5.0))]
    together = dict(judge.classify(clips))
    assert sorted(together) == [0, 1, 2, 3]
    for number, clip in enumerate(clips):
        ((_, alone),) = judge.classify([clip])
        assert close(alone, together[number])
    assert not close(together[0], together[3])


def test_scores_are_probabilities() -> None:
    ((_, scores),) = classifier().classify([noise(1)])
    assert set(scores) == set(EMOTIONS)
    assert sum(scores.values()) == pytest.approx(1)


@pytest.mark.parametrize("samples", [1, 160, 4000])
def test_a_clip_of_a_word_or_less_is_judged(samples: int) -> None:
    ((_, scores),) = classifier().classify([noise(1)[:samples]])
    assert all(0 <= score <= 1 for score in scores.values())


def test_a_long_clip_is_the_mean_of_its_windows() -> None:
    judge = classifier(window_seconds=2.0)
    clip = noise(5.0)
    ((_, whole),) = judge.classify([clip])
    parts = [scores for _, scores in sorted(judge.classify(np.array_split(clip, 3)), key=lambda pair: pair[0])]
    assert close(whole, {emotion: float(np.mean([part[emotion] for part in parts])) for emotion in EMOTIONS})


def test_short_clips_come_first_and_batches_keep_their_budget() -> None:
    judge = classifier(batch_seconds=4.0)
    order = [number for number, _ in judge.classify([noise(3), noise(1), noise(2), noise(1, 1)])]
    assert order == [1, 3, 2, 0]


@pytest.mark.parametrize(
    "labels", [("neu", "hap", "ang", "sad"), ("Neutral", "Happy", "Angry", "Sad"), ("calm", "joy", "anger", "sadness")]
)
def test_names_of_the_labels(labels: tuple[str, ...]) -> None:
    assert emotions_of(dict(enumerate(labels))) == ["neutral", "happy", "angry", "sad"]


def test_other_labels_are_refused() -> None:
    with pytest.raises(InvalidInput, match="label_0, label_1"):
        emotions_of({0: "LABEL_0", 1: "LABEL_1"})
