"""Windows of audio with what is said in them, made as the training goes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from services.asr.text import normalise
from services.serving.audio import Audio
from training.asr.text import Sentences
from training.corpus import channel, noise, voices
from training.corpus.draw import chance
from training.corpus.script import Emotion
from training.corpus.slots import Split
from training.corpus.speak import SAMPLE_RATE, Waveform, speak

_EMPTY_SHARE = 0.09
_LONGEST_SECONDS = 20.0
_OVERLAP = 0.12
_LOW, _LOWER_DB = 0.4, 8.0
"""Share of voices that are low against the rest of their call, which the noise was measured by, and by how much."""


LINE_RATE_HZ = 8000
"""``line_rate_hz`` of the mini profile."""


def as_served(wave: Waveform) -> Waveform:
    """float32 [samples] at 16 kHz as the server hears them: 16 bits, and nothing above the line's band.

    Features are normalised bin by bin, so that however little there is above the band looks as loud as speech.
    """
    rounded = np.asarray(np.round(wave * 32767) / 32767, np.float32)
    return np.asarray(Audio(rounded[None], SAMPLE_RATE).over_line(LINE_RATE_HZ).samples[0], np.float32)


@dataclass(frozen=True)
class Window:
    """Audio at 16 kHz, float32 [samples], and its text, normalised; no text where nobody speaks."""

    audio: Waveform
    text: str


class Windows:
    """Draws windows of a split.

    Args:
        split: text and voices to draw from.
    """

    def __init__(self, split: Split) -> None:
        self._split = split
        self.sentences = Sentences(split)

    def draw(self, rng: np.random.Generator, progress: float) -> Window:
        """One window; at first only short ones of one turn, conversations when ``progress`` (0 to 1) passes 0.1."""
        drawn = self._drawn(rng, progress)
        return Window(as_served(drawn.audio), drawn.text)

    def _drawn(self, rng: np.random.Generator, progress: float) -> Window:
        if chance(rng, _EMPTY_SHARE if progress > 0.08 else 0.0):
            return self._empty(rng, progress)
        longest = 3.5 if progress < 0.06 else 8.0 if progress < 0.15 else _LONGEST_SECONDS
        turns = int(rng.integers(2, 7)) if progress > 0.1 and chance(rng, 0.45) else 1
        return self._spoken(rng, turns, longest, clean=progress < 0.06)

    def _spoken(self, rng: np.random.Generator, turn_count: int, longest_seconds: float, clean: bool) -> Window:
        first = voices.draw(rng, self._split)
        second = voices.draw(rng, self._split, avoid=(first.variant,))
        spoken: list[tuple[int, Waveform]] = []
        texts: list[str] = []
        seconds = 0.0
        for turn in self.sentences.turns(rng, turn_count):
            party = int(turn.role == "operator")
            text = turn.text if longest_seconds > 4 else _short(turn.text, rng)
            voice = speak(text, (first, second)[party], turn.emotion, rng)
            seconds += len(voice) / SAMPLE_RATE
            if seconds > longest_seconds and texts:
                break
            if seconds > longest_seconds:
                return self.spoken_words(rng, first, turn.emotion, clean)
            spoken.append((party, voice))
            texts.append(normalise(text))
        return Window(_on_the_lines(_laid_out(spoken, rng), rng, clean), " ".join(texts).strip())

    def spoken_words(self, rng: np.random.Generator, speaker: voices.Speaker, emotion: Emotion, clean: bool) -> Window:
        """A few random words: what stands in for a turn that is too long."""
        text = _short(self.sentences.words(rng), rng)
        spoken = speak(text, speaker, emotion, rng)
        return Window(_on_the_lines(_laid_out([(0, spoken)], rng), rng, clean), normalise(text))

    def _empty(self, rng: np.random.Generator, progress: float) -> Window:
        samples = int(rng.uniform(1.0, 3.0 if progress < 0.1 else 12.0) * SAMPLE_RATE)
        kind = int(rng.integers(5))
        audio = np.zeros(samples, dtype=np.float32)
        if kind >= 1:
            audio = audio + noise.noise(rng, samples) * np.float32(10 ** (rng.uniform(-75, -25) / 20))
        if kind >= 3:
            audio = audio + (noise.music(rng, samples) if kind == 3 else _tones(rng, samples))
        return Window(channel.telephone(audio, channel.draw_law(rng)) if chance(rng, 0.7) else audio, "")


def _short(text: str, rng: np.random.Generator) -> str:
    words = text.split()
    count = int(rng.integers(1, 6))
    start = int(rng.integers(max(1, len(words) - count + 1)))
    return " ".join(words[start : start + count])


def _laid_out(spoken: list[tuple[int, Waveform]], rng: np.random.Generator) -> list[Waveform]:
    """Each party's track, as long as the window: turns with pauses between them, or the next over the end of one."""
    at = _samples(rng.uniform(0.05, 1.0))
    placed: list[tuple[int, int, Waveform]] = []
    for number, (party, voice) in enumerate(spoken):
        placed.append((party, at, voice))
        end = at + len(voice)
        after = spoken[number + 1] if number + 1 < len(spoken) else None
        if after is not None and after[0] != party and chance(rng, _OVERLAP):
            # Never more than half of either, so that the order of the words is the order of the turns.
            at = end - min(_samples(rng.uniform(0.05, 0.5)), len(voice) // 2, len(after[1]) // 2)
        else:
            at = end + _samples(rng.uniform(0.1, 1.6))
    samples = max((start + len(voice) for _, start, voice in placed), default=at) + _samples(rng.uniform(0.05, 1.0))
    tracks = [np.zeros(samples, np.float32) for _ in range(1 + max((party for party, *_ in placed), default=0))]
    for party, start, voice in placed:
        tracks[party][start : start + len(voice)] += voice
    return tracks


def _samples(seconds: float) -> int:
    return int(seconds * SAMPLE_RATE)


def _tones(rng: np.random.Generator, samples: int) -> Waveform:
    """float32 [samples] of a ringing, engaged or dialling tone of one or two frequencies, at most 0.2 in amplitude."""
    time = np.arange(samples) / SAMPLE_RATE
    low, high = np.sin(2 * np.pi * rng.uniform(300, 1700, (2, 1)) * time)
    period, sounding = rng.uniform(0.3, 4.0), rng.uniform(0.2, 1.2)
    made = (low + rng.uniform(0, 1) * high) * ((time % period) < sounding * period)
    return np.asarray(made * rng.uniform(0.02, 0.1), dtype=np.float32)


def _with_hiss(wave: Waveform, rng: np.random.Generator) -> Waveform:
    # Digital silence is rare on a line, and normalised log-mel features would make a sign of it.
    hiss = rng.standard_normal(len(wave), dtype=np.float32) * np.float32(10 ** (rng.uniform(-100, -60) / 20))
    return np.asarray(wave + hiss, dtype=np.float32)


def _on_the_lines(tracks: list[Waveform], rng: np.random.Generator, clean: bool) -> Waveform:
    """All parties' tracks [samples] together, each from its own end of the line."""
    law = channel.draw_law(rng)
    heard = [_with_hiss(track, rng) for track in tracks]
    if clean:
        return channel.telephone(np.sum(heard, axis=0, dtype=np.float32), law)
    ends = [channel.transmit(track, _of_a_call(channel.draw(rng, law), rng), rng) for track in heard]
    return np.asarray(np.clip(np.sum(ends, axis=0), -1, 1), np.float32)


def _of_a_call(line: channel.Channel, rng: np.random.Generator) -> channel.Channel:
    """The line as a window out of a call has it: a sad turn between angry ones is nearer to the noise than they are."""
    if line.snr_db is None or not chance(rng, _LOW):
        return line
    return replace(line, snr_db=line.snr_db - rng.uniform(0, _LOWER_DB))
