"""Labelled turns to train and to judge on: from the generator, or from a bank's manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from services.emotion.classifier import MIN_SECONDS
from services.emotion.clips import Span, cut
from services.serving.audio import Audio, FloatArray
from training.common import audio, manifest
from training.corpus import channel, voices
from training.corpus.draw import chance, pick, shuffled
from training.corpus.noise import noise
from training.corpus.render import Rendered, render
from training.corpus.script import EMOTIONS, Emotion, Role
from training.corpus.slots import Split
from training.corpus.speak import SAMPLE_RATE, Waveform, speak
from training.corpus.splits import load_apart
from training.corpus.utterances import text_stream
from training.corpus.voices import Sex
from training.emotion.frontend import Features, Frontend
from training.emotion.prosody import Prosody, measure

# In calls, two of three turns are neutral: a party's level is often that of its neutral voice.
_MIXTURE = np.asarray([1.6, 0.8, 0.8, 0.8])
_WRITTEN = 0.5
_JITTER_SECONDS = 0.12
_MORPH = 0.25
_SEXES: tuple[Sex, ...] = ("female", "male")
# The other party's end of the line, as `training/corpus/render.py` mixes it in: its noise, and who speaks too early.
_OTHERS_NOISE, _OVERLAP = 0.4, 0.08


@dataclass(frozen=True)
class LabelledCall:
    """A call to judge the model on.

    Attributes:
        audio: the recording.
        spans: its turns that have an emotion.
        labels: the emotion of each span.
        clean: the voice before the telephone, samples as in the audio; None where nobody knows.
    """

    audio: Audio
    spans: tuple[Span, ...]
    labels: tuple[str, ...]
    clean: FloatArray | None = None


@dataclass(frozen=True)
class Turn:
    """A turn ready to be learnt from.

    Attributes:
        features: of the frontend, with the pause behind the turn where turns are heard in context.
        label: its emotion.
        prosody: of each frame; None where it is not asked for.
    """

    features: Features
    label: str
    prosody: Prosody | None = None


def invented_calls(rng: np.random.Generator) -> Iterator[LabelledCall]:
    """One party of a call after another without end: any sentence in any mood, so that words give no mood away."""
    sentences = text_stream(rng, "train")
    other = np.zeros(SAMPLE_RATE, np.float32)
    while True:
        call, other = _invented_party(rng, sentences, other)
        yield call


def _moods(rng: np.random.Generator) -> list[Emotion]:
    """The moods of a party: of a written call's, or of a mixture of its own."""
    if chance(rng, _WRITTEN):
        role: Role = "customer" if chance(rng, 0.65) else "operator"
        return [turn.emotion for turn in pick(rng, load_apart("train").calls).turns if turn.role == role]
    mixture = rng.dirichlet(_MIXTURE)
    return [EMOTIONS[rng.choice(len(EMOTIONS), p=mixture)] for _ in range(int(rng.integers(2, 13)))]


