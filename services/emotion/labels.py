"""The four emotions, and the names that checkpoints give them."""

from __future__ import annotations

from collections.abc import Mapping

from rpc.errors import InvalidInput

EMOTIONS = ("neutral", "happy", "sad", "angry")

Scores = dict[str, float]
"""Probability of each emotion; they add up to 1."""

# superb's checkpoints cut the names of IEMOCAP to three letters; others use nouns.
_ALIASES = {
    "neu": "neutral",
    "calm": "neutral",
    "hap": "happy",
    "happiness": "happy",
    "joy": "happy",
    "sadness": "sad",
    "ang": "angry",
    "anger": "angry",
}


def emotions_of(id2label: Mapping[int, str]) -> list[str]:
    """The emotion of each output of a model, in the order of its outputs.

    Raises:
        InvalidInput: the labels are not the four emotions.
    """
    names = [id2label[key].strip().lower() for key in sorted(id2label)]
    emotions = [_ALIASES.get(name, name) for name in names]
    if sorted(emotions) != sorted(EMOTIONS):
        raise InvalidInput(
            f"the emotion model's labels are {', '.join(names)}",
            f"it needs one label for each of {', '.join(EMOTIONS)}",
        )
    return emotions
