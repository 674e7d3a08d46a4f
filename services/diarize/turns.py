"""The turns of a chunk one by one, so that each finds its speaker by its own voice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pyannote.core import SlidingWindowFeature

_PAUSE_SECONDS = 0.1
# Less is too little to tell a voice by.
_SHORT_SECONDS = 0.5

_Run = tuple[int, int]


def turns_apart(segmentations: SlidingWindowFeature) -> SlidingWindowFeature:
    """The same speech with a track for each turn of a speaker, not for each speaker.

    A segmentation network sees sooner that somebody begins or ends than who it is: where it gives two people's turns
    to one speaker of the chunk, no clustering of speakers can part them. A turn that is too short to tell a voice by
    stays with the nearest longer one of its speaker.

    Args:
        segmentations: 0 or 1, shape (chunks, frames, speakers).

    Returns:
        0 or 1, shape (chunks, frames, turns): as many tracks as the chunk with most turns needs, at least one.
    """
    data = np.nan_to_num(segmentations.data)
    frames_a_second = data.shape[1] / segmentations.sliding_window.duration
    pause, short = (round(seconds * frames_a_second) for seconds in (_PAUSE_SECONDS, _SHORT_SECONDS))
    chunks = [[turn for track in chunk.T for turn in _turns(track, pause, short)] for chunk in data]
    tracks = np.zeros((*data.shape[:2], max(1, *(len(turns) for turns in chunks))), data.dtype)
    for chunk, turns in zip(tracks, chunks, strict=True):
        for number, turn in enumerate(turns):
            chunk[:, number] = turn
    return SlidingWindowFeature(tracks, segmentations.sliding_window)


def _turns(track: npt.NDArray[np.floating], pause: int, short: int) -> list[npt.NDArray[np.floating]]:
    """The turns of one speaker, each as a track of its own; all lengths in frames."""
    runs = _runs(track, pause)
    long = [run for run in runs if run[1] - run[0] >= short] or runs[:1]
    turns = {run: np.zeros_like(track) for run in long}
    for start, end in runs:
        nearest = min(long, key=lambda run: max(run[0] - end, start - run[1]))
        turns[nearest][start:end] = track[start:end]
    return list(turns.values())


def _runs(track: npt.NDArray[np.floating], pause: int) -> list[_Run]:
    """First frame, and the one after the last, of all speech between pauses that are longer than the given one."""
    spoken = np.flatnonzero(track)
    if not len(spoken):
        return []
    breaks = np.flatnonzero(np.diff(spoken) > pause + 1)
    starts, ends = spoken[np.r_[0, breaks + 1]], spoken[np.r_[breaks, len(spoken) - 1]] + 1
    return list(zip(starts.tolist(), ends.tolist(), strict=True))