def _invented_party(
    rng: np.random.Generator, sentences: Iterator[str], other: Waveform
) -> tuple[LabelledCall, Waveform]:
    """One party, its voice made larger or smaller, and its voice alone for the next one to be interrupted with.

    espeak-ng has too few voices, of women above all, to learn that a high voice is not yet a happy one: it speaks
    at another speed, and is then played at another rate.
    """
    factor = float(np.exp(rng.uniform(-_MORPH, _MORPH)))
    drawn = voices.draw(rng, "train", sex=pick(rng, _SEXES))
    speaker = replace(drawn, speed=drawn.speed / factor)
    pieces, edges, moods, at = [], [], [], 0
    for mood in _moods(rng) or ["neutral"]:
        voice = _played_at(factor, speak(next(sentences), speaker, mood, rng))
        pause = np.zeros(int(rng.uniform(0.3, 0.6) * SAMPLE_RATE))
        pieces += [pause, voice]
        edges.append((at + pause.size, at + pause.size + voice.size))
        moods.append(mood)
        at = edges[-1][1]
    clean = np.concatenate([*pieces, np.zeros(SAMPLE_RATE // 2)]).astype(np.float32)
    line = clean.copy()
    if chance(rng, _OTHERS_NOISE):
        line += np.float32(10 ** (rng.uniform(-60, -35) / 20)) * noise(rng, line.size)
    spans = []
    for index, (first, last) in enumerate(edges):
        for edge, direction in ((first, 1), (last, -1)):
            if chance(rng, _OVERLAP):
                length = int(min(rng.uniform(0.05, 0.5) * SAMPLE_RATE, (last - first) / 2, other.size))
                begin = edge if direction > 0 else edge - length
                line[begin : begin + length] += other[-length:] if direction > 0 else other[:length]
        start, end = (edge / SAMPLE_RATE + rng.uniform(-_JITTER_SECONDS, _JITTER_SECONDS) for edge in (first, last))
        spans.append(Span(index, int(1000 * start), max(int(1000 * end), int(1000 * start) + 200)))
    heard = channel.transmit(line, channel.draw(rng, channel.draw_law(rng)), rng)
    return LabelledCall(Audio(heard[None], SAMPLE_RATE), tuple(spans), tuple(moods), clean), clean[slice(*edges[0])]


def _played_at(rate: float, wave: Waveform) -> FloatArray:
    # Straight lines between samples are good enough under the telephone's 3400 Hz, and three times as fast.
    times = np.arange(int(wave.size / rate)) * rate
    return np.interp(times, np.arange(wave.size), wave).astype(np.float32)


def written_calls(rng: np.random.Generator, split: Split, count: int) -> list[LabelledCall]:
    """Calls of a split as they are written, in its own voices; more than there are: some again, spoken by others."""
    scripts = load_apart(split).calls
    numbers = [number for _ in range(0, count, len(scripts)) for number in rng.permutation(len(scripts))]
    return [_labelled(render(scripts[number], split, rng)) for number in numbers[:count]]


def _labelled(rendered: Rendered) -> LabelledCall:
    """A rendered call with its turns."""
    spans = tuple(
        Span(number, int(1000 * turn.start), int(1000 * turn.end), turn.turn.role == "customer", speaker=turn.speaker)
        for number, turn in enumerate(rendered.turns)
    )
    return LabelledCall(
        Audio(rendered.mix[None], SAMPLE_RATE), spans, tuple(turn.turn.emotion for turn in rendered.turns)
    )


def manifest_calls(path: Path) -> Iterator[LabelledCall]:
    """The calls of a manifest that have turns with an emotion.

    Raises:
        ValueError: as ``training.common.manifest``.
    """
    for call in manifest.read(path, "audio", "speaker"):
        turns = [turn for turn in call.turns if turn.emotion]
        spans = tuple(
            Span(i, int(1000 * turn.start), int(1000 * turn.end), turn.role == "customer", speaker=turn.speaker)
            for i, turn in enumerate(turns)
        )
        if spans:
            heard = Audio(audio.read(call.audio)[None], SAMPLE_RATE)
            yield LabelledCall(heard, spans, tuple(turn.emotion for turn in turns))


class Pool:
    """Turns in memory that batches are drawn from.

    Args:
        calls: where the turns come from.
        frontend: makes features of them.
        with_prosody: whether turns know their prosody; the calls must have clean voices then.
    """

    def __init__(self, calls: Iterator[LabelledCall], frontend: Frontend, with_prosody: bool = False) -> None:
        self._calls = calls
        self._frontend = frontend
        self._with_prosody = with_prosody
        self._parties: list[list[Turn]] = []
        self.counts: Counter[str] = Counter()
        self.seconds = 0.0

    def grow(self) -> bool:
        """Takes in one more call; False when there is none."""
        call = next(self._calls, None)
        if call is None:
            return False
        parties: dict[Hashable, list[Turn]] = {}
        for clip, span, label in zip(cut(call.audio, call.spans), call.spans, call.labels, strict=True):
            parties.setdefault(span.voice, []).append(self._turn(clip, span, label, call.clean))
            self.counts[label] += 1
            self.seconds += clip.size / SAMPLE_RATE
        self._parties += parties.values()
        return True

    def _turn(self, clip: FloatArray, span: Span, label: str, clean: FloatArray | None) -> Turn:
        least = int(MIN_SECONDS * SAMPLE_RATE)
        features = self._frontend.features(_at_least(clip, least))
        if clean is None or not self._with_prosody:
            return Turn(features, label)
        first = round(span.start_ms * SAMPLE_RATE / 1000)
        voice = _at_least(clean[first : first + clip.size], least)
        both = (self._frontend.laid_out(voice), self._frontend.laid_out(_at_least(clip, least)))
        return Turn(features, label, measure(*both, self._frontend.hop, self._frontend.field))

    def passages(
        self, rng: np.random.Generator, size: int, longest_seconds: float, group: int = 3
    ) -> Iterator[list[list[Turn]]]:
        """Batches without end of passages, each of one speaker's turns in any order, of similar lengths in a batch.

        Args:
            rng: draws.
            size: passages in a batch.
            longest_seconds: turns that would make a passage longer are left out.
            group: batches that are drawn together and sorted by length.
        """
        longest = round(longest_seconds / self._frontend.frame_seconds)
        while True:
            drawn = [_passage(pick(rng, self._parties), rng, longest) for _ in range(size * group)]
            drawn.sort(key=lambda turns: sum(len(turn.features) for turn in turns))
            for number in rng.permutation(group):
                yield drawn[number * size : (number + 1) * size]

    def pieces(self, rng: np.random.Generator, size: int, seconds: float) -> Iterator[list[Turn]]:
        """Batches without end of pieces of turns with their prosody, all of one length."""
        length = round(seconds / self._frontend.frame_seconds)
        while True:
            drawn: list[Turn] = []
            while len(drawn) < size:
                turn = pick(rng, pick(rng, self._parties))
                if len(turn.features) >= length:
                    drawn.append(_cut(turn, int(rng.integers(len(turn.features) - length + 1)), length))
            yield drawn

    def turns(
        self, rng: np.random.Generator, size: int, seconds: tuple[float, float], group: int = 4
    ) -> Iterator[list[Turn]]:
        """Batches without end of turns alone, each emotion as often as the others, of similar lengths in a batch.

        Args:
            rng: draws.
            size: turns in a batch.
            seconds: long turns are cropped to a random length between these.
            group: batches that are drawn together and sorted by length.
        """
        first, last = (max(1, round(limit / self._frontend.frame_seconds)) for limit in seconds)
        while True:
            of: dict[str, list[Turn]] = {}
            for turn in (turn for party in self._parties for turn in party):
                of.setdefault(turn.label, []).append(turn)
            labels = [pick(rng, list(of)) for _ in range(size * group)]
            drawn = [_crop(pick(rng, of[label]), rng, first, last) for label in labels]
            drawn.sort(key=lambda turn: len(turn.features))
            for number in rng.permutation(group):
                yield drawn[number * size : (number + 1) * size]


def _passage(party: Sequence[Turn], rng: np.random.Generator, longest: int) -> list[Turn]:
    """Some of a party's turns; in their order, or in any."""
    if len(party) > 1 and chance(rng, 0.3):
        first, last = sorted(rng.choice(len(party) + 1, 2, replace=False).tolist())
        party = party[first:last]
    if chance(rng, 0.5):
        party = shuffled(rng, party)
    ends = np.cumsum([len(turn.features) for turn in party])
    return list(party[: max(1, int(np.searchsorted(ends, longest, side="right")))])


def _crop(turn: Turn, rng: np.random.Generator, first: int, last: int) -> Turn:
    length = int(rng.integers(first, last + 1))
    return _cut(turn, int(rng.integers(max(1, len(turn.features) - length + 1))), length)


def _cut(turn: Turn, start: int, length: int) -> Turn:
    part, prosody = slice(start, start + length), turn.prosody
    if prosody is not None:
        prosody = Prosody(prosody.octaves[part], prosody.levels[part])
    return Turn(turn.features[part], turn.label, prosody)


def _at_least(clip: FloatArray, samples: int) -> FloatArray:
    return np.pad(clip, (0, max(0, samples - clip.size)))
