"""Evidence for subjects that were not trained: concepts, which English words name and Azerbaijani words speak of.

What the glossary says of a word counts alike for all concepts; from the subjects outside the taxonomy are learned how
much that is, how a call sounds that is about none of the bank's subjects, and further words for the concepts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from training.text.glossary import Concept
from training.text.loglinear import Encoded, shares

_PENALTY, _OTHER_PENALTY = 3e-5, 3e-6
_ATTRACTED = 3.0
"""Weight of what must not happen: a call about a known subject goes to another."""
_AMONG = 0.3
"""Weight of telling the learned subjects apart."""


@dataclass(frozen=True)
class Lessons:
    """What is learned from.

    Attributes:
        texts: piece ids of each text.
        known: each text's strongest evidence for a known subject, nats, shape (texts).
        subject: the subject of each text, -1 for one that the taxonomy knows.
        naming: how much each subject's name names each concept, shape (subjects, concepts + 1); the last is "other".
        offset: what the name's other words add to each text's evidence, shape (texts, subjects).
    """

    texts: Encoded
    known: torch.Tensor
    subject: torch.Tensor
    naming: torch.Tensor
    offset: torch.Tensor


def spoken_of(concepts: Sequence[Concept], starts: dict[str, int], longest: int) -> torch.Tensor:
    """1 where a beginning is a concept's stem: shape (beginnings, concepts)."""
    found = torch.zeros(len(starts), len(concepts))
    for number, concept in enumerate(concepts):
        for stem in concept.stems:
            if (place := starts.get(stem[:longest])) is not None:
                found[place, number] = 1.0
    return found


def fit_concepts(lessons: Lessons, spoken: torch.Tensor, parts: torch.Tensor) -> tuple[torch.Tensor, float]:
    """Fits the concepts' evidence by L-BFGS, the glossary's strength first.

    Args:
        lessons: texts with their subjects.
        spoken: of ``spoken_of``.
        parts: beginnings of each piece, sparse, shape (pieces, beginnings).

    Returns:
        Evidence of each piece for each concept and, last, for "other", shape (pieces, concepts + 1); and the evidence
        for "other" that every call has.
    """
    counts = torch.sparse.mm(shares(lessons.texts, parts.shape[0]), parts)
    strength, constant = torch.tensor([30.0], requires_grad=True), torch.tensor([-1.0], requires_grad=True)
    other = torch.zeros(counts.shape[1], 1, requires_grad=True)
    more = torch.zeros_like(spoken).requires_grad_()
    about = lessons.subject >= 0
    right = lessons.subject[about]

    def total() -> torch.Tensor:
        evidence = torch.cat([strength * spoken + 10.0 * more, 10.0 * other], dim=1)
        gathered = torch.sparse.mm(counts, evidence)  # type: ignore[no-untyped-call]
        gathered = torch.cat([gathered[:, :-1], gathered[:, -1:] + constant], dim=1)
        scores = gathered @ lessons.naming.t() + lessons.offset
        ahead = scores - lessons.known.unsqueeze(1)
        own = ahead[about].gather(1, right.unsqueeze(1))
        missed = torch.nn.functional.softplus(-own).mean()
        attracted = torch.nn.functional.softplus(ahead[~about]).mean()
        among = torch.nn.functional.cross_entropy(scores[about], right)
        weights = _PENALTY * more.square().sum() + _OTHER_PENALTY * other.square().sum()
        return missed + _ATTRACTED * attracted + _AMONG * among + 100.0 * weights

    _minimise(total, [strength, constant, other], 25)
    strength.requires_grad_(False)
    _minimise(total, [more, constant, other], 25)
    with torch.no_grad():
        evidence = torch.cat([strength * spoken + 10.0 * more, 10.0 * other], dim=1)
        return torch.sparse.mm(parts, evidence), float(constant)


def _minimise(total: object, parameters: list[torch.Tensor], steps: int) -> None:
    optimizer = torch.optim.LBFGS(parameters, max_iter=steps, history_size=8, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss: torch.Tensor = total()  # type: ignore[operator]
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
