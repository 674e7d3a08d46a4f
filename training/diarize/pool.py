"""Single utterances of many voices, spoken once and kept: conversations are then mixed from them at no cost."""

from __future__ import annotations

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

# A voice played slower or faster is heard as another person: three speakers out of each of espeak-ng's voices
# (speed perturbation, https://www.danielpovey.com/files/2015_interspeech_augmentation.pdf). Up and down factors.
RATES = ((1, 1), (1, 1), (1, 1), (22, 25), (25, 22))
_EMOTIONS: dict[Emotion, float] = {"neutral": 0.4, "happy": 0.2, "sad": 0.2, "angry": 0.2}
_NOISES, _NOISE_SECONDS = 24, 20.0


@dataclass(frozen=True)
class Pool:
    """Utterances after the telephone line, and what else is on a line.

    Attributes:
        samples: every utterance after the other, int16, 16 kHz.
        offsets: where each starts, one more than there are utterances.
        persona: who speaks each: one voice with its own pitch, speed, level, room and codec.
        speaker: the voice of each persona, whatever its mood and line: what an embedding tells apart.
        noises: shape (noises, samples), float32, root mean square of one, through the line.
        music: shape (samples,), float32.
    """

    samples: npt.NDArray[np.int16]
    offsets: npt.NDArray[np.int64]
    persona: npt.NDArray[np.int64]
    speaker: npt.NDArray[np.int64]
    noises: Waveform
    music: Waveform

    @property
    def speakers(self) -> int:
        """Number of different voices."""
        return int(self.speaker.max()) + 1

    def utterance(self, index: int) -> Waveform:
        """One utterance, float32 [samples]."""
        wave = self.samples[self.offsets[index] : self.offsets[index + 1]].astype(np.float32)
        return wave / np.float32(32768)


def load_pool(path: Path, seed: int, split: Split = "train", voice_limit: int = 0, utterances: int = 8) -> Pool:
    """Reads the pool, or speaks and keeps it.

    Args:
        path: an ``.npz`` file.
        seed: of everything that is drawn.
        split: whose voices and text.
        voice_limit: use so many voices only; 0: all.
        utterances: how many each persona says.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        pool = _speak(np.random.default_rng([seed, 1]), split, voice_limit, utterances)
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, **vars(pool))
        partial.replace(path)
    with np.load(path) as file:
        return Pool(**{name: file[name] for name in file.files})


def _speak(rng: np.random.Generator, split: Split, voice_limit: int, utterances: int) -> Pool:
    text = text_stream(rng, split)
    spoken: list[npt.NDArray[np.int16]] = []
    personas: list[int] = []
    speakers: list[int] = []
    names = voices.variants(split)[: voice_limit or None]
    for voice, name in enumerate(names):
        for rate in RATES:
            line = Channel(None, channel.draw_law(rng), rng.uniform(0.05, 0.25) if chance(rng, 0.3) else None)
            who = voices.draw(rng, split, avoid=[other for other in voices.variants(split) if other != name])
            speakers.append(voice * 3 + max(0, RATES.index(rate) - 2))
            for _ in range(utterances):
                wave = resample_poly(speak(next(text), who, weighted(rng, _EMOTIONS), rng), *rate)
                if len(wave) < SAMPLE_RATE // 5:
                    continue
                sent = channel.transmit(wave.astype(np.float32), line, rng)
                spoken.append(np.round(sent * 32767).astype(np.int16))
                personas.append(len(speakers) - 1)
    samples = int(_NOISE_SECONDS * SAMPLE_RATE)
    noises = [channel.telephone(noise.noise(rng, samples) * np.float32(0.1), None) for _ in range(_NOISES)]
    return Pool(
        samples=np.concatenate(spoken),
        offsets=np.cumsum([0, *(len(wave) for wave in spoken)]),
        persona=np.array(personas),
        speaker=np.array(speakers),
        noises=np.stack([wave / max(float(np.sqrt(np.mean(np.square(wave)))), 1e-6) for wave in noises]),
        music=channel.telephone(noise.music(rng, 3 * samples), None),
    )
