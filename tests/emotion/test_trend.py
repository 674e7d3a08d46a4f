"""The customer's trend, from scores."""

from __future__ import annotations

import pytest

from services.emotion.clips import Span
from services.emotion.labels import EMOTIONS, Scores
from services.emotion.trend import Trend, trend


def scores(emotion: str, probability: float = 0.85) -> Scores:
    rest = (1 - probability) / 3
    return {name: probability if name == emotion else rest for name in EMOTIONS}


def turn(
    start_seconds: float, end_seconds: float, emotion: str, probability: float = 0.85, customer: bool = True
) -> tuple[Span, Scores]:
    span = Span(0, int(1000 * start_seconds), int(1000 * end_seconds), customer)
    return span, scores(emotion, probability)


def test_from_the_first_turn_to_the_last_of_the_customer() -> None:
    mood = trend(
        [
            turn(0, 4, "happy", customer=False),
            turn(5, 9, "neutral"),
            turn(10, 14, "angry"),
            turn(15, 19, "happy"),
            turn(20, 24, "sad", customer=False),
        ]
    )
    assert (mood.start, mood.end) == ("neutral", "happy")
    assert mood.description == "Customer started Neutral and finished Happy"
    assert [(point.time_ms, point.emotion) for point in mood.points] == [
        (7000, "neutral"),
        (12000, "angry"),
        (17000, "happy"),
    ]


def test_turns_may_come_in_any_order() -> None:
    turns = [turn(0, 4, "sad"), turn(5, 9, "neutral"), turn(10, 14, "happy")]
    assert trend([turns[1], turns[2], turns[0]]) == trend(turns)


def test_one_word_does_not_decide() -> None:
    mood = trend([turn(0, 0.4, "happy", 0.4), turn(1, 5, "sad"), turn(6, 10, "neutral"), turn(11, 11.3, "angry", 0.5)])
    assert (mood.start, mood.end) == ("sad", "neutral")


def test_one_turn_is_start_and_end() -> None:
    mood = trend([turn(0, 0.5, "angry")])
    assert mood.description == "Customer started Angry and finished Angry"


def test_no_customer_no_trend() -> None:
    assert trend([turn(0, 4, "happy", customer=False)]) == Trend("", "", ())
    assert trend([]).description == ""


@pytest.mark.parametrize(("emotion", "sign"), [("neutral", 0), ("happy", 1), ("sad", -1), ("angry", -1)])
def test_valence_follows_the_probabilities(emotion: str, sign: int) -> None:
    (certain,) = trend([turn(0, 4, emotion, 1.0)]).points
    assert certain.valence == pytest.approx(sign)
    (unsure,) = trend([turn(0, 4, emotion, 0.6)]).points
    assert abs(unsure.valence) < 1
