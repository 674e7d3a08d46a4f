"""The joint decision: what the turns of all speakers say together."""

from __future__ import annotations

import pytest

from services.roles.decision import CUSTOMER, OPERATOR, decide


def roles(odds: list[tuple[str, float]]) -> dict[str, str]:
    return {decided.speaker: decided.role for decided in decide(odds)}


def test_of_two_exactly_one_is_the_operator() -> None:
    # Both sound like customers; the one who does so less is the operator.
    assert roles([("A", -0.5), ("B", -3.0), ("A", -0.2)]) == {"A": OPERATOR, "B": CUSTOMER}
    assert roles([("A", 3.0), ("B", 2.0)]) == {"A": OPERATOR, "B": CUSTOMER}


def test_many_weak_turns_outweigh_one_loud_one() -> None:
    assert roles([("A", 50.0), *[("A", -1.0), ("B", 1.0)] * 8]) == {"A": CUSTOMER, "B": OPERATOR}


def test_one_speaker_gets_the_more_probable_role() -> None:
    assert roles([("A", -2.0), ("A", 0.5)]) == {"A": CUSTOMER}
    assert roles([("A", 1.0)]) == {"A": OPERATOR}


def test_of_three_one_is_the_operator() -> None:
    odds = [("A", -1.0), ("B", 2.0), ("C", -2.0), ("B", 1.0), ("A", 0.5)]
    assert roles(odds) == {"A": CUSTOMER, "B": OPERATOR, "C": CUSTOMER}
    assert roles([("A", -1.0), ("B", -2.0), ("C", -3.0)])["A"] == OPERATOR


def test_a_second_operator_needs_strong_evidence() -> None:
    handed_over = [("A", 4.0), ("B", -4.0), ("C", 4.0)] * 5
    assert roles(handed_over) == {"A": OPERATOR, "B": CUSTOMER, "C": OPERATOR}
    assert roles([("A", 4.0), ("B", -4.0), ("C", 2.0)])["C"] == CUSTOMER


def test_somebody_is_always_the_customer() -> None:
    assert CUSTOMER in roles([("A", 4.0), ("B", 4.0), ("C", 4.0)] * 20).values()


def test_speakers_come_in_order_of_appearance_and_silence_of_evidence_means_the_first_answers() -> None:
    decided = decide([("S2", 0.0), ("S1", 0.0)])
    assert [(d.speaker, d.role) for d in decided] == [("S2", OPERATOR), ("S1", CUSTOMER)]
    assert decided[0].confidence == pytest.approx(0.5)


@pytest.mark.parametrize("turns", [1, 3, 1000])
def test_confidence_grows_with_evidence_but_is_never_certain(turns: int) -> None:
    decided = decide([("A", 1.0), ("B", -1.0)] * turns)
    assert decided[0].confidence == decided[1].confidence
    assert 0.7 < decided[0].confidence <= 0.99
