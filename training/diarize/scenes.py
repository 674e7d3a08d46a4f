"""Pieces of conversation, mixed on the fly, with who speaks when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from training.corpus.draw import chance, pick, weighted
from training.corpus.speak import SAMPLE_RATE, Waveform
from training.diarize.pool import Pool

MAX_SPEAKERS = 3
_SPEAKERS = {0: 0.05, 1: 0.17, 2: 0.65, 3: 0.13}
_SAME_AGAIN, _OVERLAP, _BACKCHANNEL, _LONG_PAUSE, _NOISY, _MUSIC = 0.15, 0.15, 0.08, 0.1, 0.6, 0.1
_ONE_RATE = 0.85


@dataclass(frozen=True)
class Scene:
    """A piece of conversation.

    Attributes:
        wave: float32 [samples] at 16 kHz.
        turns: start and end in seconds and the speaker, counted from 0 in the piece.
        speakers: which persona each speaker is; -1 where it is not known.
    """

    wave: Waveform
    turns: tuple[tuple[float, float, int], ...]
    speakers: tuple[int, ...]


class Source(Protocol):
    """Whatever pieces of conversation can be drawn from."""

    def draw(self, rng: np.random.Generator, seconds: float) -> Scene:
        """One piece of the given length."""


class Conversations:
    """Mixes scenes from a pool: turns of up to three speakers, overlaps, short answers, noise, music, silence."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._of = [np.flatnonzero(pool.persona == persona) for persona in range(pool.personas)]
        self._lengths = np.diff(pool.offsets)

    def draw(self, rng: np.random.Generator, seconds: float) -> Scene:
        """One scene, cut out of a conversation at any moment of it."""
        samples = int(seconds * SAMPLE_RATE)
        people = self._people(rng, weighted(rng, _SPEAKERS))
        wave = np.zeros(samples, np.float32)
        turns: list[tuple[float, float, int]] = []
        at = int(rng.uniform(-4, 1.5) * SAMPLE_RATE)
        last = 0
        while people and at < samples:
            if len(people) > 1 and not chance(rng, _SAME_AGAIN):
                last = pick(rng, [who for who in range(len(people)) if who != last])
            start, end = self._say(rng, wave, at, people[last], turns, last)
            if len(people) > 1 and end - start > SAMPLE_RATE and chance(rng, _BACKCHANNEL):
                other = pick(rng, [who for who in range(len(people)) if who != last])
                self._say(rng, wave, int(rng.uniform(start, end)), people[other], turns, other, short=True)
            at = end + int(self._pause(rng) * SAMPLE_RATE)
            if at < samples - SAMPLE_RATE and chance(rng, _MUSIC):
                at += self._play(rng, wave, at)
        wave = self._noisy(rng, wave, max(1, len(people)))
        level = 10 ** (rng.uniform(-6, 6) / 20)
        return Scene(np.clip(wave * np.float32(level), -1, 1), tuple(turns), tuple(people))

    def _people(self, rng: np.random.Generator, count: int) -> list[int]:
        people: list[int] = []
        # At one rate most often: voices at different rates are easier to tell apart than people are.
        one_rate = chance(rng, _ONE_RATE)
        while len(people) < count:
            persona = int(rng.integers(self._pool.personas))
            if all(self._pool.voice[persona] != self._pool.voice[other] for other in people) and (
                not one_rate or not people or self._pool.rate[persona] == self._pool.rate[people[0]]
            ):
                people.append(persona)
        return people

    def _say(
        self,
        rng: np.random.Generator,
        wave: Waveform,
        at: int,
        persona: int,
        turns: list[tuple[float, float, int]],
        who: int,
        short: bool = False,
    ) -> tuple[int, int]:
        choice = self._of[persona]
        index = int(choice[self._lengths[choice].argmin()]) if short else int(pick(rng, choice.tolist()))
        spoken = self._pool.utterance(index)
        if short:
            spoken = spoken[: int(rng.uniform(0.3, 1.0) * SAMPLE_RATE)]
        start, end = at, at + len(spoken)
        first, last = max(start, 0), min(end, len(wave))
        if first < last:
            wave[first:last] += spoken[first - start : last - start]
            turns.append((first / SAMPLE_RATE, last / SAMPLE_RATE, who))
        return start, end

    def _pause(self, rng: np.random.Generator) -> float:
        if chance(rng, _OVERLAP):
            return -rng.uniform(0.05, 0.8)
        return rng.uniform(1, 4) if chance(rng, _LONG_PAUSE) else rng.uniform(0.15, 1.2)

    def _play(self, rng: np.random.Generator, wave: Waveform, at: int) -> int:
        length = min(int(rng.uniform(1, 5) * SAMPLE_RATE), len(wave) - max(at, 0))
        start = int(rng.integers(len(self._pool.music) - length))
        first = max(at, 0)
        wave[first : first + length] += self._pool.music[start : start + length] * np.float32(rng.uniform(0.3, 1))
        return length

    def _noisy(self, rng: np.random.Generator, wave: Waveform, parties: int) -> Waveform:
        loud = wave[np.abs(wave) > 1e-4]
        level = float(np.sqrt(np.mean(np.square(loud)))) if len(loud) else 10 ** (rng.uniform(-50, -25) / 20)
        # No line is digitally silent, and pooling over what never changes has no gradient.
        wave = wave + rng.standard_normal(len(wave), dtype=np.float32) * np.float32(1e-4)
        for _ in range(parties):
            if chance(rng, _NOISY):
                noise = pick(rng, range(len(self._pool.noises)))
                start = int(rng.integers(self._pool.noises.shape[1] - len(wave)))
                snr = np.float32(level * 10 ** (-rng.uniform(10, 35) / 20))
                wave = wave + snr * self._pool.noises[noise, start : start + len(wave)]
        return wave


def activity(scene: Scene, times: npt.NDArray[np.float64], speakers: int = MAX_SPEAKERS) -> npt.NDArray[np.float32]:
    """Who speaks at each time: 0 or 1, shape (times, speakers); speakers beyond that number are left out."""
    active = np.zeros((len(times), speakers), np.float32)
    for start, end, who in scene.turns:
        if who < speakers:
            active[(times >= start) & (times < end), who] = 1
    return active
