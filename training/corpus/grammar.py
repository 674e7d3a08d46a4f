"""Calls that nobody wrote as a whole: the pools of a subtopic recombined along a customer's journey."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.corpus.draw import chance, pick, shuffled, weighted
from training.corpus.script import CallScript, Emotion, Pools, Text, Turn

_MAX_TURNS = 40

# How a customer comes in, and how a service of 5 to 1 stars sends him away.
_FIRST: dict[Emotion, float] = {"neutral": 0.34, "happy": 0.18, "sad": 0.24, "angry": 0.24}
_LAST: dict[int, dict[Emotion, float]] = {
    5: {"happy": 0.80, "neutral": 0.20},
    4: {"happy": 0.45, "neutral": 0.55},
    3: {"neutral": 0.55, "sad": 0.20, "angry": 0.10, "happy": 0.15},
    2: {"sad": 0.50, "angry": 0.35, "neutral": 0.15},
    1: {"angry": 0.60, "sad": 0.35, "neutral": 0.05},
}
# How often a customer who is in a mood speaks neutrally all the same.
_COOLED = 0.25
_OPERATOR: dict[int, dict[Emotion, float]] = {
    5: {"neutral": 0.62, "happy": 0.38},
    4: {"neutral": 0.82, "happy": 0.18},
    3: {"neutral": 0.93, "happy": 0.02, "angry": 0.05},
    2: {"neutral": 0.86, "angry": 0.14},
    1: {"neutral": 0.58, "angry": 0.42},
}
_MANNER = {5: ("warm",), 4: ("warm", "curt"), 3: ("curt",), 2: ("curt", "rude"), 1: ("rude",)}
_SENTENCE_MARK = re.compile(r"[.!?…]$")


def compose(text: Text, rng: np.random.Generator, subtopic: str | None = None) -> CallScript:
    """A call of 6 to 40 turns about `subtopic` (drawn when None), with as many stars as come up.

    Raises KeyError for a subtopic without pools, IndexError when there are none at all.
    """
    pools = text.pools[subtopic or pick(rng, sorted(text.pools))]
    return _Composer(text, pools, rng).call()


@dataclass
class _Mood:
    """The customer's: `first` until the turn of the call, `last` from then on."""

    first: Emotion
    last: Emotion
    turned: bool = False

    def now(self) -> Emotion:
        return self.last if self.turned else self.first


