"""Labelled turns to train and to judge on: from the generator, or from a bank's manifest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import resample_poly

from services.emotion.classifier import MIN_SECONDS
from services.emotion.clips import Span, cut
from services.serving.audio import Audio, FloatArray
from training.corpus import channel, voices
from training.corpus.draw import chance, pick, shuffled
from training.corpus.render import Rendered, render
from training.corpus.script import EMOTIONS, CallScript, Emotion, Role, Turn
from training.corpus.slots import Split
from training.corpus.speak import SAMPLE_RATE, speak
from training.corpus.splits import load_apart
from training.corpus.utterances import text_stream
from training.corpus.voices import Sex
from training.emotion.frontend import Features, Frontend

# In calls, two of three turns are neutral: a party's level is often that of its neutral voice.
_MIXTURE = np.asarray([1.6, 0.8, 0.8, 0.8])
_JITTER_SECONDS = 0.12
_WHOLE_CALLS = 0.2
_MORPH = 0.25
_ROLES: tuple[Role, ...] = ("operator", "customer")
_SEXES: tuple[Sex, ...] = ("female", "male")
_TWO_CHANNEL = 0.25


@dataclass(frozen=True)
class LabelledCall:
    """A call to judge the model on.

    Attributes:
        audio: the recording.
        spans: its turns that have an emotion.
        labels: the emotion of each span.
    """

    audio: Audio
    spans: tuple[Span, ...]
    labels: tuple[str, ...]


def invented_calls(rng: np.random.Generator) -> Iterator[LabelledCall]:
    """Speech without end: any sentence in any mood, so that the words cannot give the mood away.

    A part of it are whole calls, the rest single parties in voices that espeak-ng does not have.
    """
    sentences = text_stream(rng, "train")
    while True:
        if chance(rng, _WHOLE_CALLS):
            turns = [(role, mood) for role in _ROLES for mood in _moods(rng, role)]
            script = tuple(Turn(role, mood, next(sentences)) for role, mood in shuffled(rng, turns))
            rendered = render(CallScript("", "", 3, "", script, "invented"), "train", rng)
            yield labelled(rendered, rng, jitter_seconds=_JITTER_SECONDS, two_channel=chance(rng, _TWO_CHANNEL))
        else:
            yield _invented_party(rng, sentences)


def _moods(rng: np.random.Generator, role: Role) -> list[Emotion]:
    """The moods of a party: of a written call's, or of a mixture of its own."""
    if chance(rng, 0.5):
        return [turn.emotion for turn in pick(rng, load_apart("train").calls).turns if turn.role == role]
    mixture = rng.dirichlet(_MIXTURE)
    return [EMOTIONS[rng.choice(len(EMOTIONS), p=mixture)] for _ in range(int(rng.integers(2, 13)))]


