"""From a trained state to the folder that is served: weights, word model, search weights, figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import jiwer
import numpy as np
import numpy.typing as npt
import torch
from transformers import Wav2Vec2BertForCTC, Wav2Vec2BertProcessor

from services.asr.alignment import align
from services.asr.beam import BeamSearch
from services.asr.ctc import CtcEngine
from services.asr.lexicon import Lexicon, Weights
from services.asr.text import LETTERS, normalise
from services.asr.windows import Window, cut
from services.serving.checkpoint import Checkpoint
from services.serving.profile import StageConfig
from training.asr import lexicon as lexicons
from training.asr.windows import as_served
from training.common import audio, manifest

_LANGUAGE = (0.5, 0.7, 0.9)
_SPACE = (0.5, 1.0)
_WORD = (0.5, 1.0, 1.5)
_TUNED_ON = 24
"""Calls that the weights are tuned on; the others only measure them."""


@dataclass(frozen=True)
class Call:
    """A labelled call: what the recogniser makes of its windows, and what was said.

    Attributes:
        windows: as the server cuts them.
        emissions: log probabilities [frames, outputs] of each window.
        text: all turns in order of time, normalised.
        starts: of its turns, in seconds.
    """

    windows: list[Window]
    emissions: list[npt.NDArray[np.float32]]
    text: str
    starts: list[float]


@dataclass(frozen=True)
class Figures:
    """Error rates on the calls that nothing was tuned on."""

    calls: int
    wer: float
    cer: float


def write(model: Wav2Vec2BertForCTC, processor: Wav2Vec2BertProcessor, folder: Path) -> None:
    """Writes weights as fp16 safetensors, and what is needed beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    processor.save_pretrained(folder)
    model.to(torch.float16).save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)  # written for its owner alone, but served by another user
    lexicons.make().save(folder)


def finish(folder: Path, validation: Path) -> Figures:
    """Tunes the search on some calls of a manifest and measures it on the others.

    Args:
        folder: what ``write`` has written; its lexicon gets the weights and the delay.
        validation: manifest of the validation split.
    """
    engine = CtcEngine(StageConfig("asr", "mini", str(folder)), Checkpoint(str(folder), "", folder, ""))
    calls = list(read_calls(validation, engine))
    lexicon = Lexicon.load(folder)
    assert lexicon is not None
    lexicon.delay_ms = round(1000 * delay_seconds(calls))
    lexicon.weights = tune(lexicon, calls[:_TUNED_ON])
    lexicon.save(folder)
    return measure(lexicon, calls[_TUNED_ON:] or calls)


def read_calls(path: Path, engine: CtcEngine) -> Iterable[Call]:
    """Recognises the calls of a manifest, as far as letters go."""
    for call in manifest.read(path, "audio", "text"):
        windows = cut(0, as_served(audio.read(call.audio)), engine.longest_window_seconds)
        emissions = [engine.emissions([window.samples])[0] for window in windows]
        yield Call(windows, emissions, normalise(call.text), [turn.start for turn in call.turns])


def tune(lexicon: Lexicon, calls: Sequence[Call]) -> Weights:
    """The weights with the lowest word error rate, looked for one after the other."""
    best, lowest = lexicon.weights, measure(lexicon, calls).wer
    for name, values in (("language", _LANGUAGE), ("word", _WORD), ("space", _SPACE)):
        for value in values:
            lexicon.weights = replace(best, **{name: value})
            wer = measure(lexicon, calls).wer
            if wer < lowest:
                best, lowest = lexicon.weights, wer
    print(f"tuned: {best}, WER {lowest:.3f} on {len(calls)} calls", flush=True)
    return best


def measure(lexicon: Lexicon, calls: Sequence[Call]) -> Figures:
    """Decodes with the lexicon and scores as the evaluation does."""
    search = BeamSearch(lexicon, ["", "", "", *LETTERS], blank=0, space=1)
    heard = [" ".join(_decoded(search, np.exp(emission)) for emission in call.emissions) for call in calls]
    said = [call.text for call in calls]
    return Figures(len(calls), jiwer.wer(said, heard), jiwer.cer(said, heard))


def _decoded(search: BeamSearch, probabilities: npt.NDArray[np.float32]) -> str:
    return " ".join("".join(LETTERS[token - 3] for token in word) for word in search(probabilities))


def delay_seconds(calls: Sequence[Call]) -> float:
    """How much later than it is spoken a letter is written: the median over the first letters of windows."""
    late = []
    for call in calls:
        for window, emission in zip(call.windows, call.emissions, strict=True):
            best = emission.argmax(axis=1)
            tokens = [int(t) for t in best[np.flatnonzero(np.diff(best, prepend=-1))] if t > 1]
            inside = [start for start in call.starts if window.span.start <= start * 16000 < window.span.end]
            if not tokens or not inside:
                continue
            frame_seconds = window.span.seconds / len(emission)
            first = window.span.start / 16000 + align(emission, tokens, 0)[0][0] * frame_seconds
            if abs(first - inside[0]) < 1.0:
                late.append(first - inside[0])
    return float(np.median(late)) if late else 0.0
