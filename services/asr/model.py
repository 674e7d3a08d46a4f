"""Speech recognition with whatever the profile names: Whisper checkpoints or CTC classes of transformers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rpc.errors import InvalidInput
from services.asr.windows import SAMPLE_RATE, FloatArray, Window, cut
from services.serving.audio import Audio
from services.serving.checkpoint import Checkpoint, locate
from services.serving.profile import StageConfig
from services.serving.provenance import ModelInfo, describe

_LONGEST_GAP_MS = 700
"""A phrase ends where nobody speaks for longer."""


@dataclass(frozen=True)
class Word:
    """A word as it was recognised.

    Attributes:
        text: with its punctuation, without spaces around it.
        start_ms, end_ms: from the start of the recording (of the window, where an engine gives it).
        probability: 0 to 1.
        channel: counted from 0.
    """

    text: str
    start_ms: int
    end_ms: int
    probability: float
    channel: int = 0


@dataclass(frozen=True)
class Phrase:
    """Words that follow each other without a long pause; never empty."""

    words: tuple[Word, ...]
    channel: int


@dataclass(frozen=True)
class Outcome:
    """What remains to be said when all phrases are out.

    Attributes:
        language: ISO 639-1 code.
        speech_ms: time in which somebody speaks, summed over the channels.
    """

    language: str
    speech_ms: int


class Engine(Protocol):
    """Recognises windows."""

    architecture: str
    longest_window_seconds: float
    batch_windows: int

    def languages(self) -> frozenset[str] | None:
        """ISO 639-1 codes of what it knows; None when the checkpoint does not say."""

    def recognise(self, windows: Sequence[FloatArray], language: str) -> list[list[Word]]:
        """The words of each window, float32 [samples] at 16 kHz; times from the window's start."""


class Recogniser:
    """The speech recognition model of a profile."""

    def __init__(self, config: StageConfig) -> None:
        checkpoint = locate(config)
        self._engine = _engine(config, checkpoint)
        self._language = str(config.option("language", "az"))
        self._check(self._language)
        self._line_rate_hz = int(config.option("line_rate_hz", 0))
        self.info: ModelInfo = describe(config, checkpoint, self._engine.architecture)

    def warm_up(self) -> None:
        """Recognises a second of noise, past the speech detection."""
        noise = np.random.default_rng(0).normal(0, 0.01, SAMPLE_RATE).astype(np.float32)
        self._engine.recognise([noise], self._language)

    def recognise(self, audio: Audio, language: str, emit: Callable[[Phrase | float], None]) -> Outcome:
        """Recognises a recording, each channel on its own.

        Args:
            audio: one or two channels, any rate.
            language: ISO 639-1 code; empty for the profile's.
            emit: takes phrases, in order of time within a channel, and progress from 0 to 1, never falling.

        Raises:
            InvalidInput: the model does not know the language.
        """
        language = language.lower() or self._language
        self._check(language)
        emit(0.0)
        channels = audio.over_line(self._line_rate_hz).resampled(SAMPLE_RATE).samples
        windows = [
            window
            for channel, samples in enumerate(channels)
            for window in cut(channel, samples, self._engine.longest_window_seconds)
        ]
        windows.sort(key=lambda window: window.span.start)
        total = sum(window.span.seconds for window in windows)
        done = 0.0
        for batch in _batches(windows, self._engine.batch_windows):
            heard = self._engine.recognise([window.samples for window in batch], language)
            for window, words in zip(batch, heard, strict=True):
                for phrase in _phrases(window, words):
                    emit(phrase)
                done += window.span.seconds
            emit(min(1.0, done / total))
        emit(1.0)
        speech_seconds = sum(span.seconds for window in windows for span in window.speech)
        return Outcome(language, round(1000 * speech_seconds))

    def _check(self, language: str) -> None:
        known = self._engine.languages()
        if known is not None and language not in known:
            listed = ", ".join(sorted(known)[:8]) + (" …" if len(known) > 8 else "")
            raise InvalidInput(
                f"the model does not know the language {language!r}", f"ask for one that it knows: {listed}"
            )


def _engine(config: StageConfig, checkpoint: Checkpoint) -> Engine:
    # Imported when they are needed: each of the two brings a large library.
    path = checkpoint.folder / "config.json"
    content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    architecture = next(iter(content.get("architectures") or [""]))
    if architecture == "WhisperForConditionalGeneration":
        from services.asr.whisper import WhisperEngine

        return WhisperEngine(config, checkpoint)
    if architecture.endswith("ForCTC"):
        from services.asr.ctc import CtcEngine

        return CtcEngine(config, checkpoint)
    raise InvalidInput(
        f"{checkpoint.id} is a {architecture or 'folder without architectures in its config.json'}",
        "name a WhisperForConditionalGeneration or a CTC model",
    )


def _batches(windows: Sequence[Window], size: int) -> Iterator[Sequence[Window]]:
    for start in range(0, len(windows), size):
        yield windows[start : start + size]


def _phrases(window: Window, words: Sequence[Word]) -> Iterator[Phrase]:
    """Moves words to their place in the recording and cuts them at pauses; words outside of all speech are dropped."""
    start_ms, end_ms = (1000 * bound // SAMPLE_RATE for bound in (window.span.start, window.span.end))
    phrase: list[Word] = []
    for word in words:
        start = min(max(start_ms + word.start_ms, start_ms), end_ms)
        end = min(max(start_ms + word.end_ms, start), end_ms)
        if not _spoken(window, start, end):
            continue
        if phrase and start - phrase[-1].end_ms > _LONGEST_GAP_MS:
            yield Phrase(tuple(phrase), window.channel)
            phrase = []
        phrase.append(Word(word.text, start, end, word.probability, window.channel))
    if phrase:
        yield Phrase(tuple(phrase), window.channel)


def _spoken(window: Window, start_ms: int, end_ms: int) -> bool:
    return any(1000 * s.start <= end_ms * SAMPLE_RATE and start_ms * SAMPLE_RATE <= 1000 * s.end for s in window.speech)
