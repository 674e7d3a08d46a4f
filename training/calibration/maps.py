"""From what a model claims to what is true: one temperature for a softmax, two numbers for a word's certainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, log_expit, log_softmax

_HOTTEST = 8.0
_LEAST = 1e-7
"""Single precision has few probabilities nearer to 0 or 1."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Decision:
    """One choice of a model.

    Attributes:
        call: number of the call that it belongs to.
        scores: log probabilities of the options, up to a constant; shape (options,).
        target: the right option.
        chosen: the option that the model took.
    """

    call: int
    scores: Floats
    target: int
    chosen: int


class Map(Protocol):
    """Makes probabilities of scores."""

    def log_probabilities(self, scores: Floats) -> Floats:
        """Of the options, shape (options,)."""


@dataclass(frozen=True)
class Temperature:
    """Divides the scores (Guo et al. 2017): above 1 where a model is surer than right. The choice stays what it is."""

    value: float = 1.0

    def log_probabilities(self, scores: Floats) -> Floats:
        """Of the options, shape (options,)."""
        return np.asarray(log_softmax(scores / self.value))


@dataclass(frozen=True)
class Odds:
    """A line over the log-odds of the first of two options (Platt 1999)."""

    slope: float = 1.0
    offset: float = 0.0

    def log_probabilities(self, scores: Floats) -> Floats:
        """Of the two options, shape (2,)."""
        odds = self.slope * (scores[0] - scores[1]) + self.offset
        return np.asarray([log_expit(odds), log_expit(-odds)])


def decision(call: int, probabilities: Sequence[float], target: int) -> Decision:
    """A choice between the options of a softmax: the most probable one was taken."""
    scores = np.log(np.maximum(probabilities, _LEAST))
    return Decision(call, scores, target, int(scores.argmax()))


def binary(call: int, probability: float, right: bool) -> Decision:
    """A claim that is right, by its own account, with a probability."""
    sure = min(max(probability, _LEAST), 1 - _LEAST)
    return Decision(call, np.log([sure, 1 - sure]), 0 if right else 1, 0)


def fit_temperature(decisions: Sequence[Decision], weights: Sequence[float] | None = None) -> Temperature:
    """The temperature, from 1/8 to 8, that makes the right options most probable.

    Args:
        decisions: at least one.
        weights: how much each counts; without: all the same.
    """
    weighed = np.ones(len(decisions)) if weights is None else np.asarray(weights)

    def loss(log_temperature: float) -> float:
        return float(weighed @ losses(Temperature(float(np.exp(log_temperature))), decisions))

    limit = np.log(_HOTTEST)
    return Temperature(float(np.exp(minimize_scalar(loss, bounds=(-limit, limit), method="bounded").x)))


def fit_odds(decisions: Sequence[Decision]) -> Odds:
    """The line that makes what happened most probable; two of Platt's imagined outcomes keep it finite."""
    odds = np.asarray([one.scores[0] - one.scores[1] for one in decisions])
    right = np.asarray([one.target == 0 for one in decisions], dtype=float)
    # Platt's targets: as if one more of each had been seen.
    soft = np.where(right > 0, (right.sum() + 1) / (right.sum() + 2), 1 / ((1 - right).sum() + 2))

    def loss(line: Floats) -> tuple[float, Floats]:
        z = line[0] * odds + line[1]
        wrong = expit(z) - soft
        value = -(soft * log_expit(z) + (1 - soft) * log_expit(-z)).mean()
        return float(value), np.asarray([(wrong * odds).mean(), wrong.mean()])

    slope, offset = minimize(loss, np.asarray([1.0, 0.0]), jac=True, method="L-BFGS-B").x
    return Odds(float(slope), float(offset))


def losses(map_: Map, decisions: Sequence[Decision]) -> Floats:
    """Negative log probability of each right option, in nats; shape (decisions,)."""
    return np.asarray([-map_.log_probabilities(one.scores)[one.target] for one in decisions])
