"""Whole calls of the corpus to tune and to measure on: two speakers, but also one and three."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from training.corpus.render import Rendered, render
from training.corpus.slots import Split
from training.corpus.speak import SAMPLE_RATE
from training.corpus.splits import load_apart
from training.diarize.recordings import Recording

_SHORT_SECONDS = (12.0, 35.0)


def rendered_calls(split: Split, count: int, seed: int, others: bool = False) -> list[Recording]:
    """Calls that were written by hand, spoken by the split's voices: nearly the same ones from the same seed.

    Args:
        split: whose text and voices.
        count: calls of two speakers.
        seed: of every draw.
        others: also a quarter as many short ones of two speakers, as many with one speaker, and as many with three.
    """
    drawn = _rendered(split, seed)
    rng = np.random.default_rng([seed, 9])
    calls = [_two(next(drawn)) for _ in range(count)]
    if others:
        calls += [_short(_two(next(drawn)), rng.uniform(*_SHORT_SECONDS)) for _ in range(count // 4)]
        calls += [_one(next(drawn)) for _ in range(count // 4)]
        calls += [_three(next(drawn), drawn) for _ in range(count // 4)]
    return calls


def _rendered(split: Split, seed: int) -> Iterator[Rendered]:
    rng = np.random.default_rng([seed, 5])
    scripts = load_apart(split).calls
    while True:
        for number in rng.permutation(len(scripts)):
            yield render(scripts[int(number)], split, rng)


def _two(call: Rendered) -> Recording:
    turns = tuple((turn.start, turn.end, turn.speaker) for turn in call.turns)
    return Recording(call.script.source, call.mix, turns)


def _short(call: Recording, seconds: float) -> Recording:
    """The call's first turns: at least the given time, and until both speakers have been heard."""
    end = next(turn[1] for turn in call.turns if turn[1] > seconds or turn is call.turns[-1])
    end = max(end, next(turn[1] for turn in call.turns if turn[2] != call.turns[0][2]))
    turns = tuple(turn for turn in call.turns if turn[1] <= end)
    return Recording(f"{call.id} (short)", call.wave[: int((end + 0.5) * SAMPLE_RATE)], turns)


def _one(call: Rendered) -> Recording:
    """What the operator's end of the line sends: a call in which the other never speaks."""
    turns = tuple((turn.start, turn.end, "A") for turn in call.turns if turn.turn.role == "operator")
    return Recording(f"{call.script.source} (one)", call.parties[0], turns)


def _three(call: Rendered, more: Iterator[Rendered]) -> Recording:
    """The call is handed over: after two speakers a third one goes on."""
    voices = {speaker.variant for speaker in call.speakers}
    other = next(found for found in more if found.speakers[0].variant not in voices)
    after = len(call.mix) / SAMPLE_RATE
    turns = tuple((turn.start, turn.end, turn.speaker) for turn in call.turns)
    turns += tuple((after + t.start, after + t.end, "C") for t in other.turns if t.turn.role == "operator")
    return Recording(f"{call.script.source} (three)", np.concatenate([call.mix, other.parties[0]]), turns)
