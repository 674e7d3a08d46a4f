"""From what each turn suggests to the roles of a call's speakers, decided together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp

OPERATOR, CUSTOMER = "operator", "customer"

_TEMPER = 0.5
"""Weight of a turn's log-odds in the sum: the turns of one speaker are not independent witnesses."""
_CLIP = 4.0
"""Most that one turn may say, in nats: no single sentence decides a call."""
_EXTRA_OPERATOR = 6.0
"""Price, in nats, of each operator beyond the first: calls are handed over, but seldom."""
_MAX_OPERATORS = 3
_MAX_CONFIDENCE = 0.99


@dataclass(frozen=True)
class SpeakerRole:
    """A speaker's role.

    Attributes:
        speaker: anonymous name within the call.
        role: ``operator`` or ``customer``.
        confidence: probability that the role is right given all turns, at most 0.99.
    """

    speaker: str
    role: str
    confidence: float


def decide(log_odds: Sequence[tuple[str, float]]) -> tuple[SpeakerRole, ...]:
    """Decides all speakers' roles at once.

    One speaker gets the more probable role; of two exactly one is the operator; of three or more one is, and further
    ones only on strong evidence; one is always the customer. Where nothing speaks for anybody, who speaks first is
    the operator.

    Args:
        log_odds: speaker and log-odds that an operator speaks, for each turn in order of time; not empty.

    Returns:
        The speakers in order of first appearance.
    """
    evidence: dict[str, float] = {}
    for speaker, value in log_odds:
        evidence[speaker] = evidence.get(speaker, 0.0) + _TEMPER * max(-_CLIP, min(_CLIP, value))
    scores = _assignments(evidence)
    operators = max(scores, key=lambda assignment: scores[assignment])
    top = scores[operators]
    weights = {assignment: exp(score - top) for assignment, score in scores.items()}
    total = sum(weights.values())
    decided = []
    for speaker in evidence:
        role = OPERATOR if speaker in operators else CUSTOMER
        agreeing = sum(weight for found, weight in weights.items() if (speaker in found) == (speaker in operators))
        decided.append(SpeakerRole(speaker, role, min(_MAX_CONFIDENCE, agreeing / total)))
    return tuple(decided)


def _assignments(evidence: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    """Every set of operators that is thinkable, with its log-likelihood up to a constant."""
    speakers = list(evidence)
    if len(speakers) == 1:
        sizes = [0, 1]
    else:
        most = 1 if len(speakers) == 2 else min(_MAX_OPERATORS, len(speakers) - 1)
        sizes = list(range(1, most + 1))
    return {
        operators: sum(evidence[speaker] for speaker in operators) - _EXTRA_OPERATOR * max(0, size - 1)
        for size in sizes
        for operators in combinations(speakers, size)
    }
