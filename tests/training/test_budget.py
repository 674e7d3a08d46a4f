"""The budget of a training run."""

import time

import pytest

from training.common.budget import Budget, cosine


def _compute(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def test_waiting_costs_nothing() -> None:
    budget = Budget(minutes=1.0)
    time.sleep(0.3)
    assert budget.spent_seconds < 0.1


def test_computing_is_counted_and_goes_on_after_a_pause() -> None:
    budget = Budget(minutes=0.01, spent_seconds=0.3)
    _compute(0.1)
    assert budget.spent_seconds == pytest.approx(0.4, abs=0.05)
    assert budget.progress == pytest.approx(0.4 / 0.6, abs=0.1)
    _compute(0.25)
    assert budget.progress == 1.0


def test_the_rate_rises_and_comes_down_to_zero() -> None:
    assert cosine(0.0) < 0.01
    assert cosine(0.05) == pytest.approx(1.0)
    assert cosine(1.0) == pytest.approx(0.0)
