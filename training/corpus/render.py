"""A written call spoken: two voices on a telephone line, and when each of them speaks."""

import re
import wave as wave_file
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.corpus import channel, noise, voices
from training.corpus.draw import chance, pick
from training.corpus.script import CallScript, Role, Turn
from training.corpus.slots import Split, Values
from training.corpus.speak import SAMPLE_RATE, Waveform, speak
from training.corpus.voices import Sex, Speaker
from training.corpus.words import lower

_PARTIES: tuple[Role, Role] = ("operator", "customer")
_OVERLAP, _MUSIC = 0.1, 0.6
_ON_HOLD = re.compile(r"\bxətdə\b|\bgözlə")


@dataclass(frozen=True)
class SpokenTurn:
    """A turn with the time of its voice, in seconds from the start of the call; `speaker` is `A` or `B`."""

    start: float
    end: float
    speaker: str
    turn: Turn


@dataclass(frozen=True)
class Rendered:
    """A call at 16 kHz: `mix` float32 [samples], `parties` [2, samples], the operator first."""

    script: CallScript
    mix: Waveform
    parties: Waveform
    turns: tuple[SpokenTurn, ...]
    speakers: tuple[Speaker, Speaker]

    @property
    def seconds(self) -> float:
        """How long the call is."""
        return len(self.mix) / SAMPLE_RATE


def render(script: CallScript, split: Split, rng: np.random.Generator) -> Rendered:
    """The call with its slots filled, spoken by two different voices of the split.

    Raises espeak.EspeakError; KeyError for a slot that does not exist.
    """
    slots = Values(rng, split)
    script = _filled(script, slots)
    operator = voices.draw(rng, split, sex=_sex(slots.operator_female))
    customer = voices.draw(rng, split, sex=_sex(slots.customer_female), avoid=(operator.variant,))
    spoken = [
        (turn, speak(turn.text, operator if turn.role == "operator" else customer, turn.emotion, rng))
        for turn in script.turns
    ]
    turns, pieces, samples = _laid_out(spoken, rng)
    dry = np.zeros((len(_PARTIES), samples), np.float32)
    for party, start, piece in pieces:
        dry[party, start : start + len(piece)] += piece
    law = channel.draw_law(rng)
    parties = np.stack([channel.transmit(track, channel.draw(rng, law), rng) for track in dry])
    mix = np.clip(parties.sum(axis=0), -1, 1).astype(np.float32)
    return Rendered(script, mix, parties, turns, (operator, customer))


def manifest(rendered: Rendered, call_id: str, audio: str) -> dict[str, Any]:
    """The call's line of the manifest (`spec/evaluation.md`); `audio` is relative to the manifest."""
    script = rendered.script
    return {
        "id": call_id,
        "audio": audio,
        "language": "az",
        "turns": [
            {
                "start": round(spoken.start, 2),
                "end": round(spoken.end, 2),
                "speaker": spoken.speaker,
                "role": spoken.turn.role,
                "emotion": spoken.turn.emotion,
                "text": spoken.turn.text,
            }
            for spoken in rendered.turns
        ],
        "summary": script.summary,
        "topic": script.topic,
        "subtopic": script.subtopic,
        "quality": {"label": "Good" if script.stars >= 3 else "Poor", "stars": script.stars},
    }


def write_wav(path: Path, samples: Waveform) -> None:
    """float32 [samples] at 16 kHz as a 16-bit mono WAV file."""
    with wave_file.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(np.round(samples * 32767).astype("<i2").tobytes())


def _filled(script: CallScript, slots: Values) -> CallScript:
    turns = tuple(Turn(turn.role, turn.emotion, slots.fill(turn.text)) for turn in script.turns)
    return CallScript(script.topic, script.subtopic, script.stars, slots.fill(script.summary), turns, script.source)


def _laid_out(
    spoken: list[tuple[Turn, Waveform]], rng: np.random.Generator
) -> tuple[tuple[SpokenTurn, ...], list[tuple[int, int, Waveform]], int]:
    """The turns in time, the pieces of sound as (party, first sample, samples), and the call's samples."""
    turns: list[SpokenTurn] = []
    pieces: list[tuple[int, int, Waveform]] = []
    at = _samples(rng.uniform(0.2, 1.5))
    letters: dict[Role, str] = {}
    for number, (turn, voice) in enumerate(spoken):
        if not len(voice):
            continue
        letter = letters.setdefault(turn.role, "AB"[min(len(letters), 1)])
        start = at
        end = at + len(voice)
        party = _PARTIES.index(turn.role)
        pieces.append((party, start, voice))
        turns.append(SpokenTurn(start / SAMPLE_RATE, end / SAMPLE_RATE, letter, turn))
        at = end + _samples(rng.uniform(0.2, 1.2))
        changes = number + 1 < len(spoken) and spoken[number + 1][0].role != turn.role
        if turn.role == "operator" and _ON_HOLD.search(lower(turn.text)) and chance(rng, _MUSIC):
            tune = noise.music(rng, _samples(rng.uniform(2, 6)))
            pieces.append((party, at, tune * np.float32(pick(rng, (0.3, 0.6, 1.0)))))
            at += len(tune) + _samples(0.3)
        elif changes and chance(rng, _OVERLAP):
            # Never more than half of the next turn, so that the order of the turns' ends stays.
            at = end - _samples(min(rng.uniform(0.05, 0.5), len(spoken[number + 1][1]) / SAMPLE_RATE / 2))
            at = max(at, start + _samples(0.1))
    ends = [start + len(piece) for _, start, piece in pieces]
    return tuple(turns), pieces, max(ends, default=0) + _samples(rng.uniform(0.3, 1.5))


def _samples(seconds: float) -> int:
    return int(seconds * SAMPLE_RATE)


def _sex(female: bool) -> Sex:
    return "female" if female else "male"
