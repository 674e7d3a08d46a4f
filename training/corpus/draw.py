"""Small draws from a NumPy generator that leave the drawn value's type alone."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def pick(rng: np.random.Generator, items: Sequence[T]) -> T:
    """One item, each as likely; IndexError when there is none."""
    if not items:
        raise IndexError("nothing to pick from")
    return items[int(rng.integers(len(items)))]


def chance(rng: np.random.Generator, probability: float) -> bool:
    """True with the given probability (0 to 1)."""
    return bool(rng.random() < probability)


def weighted(rng: np.random.Generator, weights: Mapping[T, float]) -> T:
    """One key, as likely as its weight; the weights need not add up to one."""
    keys = list(weights)
    edges = np.cumsum([weights[key] for key in keys])
    return keys[min(int(np.searchsorted(edges, rng.random() * edges[-1], side="right")), len(keys) - 1)]


def shuffled(rng: np.random.Generator, items: Sequence[T]) -> list[T]:
    """The items in random order; the argument is left alone."""
    return [items[i] for i in rng.permutation(len(items))]
