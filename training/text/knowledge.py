"""All that the topics model knows, as one log-linear model: the taxonomy's subjects, and concepts for any others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from training.corpus.draw import pick
from training.text.bridge import Lessons, fit_concepts, spoken_of
from training.text.glossary import Concept, Subject, read_glossary
from training.text.loglinear import Encoded, fit_evidence, fit_naming, shares
from training.text.names import PARAPHRASES, TEMPLATES
from training.text.noise import Noise
from training.text.product import LogLinear, combined
from training.text.vocabulary import LONGEST, beginnings

_PENALTY = 0.036
_OF_ITS_PARTS = 0.5
"""A topic's evidence: so much of its subtopics' mean, and what stands out among them (``product``)."""
_OWN_NAME, _OTHER_NAMES = 10.0, 0.1
"""Weights of a subject's own name, and of its other names and the glossary's, when pieces are taught to name it."""
_TEXTS_OF_A_SUBJECT, _LINES, _KNOWN_TEXTS = 16, (2, 8), 1500


def fit(
    tokens: Any,
    subjects: dict[str, list[str]],
    stretches: Sequence[str],
    answers: Sequence[str],
    others: Sequence[Subject],
    noise: Noise,
    rng: np.random.Generator,
) -> LogLinear:
    """Fits the log-linear model.

    Args:
        tokens: of ``beginnings_pairs``.
        subjects: topics with their subtopics.
        stretches: of calls, as they are read.
        answers: their subtopics.
        others: subjects outside the taxonomy to learn from.
        noise: damages what is said about the others.
        rng: for the draws.
    """
    texts = ids(tokens, stretches)
    subtopics = [subtopic for group in subjects.values() for subtopic in group]
    numbers = {name: len(subjects) + i for i, name in enumerate(subtopics)}
    parts = [(i, numbers[name]) for i, group in enumerate(subjects.values()) for name in group]
    starts, table = beginnings_of(tokens)
    right = [subtopics.index(answer) for answer in answers]
    evidence = fit_evidence(texts, [right], [len(subtopics)], len(tokens), table, _PENALTY)
    means = [evidence[:, [subtopics.index(name) for name in group]].mean(1) for group in subjects.values()]
    evidence = torch.cat([_OF_ITS_PARTS * torch.stack(means, dim=1), evidence], dim=1)
    concepts = read_glossary()
    names = [*subjects, *subtopics]
    naming = _naming(tokens, names, concepts)

    said = [" ".join(noise.call(rng, _about(rng, other, stretches))) for other in others for _ in _texts()]
    lessons = [*ids(tokens, said), *texts[:_KNOWN_TEXTS]]
    scores = combined(torch.sparse.mm(shares(lessons, len(tokens)), evidence), parts)
    named = torch.stack(
        [naming[line].sum(0) for line in ids(tokens, [TEMPLATES[0].format(o.names[0]) for o in others])]
    )
    whose = [number for number in range(len(others)) for _ in _texts()] + [-1] * len(texts[:_KNOWN_TEXTS])
    found, constant = fit_concepts(
        Lessons(
            lessons,
            scores[:, : len(subjects)].logsumexp(1),
            torch.tensor(whose),
            named[:, len(names) :],
            scores @ named[:, : len(names)].t(),
        ),
        spoken_of(concepts, starts, LONGEST),
        table,
    )
    always = torch.zeros(naming.shape[1])
    always[-1] = constant
    return LogLinear(torch.cat([evidence, found], dim=1), naming, always, parts)


def _texts() -> range:
    return range(_TEXTS_OF_A_SUBJECT)


def _about(rng: np.random.Generator, other: Subject, stretches: Sequence[str]) -> list[str]:
    """Some of a subject's lines, between a turn or two of any call."""
    count = min(len(other.lines), int(rng.integers(*_LINES)))
    lines = [other.lines[i] for i in rng.permutation(len(other.lines))[:count]]
    around = pick(rng, stretches).split("\n")
    return [around[0], *lines, around[-1]]


def _naming(tokens: Any, names: Sequence[str], concepts: Sequence[Concept]) -> torch.Tensor:
    """How much each piece names each subject, each concept and, last, "other": shape (pieces, all of them)."""
    other = len(names) + len(concepts)
    rows = [(name, [number], _OWN_NAME) for number, name in enumerate(names)]
    rows += [(also, [number], _OTHER_NAMES) for number, name in enumerate(names) for also in PARAPHRASES.get(name, ())]
    taken = {word.lower() for name in names for word in name.split()}
    meant: dict[str, list[int]] = {}
    for number, concept in enumerate(concepts):
        for word in concept.english:
            meant.setdefault(word, []).append(len(names) + number)
    rows += [(word, [*numbers, other], _OTHER_NAMES) for word, numbers in meant.items() if word not in taken]
    rows += [("", [other], _OTHER_NAMES)]
    read = ids(tokens, [TEMPLATES[0].format(name) for name, _, _ in rows])
    named = [(pieces, which, weight) for pieces, (_, which, weight) in zip(read, rows, strict=True)]
    return fit_naming(named, len(tokens), other + 1)


def beginnings_of(tokens: Any) -> tuple[dict[str, int], torch.Tensor]:
    """All beginnings of pieces, numbered, and those of each piece, itself among them.

    The second is sparse, shape (pieces, beginnings).
    """
    special, found = set(tokens.all_special_tokens), list[tuple[int, int]]()
    numbers: dict[str, int] = {}
    for piece, number in sorted(tokens.get_vocab().items(), key=lambda pair: pair[1]):
        if piece not in special and not piece.startswith("##"):
            found += [(number, numbers.setdefault(start, len(numbers))) for start in beginnings(piece)]
    where, size = torch.tensor(found).t(), (len(tokens), len(numbers))
    return numbers, torch.sparse_coo_tensor(where, torch.ones(len(found)), size, check_invariants=False).coalesce()


def ids(tokens: Any, texts: Sequence[str]) -> Encoded:
    """Piece ids of texts, without special pieces."""
    return [found.ids for found in tokens.backend_tokenizer.encode_batch(list(texts), add_special_tokens=False)]