def _invented_party(rng: np.random.Generator, sentences: Iterator[str]) -> LabelledCall:
    """One party alone, its voice made larger or smaller: spoken at another speed, then played at another rate.

    espeak-ng has too few voices, of women above all, to learn that a high voice is not yet a happy one.
    """
    factor = float(np.exp(rng.uniform(-_MORPH, _MORPH)))
    drawn = voices.draw(rng, "train", sex=pick(rng, _SEXES))
    speaker = replace(drawn, speed=drawn.speed / factor)
    pieces, edges, moods, at = [], [], [], 0
    for mood in _moods(rng, pick(rng, _ROLES)):
        voice = resample_poly(speak(next(sentences), speaker, mood, rng), 100, round(100 * factor))
        pause = np.zeros(int(rng.uniform(0.3, 0.6) * SAMPLE_RATE))
        pieces += [pause, voice]
        edges.append((at + pause.size, at + pause.size + voice.size))
        moods.append(mood)
        at = edges[-1][1]
    track = np.concatenate([*pieces, np.zeros(SAMPLE_RATE // 2)]).astype(np.float32)
    heard = channel.transmit(track, channel.draw(rng, channel.draw_law(rng)), rng)
    spans = []
    for index, (first, last) in enumerate(edges):
        start, end = (edge / SAMPLE_RATE + rng.uniform(-_JITTER_SECONDS, _JITTER_SECONDS) for edge in (first, last))
        spans.append(Span(index, int(1000 * start), max(int(1000 * end), int(1000 * start) + 200)))
    return LabelledCall(Audio(heard[None], SAMPLE_RATE), tuple(spans), tuple(moods))


def written_calls(rng: np.random.Generator, split: Split, count: int) -> list[LabelledCall]:
    """Calls of a split as they are written, in its own voices."""
    scripts = load_apart(split).calls
    return [labelled(render(scripts[number], split, rng), rng) for number in rng.permutation(len(scripts))[:count]]


def labelled(
    rendered: Rendered, rng: np.random.Generator, jitter_seconds: float = 0.0, two_channel: bool = False
) -> LabelledCall:
    """A rendered call with its turns; jitter is how wrong a diarizer cuts them."""
    spans, labels = [], []
    for index, spoken in enumerate(rendered.turns):
        start, end = (edge + rng.uniform(-jitter_seconds, jitter_seconds) for edge in (spoken.start, spoken.end))
        start, end = max(0.0, start), min(rendered.seconds, end)
        if end - start < 0.2:
            continue
        customer = spoken.turn.role == "customer"
        span = Span(index, int(1000 * start), int(1000 * end), customer, int(customer and two_channel), spoken.speaker)
        spans.append(span)
        labels.append(spoken.turn.emotion)
    samples = rendered.parties if two_channel else rendered.mix[None]
    return LabelledCall(Audio(samples, SAMPLE_RATE), tuple(spans), tuple(labels))


def manifest_calls(path: Path) -> Iterator[LabelledCall]:
    """The calls of a manifest (``docs/evaluation.md``) that have turns with an emotion.

    Raises:
        ValueError: an emotion that is not one of the four, naming the call.
    """
    with path.open(encoding="utf-8") as lines:
        for line in filter(str.strip, lines):
            call = json.loads(line)
            turns = [turn for turn in call["turns"] if turn.get("emotion")]
            unknown = {turn["emotion"] for turn in turns} - set(EMOTIONS)
            if unknown:
                raise ValueError(f"call {call['id']}: unknown emotion {', '.join(sorted(unknown))}")
            if turns:
                yield _from_manifest(path.parent / call["audio"], turns)


def _from_manifest(path: Path, turns: Sequence[dict[str, Any]]) -> LabelledCall:
    spans = tuple(
        Span(
            index,
            int(1000 * turn["start"]),
            int(1000 * turn["end"]),
            turn.get("role") == "customer",
            speaker=turn["speaker"],
        )
        for index, turn in enumerate(turns)
    )
    return LabelledCall(read_audio(path), spans, tuple(turn["emotion"] for turn in turns))


def read_audio(path: Path) -> Audio:
    """Decodes any format that FFmpeg reads to 16 kHz mono."""
    import av

    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
        frames = [piece for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
        frames += resampler.resample(None)
    samples: FloatArray = np.concatenate([frame.to_ndarray() for frame in frames], axis=1).astype(np.float32)
    return Audio(samples, SAMPLE_RATE)


class Pool:
    """Turns in memory that batches are drawn from, each emotion as often as the others.

    Args:
        calls: where the turns come from.
        frontend: makes features of them.
    """

    def __init__(self, calls: Iterator[LabelledCall], frontend: Frontend) -> None:
        self._calls = calls
        self._frontend = frontend
        self._features: dict[str, list[Features]] = {}
        self.seconds = 0.0

    def grow(self) -> bool:
        """Takes in one more call; False when there is none."""
        call = next(self._calls, None)
        if call is None:
            return False
        least = int(MIN_SECONDS * SAMPLE_RATE)
        for clip, label in zip(cut(call.audio, call.spans), call.labels, strict=True):
            padded = np.pad(clip, (0, max(0, least - clip.size)))
            self._features.setdefault(label, []).append(self._frontend.features(padded))
            self.seconds += clip.size / SAMPLE_RATE
        return True

    def batches(
        self, rng: np.random.Generator, size: int, seconds: tuple[float, float], group: int = 4
    ) -> Iterator[tuple[list[Features], list[str]]]:
        """Batches without end of turns with their labels, of similar lengths within a batch.

        Args:
            rng: draws.
            size: turns in a batch.
            seconds: long turns are cropped to a random length between these.
            group: batches that are drawn together and sorted by length.
        """
        first, last = (max(1, round(limit / self._frontend.frame_seconds)) for limit in seconds)
        while True:
            labels = [pick(rng, list(self._features)) for _ in range(size * group)]
            pairs = [(_crop(pick(rng, self._features[label]), rng, first, last), label) for label in labels]
            pairs.sort(key=lambda pair: len(pair[0]))
            for number in rng.permutation(group):
                part = pairs[number * size : (number + 1) * size]
                yield [features for features, _ in part], [label for _, label in part]


def _crop(features: Features, rng: np.random.Generator, first: int, last: int) -> Features:
    length = int(rng.integers(first, last + 1))
    start = int(rng.integers(max(1, len(features) - length + 1)))
    return features[start : start + length]
