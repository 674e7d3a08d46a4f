"""Error rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jiwer


@dataclass(frozen=True)
class Score:
    """Fractions of the reference's letters and words that are wrong; 0 is perfect."""

    cer: float
    cer_without_spaces: float
    wer: float


def character_score(pairs: Sequence[tuple[str, str]]) -> Score:
    """Scores (said, heard) pairs, normalised, none of them silent in the reference."""
    said, heard = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return Score(
        cer=jiwer.cer(said, heard),
        cer_without_spaces=jiwer.cer([s.replace(" ", "") for s in said], [h.replace(" ", "") for h in heard]),
        wer=jiwer.wer(said, heard),
    )
