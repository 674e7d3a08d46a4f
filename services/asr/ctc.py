"""CTC classes of transformers: Wav2Vec2, Wav2Vec2Bert, ParakeetCTC and others that AutoModelForCTC loads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from transformers import AutoFeatureExtractor, AutoModelForCTC, AutoTokenizer

from services.asr.alignment import align
from services.asr.beam import BeamSearch
from services.asr.lexicon import Lexicon, Weights
from services.asr.model import Word
from services.asr.windows import SAMPLE_RATE, FloatArray
from services.serving.checkpoint import Checkpoint
from services.serving.pretrained import load_pretrained
from services.serving.profile import StageConfig

_WORD_START = "▁"
"""What SentencePiece writes in place of a space."""

Decoder = Callable[[npt.NDArray[np.float32]], list[list[int]]]
"""From probabilities [frames, outputs] to the outputs that spell each word."""


class CtcEngine:
    """A CTC model with its tokenizer, and its lexicon where the folder has one."""

    longest_window_seconds = 20.0
    """Self-attention is quadratic, and these models are trained on utterances."""

    def __init__(self, config: StageConfig, checkpoint: Checkpoint) -> None:
        self._extractor = AutoFeatureExtractor.from_pretrained(checkpoint.folder, local_files_only=True)
        tokenizer = AutoTokenizer.from_pretrained(checkpoint.folder, local_files_only=True)
        self._model = load_pretrained(AutoModelForCTC, checkpoint, config)
        self.architecture = type(self._model).__name__
        self.batch_windows = int(config.option("batch_windows", 1 if config.device == "cpu" else 16))
        self._language = str(config.option("language", "az"))
        self._blank = int(self._model.config.pad_token_id)
        outputs = int(self._model.config.vocab_size)
        self._pieces = [str(piece or "") for piece in tokenizer.convert_ids_to_tokens(list(range(outputs)))]
        self._silent = {self._blank, *tokenizer.all_special_ids}
        self._space = getattr(tokenizer, "word_delimiter_token_id", None)
        lexicon = Lexicon.load(checkpoint.folder)
        self._delay_ms = lexicon.delay_ms if lexicon else 0
        self._weights = lexicon.weights if lexicon else Weights()
        self._decode: Decoder = self._greedy
        if lexicon is not None and self._space is not None:
            skipped = self._silent | {self._space}
            letters = ["" if i in skipped else piece for i, piece in enumerate(self._pieces)]
            self._decode = BeamSearch(lexicon, letters, self._blank, self._space)

    def languages(self) -> frozenset[str]:
        """The profile's language: CTC models know one."""
        return frozenset({self._language})

    def recognise(self, windows: Sequence[FloatArray], language: str) -> list[list[Word]]:
        """The words of each window, float32 [samples] at 16 kHz; times from the window's start."""
        emissions = self.emissions(windows)
        return [self._words(emission, len(window)) for emission, window in zip(emissions, windows, strict=True)]

    @torch.inference_mode()
    def emissions(self, windows: Sequence[FloatArray]) -> list[npt.NDArray[np.float32]]:
        """Log probabilities [frames, outputs] of each window."""
        inputs = self._extractor(
            list(windows), sampling_rate=SAMPLE_RATE, padding=True, return_attention_mask=True, return_tensors="pt"
        )
        dtype = next(self._model.parameters()).dtype
        inputs = {k: v.to(self._model.device, dtype if v.is_floating_point() else None) for k, v in inputs.items()}
        emissions = torch.log_softmax(self._model(**inputs).logits.float(), dim=-1).cpu().numpy()
        longest = max(len(window) for window in windows)
        lengths = [max(1, round(emissions.shape[1] * len(window) / longest)) for window in windows]
        return [emission[:length] for emission, length in zip(emissions, lengths, strict=True)]

    def _words(self, emission: npt.NDArray[np.float32], samples: int) -> list[Word]:
        words = self._decode(np.exp(emission))
        spans = iter(align(emission, [token for word in words for token in word], self._blank))
        frame_ms = 1000 * samples / SAMPLE_RATE / len(emission)
        found = []
        for word in words:
            own = [next(spans) for _ in word]
            certainty = [
                emission[first : last + 1, token].max() for token, (first, last) in zip(word, own, strict=True)
            ]
            text = "".join(self._pieces[token] for token in word).replace(_WORD_START, "")
            start_ms, end_ms = (round(frame_ms * frame) - self._delay_ms for frame in (own[0][0], own[-1][1] + 1))
            probability = self._weights.right(float(np.exp(np.mean(certainty))))
            found.append(Word(text, max(0, start_ms), max(0, end_ms), probability))
        return [word for word in found if word.text]

    def _greedy(self, probabilities: npt.NDArray[np.float32]) -> list[list[int]]:
        """The best output of each frame; words end at spaces."""
        best = probabilities.argmax(axis=1)
        words: list[list[int]] = [[]]
        for token in best[np.flatnonzero(np.diff(best, prepend=-1))].tolist():
            if token == self._space or self._pieces[token].startswith(_WORD_START):
                words.append([])
            if token != self._space and token not in self._silent:
                words[-1].append(token)
        return [word for word in words if word]
