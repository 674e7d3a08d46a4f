"""A small WavLM classifier whose first convolutions are an ear: a spectrum that shows the harmonics of a voice."""

from __future__ import annotations

import math

import torch
from transformers import Wav2Vec2FeatureExtractor, WavLMConfig, WavLMForSequenceClassification

LABELS = ("neutral", "happy", "sad", "angry")
SAMPLE_RATE_HZ = 16000
CONTEXT_SECONDS = 60.0

_FREQUENCIES_HZ = (*range(300, 1600, 20), *range(1600, 3420, 40))
_PHASES = 3
_REFERENCES = 8
# Harmonics of a voice at the reference level of -23 dBFS come out near one, speech under -40 dBFS under the references.
_GAIN, _REFERENCE = 40.0, 0.2
_STEEPNESS = 3.0


def configuration() -> WavLMConfig:
    """Five convolutions with a hop of 160 ms in place of seven with 20 ms, and three small layers.

    WavLM because its attention knows distances: a frame must tell its own turn from the speaker's other turns.
    ``context_seconds`` makes the service show it all turns of a speaker at once (``services/emotion/passages.py``).
    """
    return WavLMConfig(
        vocab_size=4,
        hidden_size=128,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=256,
        conv_dim=(_REFERENCES + _PHASES * len(_FREQUENCIES_HZ), _REFERENCES + len(_FREQUENCIES_HZ), 160, 128, 160),
        conv_kernel=(800, 1, 3, 1, 6),
        conv_stride=(640, 1, 1, 1, 4),
        num_feat_extract_layers=5,
        # Layer norm with a bias, as in the large models: group norm would wipe the level out.
        conv_bias=True,
        feat_extract_norm="layer",
        do_stable_layer_norm=True,
        num_conv_pos_embeddings=11,
        num_conv_pos_embedding_groups=8,
        num_buckets=64,
        max_bucket_distance=128,
        classifier_proj_size=128,
        feat_proj_dropout=0.0,
        hidden_dropout=0.05,
        attention_dropout=0.0,
        activation_dropout=0.05,
        final_dropout=0.0,
        layerdrop=0.0,
        apply_spec_augment=False,
        num_labels=len(LABELS),
        id2label=dict(enumerate(LABELS)),
        label2id={label: number for number, label in enumerate(LABELS)},
        context_seconds=CONTEXT_SECONDS,
    )


def from_nothing(seed: int) -> WavLMForSequenceClassification:
    """A new network. Its first two convolutions are set, not learned, and frozen.

    The first is a short-time Fourier transform (50 ms every 40 ms) of the telephone's range, each frequency in three
    phases; the second adds the rectified phases up to a magnitude. A telephone carries no fundamental, but 20 Hz apart
    the harmonics of all but the deepest voices can be counted.
    """
    torch.manual_seed(seed)
    model = WavLMForSequenceClassification(configuration())
    layers = model.wavlm.feature_extractor.conv_layers[:2]
    fourier, magnitudes = layers
    with torch.no_grad():
        for layer in layers:
            layer.conv.weight.zero_()
            layer.conv.bias.zero_()
        fourier.conv.weight[_REFERENCES:, 0] = _fourier_filters(fourier.conv.kernel_size[0])
        # Constant channels: the layer norm divides the level out of all others and writes it into these.
        fourier.conv.bias[:_REFERENCES] = _REFERENCE
        fourier.layer_norm.bias[:_REFERENCES] = -torch.linspace(0, 3.5, _REFERENCES)
        fourier.layer_norm.weight[_REFERENCES:] = _STEEPNESS
        frequencies = len(_FREQUENCIES_HZ)
        magnitudes.conv.weight[:_REFERENCES, :_REFERENCES, 0] = torch.eye(_REFERENCES)
        magnitudes.conv.weight[_REFERENCES:, _REFERENCES:, 0] = torch.eye(frequencies).repeat(1, _PHASES)
        # What is weaker than the mean is not cut off by the activation.
        magnitudes.layer_norm.bias.fill_(1.0)
    for layer in layers:
        layer.requires_grad_(False)
    return model


def feature_extractor() -> Wav2Vec2FeatureExtractor:
    """Raw samples with an attention mask; the level is meant to be heard, so clips are not normalised."""
    return Wav2Vec2FeatureExtractor(
        feature_size=1, sampling_rate=SAMPLE_RATE_HZ, padding_value=0.0, do_normalize=False, return_attention_mask=True
    )


def _fourier_filters(taps: int) -> torch.Tensor:
    """Windowed cosines, shape (phases * frequencies, taps): all frequencies of the first phase first.

    A half-sine window parts harmonics of 60 Hz; the gain grows with the frequency as a voice's spectrum falls.
    """
    window = torch.sin(math.pi * (torch.arange(taps) + 0.5) / taps)
    window = window / window.sum()
    time = (torch.arange(taps) - (taps - 1) / 2) / SAMPLE_RATE_HZ
    hz = torch.tensor(_FREQUENCIES_HZ, dtype=torch.float32)
    gain = _GAIN * (hz / 500) ** 0.5
    waves = [torch.cos(2 * math.pi * (hz[:, None] * time + phase / _PHASES)) for phase in range(_PHASES)]
    filters = torch.cat([gain[:, None] * window * wave for wave in waves])
    # No offset may leak in: three phases of it would not cancel.
    return filters - window * filters.sum(1, keepdim=True)
