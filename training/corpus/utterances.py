"""Training audio and text without end, made on the fly; usable in a DataLoader's workers."""

from collections.abc import Iterator
from functools import cache

import numpy as np

from training.corpus import channel, voices
from training.corpus.draw import chance, pick, weighted
from training.corpus.script import EMOTIONS, Emotion
from training.corpus.slots import Split, Values, numbers
from training.corpus.speak import Waveform, speak
from training.corpus.splits import call_lines, load_apart, pool_lines
from training.corpus.voices import Speaker
from training.corpus.words import capitalise

_KINDS = {"line": 0.55, "random words": 0.33, "number": 0.12}
_MAX_RANDOM_WORDS = 14


def utterance(
    rng: np.random.Generator,
    text: str,
    emotion: Emotion | None = None,
    split: Split = "train",
    telephone: bool = True,
    speaker: Speaker | None = None,
) -> tuple[Waveform, Speaker]:
    """`text` (no slots) spoken: float32 [samples] at 16 kHz, trimmed, and who spoke it.

    A missing emotion or speaker is drawn; `telephone=False` leaves out room, noise and line. Draws come from
    `rng`, but the samples are not the same each time (see `speak`). Raises espeak.EspeakError.
    """
    speaker = speaker or voices.draw(rng, split)
    mood = pick(rng, EMOTIONS) if emotion is None else emotion
    wave = speak(text, speaker, mood, rng)
    if telephone:
        wave = channel.transmit(wave, channel.draw(rng, channel.draw_law(rng)), rng)
    return wave, speaker


def text_stream(rng: np.random.Generator, split: Split = "train") -> Iterator[str]:
    """Sentences without end for the recogniser: lines as they are written, random words, number phrases."""
    lines, words = _lines(split), _words(split)
    while True:
        kind = weighted(rng, _KINDS)
        if kind == "number":
            yield numbers(rng, split)
        elif kind == "random words":
            drawn = [pick(rng, words) for _ in range(int(rng.integers(1, _MAX_RANDOM_WORDS + 1)))]
            yield Values(rng, split).fill(" ".join(drawn)) + pick(rng, (".", "?", "!", "."))
        else:
            line = Values(rng, split).fill(pick(rng, lines))
            # A part of a line now and then: speech is cut anywhere when a call is cut into pieces.
            yield _part(rng, line) if chance(rng, 0.15) else line


def _part(rng: np.random.Generator, line: str) -> str:
    words = line.split()
    first, last = sorted(int(i) for i in rng.integers(0, len(words) + 1, 2))
    return capitalise(" ".join(words[first:last])) or line


@cache
def _lines(split: Split) -> tuple[str, ...]:
    text = load_apart(split)
    spoken = [turn.text for call in text.calls for turn in call.turns]
    for pools in (text.general, *text.pools.values()):
        # A summary is written, never said.
        said = {name: lines for name, lines in pools.lines.items() if not name.startswith("summary")}
        spoken += [part.strip() for lines in said.values() for line in lines for part in line.split("|")]
    return tuple(spoken)


@cache
def _words(split: Split) -> tuple[str, ...]:
    """Every distinct word of the split, slots included, each as it is written inside a sentence."""
    text = load_apart(split)
    lines = [line for call in text.calls for line in call_lines(call)]
    for pools in (text.general, *text.pools.values()):
        lines += pool_lines(pools)
    words = {word.strip(".,!?…:;—–-\"'«»()") for line in lines for word in line.split()}
    return tuple(sorted(words - {""}))
