"""Labelled calls for the recipes: from the corpus' text, endlessly, or from a bank's own manifest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from training.common import manifest
from training.corpus.draw import pick
from training.corpus.grammar import compose
from training.corpus.script import CallScript, Pools
from training.corpus.slots import Split, Values
from training.corpus.splits import load_apart, pool_lines

_WRITTEN_SHARE = 0.7
"""Share of drawn calls that were written as a whole; the grammar makes the others."""
_PHRASED_SHARE, _MAX_PHRASES = 0.5, 4
"""Share of drawn calls in which the customer also says up to so many of the subject's own phrases."""
_HEARD_SHARE = 0.08
"""Share of drawn calls that are as the recogniser heard them."""
_PHRASES = Path(__file__).parent / "phrases.txt"
HEARD = Path(__file__).parent / "heard.jsonl.gz"
"""What ``heard`` keeps."""


@dataclass(frozen=True)
class Said:
    """A turn: who (``operator``, ``customer``, or empty where it is not known) and what."""

    role: str
    text: str


@dataclass(frozen=True)
class LabelledCall:
    """A call with what is known of it; a text that is not known is empty, stars that are not are 0.

    ``heard``: the turns are as a recogniser heard them, not as they were written.
    """

    turns: tuple[Said, ...]
    summary: str = ""
    topic: str = ""
    subtopic: str = ""
    stars: int = 0
    heard: bool = False


class Source(Protocol):
    """Where a recipe's calls come from."""

    def draw_many(self, rng: np.random.Generator, count: int) -> list[LabelledCall]:
        """Calls at random."""

    def spoken(self) -> list[str]:
        """Everything that is said in them, for a vocabulary."""

    def summaries(self) -> list[str]:
        """All their summaries, for a vocabulary."""

    def subjects(self) -> dict[str, list[str]]:
        """Their topics, and the subtopics of each."""


class CorpusSource:
    """The corpus' train split: calls as they are written, with fresh slot values, and calls that the grammar makes."""

    def __init__(self, split: Split = "train", seed: int = 0) -> None:
        self._text = load_apart(split)
        self._split = split
        self._phrases = read_phrases()
        self._heard = [replace(call, heard=True) for call in read_manifest(HEARD)] if split == "train" else []
        self._rng = np.random.default_rng([seed, 1])

    def draw_many(self, rng: np.random.Generator, count: int) -> list[LabelledCall]:
        """Calls at random."""
        return [self._draw(rng) for _ in range(count)]

    def _draw(self, rng: np.random.Generator) -> LabelledCall:
        if self._heard and rng.random() < _HEARD_SHARE:
            return pick(rng, self._heard)
        written = rng.random() < _WRITTEN_SHARE
        script = pick(rng, self._text.calls) if written else compose(self._text, rng)
        call = filled(script, Values(rng, self._split))
        return self._phrased(rng, call) if rng.random() < _PHRASED_SHARE else call

    def _phrased(self, rng: np.random.Generator, call: LabelledCall) -> LabelledCall:
        """The call with phrases of its subject in what the customer says."""
        turns = list(call.turns)
        places = [i for i, turn in enumerate(turns) if turn.role == "customer"]
        for _ in range(int(rng.integers(1, _MAX_PHRASES + 1))):
            place = pick(rng, places)
            turns[place] = replace(turns[place], text=f"{turns[place].text} {pick(rng, self._phrases[call.subtopic])}")
        return replace(call, turns=tuple(turns))

    def spoken(self) -> list[str]:
        """Every turn and every spoken pool line three times, with slot values."""
        lines = [turn.text for call in self._text.calls for turn in call.turns]
        for pools in self._all_pools():
            lines += pool_lines(_without_summaries(pools))
        lines = [Values(self._rng, self._split).fill(line) for line in lines for _ in range(3)]
        return lines + [phrase for phrases in self._phrases.values() for phrase in phrases]

    def summaries(self) -> list[str]:
        """Every summary and every summary sentence of the pools, with slot values."""
        lines = [call.summary for call in self._text.calls]
        for pools in self._all_pools():
            lines += [line for name, pool in pools.lines.items() if name.startswith("summary") for line in pool]
        return [Values(self._rng, self._split).fill(line) for line in lines]

    def subjects(self) -> dict[str, list[str]]:
        """Topics with their subtopics."""
        return _subjects(self._text.calls)

    def _all_pools(self) -> list[Pools]:
        return [self._text.general, *self._text.pools.values()]


class ManifestSource:
    """A bank's own labelled calls: JSON Lines, one call a line, as ``evaluation`` reads them."""

    def __init__(self, path: Path) -> None:
        self._calls = read_manifest(path)

    def draw_many(self, rng: np.random.Generator, count: int) -> list[LabelledCall]:
        """Calls at random."""
        return [pick(rng, self._calls) for _ in range(count)]

    def spoken(self) -> list[str]:
        """Every turn."""
        return [turn.text for call in self._calls for turn in call.turns]

    def summaries(self) -> list[str]:
        """Every summary."""
        return [call.summary for call in self._calls if call.summary]

    def subjects(self) -> dict[str, list[str]]:
        """Topics with their subtopics."""
        return _subjects(self._calls)


def read_manifest(path: Path) -> list[LabelledCall]:
    """Reads a manifest, compressed or not; turns without a word are left out.

    Raises:
        ValueError: as ``training.common.manifest``.
    """
    return [
        LabelledCall(
            tuple(Said(turn.role, turn.text) for turn in call.turns if turn.text.strip()),
            call.summary,
            call.topic,
            call.subtopic,
            call.stars,
        )
        for call in manifest.read(path, "text")
    ]


def filled(script: CallScript, slots: Values) -> LabelledCall:
    """A written call with its slots filled."""
    turns = tuple(Said(turn.role, slots.fill(turn.text)) for turn in script.turns)
    return LabelledCall(turns, slots.fill(script.summary), script.topic, script.subtopic, script.stars)


def held_out(split: Split = "validation", seed: int = 0) -> list[LabelledCall]:
    """All written calls of a split, slots filled in one fixed way."""
    rng = np.random.default_rng([seed, 2])
    return [filled(call, Values(rng, split)) for call in load_apart(split).calls]


def read_phrases(path: Path = _PHRASES) -> dict[str, tuple[str, ...]]:
    """The phrases of each subtopic."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    parts = [line.partition(":") for line in lines]
    return {name: tuple(phrase.strip() for phrase in phrases.split("|")) for name, _, phrases in parts}


def _subjects(calls: Sequence[CallScript | LabelledCall]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for call in calls:
        subtopics = found.setdefault(call.topic, [])
        if call.subtopic not in subtopics:
            subtopics.append(call.subtopic)
    return found


def _without_summaries(pools: Pools) -> Pools:
    spoken = {name: lines for name, lines in pools.lines.items() if not name.startswith("summary")}
    return Pools(pools.topic, pools.subtopic, spoken)
