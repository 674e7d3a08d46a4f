"""All turns of a speaker heard at once, each judged by its own frames: what is loud or high for this voice.

Models whose configuration has ``context_seconds`` were trained to listen so; all others hear every turn alone.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from transformers import PreTrainedModel

from services.serving.audio import FloatArray

PAUSE_SECONDS = 0.3
"""Silence behind each turn, at least: more than the convolutions hear at once, so that turns do not run together."""


@dataclass(frozen=True)
class Passage:
    """Turns of one speaker behind one another.

    Attributes:
        clips: position of each turn among the clips.
        samples: shape (samples,), each turn begins at a multiple of the hop.
        frames: first frame of each turn, and the first that is no longer its own.
    """

    clips: tuple[int, ...]
    samples: FloatArray
    frames: tuple[tuple[int, int], ...]


def hop_of(model: PreTrainedModel) -> int:
    """Samples from one frame to the next."""
    return math.prod(model.config.conv_stride)


def padded(clip: FloatArray, hop: int, sample_rate_hz: int) -> FloatArray:
    """A turn with its pause, a whole number of hops long."""
    pause = math.ceil(PAUSE_SECONDS * sample_rate_hz / hop) * hop
    return np.pad(clip, (0, -clip.size % hop + pause))


def lay_out(
    clips: Sequence[FloatArray], speakers: Sequence[Hashable], longest: int, hop: int, sample_rate_hz: int
) -> list[Passage]:
    """Puts each speaker's turns into passages, in their order; neighbours in time stay together.

    Args:
        clips: arrays of shape (samples,), none of them empty.
        speakers: whose each clip is.
        longest: samples of the longest passage; only a single turn may be longer.
        hop: see `hop_of`.
        sample_rate_hz: of the clips.
    """
    passages: list[Passage] = []
    for speaker in dict.fromkeys(speakers):
        group: list[int] = []
        pieces: list[FloatArray] = []
        for number in (number for number, other in enumerate(speakers) if other == speaker):
            piece = padded(clips[number], hop, sample_rate_hz)
            if group and sum(part.size for part in pieces) + piece.size > longest:
                passages.append(_passage(group, pieces, clips, hop))
                group, pieces = [], []
            group.append(number)
            pieces.append(piece)
        passages.append(_passage(group, pieces, clips, hop))
    return passages


def _passage(group: list[int], pieces: list[FloatArray], clips: Sequence[FloatArray], hop: int) -> Passage:
    starts = np.cumsum([0, *(piece.size // hop for piece in pieces)]).tolist()
    frames = tuple((start, start - (-clips[number].size // hop)) for number, start in zip(group, starts, strict=False))
    return Passage(tuple(group), np.concatenate(pieces), frames)


def turn_logits(
    model: PreTrainedModel, hidden: torch.Tensor, frames: Sequence[Sequence[tuple[int, int]]]
) -> torch.Tensor:
    """The model's own head, its mean taken over the frames of a turn and not over all.

    Args:
        model: a sequence classifier of the wav2vec2 family.
        hidden: its last hidden states, shape (passages, frames, width).
        frames: first and last frame of the turns of each passage.

    Returns:
        Shape (turns, labels), passage by passage.
    """
    projected = model.projector(hidden)
    means = [projected[row, first:last].mean(0) for row, turns in enumerate(frames) for first, last in turns]
    logits: torch.Tensor = model.classifier(torch.stack(means))
    return logits