class _Composer:
    def __init__(self, text: Text, pools: Pools, rng: np.random.Generator) -> None:
        self._text, self._pools, self._rng = text, pools, rng
        self._stars = int(rng.integers(1, 6))
        self._mood = _Mood(weighted(rng, _FIRST), weighted(rng, _LAST[self._stars]))
        self._manner = pick(rng, _MANNER[self._stars])
        self._turns: list[Turn] = []
        self._used: set[str] = set()

    def call(self) -> CallScript:
        self._greet()
        self._questions()
        self._outcome()
        if chance(self._rng, 0.3):
            self._second_subject()
        self._close()
        turns = tuple(self._merged())[:_MAX_TURNS]
        return CallScript(self._pools.topic, self._pools.subtopic, self._stars, self._summary(), turns, "grammar")

    def _greet(self) -> None:
        polite = self._stars >= 4 or chance(self._rng, 0.4)
        self._operator(self._line("greeting polite" if polite else "greeting curt"))
        opening = self._line(f"opening {self._mood.first}") if chance(self._rng, 0.7) else ""
        problem = self._line("problem")
        if opening and chance(self._rng, 0.25):
            self._customer(opening, self._mood.first)
            self._operator(self._line("acknowledge curt"))
            self._customer(problem, self._mood.first)
        else:
            self._customer(f"{opening} {problem}".strip(), self._mood.first)
        if chance(self._rng, 0.7):
            self._operator(self._line(f"acknowledge {self._manner}"))

    def _questions(self) -> None:
        steps = ["detail"] * int(self._rng.integers(1, 9))
        # Few calls run long, but they are there.
        steps += ["detail"] * int(self._rng.integers(0, 6)) * chance(self._rng, 0.25)
        extras = {"identify": 0.6, "hold": 0.4, "misunderstanding": 0.3, "aside": 0.25, "backchannel": 0.25}
        steps += [name for name, share in extras.items() if chance(self._rng, share)]
        for step in shuffled(self._rng, steps):
            if step == "backchannel":
                self._customer(self._line(step), self._coloured())
            else:
                self._exchange(step)
            if self._mood.now() == "angry" and chance(self._rng, 0.3):
                self._customer(self._line("anger"), "angry")
                self._operator(self._line(f"acknowledge {self._manner}"))
            # The mood may turn before the matter is settled.
            self._mood.turned |= chance(self._rng, 0.08)

    def _outcome(self) -> None:
        if self._stars == 3 and chance(self._rng, 0.5):
            self._operator(self._line("refusal"))
            self._customer(self._line(f"reaction {self._mood.now()}"), self._mood.now())
        self._operator(self._line("solution" if self._stars >= 3 else "refusal"))
        self._mood.turned = True
        self._customer(self._line(f"reaction {self._mood.last}"), self._mood.last)
        rounds = int(self._rng.integers(0, 3)) if self._stars <= 2 else 0
        for _ in range(rounds):
            self._operator(self._line(pick(self._rng, ("refusal", f"acknowledge {self._manner}"))))
            again = "anger" if self._mood.last == "angry" else f"reaction {self._mood.last}"
            self._customer(self._line(again), self._mood.last)

    def _second_subject(self) -> None:
        """The call drifts: to a small question, or to another subtopic's matter. The first stays its topic."""
        outcome = "solution" if self._stars >= 3 else "refusal"
        if chance(self._rng, 0.5):
            self._customer(self._line("second subject"), self._coloured())
            self._operator(self._line("acknowledge curt"))
            return
        other = self._text.pools[pick(self._rng, sorted(self._text.pools))]
        self._customer(self._line("problem", other), self._coloured())
        if chance(self._rng, 0.5):
            self._exchange("detail", other)
        self._operator(self._line(outcome, other))
        self._customer(self._line(f"reaction {self._mood.last}"), self._mood.last)

    def _close(self) -> None:
        if self._stars >= 3 or chance(self._rng, 0.3):
            self._exchange("anything else")
        # A customer who leaves in anger often just hangs up.
        if self._mood.last != "angry" or chance(self._rng, 0.5):
            self._exchange("closing warm" if self._stars >= 4 else "closing curt", last=True)

    def _summary(self) -> str:
        solved = "summary solved" if self._stars >= 3 else "summary unsolved"
        parts = (self._line("summary problem"), self._line(solved), self._line(f"summary tone {self._stars}"))
        return " ".join(part for part in parts if part)

    def _exchange(self, pool: str, pools: Pools | None = None, *, last: bool = False) -> None:
        asked, _, answered = self._line(pool, pools).partition("|")
        self._operator(asked.strip())
        self._customer(answered.strip(), self._mood.last if last else self._coloured())

    def _coloured(self) -> Emotion:
        return "neutral" if chance(self._rng, _COOLED) else self._mood.now()

    def _line(self, pool: str, pools: Pools | None = None) -> str:
        """A line that this call has not had yet; empty when the pool has none."""
        own = (pools or self._pools).lines.get(pool, ())
        lines: Sequence[str] = own or self._text.general.lines.get(pool, ())
        fresh = [line for line in lines if line not in self._used]
        if not fresh:
            return ""
        line = pick(self._rng, fresh)
        self._used.add(line)
        return line

    def _operator(self, text: str) -> None:
        self._say(Turn("operator", weighted(self._rng, _OPERATOR[self._stars]), text))

    def _customer(self, text: str, emotion: Emotion) -> None:
        self._say(Turn("customer", emotion, text))

    def _say(self, turn: Turn) -> None:
        if turn.text:
            self._turns.append(turn)

    def _merged(self) -> list[Turn]:
        """Two turns of one party in a row become one, in the mood of the second."""
        merged: list[Turn] = []
        for turn in self._turns:
            if merged and merged[-1].role == turn.role:
                before = merged.pop().text
                stop = "" if _SENTENCE_MARK.search(before) else "."
                merged.append(Turn(turn.role, turn.emotion, f"{before}{stop} {turn.text}"))
            else:
                merged.append(turn)
        return merged
