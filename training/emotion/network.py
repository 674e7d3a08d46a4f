"""A small wav2vec2 classifier whose first convolutions know how to listen to prosody."""

from __future__ import annotations

import math

import torch
from scipy.signal import firwin
from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2ForSequenceClassification

LABELS = ("neutral", "happy", "sad", "angry")
SAMPLE_RATE_HZ = 16000

_BANDS = 24
_BANDS_HZ = (150, 3700)
_PITCHES = 24
_PITCHES_HZ = (75, 380)
_REFERENCES = 4
# Speech at the reference level of -23 dBFS has an RMS of 0.07; its parts in a band are smaller still.
_BAND_GAIN = 25.0
_PITCH_GAIN = 4.0


def configuration() -> Wav2Vec2Config:
    """Four convolutions with a hop of 80 ms in place of seven with 20 ms, and three small layers."""
    return Wav2Vec2Config(
        vocab_size=4,
        hidden_size=128,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=384,
        conv_dim=(_REFERENCES + _BANDS, 48, _REFERENCES + _BANDS + 4 * _PITCHES + 4, 128),
        conv_kernel=(40, 10, 48, 16),
        conv_stride=(5, 4, 8, 8),
        num_feat_extract_layers=4,
        # Layer norm with a bias, as in wav2vec2-large: group norm would wipe the level out.
        conv_bias=True,
        feat_extract_norm="layer",
        do_stable_layer_norm=True,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
        classifier_proj_size=128,
        # The generator's calls never repeat: there is little to overfit to.
        feat_proj_dropout=0.0,
        hidden_dropout=0.0,
        attention_dropout=0.0,
        activation_dropout=0.0,
        final_dropout=0.0,
        layerdrop=0.0,
        apply_spec_augment=False,
        num_labels=len(LABELS),
        id2label=dict(enumerate(LABELS)),
        label2id={label: number for number, label in enumerate(LABELS)},
    )


def from_nothing(seed: int) -> Wav2Vec2ForSequenceClassification:
    """A new network. Its first three convolutions are set, not learned, and frozen: an ear.

    They hear 24 bands of the telephone's range, then the envelope of each, then in 60 ms of the envelopes the level
    of each band and the strength of 24 pitches (a telephone carries no fundamental, but the envelopes beat with it).
    Learning this from labels alone takes more time than all the rest: a linear classifier on the mean and the
    spread of these channels already does what the same network reached after 400 steps from random filters.
    """
    torch.manual_seed(seed)
    model = Wav2Vec2ForSequenceClassification(configuration())
    bands, envelopes, pitches = (layer.conv for layer in model.wav2vec2.feature_extractor.conv_layers[:3])
    with torch.no_grad():
        _set(bands, _band_filters(bands.kernel_size[0])[:, None])
        _set(envelopes, _envelope_filters(envelopes))
        _set(pitches, _pitch_filters(pitches))
    for layer in model.wav2vec2.feature_extractor.conv_layers[:3]:
        layer.requires_grad_(False)
    return model


def feature_extractor() -> Wav2Vec2FeatureExtractor:
    """Raw samples with an attention mask; the level is meant to be heard, so clips are not normalised."""
    return Wav2Vec2FeatureExtractor(
        feature_size=1, sampling_rate=SAMPLE_RATE_HZ, padding_value=0.0, do_normalize=False, return_attention_mask=True
    )


def _set(conv: torch.nn.Conv1d, filters: torch.Tensor) -> None:
    """Puts filters behind the channels that hear nothing.

    Those are constant: the layer norm that follows then compresses the level of the others softly, where it would
    divide it out.
    """
    conv.weight.zero_()
    conv.weight[_REFERENCES : _REFERENCES + len(filters)] = filters
    if conv.bias is not None:
        conv.bias.zero_()
        conv.bias[:_REFERENCES] = torch.tensor([1.0, -1.0]).repeat(_REFERENCES // 2)


def _hann(taps: int) -> torch.Tensor:
    window = torch.hann_window(taps + 2, periodic=False)[1:-1]
    return window / window.sum()


def _band_filters(taps: int) -> torch.Tensor:
    """Band-pass filters, evenly spaced on the mel scale, shape (bands, taps)."""
    low, high = (2595 * math.log10(1 + hz / 700) for hz in _BANDS_HZ)
    edges = [700 * (10 ** (float(mel) / 2595) - 1) for mel in torch.linspace(low, high, _BANDS + 2)]
    pairs = zip(edges[:-2], edges[2:], strict=True)
    filters = [firwin(taps, pair, pass_zero=False, fs=SAMPLE_RATE_HZ, scale=False) for pair in pairs]
    return _BAND_GAIN * torch.stack([torch.from_numpy(taps).float() for taps in filters])


def _envelope_filters(conv: torch.nn.Conv1d) -> torch.Tensor:
    """Low-pass filters of each band and of two and three neighbours, shape (filters, channels, taps)."""
    groups = [range(first, first + width) for width in (1, 2, 3) for first in range(0, _BANDS - width + 1, width)]
    filters = torch.zeros(len(groups), conv.in_channels, conv.kernel_size[0])
    for number, group in enumerate(groups):
        for band in group:
            filters[number, _REFERENCES + band] = _hann(conv.kernel_size[0]) / len(group)
    return filters


def _pitch_filters(conv: torch.nn.Conv1d) -> torch.Tensor:
    """The level of each band, and each pitch in four phases over all bands, shape (filters, channels, taps)."""
    taps = conv.kernel_size[0]
    window, bands = _hann(taps), slice(_REFERENCES, _REFERENCES + _BANDS)
    filters = torch.zeros(_BANDS + 4 * _PITCHES, conv.in_channels, taps)
    for band in range(_BANDS):
        filters[band, _REFERENCES + band] = window
    rate_hz = SAMPLE_RATE_HZ / (5 * 4)
    time = (torch.arange(taps) - (taps - 1) / 2) / rate_hz
    low, high = (math.log(hz) for hz in _PITCHES_HZ)
    for number, hz in enumerate(torch.linspace(low, high, _PITCHES).exp().tolist()):
        for phase in range(4):
            wave = window * torch.cos(2 * torch.pi * (hz * time + phase / 4))
            wave -= window * wave.sum()
            filters[_BANDS + 4 * number + phase, bands] = _PITCH_GAIN / _BANDS * wave
    return filters
