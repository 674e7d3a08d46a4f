"""Single utterances of many voices, spoken once and kept: conversations are then mixed from them at no cost."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from training.corpus import channel, noise, text_stream, voices
from training.corpus.channel import Channel
from training.corpus.draw import chance, weighted
from training.corpus.script import Emotion
from training.corpus.slots import Split
from training.corpus.speak import SAMPLE_RATE, Waveform, speak

# A voice played slower or faster is heard as another person: seven speakers out of each of espeak-ng's voices
# (speed perturbation, https://www.danielpovey.com/files/2015_interspeech_augmentation.pdf). Up and down factors.
RATES = ((17, 20), (9, 10), (19, 20), (1, 1), (20, 19), (10, 9), (20, 17))
_EMOTIONS: dict[Emotion, float] = {"neutral": 0.4, "happy": 0.2, "sad": 0.2, "angry": 0.2}
_NOISES, _NOISE_SECONDS = 24, 20.0
_TUNES, _TUNE_SECONDS = 40, 5.0


@dataclass(frozen=True)
class Pool:
    """Utterances after the telephone line, and what else is on a line.

    Attributes:
        samples: every utterance after the other, int16, 16 kHz.
        offsets: where each starts, one more than there are utterances.
        persona: who speaks each: one voice with its own rate, pitch, speed, level, room and codec, in all moods.
            It is what an embedding tells apart.
        voice: which of espeak-ng's voices each persona has.
        rate: at which of the pool's rates each persona's voice is played.
        noises: shape (noises, samples), float32, root mean square of one, through the line.
        music: shape (samples,), float32.
    """

    samples: npt.NDArray[np.int16]
    offsets: npt.NDArray[np.int64]
    persona: npt.NDArray[np.int64]
    voice: npt.NDArray[np.int64]
    rate: npt.NDArray[np.int64]
    noises: Waveform
    music: Waveform

    @property
    def personas(self) -> int:
        """Number of different speakers."""
        return len(self.voice)

    def utterance(self, index: int) -> Waveform:
        """One utterance, float32 [samples]."""
        wave = self.samples[self.offsets[index] : self.offsets[index + 1]].astype(np.float32)
        return wave / np.float32(32768)


def load_pool(
    path: Path,
    seed: int,
    split: Split = "train",
    voice_limit: int = 0,
    rates: Sequence[tuple[int, int]] = RATES,
    utterances: int = 14,
) -> Pool:
    """Reads the pool, or speaks and keeps it.

    Args:
        path: an ``.npz`` file.
        seed: of everything that is drawn.
        split: whose voices and text.
        voice_limit: use so many voices only; 0: all.
        rates: at which each voice is played: each is a persona.
        utterances: how many each persona says.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        pool = _speak(np.random.default_rng([seed, 1]), split, voice_limit, rates, utterances)
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, **vars(pool))
        partial.replace(path)
    with np.load(path) as file:
        return Pool(**{name: file[name] for name in file.files})


def _speak(
    rng: np.random.Generator, split: Split, voice_limit: int, rates: Sequence[tuple[int, int]], utterances: int
) -> Pool:
    text = text_stream(rng, split)
    spoken: list[npt.NDArray[np.int16]] = []
    personas: list[int] = []
    of: list[tuple[int, tuple[int, int]]] = []
    names = voices.variants(split)[: voice_limit or None]
    for (voice, name), rate in itertools.product(enumerate(names), rates):
        line = Channel(None, channel.draw_law(rng), rng.uniform(0.05, 0.25) if chance(rng, 0.3) else None)
        room = int(rng.integers(2**32))
        who = voices.draw(rng, split, avoid=[other for other in voices.variants(split) if other != name])
        of.append((voice, rate))
        for _ in range(utterances):
            wave = resample_poly(speak(next(text), who, weighted(rng, _EMOTIONS), rng), *rate)
            if len(wave) < SAMPLE_RATE // 5:
                continue
            # The echoes of a room are part of what a party sounds like: the same ones each time.
            sent = channel.transmit(wave.astype(np.float32), line, np.random.default_rng(room))
            spoken.append(np.round(sent * 32767).astype(np.int16))
            personas.append(len(of) - 1)
    samples = int(_NOISE_SECONDS * SAMPLE_RATE)
    noises = [channel.telephone(noise.noise(rng, samples) * np.float32(0.1), None) for _ in range(_NOISES)]
    return Pool(
        samples=np.concatenate(spoken),
        offsets=np.cumsum([0, *(len(wave) for wave in spoken)]),
        persona=np.array(personas),
        voice=np.array([voice for voice, _ in of]),
        rate=np.array([rates.index(rate) for _, rate in of]),
        noises=np.stack([wave / max(float(np.sqrt(np.mean(np.square(wave)))), 1e-6) for wave in noises]),
        music=np.concatenate([_tune(rng) for _ in range(_TUNES)]),
    )


def _tune(rng: np.random.Generator) -> Waveform:
    return channel.telephone(noise.music(rng, int(_TUNE_SECONDS * SAMPLE_RATE)), None)
