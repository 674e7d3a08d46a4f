"""When each letter of a text was said, from the emission of a CTC recogniser."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def align(log_probabilities: npt.NDArray[np.float32], tokens: list[int], blank: int) -> list[tuple[int, int]]:
    """Finds the most probable path through the emission that spells ``tokens`` (Viterbi).

    Args:
        log_probabilities: [frames, outputs].
        tokens: outputs in the order in which they are said.
        blank: output that stands for nothing.

    Returns:
        For each token its first and last frame. All (0, 0) where there are too few frames for the tokens.
    """
    frames, states = len(log_probabilities), 2 * len(tokens) + 1
    labels = np.full(states, blank)
    labels[1::2] = tokens
    # A blank can be left out between two tokens that differ.
    skips = np.zeros(states, dtype=bool)
    skips[3::2] = labels[3::2] != labels[1:-2:2]
    emissions = log_probabilities[:, labels]
    best = np.full(states, -np.inf)
    best[:2] = emissions[0, :2]
    moves = np.zeros((frames, states), dtype=np.int8)
    for frame in range(1, frames):
        choices = np.full((3, states), -np.inf)
        choices[0] = best
        choices[1, 1:] = best[:-1]
        choices[2, 2:] = np.where(skips[2:], best[:-2], -np.inf)
        moves[frame] = choices.argmax(axis=0)
        best = choices.max(axis=0) + emissions[frame]
    state = states - 1 if states < 2 or best[-1] >= best[-2] else states - 2
    if not np.isfinite(best[state]):
        return [(0, 0)] * len(tokens)
    spans = [(frames, -1)] * len(tokens)
    for frame in range(frames - 1, -1, -1):
        if state % 2:
            first, last = spans[state // 2]
            spans[state // 2] = (min(first, frame), max(last, frame))
        state -= int(moves[frame, state])
    return spans
