"""Whisper checkpoints, run by faster-whisper."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.transcribe import Segment

from services.asr.conversion import converted
from services.asr.model import Word
from services.asr.windows import SAMPLE_RATE, FloatArray
from services.serving.checkpoint import Checkpoint
from services.serving.pretrained import torch_device
from services.serving.profile import StageConfig

# Whisper's own limits (Radford et al. 2022, section 4.5).
_HIGHEST_COMPRESSION = 2.4
_LOWEST_LOG_PROBABILITY = -1.0
_HIGHEST_NO_SPEECH = 0.6
_TEMPERATURES = (0.0, 0.2, 0.4, 0.6)
_LONGEST_REPETITION = 4
"""The same one to four words more often than this in a row were not said, they were invented."""


class WhisperEngine:
    """A Whisper model with a fixed language.

    Several windows are decoded at once; those whose text does not look like speech are decoded again with Whisper's
    rising temperatures, and what is still doubtful is dropped: no text is better than invented text.
    """

    architecture = "WhisperForConditionalGeneration"
    longest_window_seconds = 30.0

    def __init__(self, config: StageConfig, checkpoint: Checkpoint) -> None:
        device = torch_device(config)
        quantization = str(config.option("quantization", _quantization(device.type, config.precision)))
        folder = converted(checkpoint, quantization, cache_folder(config))
        self._model = WhisperModel(
            str(folder),
            device=device.type,
            device_index=device.index or 0,
            compute_type=quantization,
            cpu_threads=int(config.option("threads", 0)),
            local_files_only=True,
        )
        self._batched = BatchedInferencePipeline(self._model)
        self._beam = int(config.option("beam", 5))
        self.batch_windows = int(config.option("batch_windows", 1 if device.type == "cpu" else 8))

    def languages(self) -> frozenset[str]:
        """The languages that the checkpoint has a token for."""
        known = self._model.hf_tokenizer.token_to_id
        return frozenset(code for code in self._model.supported_languages if known(f"<|{code}|>") is not None)

    def recognise(self, windows: Sequence[FloatArray], language: str) -> list[list[Word]]:
        """The words of each window, float32 [samples] at 16 kHz; times from the window's start."""
        first = self._together(windows, language) if len(windows) > 1 else [[]]
        found = []
        for window, segments in zip(windows, first, strict=True):
            good = segments if segments and all(map(_credible, segments)) else self._alone(window, language)
            found.append(_words(segment for segment in good if _credible(segment)))
        return found

    def _together(self, windows: Sequence[FloatArray], language: str) -> list[list[Segment]]:
        ends = np.cumsum([len(window) for window in windows])
        clips = [
            {"start": (end - len(window)) / SAMPLE_RATE, "end": end / SAMPLE_RATE}
            for window, end in zip(windows, ends, strict=True)
        ]
        segments, _ = self._batched.transcribe(
            np.concatenate(windows),
            language=language,
            beam_size=self._beam,
            clip_timestamps=clips,
            batch_size=len(windows),
            word_timestamps=True,
            vad_filter=False,
        )
        sorted_in: list[list[Segment]] = [[] for _ in windows]
        for segment in segments:
            middle = (segment.start + segment.end) / 2
            i = min(int(np.searchsorted(ends, middle * SAMPLE_RATE, side="right")), len(windows) - 1)
            sorted_in[i].append(_moved(segment, clips[i]["start"]))
        return sorted_in

    def _alone(self, window: FloatArray, language: str) -> list[Segment]:
        segments, _ = self._model.transcribe(
            window,
            language=language,
            beam_size=self._beam,
            temperature=_TEMPERATURES,
            compression_ratio_threshold=_HIGHEST_COMPRESSION,
            log_prob_threshold=_LOWEST_LOG_PROBABILITY,
            no_speech_threshold=_HIGHEST_NO_SPEECH,
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=False,
        )
        return list(segments)


def cache_folder(config: StageConfig) -> Path:
    """Where conversions lie: the stage's option ``cache``, or the user's cache."""
    given = config.option("cache", "") or os.environ.get("CALLCENTER_CACHE", "") or "~/.cache/callcenter"
    return Path(given).expanduser()


def _quantization(device: str, precision: str) -> str:
    """CTranslate2's type for a profile's precision: on the CPU always int8, the only one that is quicker there."""
    return "int8" if device == "cpu" else {"bf16": "bfloat16", "int8": "int8_float16"}.get(precision, "float16")


def _credible(segment: Segment) -> bool:
    """Whether a segment looks like speech that was heard."""
    if segment.compression_ratio > _HIGHEST_COMPRESSION or repeats(segment.text.split()):
        return False
    return bool(segment.avg_logprob >= _LOWEST_LOG_PROBABILITY)


def repeats(words: Sequence[str]) -> bool:
    """Whether the same few words follow each other too often."""
    for size in range(1, 5):
        for start in range(len(words) - size * (_LONGEST_REPETITION + 1) + 1):
            group = words[start : start + size]
            following = words[start + size : start + size * (_LONGEST_REPETITION + 1)]
            if list(following) == list(group) * _LONGEST_REPETITION:
                return True
    return False


def _moved(segment: Segment, seconds: float) -> Segment:
    for word in segment.words or ():
        word.start, word.end = word.start - seconds, word.end - seconds
    segment.start, segment.end = segment.start - seconds, segment.end - seconds
    return segment


def _words(segments: Iterable[Segment]) -> list[Word]:
    return [
        Word(word.word.strip(), round(1000 * word.start), round(1000 * word.end), float(word.probability))
        for segment in segments
        for word in segment.words or ()
        if word.word.strip()
    ]
